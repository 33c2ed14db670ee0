"""Other words for what a sentence can say: each means exactly that, so it is taken."""

import re
from re import Match

from clockdyno.schedule.english.vocabulary import NUMBERS

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
DAYS = "(?:mon|tue|wed|thu|fri|sat|sun|weekday|weekend)"
TIME = r"\d{1,2}(?::\d\d)? ?(?:[ap]m)?"
MINUTE = r"(\d{1,2})(?: min(?:ute)?s?)?"
HOURS = "|".join(word for word, number in NUMBERS.items() if number <= 12)


# Which hours on the 12-hour clock each part of the day has, and which half that is.
PARTS = {
    "morning": dict.fromkeys(range(1, 12), "am"),
    "afternoon": dict.fromkeys((12, *range(1, 7)), "pm"),
    "evening": dict.fromkeys(range(4, 12), "pm"),
    "night": {
        12: "am",
        **dict.fromkeys(range(1, 6), "am"),
        **dict.fromkeys(range(7, 12), "pm"),
    },
}
PART = "(?P<part>morning|afternoon|evening|night)s?"
HOUR = r"(?P<hour>\d{1,2})(?P<past>:\d\d)?(?: ?(?P<half>[ap]m))?(?![\d:])"


def _hour(match: Match[str]) -> str | None:
    """The time of day with its half; None where that part of the day has no such hour."""
    hour, half = int(match["hour"]), match["half"] or ""
    if not half and 0 < hour < 13:
        half = PARTS[match["part"].lower()].get(hour, "")
        if not half:
            return None
    return f"at {match['hour']}{match['past'] or ''}{half}"


def _part_first(match: Match[str]) -> str:
    """'every monday evening at 6' as 'every monday at 6pm'."""
    hour = _hour(match)
    return f"every {match['day'] or 'day'} {hour}" if hour else match[0]


def _part_last(match: Match[str]) -> str:
    """'at 6 in the evening' as 'at 6pm', 'at 6 every evening' as 'every day at 6pm'."""
    hour = _hour(match)
    every = "every day " if match["link"].lower() in ("every", "each") else ""
    return f"{every}{hour}" if hour else match[0]


def _mixed(match: Match[str]) -> str:
    return f"every {int(match[1]) * 60 + int(match[2])} minutes"


def _unit(match: Match[str]) -> str:
    unit = UNITS[match[2].lower()]
    return f"every {match[1]} {unit if match[1] != '1' else unit[:-1]}"


def _minute(match: Match[str]) -> str:
    return f"every hour at :{int(match[1]):02}"


def _quarter(match: Match[str]) -> str:
    """'half past eight' and 'quarter to nine' as 8:30 and 8:45."""
    hour = int(NUMBERS.get(match[3].lower(), match[3]))
    if match[2].lower() == "to":
        return f"at {(hour - 1) % 24}:45"
    return f"at {hour}:{'30' if match[1].lower() == 'half' else '15'}"


def _offset(match: Match[str]) -> str:
    # Etc/GMT-2 is two hours ahead of UTC.
    return f"Etc/GMT{'-' if match[1] == '+' else '+'}{int(match[2])}"


def _number(match: Match[str]) -> str:
    return f"at {NUMBERS[match[1].lower()]}"


