"""Times of day as people say them."""

from typing import NamedTuple

from clockdyno.schedule.english.tokens import Sentence, Token
from clockdyno.schedule.english.vocabulary import NAMED_TIMES, TO

HALVES = ("am", "pm")
RANGE = ("-", "to")


class Time(NamedTuple):
    """A time of day on the 24-hour clock."""

    hour: int
    minute: int = 0
    second: int = 0

    def __str__(self) -> str:
        seconds = f":{self.second:02}" if self.second else ""
        return f"{self.hour:02}:{self.minute:02}{seconds}"


class Said(NamedTuple):
    """A time and whether it was said with am or pm, or could have been either."""

    time: Time
    half: str
    either: bool

    def spoken(self, half: str) -> str:
        """With am or pm: as it was said, or else this one."""
        minutes = f":{self.time.minute:02}" if self.time.minute else ""
        own = self.half or ("pm" if self.time.hour >= 12 else "am")
        return f"{self.time.hour % 12 or 12}{minutes}{half if self.either else own}"


def times(s: Sentence, *, explicit: bool = False) -> list[Time]:
    """'9, 9:30 and 9pm'; only what cannot be another number, such as 9:30, if `explicit`."""
    start = s.at
    found = s.listed(lambda s: _said(s, not s.take("at") and explicit))
    _refuse_mixed(s, start, found, " and ")
    return [said.time for said in found]


def minutes_past(s: Sentence, *, is_hourly: bool) -> list[str]:
    """':20 and :50'; of an hourly schedule also '30', which no hour of the day can be."""
    return s.listed(lambda s: _past(s, is_hourly))


def _past(s: Sentence, is_hourly: bool) -> str | None:
    token = s.peek()
    if token.kind == "past" and token.text > ":59":
        s.refuse("the minute is not between 0 and 59")
    is_number = token.kind == "number" and s.peek(1).text not in HALVES
    if is_hourly and is_number and 23 < int(token.text[:9]) < 60:
        s.at += 1
        return f":{token.text}"
    return s.take_kind("past") or None


def window(s: Sentence, *, explicit: bool = False) -> tuple[Time, Time] | None:
    """'9am to 5pm'; refuses '9 to 5', of which nobody can know what it is."""
    start = s.at
    # 'weekdays 9-17'; but 'monday 9' may be the ninth.
    is_range = s.peek(1).text in RANGE and s.peek(2).kind in ("number", "time")
    first = _said(s, explicit and not is_range)
    # '9am and 5pm' are two times, unless 'between' stands before them.
    last = _said(s, False) if first and s.take(*TO[: -1 if explicit else None]) else None
    if not first or not last:
        s.at = start
        return None
    backwards = first.either and last.either and first.time >= last.time
    _refuse_mixed(s, start, [first, last], " to ", always=backwards)
    return first.time, last.time


def _refuse_mixed(
    s: Sentence, start: int, found: list[Said], link: str, *, always: bool = False
) -> None:
    if not always and not (any(t.half for t in found) and any(t.either for t in found)):
        return
    token, last = s.tokens[start], s.tokens[s.at - 1]
    whole = Token("", "", token.start, last.end)
    halves = (("am", "pm"), ("pm", "am"), ("am", "am"), ("pm", "pm"))
    spoken = (link.join(t.spoken(h[i % 2]) for i, t in enumerate(found)) for h in halves)
    readings = [s.replaced(whole, text) for text in dict.fromkeys(spoken)]
    said = s.text[token.start : last.end]
    s.refuse(f"'{said}' could be morning or evening: say am or pm", readings, token=token)


def _said(s: Sentence, explicit: bool) -> Said | None:
    if name := s.take(*NAMED_TIMES):
        return Said(Time(NAMED_TIMES[name]), "", False)
    token = s.peek()
    if token.text == "12" and s.peek(1).text in NAMED_TIMES:
        s.at += 2
        return Said(Time(NAMED_TIMES[s.peek(-1).text]), "", False)
    half = s.peek(1).text if s.peek(1).text in HALVES else ""
    if token.kind != "time" and (token.kind != "number" or (explicit and not half)):
        return None
    _refuse_unclear(s, token)
    hour, minute, second = (int(part) for part in f"{token.text}:0:0".split(":")[:3])
    if half and not 1 <= hour <= 12:
        s.refuse(f"the hour {hour}{half} is not between 1 and 12", [_fixed(s, hour, minute)])
    if hour > 23:
        reading = s.replaced(token, "midnight") if (hour, minute) == (24, 0) else ""
        s.refuse(f"the hour {hour} is not between 0 and 23", [reading])
    for unit, value in (("minute", minute), ("second", second)):
        if value > 59:
            s.refuse(f"the {unit} {value} is not between 0 and 59")
    s.at += 2 if half else 1
    either = not half and 1 <= hour <= 12 and token.text[0] != "0"
    return Said(
        Time(hour % 12 + 12 * (half == "pm") if half else hour, minute, second), half, either
    )


def _refuse_unclear(s: Sentence, token: Token) -> None:
    if s.peek(1).text == "o'clock":
        said = s.peek(2).text in HALVES
        whole = Token("", "", token.start, s.peek(2 if said else 1).end)
        halves = [s.peek(2).text] if said else HALVES
        readings = [s.replaced(whole, f"{token.text}{half}") for half in halves]
        s.refuse("o'clock could be morning or evening: say am or pm", readings)
    if token.kind == "number" and len(token.text) > 2:
        reading = s.replaced(token, f"{token.text[:-2]}:{token.text[-2:]}")
        s.refuse(f"{token.text[:10]} is not a time of day", [reading])


def _fixed(s: Sentence, hour: int, minute: int) -> str:
    """The sentence with 17:30 for '17:30pm'."""
    whole = Token("", "", s.peek().start, s.peek(1).end)
    return s.replaced(whole, str(Time(hour, minute)))
