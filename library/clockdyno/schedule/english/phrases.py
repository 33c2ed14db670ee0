"""The small phrases of a sentence: numbers, weekdays, months, dates and places in the month."""

from clockdyno.schedule import zones
from clockdyno.schedule.dialects import dates
from clockdyno.schedule.dialects.cron_field import MONTHS, POSITIONS, WEEKDAYS, name_index
from clockdyno.schedule.english.tokens import Sentence, Token
from clockdyno.schedule.english.vocabulary import EVERY, GROUPS, NUMBERS, ORDINALS, TO, UNITS

RANGE = TO[:-1]
FIRST_FEW = [word for word in ORDINALS if word != "last"]
LONGEST_ZONE = 5
LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def number(s: Sentence) -> int | None:
    """15 or fifteen."""
    if digits := s.take_kind("number"):
        return int(digits)
    word = s.take(*NUMBERS)
    return NUMBERS[word] if word else None


def weekdays(s: Sentence) -> set[int]:
    """'mondays', 'monday to friday', 'weekdays', 'sat and sun'; 0 is Monday."""
    return set().union(*s.listed(_weekdays))


def ordinal_before_unit(s: Sentence) -> int | None:
    """'second' of 'every second day', '3rd' of 'every 3rd day'; no day of the month."""
    unit = UNITS.get(s.peek(1).text)
    word = ORDINALS.get(s.peek().text, "")
    if s.peek().kind == "ordinal":
        word = s.peek().text[:-2]
    if not unit or not word.isdecimal() or int(word) < 2 or s.peek(2).text in ("of", "in"):
        return None
    s.at += 1
    return int(word)


def _weekdays(s: Sentence) -> set[int] | None:
    # 'on mondays and on fridays', 'every monday and every friday'.
    s.take("on")
    s.take(*EVERY)
    if group := GROUPS.get(s.peek().text.removesuffix("s")):
        s.at += 1
        return set(group)
    return _span(s, WEEKDAYS)


def months(s: Sentence) -> set[int]:
    """'january', 'june and july', 'november to february'; 1 is January."""
    return {index + 1 for index in set().union(*s.listed(lambda s: _span(s, MONTHS)))}


def _span(s: Sentence, names: tuple[str, ...]) -> set[int] | None:
    """One name, or all from one to another, across the end of the week or year too."""
    first = _name(s, names)
    if first is None:
        return None
    before = s.at
    last = _name(s, names) if s.take(*RANGE) else None
    if last is None:
        s.at = before
        return {first}
    size = len(names)
    return {index % size for index in range(first, (last if last >= first else last + size) + 1)}


def _name(s: Sentence, names: tuple[str, ...]) -> int | None:
    index = name_index(names, s.peek().text) if s.peek().kind == "word" else None
    s.at += index is not None
    return index


def date(s: Sentence) -> str | None:
    """'2027-01-05', '5 January 2027', 'January 5th, 2027'."""
    token = s.peek()
    if token.kind == "date":
        s.at += 1
        return dates.read(f"character {token.start + 1}", token.text)
    before = s.at
    found = day_of_year(s)
    s.take(",")
    if found and s.peek().kind == "number" and len(s.peek().text) == 4:
        day, (month,) = found
        year = int(s.take_kind("number"))
        return dates.day_text(f"character {token.start + 1}", year, month, day)
    s.at = before
    return None


def day_of_year(s: Sentence) -> tuple[int, set[int]] | None:
    """'5 January', '5th of January', 'January 5', '1 January and July' as day and months."""
    before = s.at
    month = _name(s, MONTHS)
    day = _day(s)
    found = {month}
    if month is None and day is not None:
        s.take("of")
        found = {name - 1 for name in s.listed(_month)}
    if None in found or not found or day is None:
        s.at = before
        return None
    named = [index for index in found if index is not None]
    for index in named:
        if day not in range(1, LONGEST_MONTHS[index] + 1):
            name = MONTHS[index].title()
            s.refuse(f"{name} has no day {day}", token=s.tokens[before])
    return day, {index + 1 for index in named}


def _month(s: Sentence) -> int | None:
    # 'march and 5 april' is one day and then another.
    index = _name(s, MONTHS)
    return None if index is None else index + 1


def _day(s: Sentence) -> int | None:
    s.take("on")
    s.take("the")
    token = s.peek()
    if token.text in FIRST_FEW and s.peek(1).text == "of":
        s.at += 1
        return int(ORDINALS[token.text])
    if token.kind == "ordinal" or (token.kind == "number" and len(token.text) <= 2):
        s.at += 1
        return int(token.text.rstrip("stndrh"))
    return None


def places(s: Sentence, *, is_said: bool = False) -> list[str]:
    """'the 1st and 15th', 'first and third monday', 'last day', as APScheduler's days."""
    return [place for group in s.listed(lambda s: _places(s, is_said)) for place in group]


def _places(s: Sentence, is_said: bool) -> list[str] | None:
    before = s.at
    s.take("on")
    has_article = bool(s.take("the"))
    if s.take("day", "days") and s.peek().kind == "number":
        return [str(int(n)) for n in s.listed(lambda s: s.take_kind("number") or None)]
    ordinals = s.listed(_ordinal)
    words = {token.text for token in s.tokens[before : s.at]}
    noun = s.peek()
    if ordinals and noun.text in GROUPS:
        s.refuse(f"no schedule knows the first or last {noun.text} of a month: name the day")
    named = s.listed(lambda s: _name(s, WEEKDAYS)) if ordinals else []
    if named:
        return [f"{_position(s, o)} {WEEKDAYS[day][:3]}" for day in named for o in ordinals]
    has_noun = bool(s.take("day", "days")) or s.peek().text == "of"
    is_plain = not words & set(ORDINALS) or (is_said and has_article and "second" not in words)
    if ordinals and (has_noun or is_plain):
        return ordinals
    s.at = before
    return None


def _ordinal(s: Sentence) -> str | None:
    s.take("the")
    if digits := s.take_kind("ordinal"):
        return str(int(digits[:-2]))
    word = s.take(*ORDINALS)
    return ORDINALS[word] if word else None


def _position(s: Sentence, ordinal: str) -> str:
    if ordinal == "last":
        return ordinal
    if not 1 <= int(ordinal) <= 5:
        s.refuse(f"a month has no weekday number {ordinal}", token=s.peek(-1))
    return POSITIONS[int(ordinal) - 1]


def is_weekday(token: Token) -> bool:
    """Whether the token is one weekday's name."""
    return token.kind == "word" and name_index(WEEKDAYS, token.text) is not None


def zone(s: Sentence, *, required: bool = False) -> str | None:
    """The most words that together are a zone or a city."""
    first = s.peek()
    if first.kind == "zone" and name_index(WEEKDAYS, first.text.partition("/")[0]) is not None:
        s.refuse_unknown()
    for ahead in range(LONGEST_ZONE - 1, -1, -1):
        found = zones.known(s.text[first.start : s.peek(ahead).end])
        if found and s.peek(ahead).kind != "end":
            s.at += ahead + 1
            s.take("time")
            return found
    if required or first.kind == "zone" or zones.is_abbreviation(first.text):
        rest = s.text[first.start :] if required else first.text
        return zones.find(rest, name=f"character {first.start + 1}")
    return None
