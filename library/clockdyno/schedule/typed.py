"""What people type for a schedule: one parser for prompts, flags, answers and files."""

from __future__ import annotations

import re
from datetime import tzinfo
from importlib import import_module
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from unicodedata import normalize

from clockdyno.schedule import zones
from clockdyno.schedule.dialects import apscheduler, crontab, line_zone
from clockdyno.schedule.dialects.reading import UTC_ELSEWHERE, Reading
from clockdyno.schedule.dialects.wrapping import unquoted, unwrapped
from clockdyno.schedule.english import parser as english
from clockdyno.schedule.refusal import Misread, ScheduleError, nearest_examples, quote

if TYPE_CHECKING:
    from apscheduler.triggers.base import BaseTrigger

LONGEST = 300
MOST_PARTS = 8
MOST_READINGS = 3
# A dialect is loaded, and asked, only where one of its signs stands in the text.
DIALECTS = {
    "celery": ("(",),
    "spring": ("@",),
    "schedule_package": (".",),
    "ruby": (".", " :", "'", '"', "["),
    "systemd": ("*-", "*:", "..", "~", "=", "/", "OnCalendar", "oncalendar"),
    "apscheduler_calls": ("(", "'", '"'),
}
# Lines of fields, which may have a zone at either end.
LINES = {"aws": ("(", "?"), "quartz": ("?",), "jenkins": ("H", "h")}
# Typographic signs as they come out of documents and web pages, and what they stand for.
SIGNS = {
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63"), "-"),
    **dict.fromkeys(map(ord, "\u2018\u2019\u201a\u201b\u2032\u00b4`"), "'"),
    **dict.fromkeys(map(ord, "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb"), '"'),
    **dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"), ""),
    **{wide: chr(wide - 0xFEE0) for wide in range(0xFF01, 0xFF5F)},
    0x2236: ":",
    0xA789: ":",
    0x2217: "*",
    0x2044: "/",
    0x2215: "/",
}


class Schedule(NamedTuple):
    """One trigger as APScheduler takes it: interval, cron or date, and its keywords in order."""

    kind: str
    keywords: dict[str, apscheduler.Value]

    def source(self) -> str:
        """The arguments of the decorator: '"cron", hour="12-16", minute=0'."""
        named = (f"{key}={_literal(value)}" for key, value in self.keywords.items())
        return ", ".join([_literal(self.kind), *named])

    def __str__(self) -> str:
        return apscheduler.written(self.kind, self.keywords)


class Understood(NamedTuple):
    """What a text means, and by whose rules it was read where that is not plain."""

    schedules: list[Schedule]
    notes: list[str]


def parse(text: str, timezone: str | None = None) -> list[Schedule]:
    """All triggers that the text stands for; `timezone` is for a text that names none.

    Raises ScheduleError, with the nearest certain reading as its hint.
    """
    return understand(text, timezone).schedules


def understand(text: str, timezone: str | None = None) -> Understood:
    """As `parse`, with what somebody who comes from elsewhere should know.

    Raises ScheduleError; where two dialects differ it has both readings, and nothing is chosen.
    """
    try:
        zone = {"timezone": zones.find(timezone)} if timezone else {}
        reading = _read(text)
        schedules = [
            Schedule(kind, apscheduler.check(kind, {**zone, **given}))
            for kind, given in reading.triggers
        ]
        return Understood(schedules, list(reading.notes))
    except Misread as misread:
        stop = "" if misread.reason.endswith("?") else "."
        hint, readings = _hint(misread, text)
        raise ScheduleError(misread.reason + stop, hint, readings) from None


def build(schedule: Schedule, zone: tzinfo | str) -> BaseTrigger:
    """The trigger that the clock will use for it, in this zone unless the schedule names one.

    Raises ScheduleError where its keywords contradict each other.
    """
    from zoneinfo import ZoneInfo

    from clockdyno.schedule import triggers

    own = ZoneInfo(zone) if isinstance(zone, str) else zone
    try:
        return triggers.make(schedule.kind, schedule.keywords, own)
    except (ValueError, OverflowError) as error:
        raise ScheduleError(f"{error}.", "Correct this part of the schedule.") from None


