"""What one sentence asked for, before it becomes triggers."""

from calendar import monthrange
from typing import NoReturn

from clockdyno.schedule.dialects.apscheduler import Trigger, Value, written
from clockdyno.schedule.dialects.cron_field import MONTHS, WEEKDAYS
from clockdyno.schedule.dialects.expressions import names_text, steps_text
from clockdyno.schedule.english.times_of_day import Time
from clockdyno.schedule.refusal import Misread

__all__ = ["Trigger", "Wish"]

OF_A_DAY = ("second", "minute", "hour")
Fields = dict[str, Value]
Day = tuple[int, int]


class Wish:
    """The slots of a sentence; an empty one was not spoken of."""

    def __init__(self) -> None:
        self.count, self.unit, self.aligned = 1, "", False
        self.weekdays: set[int] = set()
        self.days: list[str] = []
        self.months: set[int] = set()
        self.other_weekdays: set[int] = set()
        self.other_days: list[str] = []
        self.other_months: set[int] = set()
        # From one day of the year, as (day, month), to another.
        self.season: tuple[Day, Day] | None = None
        # Days of the year that share neither their day nor their month.
        self.spans: list[tuple[set[int], str]] = []
        self.dated = self.repeats = False
        self.minutes: list[str] = []
        self.times: list[Time] = []
        self.window: tuple[Time, Time] | None = None
        self.dates: list[str] = []
        self.starting = self.until = self.zone = ""
        # 'every second monday': of the month, or one week in two?
        self.unclear = ""
        self.notes: list[str] = []
        # The slots that the first or the last clause of the whole sentence filled.
        self.at_an_end: set[str] = set()

    def each(self) -> str:
        """How often, as it is said in a message."""
        return f"every {self.unit}" if self.count == 1 else f"every {self.count} {self.unit}s"

    def is_taken(self, slot: str, value: object, *, after_link: bool) -> bool:
        """Whether the slot, or what excludes it, was spoken of already."""
        if getattr(self, slot):
            return True
        # 'weekdays at 9, 17:00 every day' may divide before or after 17:00.
        if slot == "unit" and value == "day" and self.times and (self.weekdays or self.days):
            return True
        if slot in ("weekdays", "days") and self.unit == "day" and len(self.times) > 1:
            return True
        if not after_link:
            return False
        # 'every hour on weekdays, 9:00 on weekends' and 'every day at 9 and weekdays at 17'.
        if slot == "times":
            return self.unit in OF_A_DAY
        if slot == "unit":
            return bool(self.times) and value in OF_A_DAY
        return slot in ("weekdays", "days") and self.unit == "day" and bool(self.times)

    def is_whole(self) -> bool:
        """Whether it says both on which days and when on a day."""
        days = self.unit or self.weekdays or self.days or self.dates or self.spans
        return bool(days and (self.times or self.unit in OF_A_DAY))

    def is_bound(self) -> bool:
        """Whether only some days, or a part of the day, are meant."""
        others = self.other_weekdays or self.other_days or self.other_months
        return bool(
            self.weekdays or self.days or self.months or self.minutes or self.window or others
        ) or bool(self.season or self.spans)

    def day_fields(self) -> list[Fields]:
        """The cron fields that say on which days; more than one where a season begins midway."""
        if self.weekdays and self.days:
            self._refuse_both()
        days = ",".join(self.days)
        if self.other_days:
            kept = sorted(set(range(1, 32)) - {int(day) for day in self.other_days})
            days = _refuse_never(steps_text(kept, 32) if not self.days else "")
        weekdays = self.weekdays or set(range(7)) if self.other_weekdays else self.weekdays
        months = self.months or set(range(1, 13)) if self.other_months else self.months
        weekdays, months = weekdays - self.other_weekdays, months - self.other_months
        if self.other_weekdays:
            _refuse_never(weekdays)
        if self.other_months:
            _refuse_never(months)
        named = names_text(WEEKDAYS, weekdays)
        spans = self.spans or [(months, days)]
        if self.season:
            spans = self._season(months, days)
        return [
            {
                name: text
                for name, text in (
                    ("month", names_text(MONTHS, (month - 1 for month in span))),
                    ("day", day),
                    ("day_of_week", named),
                )
                if text
            }
            for span, day in spans
        ]

    def _season(self, months: set[int], days: str) -> list[tuple[set[int], str]]:
        assert self.season is not None
        (day, month), (last, end) = self.season
        if months or days or (month == end and last < day):
            raise Misread("a part of the year and other days or months cannot be joined")
        if month == end:
            return [({month}, f"{day}-{last}" if last > day else f"{day}")]
        ahead = (end - month) % 12
        between = {(month - 1 + n) % 12 + 1 for n in range(ahead + 1)}
        spans: list[tuple[set[int], str]] = []
        # The whole of February is any February.
        longest = monthrange(2024, end)[1]
        if day > 1:
            between.discard(month)
            first = monthrange(2024, month)[1]
            spans.append(({month}, f"{day}-{first}" if day < first else f"{day}"))
        if last < longest - (end == 2):
            between.discard(end)
            spans.append(({end}, f"1-{last}" if last > 1 else "1"))
        return [*([(between, "")] if between else []), *spans]

    def _refuse_both(self) -> NoReturn:
        reason = "weekdays and days of the month: where both meet, or on either?"
        days, names = ",".join(self.days), names_text(WEEKDAYS, self.weekdays)
        readings = []
        if not self.is_more_than_days():
            time = min(self.times, default=Time(0))
            at: Fields = {"hour": time.hour, "minute": time.minute}
            readings.append(written("cron", {"day": days, "day_of_week": names, **at}))
            if "last" not in days and " " not in days:
                readings.append(f"{time.minute} {time.hour} {days} * {names}")
        raise Misread(reason, readings)

    def is_more_than_days(self) -> bool:
        """Whether there is more to it than days and one time."""
        months = self.months and not self.dated
        more = months or self.season or self.zone or self.starting or self.until
        return bool(more or len(self.times) > 1 or any(time.second for time in self.times))


def _refuse_never(left: object) -> str:
    if not left:
        raise Misread("nothing is left of its days")
    return str(left)
