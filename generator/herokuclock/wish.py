"""What one sentence asked for, before it becomes triggers."""

from dataclasses import dataclass, field

from herokuclock.expressions import names_text
from herokuclock.fields import MONTHS, WEEKDAYS
from herokuclock.keywords import Value, written
from herokuclock.misread import Misread
from herokuclock.times import Time

Trigger = tuple[str, dict[str, Value]]


@dataclass
class Wish:
    """The slots of a sentence; an empty one was not spoken of."""

    count: int = 1
    unit: str = ""
    aligned: bool = False
    weekdays: set[int] = field(default_factory=set)
    days: list[str] = field(default_factory=list)
    months: set[int] = field(default_factory=set)
    dated: bool = False
    repeats: bool = False
    minutes: list[str] = field(default_factory=list)
    times: list[Time] = field(default_factory=list)
    window: tuple[Time, Time] | None = None
    date: str = ""
    starting: str = ""
    until: str = ""
    zone: str = ""
    # 'every second monday': of the month, or one week in two?
    unclear: str = ""

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
