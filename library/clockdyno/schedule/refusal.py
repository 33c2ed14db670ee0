"""A schedule that was not understood: where and why, and what to type instead."""

from collections.abc import Iterable, Sequence

EXAMPLES = (
    "every 15 minutes",
    "every 2 hours",
    "every hour at :20",
    "every 2 hours from 9am to 5pm on weekdays",
    "every 30 minutes between 9:00 and 17:30",
    "weekdays at 17:00",
    "weekdays at 17:00 in New York",
    "weekends at 10",
    "every day at 9:30am",
    "every day at 9:00 and 21:00",
    "daily at noon",
    "at midnight",
    "every monday at 8",
    "mondays and thursdays at 8",
    "monday to friday at 8 and 20:30",
    "first monday of the month at 9",
    "last friday of the month at 17:00",
    "last day of the month at 23:00",
    "on the 1st and 15th at 9",
    "every month on the 1st at 9",
    "every 3 months on the 1st at 9",
    "every year on 5 January at 9",
    "every 2 days at 9:00 starting 2027-01-05",
    "on 5 January 2027 at 09:00",
    "2027-01-05 09:00",
    "hourly",
    "interval minutes=15",
    "cron day_of_week=mon-fri hour=17",
    'date run_date="2027-01-05 09:00"',
    "0 9 * * 1-5",
    "*/15 12-16 * * sat,sun",
    "@daily",
)


class ScheduleError(ValueError):
    """What was typed is no schedule, or one that cannot be: what is wrong, then what to type.

    `readings` are the schedules that the hint offers, as they can be typed.
    """

    code = 2  # the exit status of a program that was called so

    def __init__(self, message: str, hint: str = "", readings: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.readings = readings


class Misread(Exception):
    """What was typed is not a schedule: the reason, and what could have been meant.

    `readings` are whole schedules, of which only those are offered that can be read themselves;
    nothing is spent on them before somebody asks. `examples` only show how such a thing is said.
    """

    def __init__(
        self,
        reason: str,
        readings: Iterable[str] = (),
        *,
        hint: str = "",
        examples: Sequence[str] = (),
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.readings = readings
        self.examples = examples
        self._hint = hint

    @property
    def hint(self) -> str:
        """What to do, where that is not another schedule."""
        return self._hint


def quote(text: str, limit: int = 40) -> str:
    """Foreign text as it may be shown: short, on one line, no control characters."""
    short = text if len(text) <= limit else text[: limit - 3] + "..."
    shown = (c if c.isprintable() else ascii(c)[1:-1] for c in short)
    return f'"{"".join(shown)}"'


def closest(word: str, known: Sequence[str], count: int = 1, cutoff: float = 0.7) -> list[str]:
    """The known words that look most like this one."""
    from difflib import get_close_matches

    return get_close_matches(word.lower()[:40], known, count, cutoff)


def nearest_examples(text: str) -> list[str]:
    """The two examples that share the most words, or word beginnings, with the text."""
    words = text.lower().replace("=", " ").split()[:40]
    beginnings = {word[:4] for word in words}

    def unlikeness(example: str) -> tuple[float, int]:
        own = {word[:4] for word in example.lower().replace("=", " ").split()}
        return -len(own & beginnings) / (len(own | beginnings) or 1), EXAMPLES.index(example)

    return sorted(EXAMPLES, key=unlikeness)[:2]
