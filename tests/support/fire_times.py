"""When schedules fire together, as the clock joins them."""

from datetime import UTC, datetime

from clockdyno.schedule.typed import Schedule, build

START, END = datetime(2027, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC)


def fires_of(schedules: list[Schedule], most: int) -> list[datetime]:
    """Return the first fires of two years, in UTC where no schedule names a zone."""
    found: set[datetime] = set()
    for schedule in schedules:
        trigger = build(schedule, "UTC")
        fire, count = trigger.get_next_fire_time(None, START), 0
        while fire is not None and fire < END and count < most:
            found.add(fire.astimezone(UTC))
            fire, count = trigger.get_next_fire_time(fire, fire), count + 1
    return sorted(found)[:most]
