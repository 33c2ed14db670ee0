"""Celery's and huey's `crontab(...)`: crontab's numbers, and day and weekday both have to match."""

import re
from functools import partial
from typing import TYPE_CHECKING

from clockdyno.schedule import zones
from clockdyno.schedule.dialects import cron_field, crontab_days, python_source
from clockdyno.schedule.dialects.apscheduler import UNITS, Value
from clockdyno.schedule.dialects.reading import Reading, cron, only_certain
from clockdyno.schedule.refusal import Misread, quote

if TYPE_CHECKING:
    import ast

CALL = re.compile(
    r"(?:@?[\w.]*periodic_task\((?:run_every ?= ?)?|[\w.]*\.)?(crontab|timedelta)\(.*\)", re.ASCII
)
NEW_ORDER = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week")
OLD_ORDER = ("minute", "hour", "day_of_week", "day_of_month", "month_of_year")
FIELDS = {"day_of_month": "day", "month_of_year": "month"}
IGNORED = ("nowfun", "app", "strict")
NOTE = "Read as Celery's crontab: weekdays count from 0, Sunday, and what is not said is every one."
DIFFER = "Celery 5.3 changed the order of the arguments that have no name"
GRID = "Celery counts from its start; here it stands on a fixed grid."


def looks_like(text: str) -> bool:
    """Whether this is Celery's crontab() or a timedelta of a beat schedule."""
    found = CALL.fullmatch(text)
    return bool(found and (found[1] == "timedelta" or not re.search(r"\(\s*[\"'][^\"']* ", text)))


def read(text: str) -> Reading:
    """The trigger of a beat schedule."""
    call = python_source.call(text)
    if call and python_source.name(call.func) == "periodic_task":
        inner = [*call.args, *(keyword.value for keyword in call.keywords)]
        call = python_source.as_call(inner[0]) if inner else None
    if call is None:
        raise Misread(f"{quote(text)} is not Python that can be read")
    if python_source.name(call.func) == "timedelta":
        return _interval(call)
    if len(call.args) < 3:
        return _crontab(call, NEW_ORDER)
    orders = (NEW_ORDER, OLD_ORDER)
    return only_certain(DIFFER, [partial(_crontab, call, order) for order in orders])


def _crontab(call: "ast.Call", order: tuple[str, ...]) -> Reading:
    given = dict(zip(order, call.args, strict=False)) | python_source.keywords(call)
    texts = {
        FIELDS.get(key, key): (python_source.text_of(key, node) or "*").lower()
        for key, node in given.items()
        if key not in IGNORED
    }
    fields: dict[str, Value] = {"minute": "*"}
    if zone := texts.pop("tz", None):
        fields["timezone"] = zones.find(zone)
    for name, value in texts.items():
        if name not in ("minute", "hour", "day", "month", "day_of_week"):
            raise Misread(f"crontab() has no {quote(name)}")
        compact = value.replace(" ", "")
        if name == "day_of_week":
            named, places = crontab_days.weekdays(compact)
            if places:
                raise Misread(f"crontab() has no {quote(value)}: name the weekdays")
            fields[name] = named
        else:
            fields[name] = cron_field.normalise(name, compact)
    return Reading(cron([fields]), (NOTE,))


def _interval(call: "ast.Call") -> Reading:
    given = dict(zip(("days", "seconds"), call.args, strict=False)) | python_source.keywords(call)
    texts = {key: python_source.text_of(key, node) or "" for key, node in given.items()}
    for key, value in texts.items():
        if key not in UNITS or not value.isdecimal():
            raise Misread(f"timedelta: {key}={quote(value)} is not a number of {', '.join(UNITS)}")
    return Reading([("interval", {key: int(value[:10]) for key, value in texts.items()})], (GRID,))