# In this order, each on what the one before it left.
SAYINGS = tuple(
    (re.compile(pattern, re.IGNORECASE), instead)
    for pattern, instead in (
        # Around it.
        (r"^(?:please )?(?:runs?|executes?|fires?|repeats?) (?:it |this |the job )?", ""),
        (r"\b(?:sharp|exactly|only|precisely)\b ?", ""),
        (r",? (?:in )?(?:the )?local time$", ""),
        # How often.
        (r"\bevery (\d+) ?h(?:ours?|rs?)? ?(?:and )?(\d+) ?m?(?:in(?:ute)?s?)?(?![\d:])", _mixed),
        (r"\bevery hour and (\d+) minutes\b", lambda m: f"every {60 + int(m[1])} minutes"),
        (r"\bevery (?:hour and a half|one and a half hours)\b", "every 90 minutes"),
        (r"\bevery (\d+)\.5 h(?:ou)?rs?\b", lambda m: f"every {int(m[1]) * 60 + 30} minutes"),
        (r"\bevery (\d+) ?([smhdw])\b(?!-)", _unit),
        (r"\b(every|each) single\b", r"\1"),
        (r"\bhalf[- ]hourly\b", "every 30 minutes"),
        (r"\bquarter[- ]hourly\b", "every 15 minutes"),
        (r"\bonce (hourly|daily|weekly|monthly|yearly|annually)\b", r"\1"),
        (r"\bquarterly\b", "every 3 months"),
        (r"\b(?:semi-?annually|half[- ]yearly)\b", "every 6 months"),
        (r"\b(?:fortnightly|every fortnight|once a fortnight)\b", "every 2 weeks"),
        (
            rf"\b(?:twice|two times) (?:a day|daily|per day)(?=,? at {TIME} and {TIME}$)",
            "every day",
        ),
        (rf"\b(?:three|3) times (?:a|per) day(?=,? at {TIME}, {TIME},? and {TIME}$)", "every day"),
        (rf"\b(?:twice|two times) (?:a|per) week(?= on {DAYS}\w* and {DAYS}\w* at)", "weekly"),
        (r"\b(?:twice|two times) (?:an|per) hour at (?=:\d\d and :\d\d$)", "every hour at "),
        (r"^(every \d+ (?:seconds|minutes|hours)),? (?:of )?every day$", r"\1"),
        (r"^(every .*),? (?:24/7|all day(?: long)?|around the clock)$", r"\1"),
        # Which days.
        (r"\bevery day of the week\b|\b(?:7|seven) days a week\b", "every day"),
        (r"\bm-f\b", "mon-fri"),
        (r"\bmwf\b", "mon, wed and fri"),
        (rf"(?<=[a-z])/(?={DAYS})", ", "),
        (r"\bweek days?\b", lambda m: m[0].replace(" ", "").lower()),
        (r"\bon (?:the )?end of (?:the|each|every) month\b", "on the last day of the month"),
        (r"\b(\d{4})[/.](\d{1,2})[/.](\d{1,2})\b", r"\1-\2-\3"),
        # What time.
        (r" ?@ ?(?=\d|noon|mid)", " at "),
        (r"\b(at \d{1,2})[.h](\d\d)(?!\d)", r"\1:\2"),
        (r"\bat (\d\d)(\d\d)(?: ?(?:hours|hrs))?(?![-\d:])", r"at \1:\2"),
        (r"\bnightly at\b", "every night at"),
        (rf"\b(?:every |each |(?={DAYS}))(?:(?P<day>{DAYS}\w*) )?{PART} at {HOUR}", _part_first),
        (rf"\bat {HOUR},? (?P<link>in the|every|each|at) {PART}\b", _part_last),
        (r"\b(every|each) at\b", "every day at"),
        (r"\b(?:every|each) (noon|midnight|midday)\b", r"every day at \1"),
        (r"\bbetween the hours of\b", "between"),
        (rf"(?<!every )\b(?:at )?{MINUTE} (?:past|after) (?:the|every|each) hour\b", _minute),
        (r"\bevery hour(?: at| on)?(?: the)? minute (\d{1,2})\b", _minute),
        (r"\b(?:at )?(?:half|30) past (?:the|every|each) hour\b", "every hour at :30"),
        (r"\b(?:at )?quarter past (?:the|every|each) hour\b", "every hour at :15"),
        (r"\b(?:at )?quarter to (?:the|every|each) hour\b", "every hour at :45"),
        (r"\bon the half hour\b", "at :30"),
        (r"\bon the hour\b", "at :00"),
        (rf"\b(?:at )?(half|quarter) (past|to) (\d{{1,2}}|{HOURS})\b", _quarter),
        (rf"\bat ({HOURS})\b", _number),
        (r"(?<=[ap]m)/(?=\d)", " and "),
        (r"\bevery hour every hour\b", "every hour"),
        (r"\b(daily|every day) every day at\b", "every day at"),
        (r"\b(?:utc|gmt) ?([+-]) ?(\d{1,2})(?::?00)?\b", _offset),
    )
)


def plain(text: str) -> str:
    """The sentence in the words that the grammar knows."""
    said = " ".join(text.split())
    for pattern, instead in SAYINGS:
        said = pattern.sub(instead, said)
    return said.strip()
