"""The package `schedule`: `schedule.every(10).minutes.do(job)`, `every().monday.at("09:00")`."""

import re
from typing import TYPE_CHECKING

from clockdyno.schedule import zones
from clockdyno.schedule.dialects import dates, python_source
from clockdyno.schedule.dialects.apscheduler import Trigger, Value
from clockdyno.schedule.dialects.cron_field import WEEKDAYS
from clockdyno.schedule.dialects.reading import Reading, cron
from clockdyno.schedule.field_ranges import GRID_DAY
from clockdyno.schedule.refusal import Misread, quote

if TYPE_CHECKING:
    import ast

CHAIN = re.compile(r"(?:@repeat\()?(?:\w+\.)?every(?:\([0-9]*\))?\.[a-z]+\b(?! *,)", re.ASCII)
TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?")
PAST = re.compile(r"(?:[0-9]{2})?:([0-9]{2})(?::([0-9]{2}))?")
UNITS = ("second", "minute", "hour", "day", "week")
PLAIN = "Read as the package schedule."
NOTE = "Read as the package schedule, which counts from its start; here it stands on a fixed grid."


def looks_like(text: str) -> bool:
    """Whether this is a chain that begins with every()."""
    return bool(CHAIN.match(text))


def read(text: str) -> Reading:
    """The triggers of a chain of schedule."""
    links = dict(_chain(text))
    if "to" in links:
        raise Misread("to(...) draws a random time, and every process would draw its own")
    count, unit = _unit(links)
    limits: dict[str, Value] = {}
    if until := links.get("until"):
        if not dates.ISO.fullmatch(until[0]):
            raise Misread(f"until({quote(until[0])}): name the day, as in until('2027-03-01')")
        limits["end_date"] = dates.read("until", until[0])
    at = links.get("at", [])
    if len(at) > 1:
        limits["timezone"] = zones.find(at[1])
    kind, keywords = _timed(count, unit, at[0]) if at else _untimed(count, unit)
    is_exact = bool(at) and count == 1
    return Reading([*_with((kind, {**keywords, **limits}))], (PLAIN if is_exact else NOTE,))


def _with(trigger: Trigger) -> list[Trigger]:
    kind, keywords = trigger
    return cron([keywords]) if kind == "cron" else [trigger]


def _untimed(count: int, unit: str) -> Trigger:
    if unit in WEEKDAYS:
        return "cron", {"day_of_week": unit[:3], "hour": 0, "minute": 0}
    return "interval", {f"{unit}s": count}


def _timed(count: int, unit: str, at: str) -> Trigger:
    past, time = PAST.fullmatch(at), TIME.fullmatch(at)
    if unit == "minute" and count == 1 and past and not past[2]:
        return "cron", {"minute": "*", "second": int(past[1])}
    if unit == "hour" and past:
        step: Value = "*" if count == 1 else f"*/{count}"
        if 24 % count:
            raise Misread(f"every {count} hours at {at}: the hours do not divide a day")
        return "cron", {"hour": step, "minute": int(past[1]), "second": int(past[2] or 0)}
    if unit in (*WEEKDAYS, "day") and time:
        if unit == "day" and count > 1:
            hour, minute, second = (int(part or 0) for part in time.groups())
            start = f"{GRID_DAY} {hour:02}:{minute:02}:{second:02}"
            return "interval", {"days": count, "start_date": start}
        day: dict[str, Value] = {} if unit == "day" else {"day_of_week": unit[:3]}
        fields = zip(("hour", "minute", "second"), time.groups(), strict=True)
        return "cron", {**day, **{name: int(part or 0) for name, part in fields}}
    raise Misread(f"at({quote(at)}) is no time in a schedule of {unit}s")


def _unit(links: dict[str, list[str]]) -> tuple[int, str]:
    count = (links.get("every") or ["1"])[0]
    found = [name for name in links if name in WEEKDAYS or name.removesuffix("s") in UNITS]
    if len(found) != 1 or not count.isdecimal() or not 0 < int(count[:9]) == int(count[:10]):
        raise Misread("schedule: it does not say every how many of what")
    unit = found[0] if found[0] in WEEKDAYS else found[0].removesuffix("s")
    if unit in WEEKDAYS and count != "1":
        raise Misread(f"every({count}).{unit}: schedule takes no number with a weekday")
    return int(count), unit


def _chain(text: str) -> list[tuple[str, list[str]]]:
    """Each link of a chain and what it is called with, the first one first."""
    import ast

    inner = re.sub(r"^@repeat\((.*)\)$", r"\1", text)
    try:
        node: ast.expr = ast.parse(inner, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise Misread(f"{quote(text)} is not Python that can be read") from None
    links: list[tuple[str, list[str]]] = []
    while True:
        arguments: list[str] = []
        if isinstance(node, ast.Call):
            arguments = _arguments(node)
            node = node.func
        if isinstance(node, ast.Name):
            return [(node.id, arguments), *reversed(links)]
        if not isinstance(node, ast.Attribute):
            raise Misread(f"{quote(text)} is no chain of the package schedule")
        links.append((node.attr, arguments))
        node = node.value


def _arguments(call: "ast.Call") -> list[str]:
    name = python_source.name(call.func)
    if name not in ("every", "at", "until", "to"):
        return []
    values = [*call.args, *(keyword.value for keyword in call.keywords)]
    return [python_source.text_of(name, value) or "" for value in values]
