"""What people also say, and what it could mean: only ever offered, never taken."""

import re
from collections.abc import Iterator
from re import Match

from clockdyno.schedule.english import sayings

LETTERS = {"s": "seconds", "m": "minutes", "h": "hours"}
PLACES = {"eastern": "New York", "central": "Chicago", "mountain": "Denver"}
PLACES |= {"pacific": "Los Angeles"}


def _unit(match: Match[str]) -> str:
    unit = LETTERS[match[2].lower()]
    return f"every {match[1]} {unit if match[1] != '1' else unit[:-1]}"


# In this order, each on what the one before it left.
REWORDINGS = (
    # Fields that hold more than their number.
    (r"^interval:? (\d+ [a-z]+)$", r"every \1"),
    (r"^(cron|interval|date): ", r"\1 "),
    (r"^((?:cron|interval|date)\b.*)$", lambda match: re.sub(r"(\w):\s+", r"\1=", match[1])),
    (r"\b(hour|minute|day)=[\"']?(\d+)(?:st|nd|rd|th)\b", r"\1=\2"),
    (r"\bhour=[\"']?(\d+)am\b", lambda match: f"hour={int(match[1]) % 12}"),
    (r"\bhour=[\"']?(\d+)pm\b", lambda match: f"hour={int(match[1]) % 12 + 12}"),
    (r"\bhour=[\"']?(\d+):(\d+)\b[\"']?", r"hour=\1 minute=\2"),
    (r"=[\[(]([\d, ]+)[\])]", lambda match: f"={match[1].replace(' ', '')}"),
    (r"\bhours=(\d+)\.5\b", lambda match: f"minutes={int(match[1]) * 60 + 30}"),
    (r"=(\d+)\.0\b", r"=\1"),
    # Sentences.
    (r"^(\d+) ?([smh])$", _unit),
    (r"\bevery quarter$", "every 3 months"),
    (r"\b(every|each) (?:workday|business day|working day)\b", r"\1 weekday"),
    (r"\b(?:workdays|business days|working days)\b", "weekdays"),
    (r"\bat (\d{1,2}(?:/\d{1,2})+)\b", lambda match: f"at {match[1].replace('/', ', ')}"),
    (r"^(\d{2}):?(\d{2})$", r"every day at \1:\2"),
    (r"(?<!every )\b(\d{1,2}) ?h\b(?! ?\d)", r"\1:00"),
    (
        r"\b(eastern|central|mountain|pacific)(?: standard| daylight)?(?: time)?\b",
        lambda match: f"in {PLACES[match[1].lower()]}",
    ),
)
FROM = re.compile(
    r"(every (?:hour|\d+ (?:hours|minutes))) (?:starting|beginning|from)(?: at| from)? "
    r"(\d{1,2})(?::(\d\d))? ?([ap]m)?",
    re.IGNORECASE,
)


def both(text: str) -> list[str]:
    """'every 2 hours from 9' until midnight, and round the clock."""
    begun = FROM.fullmatch(" ".join(text.split()))
    if not begun:
        return []
    hour = int(begun[2]) % 12 + 12 * (begun[4].lower() == "pm") if begun[4] else int(begun[2])
    first = hour * 60 + int(begun[3] or 0)
    ends = (23 * 60 + 59, (first - 1) % (24 * 60))
    start = f"{begun[1]} from {first // 60:02}:{first % 60:02}"
    return [f"{start} to {end // 60:02}:{end % 60:02}" for end in ends]


def reworded(text: str) -> Iterator[str]:
    """What the text could mean, if that can be said in other words."""
    was = " ".join(text.split())
    told = was
    for pattern, instead in REWORDINGS:
        told = re.sub(pattern, instead, told, flags=re.IGNORECASE)
    told = sayings.plain(told)
    if told != was:
        yield from (told, f"every {told}")
