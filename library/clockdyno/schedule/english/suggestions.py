"""What people also say, in words that a schedule can have: only ever offered, never taken."""

import re
from collections.abc import Iterator
from re import Match

from clockdyno.schedule.english.vocabulary import NUMBERS

CLOCK = r"(\d{1,2}(?::\d\d)?)"
DAYS = r"(?:mon|tue|wed|thu|fri|sat|sun|weekday|weekend)"
LETTERS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
PLACES = {"eastern": "New York", "central": "Chicago", "mountain": "Denver"}
PLACES |= {"pacific": "Los Angeles"}


def _hours(match: Match[str]) -> str:
    return f"every {int(match[1]) * 60 + int(match[2])} minutes"


def _unit(match: Match[str]) -> str:
    unit = LETTERS[match[2].lower()]
    return f"every {match[1]} {unit if match[1] != '1' else unit[:-1]}"


def _past(match: Match[str]) -> str:
    return f"every hour at :{int(match[1]):02}"


def _half(match: Match[str]) -> str:
    hour = NUMBERS.get(match[2].lower(), match[2])
    return f"at {hour}:{'30' if match[1].lower() == 'half' else '15'}"


def _offset(match: Match[str]) -> str:
    # Etc/GMT-2 is two hours ahead of UTC.
    return f"Etc/GMT{'-' if match[1] == '+' else '+'}{int(match[2])}"


def _ordinal(match: Match[str]) -> str:
    ending = {"1": "st", "2": "nd", "3": "rd"}.get(match[1][-1], "th")
    return f"the {match[1]}{'th' if len(match[1]) > 1 and match[1][0] == '1' else ending}"


