"""English sentences about time: clauses in any order, each of which fills one slot of a wish.

every N UNIT | every DAYS | on DAYS | on the PLACES of the month | on DATE | in MONTHS
at TIMES | at :MM | from TIME to TIME | starting DATE | until DATE | in ZONE
"""

import re

from clockdyno.schedule.dialects import dates
from clockdyno.schedule.dialects.apscheduler import Value
from clockdyno.schedule.english.phrases import (
    date,
    day_of_year,
    is_weekday,
    months,
    number,
    places,
    weekdays,
    zone,
)
from clockdyno.schedule.english.request import Wish
from clockdyno.schedule.english.times_of_day import times, window
from clockdyno.schedule.english.tokens import Sentence
from clockdyno.schedule.english.translation import schedules
from clockdyno.schedule.english.vocabulary import EVERY, PERIODS, REFUSED, UNITS
from clockdyno.schedule.refusal import Misread, quote

SLASHED = re.compile(r"\b([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})\b")


def read(text: str) -> list[tuple[str, dict[str, Value]]]:
    """The kind and the keywords of each trigger that the sentence needs."""
    if dates.ISO.fullmatch(text):
        return [("date", {"run_date": dates.read("date", text)})]
    _refuse_slashed(text)
    s = Sentence(text.rstrip(" ."))
    wish = Wish()
    while s.peek().kind != "end":
        if not (s.take(",") or any(clause(s, wish) for clause in CLAUSES)):
            s.refuse_unknown()
    return schedules(wish, s.text)


def _refuse_slashed(text: str) -> None:
    if slashed := SLASHED.search(text):
        first, second, year = slashed.groups()
        days = (f"{year}-{first:0>2}-{second:0>2}", f"{year}-{second:0>2}-{first:0>2}")
        readings = [text.replace(slashed[0], day) for day in dict.fromkeys(days)]
        reason = f"{quote(slashed[0])} could begin with the day or with the month"
        raise Misread(f"character {slashed.start() + 1}: {reason}", readings)


def _fill(s: Sentence, wish: Wish, slot: str, value: object) -> bool:
    """Put what was just read into its slot, which no second clause may change."""
    if not value:
        return False
    if getattr(wish, slot):
        s.refuse(f"it says the {slot} twice", token=s.peek(-1))
    setattr(wish, slot, value)
    return True


def _every(s: Sentence, wish: Wish) -> bool:
    if word := s.take(*PERIODS):
        wish.aligned = True
        return _fill(s, wish, "unit", PERIODS[word])
    once = s.take("once")
    if not s.take(*EVERY, *(("a", "an", "per") if once else ())):
        return bool(once) and _lost(s)
    return _part_of_hour(s, wish) or _unit(s, wish) or _days(s, wish, every=True) or _lost(s)


def _part_of_hour(s: Sentence, wish: Wish) -> bool:
    part = s.take("half", "quarter")
    if not part:
        return False
    s.take("of")
    s.take("a", "an")
    wish.count = 30 if part == "half" else 15
    return (s.take("hour") == "hour" and _fill(s, wish, "unit", "minute")) or _lost(s)


def _unit(s: Sentence, wish: Wish) -> bool:
    before = s.at
    other = s.take("other")
    count = 2 if other else number(s)
    unit = UNITS.get(s.peek().text)
    # 'every second monday' counts Mondays, not seconds.
    if unit and not (unit == "second" and count is None and is_weekday(s.peek(1))):
        if count == 0:
            s.refuse("every 0 is never", token=s.peek(-1))
        wish.count = count or 1
        s.at += 1
        return _fill(s, wish, "unit", unit)
    if other and _fill(s, wish, "weekdays", weekdays(s)):
        wish.count = 2
        return _fill(s, wish, "unit", "week")
    s.at = before
    return False


def _on(s: Sentence, wish: Wish) -> bool:
    found = s.take("on")
    return _days(s, wish, every=False) or (bool(found) and _lost(s))


def _days(s: Sentence, wish: Wish, *, every: bool) -> bool:
    start = s.at
    if not every and _fill(s, wish, "date", date(s)):
        return True
    if found := day_of_year(s):
        wish.repeats = every
        wish.dated = True
        return _fill(s, wish, "days", [str(found[0])]) and _fill(s, wish, "months", {found[1]})
    s.take("the")
    if _fill(s, wish, "weekdays", weekdays(s)):
        return True
    s.at = start
    if _fill(s, wish, "days", places(s)):
        said = s.text[s.tokens[start].start : s.tokens[s.at - 1].end]
        of_day = s.peek(-1).text in ("day", "days")
        counts = every and any(day[0] in "2345" and " " in day for day in wish.days)
        if not _of_month(s, wish) and (counts or of_day):
            wish.unclear = said
        return True
    return every and _fill(s, wish, "months", months(s))


def _of_month(s: Sentence, wish: Wish) -> bool:
    if not s.take("of", "in"):
        return False
    s.take("the", "a", "any", *EVERY)
    return bool(s.take("month", "months")) or _fill(s, wish, "months", months(s)) or _lost(s)


def _at(s: Sentence, wish: Wish) -> bool:
    said = bool(s.take("at"))
    if _fill(s, wish, "minutes", s.listed(_past)):
        return True
    if not said and _fill(s, wish, "window", window(s, explicit=True)):
        return True
    return _fill(s, wish, "times", times(s, explicit=not said)) or (said and _lost(s))


def _past(s: Sentence) -> str | None:
    if s.peek().kind == "past" and s.peek().text > ":59":
        s.refuse("the minute is not between 0 and 59")
    return s.take_kind("past") or None


def _from(s: Sentence, wish: Wish) -> bool:
    if not s.take("from", "between"):
        return False
    return (
        _fill(s, wish, "weekdays", weekdays(s))
        or _fill(s, wish, "months", months(s))
        or _fill(s, wish, "starting", date(s))
        or _fill(s, wish, "window", window(s))
        or _lost(s)
    )


def _limit(s: Sentence, wish: Wish) -> bool:
    slot = "starting" if s.take("starting", "beginning") else ""
    slot = slot or ("until" if s.take("until", "till", "ending") else "")
    if not slot:
        return False
    s.take("on", "from", "at")
    return _fill(s, wish, slot, date(s)) or _lost(s)


def _in(s: Sentence, wish: Wish) -> bool:
    if not s.take("in", "during"):
        return _fill(s, wish, "zone", zone(s))
    s.take("the")
    if s.peek().text in REFUSED:
        s.refuse_unknown()
    if s.peek().kind == "number":
        s.refuse("a schedule cannot count from now: write the date, or how often")
    return _fill(s, wish, "months", months(s)) or _fill(s, wish, "zone", zone(s, required=True))


def _lost(s: Sentence) -> bool:
    s.refuse_unknown()


CLAUSES = (_every, _on, _from, _limit, _at, _in)
