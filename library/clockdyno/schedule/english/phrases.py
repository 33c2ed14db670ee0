"""The small phrases of a sentence: numbers, weekdays, months, dates and places in the month."""

from clockdyno.schedule import zones
from clockdyno.schedule.dialects import dates
from clockdyno.schedule.dialects.cron_field import MONTHS, POSITIONS, WEEKDAYS, name_index
from clockdyno.schedule.english.tokens import Sentence, Token
from clockdyno.schedule.english.vocabulary import GROUPS, NUMBERS, ORDINALS, TO

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


def _weekdays(s: Sentence) -> set[int] | None:
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
        day, month = found
        year = int(s.take_kind("number"))
        return dates.day_text(f"character {token.start + 1}", year, month, day)
    s.at = before
    return None


def day_of_year(s: Sentence) -> tuple[int, int] | None:
    """'5 January', '5th of January', 'January 5' as day and month."""
    before = s.at
    month = _name(s, MONTHS)
    day = _day(s)
    if month is None and day is not None:
        s.take("of")
        month = _name(s, MONTHS)
    if month is None or day is None:
        s.at = before
        return None
    if day not in range(1, LONGEST_MONTHS[month] + 1):
        name = MONTHS[month].title()
        s.refuse(f"{name} has no day {day}", token=s.tokens[before])
    return day, month + 1


def _day(s: Sentence) -> int | None:
    s.take("the")
    token = s.peek()
    if token.text in FIRST_FEW and s.peek(1).text == "of":
        s.at += 1
        return int(ORDINALS[token.text])
    if token.kind == "ordinal" or (token.kind == "number" and len(token.text) <= 2):
        s.at += 1
        return int(token.text.rstrip("stndrh"))
    return None


def places(s: Sentence) -> list[str]:
    """'the 1st and 15th', 'first and third monday', 'last day', as APScheduler's days."""
    return [place for group in s.listed(_places) for place in group]


def _places(s: Sentence) -> list[str] | None:
    before = s.at
    s.take("the")
    ordinals = s.listed(_ordinal)
    words = {token.text for token in s.tokens[before : s.at]}
    noun = s.peek()
    if ordinals and noun.text in GROUPS:
        s.refuse(f"no schedule knows the first or last {noun.text} of a month: name the day")
    weekday = _name(s, WEEKDAYS) if ordinals else None
    if weekday is not None:
        return [f"{_position(s, ordinal)} {WEEKDAYS[weekday][:3]}" for ordinal in ordinals]
    is_said = s.take("day", "days") or s.peek().text == "of"
    if ordinals and (is_said or not words & set(ORDINALS)):
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