# In this order, each on what the one before it left.
REWORDINGS = (
    # Other programs.
    (r"^@every_minute$", "* * * * *"),
    (r"^@(every .*|noon)$", r"\1"),
    (r"^rate\((\d+ \w+)\)$", r"every \1"),
    (r"^cron\(((?:\S+ ){4}\S+) \S+\)$", r"\1"),
    (r"^cron: *((?:\S+ ){4}\S+)$", r"\1"),
    (r""".*\bfrom_crontab\(["']([^"']*)["']\).*""", r"\1"),
    (
        r"^(?!.*(?:or|and)trigger).*?\b((?:cron|interval|date)trigger\([^()]*(?:\([^()]*\)[^()]*)*\)).*",
        r"\1",
    ),
    (r"^\S+ ((?:\S+ ){2}(?:\? \S+ \S+|\S+ \S+ \?))(?: \S+)?$", r"\1"),
    (r"^((?:\S+ ){2}(?:\? \S+ \S+|\S+ \S+ \?)) \S+$", r"\1"),
    (r"(?<= )\?|\?(?= )", "*"),
    (r"^interval:? (\d+ [a-z]+)$", r"every \1"),
    (r"^(cron|interval|date): ", r"\1 "),
    (r"^((?:cron|interval|date)\b.*)$", lambda match: re.sub(r"(\w):\s+", r"\1=", match[1])),
    (r"\b(hour|minute|day)=[\"']?(\d+)(?:st|nd|rd|th|am)\b", r"\1=\2"),
    (r"\bhour=[\"']?(\d+)pm\b", lambda match: f"hour={int(match[1]) % 12 + 12}"),
    (r"\bhour=[\"']?(\d+):(\d+)\b[\"']?", r"hour=\1 minute=\2"),
    (r"=[\[(]([\d, ]+)[\])]", lambda match: f"={match[1].replace(' ', '')}"),
    (r"\bhours=(\d+)\.5\b", lambda match: f"minutes={int(match[1]) * 60 + 30}"),
    (r"=(\d+)\.0\b", r"=\1"),
    # How often.
    (r"\bevery (\d+) ?h(?:ours?|rs?)? ?(?:and )?(\d+) ?m?(?:in(?:ute)?s?)?\b", _hours),
    (r"\bevery (hour) and (\d+) minutes\b", lambda match: f"every {60 + int(match[2])} minutes"),
    (r"\bevery hour and a half\b", "every 90 minutes"),
    (r"\bevery (\d+)\.5 h(?:ou)?rs?\b", lambda m: f"every {int(m[1]) * 60 + 30} minutes"),
    (r"\bevery (\d+) ?([smhdw])\b", _unit),
    (r"^(\d+) ?([sm])$", _unit),
    (r"\bhalf[- ]hourly\b", "every 30 minutes"),
    (r"\bevery (?:second|2nd) (day|week|month)\b", r"every 2 \1s"),
    (r"\bevery quarter\b|\bquarterly\b", "every 3 months"),
    (r"^(?:three|3) ?(?:times|x) (?:a|per) day$", "every 8 hours"),
    (r"^twice (?:a |per )?week(?:ly)?$", "mondays and thursdays at 9"),
    (r"^twice (?:a |per )?month(?:ly)?$", "on the 1st and 15th at 9"),
    (r"\b(?:twice|(?:\w+|\d+) times) (?:a day|daily|per day)(?= at)", "every day"),
    (r"^(every .+?),? (?:of )?every day$|^(.*) 24/7$", r"\1\2"),
    (r"^in (\d+ (?:minutes?|hours?|days?))$", r"every \1"),
    # Which days.
    (r"\b(every|each) (?:workday|business day|working day)\b", r"\1 weekday"),
    (r"\b(?:workdays|business days|working days|week days)\b", "weekdays"),
    (r"\bduring (?:business|working|office) hours\b", "from 9am to 5pm on weekdays"),
    (r"\bm-f\b", "mon-fri"),
    (r"\bmwf\b", "mon, wed and fri"),
    (rf"(?<=[a-z])/(?={DAYS})", ", "),
    (r"\bday (\d{1,2})\b", _ordinal),
    (r"\b(\d{4})[/.](\d{1,2})[/.](\d{1,2})\b", r"\1-\2-\3"),
    # What time.
    (r" ?@ ?(?=\d|noon|mid)", " at "),
    (rf"\bat {CLOCK} (?:in the )?morning\b", r"at \1am"),
    (rf"\bat {CLOCK} (?:in the )?(?:afternoon|evening)\b", r"at \1pm"),
    (rf"\bmornings? at {CLOCK}(?! ?[ap]m|[\d:])", r"at \1am"),
    (rf"\b(?:afternoon|evening)s? at {CLOCK}(?! ?[ap]m|[\d:])", r"at \1pm"),
    (r"\bnightly(?= at)", "every day"),
    (r"\b(?:morning|afternoon|evening|night)s?(?= at)", "day"),
    (r"\b(?:every|each) at\b", "every day at"),
    (r"\bevery (noon|midnight|midday)\b", r"every day at \1"),
    (r"(?<!every )(?:\bat )?\b(\d{1,2})(?: min(?:ute)?s?)? past (?:the|every) hour\b", _past),
    (r"\b(?:at )?minute (\d{1,2})\b", lambda match: f"at :{int(match[1]):02}"),
    (r"\bon the half hour\b", "at :30"),
    (r"\bon the hour\b", "at :00"),
    (r"\b(?:at )?(half|quarter) past (\w+)\b", _half),
    (rf"\bat ({'|'.join(NUMBERS)})\b", lambda match: f"at {NUMBERS[match[1].lower()]}"),
    (r"\bat (\d{1,2}(?:/\d{1,2})+)\b", lambda match: f"at {match[1].replace('/', ', ')}"),
    (r"(?<=[0-9m]) or (?=\d)", " and "),
    (rf"\b(?:starting|beginning|from) (?:at )?({CLOCK} ?(?:[ap]m)?)$", r"from \1 to 23:59"),
    (r"(?<=[a-z] )(\d{1,2}) ?- ?(\d{1,2})(?![\d-])", r"from \1 to \2"),
    (r"(?<=[ap]m)/(?=\d)", " and "),
    (r"^(\d{2})(\d{2})$", r"at \1:\2"),
    (r"(?<!every )\b(\d{1,2}) ?h\b(?! ?\d)", r"\1:00"),
    # Where, and several schedules in one sentence.
    (
        r"\b(eastern|central|mountain|pacific)(?: standard| daylight)?(?: time)?\b",
        lambda match: f"in {PLACES[match[1].lower()]}",
    ),
    (r"\b(?:utc|gmt) ?([+-]) ?(\d{1,2})\b", _offset),
    (rf"(?:(?<=\d)|(?<=[ap]m))(?:,| and|, and) (?=(?:on |every )?{DAYS}\w* )", "; "),
)


def reworded(text: str) -> Iterator[str]:
    """What the text could mean, if that can be said in other words."""
    told = was = " ".join(text.split())
    for pattern, instead in REWORDINGS:
        told = re.sub(pattern, instead, told, flags=re.IGNORECASE)
    if told != was:
        yield from (told, f"every hour {told}", f"every {told}")
