"""Texts of many dialects, made by machine, each with the times that its author means."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from random import Random

START = date(2027, 1, 1)
DAYS = [START + timedelta(days=n) for n in range(731)]
NAMES = "mon tue wed thu fri sat sun".split()
LONG = "monday tuesday wednesday thursday friday saturday sunday".split()
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()


@dataclass
class Meaning:
    """On which days, at which times: a day must be in each set that is named."""

    times: set[time]
    weekdays: set[int] = field(default_factory=lambda: set(range(7)))
    days: set[int] = field(default_factory=lambda: set(range(1, 32)))
    months: set[int] = field(default_factory=lambda: set(range(1, 13)))
    years: set[int] = field(default_factory=lambda: set(range(2027, 2030)))
    either: bool = False
    place: tuple[int, int] | None = None

    def fires(self) -> Iterator[datetime]:
        """Yield each time within two years, in UTC."""
        for day in filter(self._is_one, DAYS):
            for at in sorted(self.times):
                yield datetime.combine(day, at, UTC)

    def _is_one(self, day: date) -> bool:
        if day.year not in self.years or day.month not in self.months:
            return False
        if self.place:
            return day.weekday() == self.place[0] and (day.day - 1) // 7 + 1 == self.place[1]
        found = day.weekday() in self.weekdays, day.day in self.days
        return any(found) if self.either else all(found)


Case = tuple[str, list[Meaning]]


def fires(meanings: list[Meaning], most: int) -> list[datetime]:
    """Return the first fires of all of them together."""
    found = {at for meaning in meanings for at in islice(meaning.fires(), most)}
    return sorted(found)[:most]


def _some(chance: Random, low: int, high: int, most: int = 3) -> list[int]:
    return sorted(chance.sample(range(low, high + 1), chance.randint(1, most)))


def _clock(chance: Random) -> tuple[list[int], list[int], set[time]]:
    minutes, hours = _some(chance, 0, 59, 2), _some(chance, 0, 23, 2)
    return minutes, hours, {time(h, m) for h in hours for m in minutes}


def _listed(numbers: list[int]) -> str:
    return ",".join(map(str, numbers))


def crontab(chance: Random) -> Case:
    """A crontab line: day or weekday where both are named; sometimes a year behind it."""
    minutes, hours, times = _clock(chance)
    kind, meaning = chance.randint(0, 4), Meaning(times)
    days, weekdays = _some(chance, 1, 28), _some(chance, 0, 6)
    day, weekday = "*", "*"
    if kind in (0, 2):
        day, meaning.days = _listed(days), set(days)
    if kind in (1, 2):
        weekday, meaning.weekdays = _listed(weekdays), {(n - 1) % 7 for n in weekdays}
        meaning.either = kind == 2
    text = f"{_listed(minutes)} {_listed(hours)} {day} * {weekday}"
    year = chance.choice(["", "", "", " 2028"]) if kind != 2 else ""
    meaning.years = {2028} if year else meaning.years
    return text + year, [meaning]


def _from_one(chance: Random, meaning: Meaning) -> str:
    first, last = sorted(chance.sample(range(1, 8), 2))
    kind = chance.randint(0, 3)
    if kind == 0:
        nth = chance.randint(1, 4)
        meaning.place = ((first - 2) % 7, nth)
        return f"{first}#{nth}"
    numbers = range(first, last + 1) if kind == 1 else (first, last)
    meaning.weekdays = {(n - 2) % 7 for n in numbers}
    if kind == 3:
        return ",".join(NAMES[(n - 2) % 7].upper() for n in numbers)
    return f"{first}-{last}" if kind == 1 else f"{first},{last}"


def _six(chance: Random) -> tuple[str, str, Meaning]:
    minutes, hours, times = _clock(chance)
    meaning = Meaning(times)
    if chance.random() < 0.7:
        days = f"? * {_from_one(chance, meaning)}"
    else:
        numbers = _some(chance, 1, 28)
        days, meaning.days = f"{_listed(numbers)} * ?", set(numbers)
    return (
        f"{_listed(minutes)} {_listed(hours)} {days}",
        chance.choice(["", " *", " 2028"]),
        meaning,
    )


def quartz(chance: Random) -> Case:
    """A line of Quartz."""
    fields, year, meaning = _six(chance)
    meaning.years = {2028} if year == " 2028" else meaning.years
    return f"0 {fields}{year}", [meaning]


def aws(chance: Random) -> Case:
    """An expression of EventBridge."""
    fields, year, meaning = _six(chance)
    meaning.years = {2028} if year == " 2028" else meaning.years
    return f"cron({fields}{year or ' *'})", [meaning]


def five_with_question_mark(chance: Random) -> Case:
    """Five fields with `?`, whose numbers count from 1, Sunday, to one of those who write it."""
    fields, _, meaning = _six(chance)
    return fields, [meaning]


def seven(chance: Random) -> Case:
    """Seven fields without `?`, as by Spring's numbers."""
    minutes, hours, times = _clock(chance)
    numbers = _some(chance, 0, 6)
    meaning = Meaning(times, {(n - 1) % 7 for n in numbers}, years={2027})
    return f"0 {_listed(minutes)} {_listed(hours)} * * {_listed(numbers)} 2027", [meaning]


