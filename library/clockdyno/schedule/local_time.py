"""What the clock on a wall shows: it skips an hour in spring and shows one twice in autumn."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo

TICK, SECOND, DAY = timedelta(microseconds=1), timedelta(seconds=1), timedelta(days=1)


def instant(written: datetime) -> datetime:
    """Return when a written date is, in UTC: the first of two, or the end of the gap it is in."""
    if written.fold:
        return written.astimezone(UTC)
    return first_shown(written.replace(tzinfo=None), written.tzinfo)


def first_shown(wall: datetime, zone: tzinfo | None) -> datetime:
    """Return when the clock first shows this time or has just jumped over it, in UTC."""
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    # Only where the time does not exist, the second of the two comes before the first.
    return change(second, first, zone) if second < first else first


def shown_at(at: datetime, zone: tzinfo) -> datetime:
    """Return the first time that the clock shows at this moment or has just jumped over."""
    return (at - TICK).astimezone(zone).replace(tzinfo=None, fold=0) + TICK


def change(start: datetime, end: datetime, zone: tzinfo | None) -> datetime:
    """Return the moment after `start`, up to `end`, at which the zone changes its offset."""
    offset = start.astimezone(zone).utcoffset()
    low, high = 0, int((end - start) / SECOND)
    while high - low > 1:
        middle = (low + high) // 2
        same = (start + middle * SECOND).astimezone(zone).utcoffset() == offset
        low, high = (middle, high) if same else (low, middle)
    return start + high * SECOND


def changes(zone: tzinfo, start: datetime, end: datetime) -> Iterator[tuple[datetime, timedelta]]:
    """Yield each moment at which the zone changes its offset, in UTC, and by how much."""
    at = start.astimezone(UTC).replace(microsecond=0)
    before = at.astimezone(zone).utcoffset()
    while at < end:
        after = (at + DAY).astimezone(zone).utcoffset()
        if before is not None and after is not None and before != after:
            yield change(at, at + DAY, zone), after - before
        at, before = at + DAY, after
