"""What a schedule will do, before it is written: in words, in dates, with its surprises."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from clockdyno.schedule import adoption, description, listing, zones
from clockdyno.schedule.rates import Rate, rate
from clockdyno.schedule.surprises import report
from clockdyno.schedule.surprises.fixes import Surprise
from clockdyno.schedule.typed import Schedule, build

from herokuclock.errors import HerokuclockError

# Where the wall shows each time of each day once.
NOWHERE = "UTC"
NOT_WEEKLY = {"year", "month", "day", "week"}
NOT_COUNTED = ("timezone", "start_date", "end_date", "jitter")


class ClockZone(NamedTuple):
    """The clock's zone, None where nobody can tell, and what to know about it."""

    name: str | None
    surprises: tuple[Surprise, ...] = ()


class Preview(NamedTuple):
    """One job's schedules, or those of a job to be.

    Times are aware and in the job's zone; where nobody can tell the zone, they are times on a wall.
    """

    zone: str | None
    words: str
    next: list[datetime]
    runs: Rate | None = None
    surprises: Sequence[Surprise] = ()
    job: str | None = None
    unread: Sequence[str] = ()
    notes: Sequence[str] = ()

    def to_json(self) -> dict[str, Any]:
        """Return it as `python -m clockdyno next --json` does, and what that does not know."""
        runs = self.runs and {"per_day": self.runs.per_day, "per_week": self.runs.per_week}
        return {
            "job": self.job,
            "zone": self.zone,
            "words": self.words,
            "next": [{"at": at.isoformat(), "utc": _utc(at)} for at in self.next],
            "runs": runs,
            "remarks": [{"code": r.code, "text": r.text, "fix": r.fix} for r in self.surprises],
            "unread": [*self.unread],
            "notes": [*self.notes],
        }

    def lines(self, indent: str = "") -> list[str]:
        """Return it as lines of text."""
        words = self.runs.words if self.runs else ""
        rate = words[:1].upper() + words[1:]
        lines = [line for note in self.notes for line in listing.wrapped(note, indent, indent)]
        lines += listing.entry(self.words, self.next, self.surprises, indent, rate)
        for problem in self.unread:
            text = f"Not read: {problem}."
            lines += listing.wrapped(text, f"{indent}? ", f"{indent}  ")
        return lines

    def line(self) -> listing.Job:
        """Return it for a list of several."""
        words = zones.without_zone(self.words, self.zone) if self.zone else self.words
        return listing.Job(self.job or "", words, self.next, bool(self.surprises or self.unread))

    def times(self) -> list[str]:
        """Return the next runs as lines of text."""
        return listing.times(self.next)


def preview(
    schedules: Sequence[Schedule],
    zone: str | None,
    now: datetime,
    count: int = 5,
    job: str | None = None,
    unread: Sequence[str] = (),
    *,
    notes: Sequence[str] = (),
    surprises: Sequence[Surprise] = (),
    rates: bool = True,
) -> Preview:
    """Say what these schedules will do together from `now` on; `rates` counts runs a week.

    Without a zone, which nobody could tell, only what the clock on the wall will show is said.
    """
    # A schedule that names its own zone does not depend on the clock's.
    is_own = all("timezone" in s.keywords for s in schedules)
    is_told = is_own or zone is not None
    home = zone or NOWHERE
    trigger = joined(schedules, home)
    words = description.describe(trigger).rstrip(".")
    fires = description.fires(trigger, now, count)
    found = report.surprises(trigger, now, home=zone_info(home))
    return Preview(
        zone=(_zone_of(trigger) or home) if is_told else None,
        words=words if is_told else words.removesuffix(f", {NOWHERE}"),
        next=fires if is_told else [fire.replace(tzinfo=None) for fire in fires],
        runs=rate(_plain(schedules), now, weekly=_is_weekly(schedules)) if rates else None,
        surprises=[*found, *(() if is_own else surprises)],
        job=job,
        unread=list(unread),
        notes=list(notes),
    )


def joined(schedules: Sequence[Schedule], zone: str) -> Any:
    """Return the one trigger that the clock makes of a job's schedules."""
    place = zone_info(zone)
    try:
        each = [build(schedule, place) for schedule in schedules]
    except (LookupError, TypeError, AttributeError, ArithmeticError) as error:
        # What stands in somebody's jobs.py may be of any type.
        raise HerokuclockError(f"{error}.", "Correct this part of the schedule.") from None
    if len(each) == 1:
        return each[0]
    from apscheduler.triggers.combining import OrTrigger

    return adoption.adopt(OrTrigger(each), place)


def zone_info(name: str) -> ZoneInfo:
    """Return the time zone of this name."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        raise HerokuclockError(
            f"{name!r} is not a time zone.", "Use an IANA name: Europe/Berlin.", code=2
        ) from None


def _plain(schedules: Sequence[Schedule]) -> Any:
    """Return the trigger without zone, begin and end: its usual week."""
    plain = [
        Schedule(s.kind, {k: v for k, v in s.keywords.items() if k not in NOT_COUNTED})
        for s in schedules
    ]
    return joined(plain, "UTC")


def _is_weekly(schedules: Sequence[Schedule]) -> bool:
    """Tell whether every week is as any other: only weekdays and times of the day are named."""
    return all(s.kind == "cron" and not NOT_WEEKLY & s.keywords.keys() for s in schedules)


def _zone_of(trigger: Any) -> str | None:
    zones = {str(getattr(one, "timezone", "")) for one in getattr(trigger, "triggers", [trigger])}
    return zones.pop() or None if len(zones) == 1 else None


def _utc(at: datetime) -> str | None:
    return at.astimezone(UTC).isoformat() if at.tzinfo else None