def _read(text: str) -> Reading:
    if len(text) > LONGEST:
        reason = f"a schedule of {len(text)} characters is too long: at most {LONGEST}"
        raise Misread(f"{reason} are read")
    parts = [part for one in _parts(_clean(text)) if (part := unquoted(one.strip()))]
    if not parts:
        raise Misread("there is no schedule")
    if len(parts) > MOST_PARTS:
        raise Misread(f"{len(parts)} schedules in one are too many: at most {MOST_PARTS}")
    read = [read_one(part) for part in parts]
    notes = dict.fromkeys(note for reading in read for note in reading.notes)
    return Reading([trigger for reading in read for trigger in reading.triggers], tuple(notes))


def _clean(text: str) -> str:
    spaced = re.sub(r"\s+", " ", normalize("NFC", text.translate(SIGNS)))
    return unquoted(unwrapped(spaced.strip()))


def _parts(text: str) -> list[str]:
    """The schedules between the semicolons; a last one ends a line of code."""
    return text.split(";")


def read_one(text: str) -> Reading:
    """What one schedule means in the dialect that it is certainly in, else in English."""
    if reading := _of(DIALECTS, text):
        return reading
    line, zone = line_zone.split(text)
    if zone:
        return _in_zone(read_one(line), zone)
    if reading := _of(LINES, text):
        return reading
    if apscheduler.looks_like(text):
        return Reading([apscheduler.read(text)])
    return crontab.read(text) if crontab.looks_like(text) else english.read(text)


def _of(dialects: dict[str, tuple[str, ...]], text: str) -> Reading | None:
    """The reading of the first dialect that takes the text for its own."""
    for name, signs in dialects.items():
        if any(sign in text for sign in signs):
            dialect: Any = import_module(f"clockdyno.schedule.dialects.{name}")
            if dialect.looks_like(text) and (reading := dialect.read(text)):
                return cast("Reading", reading)
    return None


def _in_zone(reading: Reading, zone: str) -> Reading:
    if any("timezone" in keywords for _, keywords in reading.triggers):
        raise Misread("it names two time zones")
    triggers = [(kind, {**keywords, "timezone": zone}) for kind, keywords in reading.triggers]
    return Reading(triggers, tuple(note for note in reading.notes if note != UTC_ELSEWHERE))


def _hint(misread: Misread, text: str) -> tuple[str, list[str]]:
    """What to type instead, and the schedules in it: readings that are schedules, else examples."""
    from clockdyno.schedule.english import suggestions

    if hint := misread.hint:
        return hint, []
    found = list(islice(filter(_is_schedule, dict.fromkeys(misread.readings)), MOST_READINGS))
    said = _clean(text[:LONGEST])
    if len(found) < 2:
        # Whoever said it in other words is helped most by the whole of it in ours.
        both = list(filter(_is_schedule, suggestions.both(said)))
        found = both or list(islice(filter(_is_schedule, suggestions.reworded(said)), 1)) or found
    if found:
        return f"Did you mean {' or '.join(map(_shown, found))}?", found
    examples = list(misread.examples) or nearest_examples(text)
    return f"Examples: {' or '.join(map(_shown, examples))}.", []


def _is_schedule(text: str) -> bool:
    try:
        return all(apscheduler.check(kind, given) for kind, given in _read(text).triggers)
    except Misread:
        return False


def _shown(text: str) -> str:
    return quote(text, LONGEST) if '"' not in text else f"'{text}'"


def _literal(value: apscheduler.Value) -> str:
    if isinstance(value, int):
        return str(value)
    escaped = value.encode("unicode_escape").decode("ascii")
    return '"' + escaped.replace('"', r"\"") + '"'
