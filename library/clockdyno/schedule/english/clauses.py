"""The clauses of a sentence: each reads as much as it understands, and fills one slot."""

from clockdyno.schedule.english.phrases import (
    date,
    day_of_year,
    is_weekday,
    months,
    number,
    ordinal_before_unit,
    places,
    weekdays,
    zone,
)
from clockdyno.schedule.english.request import Wish
from clockdyno.schedule.english.slots import fill, lost
from clockdyno.schedule.english.times_of_day import minutes_past, times, window
from clockdyno.schedule.english.tokens import Sentence
from clockdyno.schedule.english.vocabulary import EVERY, EXCEPT, PERIODS, REFUSED, UNITS


def _every(s: Sentence, wish: Wish) -> bool:
    if word := s.take(*PERIODS):
        wish.aligned = True
        return fill(s, wish, "unit", PERIODS[word])
    once = s.take("once")
    if not s.take(*EVERY, *(("a", "an", "per") if once else ())):
        return bool(once) and lost(s)
    return _part_of_hour(s, wish) or _unit(s, wish) or _days(s, wish, every=True) or lost(s)


def _part_of_hour(s: Sentence, wish: Wish) -> bool:
    part = s.take("half", "quarter")
    if not part:
        return False
    s.take("of")
    s.take("a", "an")
    wish.count = 30 if part == "half" else 15
    return (s.take("hour") == "hour" and fill(s, wish, "unit", "minute")) or lost(s)


def _unit(s: Sentence, wish: Wish) -> bool:
    before = s.at
    other = s.take("other")
    count = 2 if other else ordinal_before_unit(s) or number(s)
    unit = UNITS.get(s.peek().text)
    # 'every second monday' counts Mondays, not seconds.
    if unit and not (unit == "second" and count is None and is_weekday(s.peek(1))):
        if count == 0:
            s.refuse("every 0 is never", token=s.peek(-1))
        s.at += 1
        fill(s, wish, "unit", unit)
        wish.count = count or 1
        return True
    if other and fill(s, wish, "weekdays", weekdays(s)):
        fill(s, wish, "unit", "week")
        wish.count = 2
        return True
    s.at = before
    return False


def _on(s: Sentence, wish: Wish) -> bool:
    found = s.take("on")
    if found and s.peek().kind == "zone":
        return fill(s, wish, "zone", zone(s))
    return _days(s, wish, every=False) or (bool(found) and lost(s))


def _days(s: Sentence, wish: Wish, *, every: bool) -> bool:
    start = s.at
    if not every and fill(s, wish, "dates", s.listed(date)):
        return True
    if found := s.listed(day_of_year):
        days, months_ = {day for day, _ in found}, {frozenset(names) for _, names in found}
        if len(days) > 1 < len(months_):
            fill(s, wish, "spans", [(names, str(day)) for day, names in found])
        else:
            fill(s, wish, "days", [str(day) for day in sorted(days)])
            fill(s, wish, "months", set().union(*months_))
        wish.repeats, wish.dated = every, True
        return True
    s.take("the")
    if fill(s, wish, "weekdays", weekdays(s)):
        return True
    s.at = start
    if fill(s, wish, "days", places(s, is_said=start > 0 and s.peek(-1).text == "on")):
        said = s.text[s.tokens[start].start : s.tokens[s.at - 1].end]
        of_day = s.peek(-1).text in ("day", "days")
        counts = every and any(day[0] in "2345" and " " in day for day in wish.days)
        if not _of_month(s, wish) and (counts or of_day):
            wish.unclear = said
        return True
    return every and fill(s, wish, "months", months(s))


def _of_month(s: Sentence, wish: Wish) -> bool:
    if not s.take("of", "in"):
        return False
    s.take("the", "a", "any", *EVERY)
    return bool(s.take("month", "months")) or fill(s, wish, "months", months(s)) or lost(s)


def _at(s: Sentence, wish: Wish) -> bool:
    said = bool(s.take("at"))
    if fill(s, wish, "minutes", minutes_past(s, is_hourly=said and wish.unit == "hour")):
        if s.take("past", "after"):
            s.take("the", *EVERY)
            if not s.take("hour"):
                lost(s)
            wish.unit = wish.unit or "hour"
        return True
    if not said and fill(s, wish, "window", window(s, explicit=True)):
        return True
    return fill(s, wish, "times", times(s, explicit=not said)) or (said and lost(s))


def _from(s: Sentence, wish: Wish) -> bool:
    if not s.take("from", "between"):
        return False
    before = s.at
    first = day_of_year(s)
    last = (
        day_of_year(s) if first and s.take("to", "until", "till", "through", "-", "and") else None
    )
    if first and last and len(first[1]) == len(last[1]) == 1:
        ends = (first[0], *first[1]), (last[0], *last[1])
        if s.peek().kind != "number":
            return fill(s, wish, "season", ends)
    s.at = before
    if fill(s, wish, "starting", date(s)):
        return not s.take("to", "-", "through") or fill(s, wish, "until", date(s)) or lost(s)
    return (
        fill(s, wish, "weekdays", weekdays(s))
        or fill(s, wish, "months", months(s))
        or fill(s, wish, "window", window(s))
        or lost(s)
    )


def _limit(s: Sentence, wish: Wish) -> bool:
    slot = "starting" if s.take("starting", "beginning") else ""
    slot = slot or ("until" if s.take("until", "till", "ending") else "")
    if not slot:
        return False
    s.take("on", "from", "at")
    return fill(s, wish, slot, date(s)) or lost(s)


def _except(s: Sentence, wish: Wish) -> bool:
    but = s.take("but", "other", "apart")
    if but and not s.take("not", "than", "from") and but != "but":
        lost(s)
    if not but and not s.take(*EXCEPT):
        return False
    s.take("for")
    s.take("on", "in", "during")
    s.take(*EVERY)
    before = s.at
    if found := (s.take("the") and weekdays(s)) or weekdays(s):
        return fill(s, wish, "other_weekdays", found)
    if found := months(s):
        return fill(s, wish, "other_months", found)
    s.at = before
    if days := places(s, is_said=True):
        if not all(day.isdecimal() for day in days):
            s.refuse("no schedule can leave that day out", token=s.peek(-1))
        s.take("of")
        s.take("the", *EVERY)
        s.take("month")
        return fill(s, wish, "other_days", days)
    lost(s)


def _in(s: Sentence, wish: Wish) -> bool:
    link = s.take("in", "during")
    if link == "during" and (found := weekdays(s)):
        return fill(s, wish, "weekdays", found)
    if not link:
        if s.peek().text in REFUSED:
            s.refuse_unknown()
        return fill(s, wish, "zone", zone(s))
    s.take("the")
    if s.peek().text in REFUSED:
        s.refuse_unknown()
    if s.peek().kind == "number":
        s.refuse("a schedule cannot count from now: write the date, or how often")
    return fill(s, wish, "months", months(s)) or fill(s, wish, "zone", zone(s, required=True))


CLAUSES = (_every, _except, _on, _from, _limit, _at, _in)