def six(chance: Random) -> Case:
    """Six fields without `?`, seconds first."""
    minutes, hours, times = _clock(chance)
    numbers = _some(chance, 0, 6)
    meaning = Meaning(times, {(n - 1) % 7 for n in numbers})
    return f"0 {_listed(minutes)} {_listed(hours)} * * {_listed(numbers)}", [meaning]


def from_crontab(chance: Random) -> Case:
    """APScheduler's from_crontab: 0 is Monday, and day and weekday both have to match."""
    minutes, hours, times = _clock(chance)
    days, weekdays = _some(chance, 1, 28), _some(chance, 0, 6)
    line = f"{_listed(minutes)} {_listed(hours)} {_listed(days)} * {_listed(weekdays)}"
    meaning = Meaning(times, set(weekdays), set(days))
    return f'CronTrigger.from_crontab("{line}")', [meaning]


def celery(chance: Random) -> Case:
    """Celery's crontab: 0 is Sunday, and day and weekday both have to match."""
    minutes, hours, times = _clock(chance)
    days, weekdays = _some(chance, 1, 28), _some(chance, 0, 6)
    given = f"minute='{_listed(minutes)}', hour='{_listed(hours)}'"
    given += f", day_of_week='{_listed(weekdays)}', day_of_month='{_listed(days)}'"
    return f"crontab({given})", [Meaning(times, {(n - 1) % 7 for n in weekdays}, set(days))]


def systemd(chance: Random) -> Case:
    """A calendar event of systemd: weekday and date both have to match."""
    minutes, hours, times = _clock(chance)
    days, weekdays = _some(chance, 1, 28), _some(chance, 0, 6)
    names = ",".join(NAMES[n].title() for n in weekdays)
    text = f"{names} *-*-{_listed(days)} {_listed(hours)}:{_listed(minutes)}"
    return text, [Meaning(times, set(weekdays), set(days))]


def _time_words(chance: Random) -> tuple[str, set[time]]:
    found = [
        time(chance.randint(0, 23), chance.choice((0, 5, 30))) for _ in range(chance.randint(1, 2))
    ]
    link = chance.choice([" and ", " and at ", ", "])
    return link.join(f"{at:%H:%M}" for at in found), set(found)


def _day_words(chance: Random, meaning: Meaning) -> str:
    kind = chance.randint(0, 6)
    picked = _some(chance, 0, 6)
    if kind == 0:
        meaning.weekdays = set(range(5))
        return chance.choice(["weekdays", "every weekday", "on weekdays", "monday to friday"])
    if kind == 1:
        meaning.weekdays = {5, 6}
        return chance.choice(["weekends", "on weekends", "sat and sun"])
    if kind == 2:
        meaning.weekdays = set(range(7)) - set(picked)
        return f"every day except {' and '.join(LONG[n] for n in picked)}"
    if kind == 3:
        numbers = _some(chance, 4, 20)
        meaning.days = set(numbers)
        return f"on the {' and '.join(f'{n}th' for n in numbers)}"
    if kind == 4:
        first, last = sorted(chance.sample(range(12), 2))
        meaning.months = set(range(first + 1, last + 2))
        return (
            f"every day from 1 {MONTHS[first]} to 28 {MONTHS[last]}"
            if last == 1
            else (f"every day from {MONTHS[first]} to {MONTHS[last]}")
        )
    if kind == 5:
        nth = chance.randint(1, 4)
        meaning.place = (picked[0], nth)
        return f"{'first second third fourth'.split()[nth - 1]} {LONG[picked[0]]} of the month"
    meaning.weekdays = set(picked)
    return " and ".join(f"{LONG[n]}s" for n in picked)


def english(chance: Random) -> Case:
    """One sentence, of one schedule or of two."""
    parts, meanings = [], []
    for _ in range(chance.choice((1, 1, 2))):
        words, times = _time_words(chance)
        meaning = Meaning(times)
        days = _day_words(chance, meaning)
        ordered = [days, f"at {words}"] if chance.random() < 0.7 else [f"at {words}", days]
        parts.append(" ".join(ordered))
        meanings.append(meaning)
    return chance.choice([" and ", ", ", "; "]).join(parts), meanings


DIALECTS = (
    *(crontab, quartz, aws, five_with_question_mark, six, seven),
    *(from_crontab, celery, systemd, english),
)
