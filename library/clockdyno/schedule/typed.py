"""What people type for a schedule: one parser for prompts, flags, answers and files."""

from __future__ import annotations

import re
from datetime import tzinfo
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import normalize

from clockdyno.schedule import zones
from clockdyno.schedule.dialects import apscheduler, crontab
from clockdyno.schedule.english import parser as english
from clockdyno.schedule.refusal import Misread, ScheduleError, nearest_examples, quote

if TYPE_CHECKING:
    from apscheduler.triggers.base import BaseTrigger

LONGEST = 300
MOST_PARTS = 8
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


def parse(text: str, timezone: str | None = None) -> list[Schedule]:
    """All triggers that the text stands for; `timezone` is for a text that names none.

    Raises ScheduleError, with the nearest certain reading as its hint.
    """
    try:
        zone = {"timezone": zones.find(timezone)} if timezone else {}
        return [
            Schedule(kind, apscheduler.check(kind, {**zone, **given}))
            for kind, given in _read(text)
        ]
    except Misread as misread:
        stop = "" if misread.reason.endswith("?") else "."
        raise ScheduleError(misread.reason + stop, _hint(misread, text)) from None


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


def _read(text: str) -> list[tuple[str, dict[str, apscheduler.Value]]]:
    if len(text) > LONGEST:
        reason = f"a schedule of {len(text)} characters is too long: at most {LONGEST}"
        raise Misread(f"{reason} are read")
    spaced = re.sub(r"\s", " ", normalize("NFC", text.translate(SIGNS)))
    parts = [
        part for one in _unquoted(spaced.strip()).split(";") if (part := _unquoted(one.strip()))
    ]
    if not parts:
        raise Misread("there is no schedule")
    if len(parts) > MOST_PARTS:
        raise Misread(f"{len(parts)} schedules in one are too many: at most {MOST_PARTS}")
    return [trigger for part in parts for trigger in _read_one(part)]


def _clean(text: str) -> str:
    return _unquoted(re.sub(r"\s", " ", normalize("NFC", text.translate(SIGNS))).strip())


def _read_one(text: str) -> list[tuple[str, dict[str, apscheduler.Value]]]:
    if apscheduler.looks_like(text):
        return [apscheduler.read(text)]
    if crontab.looks_like(text):
        return [("cron", fields) for fields in crontab.read(text)]
    return english.read(text)


def _unquoted(text: str) -> str:
    for mark in "'\"":
        if len(text) > 1 and text[0] == text[-1] == mark and text.count(mark) == 2:
            return text[1:-1].strip()
    return text


def _hint(misread: Misread, text: str) -> str:
    """What to type instead: the readings that are schedules themselves, else examples."""
    from clockdyno.schedule.english.suggestions import reworded

    # Whoever said it in other words is helped most by the whole of it in ours.
    if meant := next(filter(_is_schedule, reworded(_clean(text[:LONGEST]))), ""):
        return f"Did you mean {_shown(meant)}?"
    if hint := misread.hint:
        return hint
    readings = list(islice(filter(_is_schedule, dict.fromkeys(misread.readings)), 2))
    if readings:
        return f"Did you mean {' or '.join(map(_shown, readings))}?"
    return f"Examples: {' or '.join(map(_shown, nearest_examples(text)))}."


def _is_schedule(text: str) -> bool:
    try:
        return all(apscheduler.check(kind, given) for kind, given in _read(text))
    except Misread:
        return False


def _shown(text: str) -> str:
    return quote(text, LONGEST) if '"' not in text else f"'{text}'"


def _literal(value: apscheduler.Value) -> str:
    if isinstance(value, int):
        return str(value)
    escaped = value.encode("unicode_escape").decode("ascii")
    return '"' + escaped.replace('"', r"\"") + '"'
