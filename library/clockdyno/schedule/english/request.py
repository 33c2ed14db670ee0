"""What one sentence asked for, before it becomes triggers."""

from clockdyno.schedule.dialects.apscheduler import Value, written
from clockdyno.schedule.dialects.cron_field import MONTHS, WEEKDAYS
from clockdyno.schedule.dialects.expressions import names_text
from clockdyno.schedule.english.times_of_day import Time
from clockdyno.schedule.refusal import Misread

Trigger = tuple[str, dict[str, Value]]


class Wish:
    """The slots of a sentence; an empty one was not spoken of."""

    def __init__(self) -> None:
        self.count, self.unit, self.aligned = 1, "", False
        self.weekdays: set[int] = set()
        self.days: list[str] = []
        self.months: set[int] = set()
        self.dated = self.repeats = False
        self.minutes: list[str] = []
        self.times: list[Time] = []
        self.window: tuple[Time, Time] | None = None
        self.date = self.starting = self.until = self.zone = ""
        # 'every second monday': of the month, or one week in two?
        self.unclear = ""

    def each(self) -> str:
        """How often, as it is said in a message."""
        return f"every {self.unit}" if self.count == 1 else f"every {self.count} {self.unit}s"

    def day_fields(self) -> dict[str, Value]:
        """The cron fields that say on which days."""
        if self.weekdays and self.days:
            reason = "weekdays and days of the month: where both meet, or on either?"
            days, names = ",".join(self.days), names_text(WEEKDAYS, self.weekdays)
            time = min(self.times, default=Time(0))
            at: dict[str, Value] = {"hour": time.hour, "minute": time.minute}
            both = written("cron", {"day": days, "day_of_week": names, **at})
            either = f"{time.minute} {time.hour} {days} * {names}"
            raise Misread(reason, (both, either))
        fields = {
            "month": names_text(MONTHS, (month - 1 for month in self.months)),
            "day": ",".join(self.days),
            "day_of_week": names_text(WEEKDAYS, self.weekdays),
        }
        return {name: text for name, text in fields.items() if text}
