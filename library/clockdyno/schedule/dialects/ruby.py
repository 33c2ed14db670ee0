"""Ruby's ways: `every 1.day, at: '4:30 am'` of whenever, clockwork, rufus and fugit."""

import re

from clockdyno.schedule.dialects.reading import Reading
from clockdyno.schedule.refusal import Misread, quote

UNIT = "(?:second|minute|hour|day|week|month|year)s?"
DAY = "(?:mon|tues|wednes|thurs|fri|satur|sun)day|weekday|weekend"
LINE = re.compile(
    rf"(?:\w+\.)?every[ (]+(?P<what>[0-9]+\.{UNIT}|:(?:{UNIT}|{DAY})|\[[^]]*\]|'[^']*'|\"[^\"]*\")"
    r"(?P<rest>(?: *,.*)?)",
    re.IGNORECASE,
)
CRON = re.compile(r"\w+\.cron[ (]+(?:'([^']*)'|\"([^\"]*)\")(?: *,.*)?", re.IGNORECASE)
END = re.compile(r"(?:\)? *(?:do\b.*|\{.*))?\)?$", re.IGNORECASE)
KEY = re.compile(
    r":?(at|tz)(?:: *| *=> *)(\[[^]]*\]|'[^']*'|\"[^\"]*\")|:?\w+(?:: *| *=> *)(?:\[[^]]*\]|[^,]*)",
    re.IGNORECASE,
)
TEXTS = re.compile(r"'([^']*)'|\"([^\"]*)\"|:(\w+)")
NOTE = "Read as Ruby's every, in words: {}."


def looks_like(text: str) -> bool:
    """Whether this is a line of one of Ruby's schedulers."""
    return bool(LINE.match(text) or CRON.match(text))


def read(text: str) -> Reading:
    """The triggers of the line, by way of what it says in English or as crontab."""
    from clockdyno.schedule import typed

    bare = END.sub("", text)
    if cron := CRON.match(text):
        return typed.read_one(cron[1] or cron[2])
    line = LINE.fullmatch(bare) or LINE.fullmatch(f"{bare})")
    if not line:
        raise Misread(f"{quote(text)} is not Ruby that can be read")
    what, given = line["what"], _given(line["rest"])
    if what[0] in "'\"" and not given:
        inner = what.strip("'\"")
        return typed.read_one(
            f"every {inner}" if inner[:1].isdecimal() and " " not in inner else inner
        )
    names = [next(filter(None, found)) for found in TEXTS.findall(what)]
    said = what.replace(".", " ") if what[0].isdecimal() else " and ".join(names)
    said = re.sub(r"^1 ", "", said)
    sentence = " ".join([f"every {said}", *_times(said, given.get("at", []))])
    if "tz" in given:
        sentence += f" in {given['tz'][0]}"
    found = typed.read_one(sentence)
    return Reading(found.triggers, (NOTE.format(sentence), *found.notes))


def _given(rest: str) -> dict[str, list[str]]:
    """What is given by name; other names than these are not of the schedule."""
    given = {}
    for key, value in KEY.findall(rest):
        if key:
            given[key.lower()] = [next(filter(None, t), "") for t in TEXTS.findall(value)]
    return given


def _times(unit: str, times: list[str]) -> list[str]:
    """`at: '**:30'` of an hour, `at: 'Monday 12:00'` of a week, else times of the day."""
    if not times:
        return []
    words = times[0].split()
    if unit == "week" and len(words) == 2:
        return ["on", words[0], "at", words[1]]
    past = [re.sub(r"^\*+(?=:)", "", time) for time in times]
    return ["at", " and ".join(re.sub(r"^00:(?=\d\d ?am)", "12:", time) for time in past)]
