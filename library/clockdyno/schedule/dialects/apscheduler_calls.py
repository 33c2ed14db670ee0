"""APScheduler's calls as they stand in Python: `add_job(...)`, `CronTrigger(...)`."""

import re
from typing import TYPE_CHECKING

from clockdyno.schedule.dialects import apscheduler, python_source
from clockdyno.schedule.dialects.apscheduler import JOB_OPTIONS, KEYWORDS, Trigger
from clockdyno.schedule.dialects.reading import Reading
from clockdyno.schedule.refusal import Misread, quote

if TYPE_CHECKING:
    import ast

# Which of the arguments without a name is the trigger.
PLACES = {"scheduled_job": 0, "task": 0, "add_job": 1, "reschedule_job": 1}
TRIGGERS = {"CronTrigger": "cron", "IntervalTrigger": "interval", "DateTrigger": "date"}
NAMES = re.compile(
    r"(?:^|[.@\s=(])(?:scheduled_job|add_job|\w*sched\w*\.task|reschedule_job|from_crontab|"
    r"(?:Cron|Interval|Date|Or|And)Trigger)\s*\("
)
CRONTAB = ("minute", "hour", "day", "month", "day_of_week")
NOT_SCHEDULE = {"func", "trigger", "job_id", *JOB_OPTIONS}
FROM_CRONTAB = (
    "from_crontab is APScheduler's: weekdays count from 0, Monday, and day and weekday both match."
)


def looks_like(text: str) -> bool:
    """Whether this is a call of APScheduler's that Python could read."""
    return bool(NAMES.search(text) or python_source.QUOTED_KIND.match(text.lstrip("( ")))


def read(text: str) -> Reading | None:
    """The triggers of the call; None where Python cannot read it."""
    call = python_source.call(text)
    return _call(call, {}) if call else None


def _call(call: "ast.Call", more: "dict[str, ast.expr]") -> Reading:
    name = python_source.name(call.func)
    given = python_source.keywords(call)
    if name in PLACES:
        return _job(call, given, PLACES[name])
    if name == "from_crontab":
        return _from_crontab(call, given)
    if name in TRIGGERS:
        order = (*apscheduler.KEYWORDS[TRIGGERS[name]],)
        placed = dict(zip(order, call.args, strict=False))
        return Reading([_trigger(TRIGGERS[name], {**placed, **given})])
    if name == "OrTrigger" and len(call.args) == 1:
        parts = [_call(part, {}) for part in _calls(call.args[0])]
        notes = dict.fromkeys(note for part in parts for note in part.notes)
        return Reading([trigger for part in parts for trigger in part.triggers], tuple(notes))
    if name == "AndTrigger":
        raise Misread("AndTrigger: what both of its triggers share is in no one schedule")
    raise Misread(f"{quote(name)} is no call that makes a schedule")


def _job(call: "ast.Call", given: "dict[str, ast.expr]", place: int) -> Reading:
    import ast

    trigger = next(iter(call.args[place : place + 1]), given.get("trigger"))
    if trigger is None:
        raise Misread("it has no trigger: such a job runs once, when the clock starts")
    options = [key for key in given if key in NOT_SCHEDULE - {"func", "trigger", "job_id"}]
    rest = {key: value for key, value in given.items() if key not in NOT_SCHEDULE}
    if isinstance(trigger, ast.Call):
        reading = _call(trigger, {})
    else:
        kind = python_source.text_of("trigger", trigger) or ""
        if kind not in KEYWORDS:
            raise Misread(f"{quote(kind)} is not interval, cron or date")
        reading = Reading([_trigger(kind, rest)])
    said = f"Not of the schedule, but of the job: {', '.join(options)}."
    return Reading(reading.triggers, (*reading.notes, *([said] if options else [])))


def _trigger(kind: str, given: "dict[str, ast.expr]") -> Trigger:
    texts = {key: python_source.text_of(key, value) for key, value in given.items()}
    return kind, apscheduler.checked(kind, {k: v for k, v in texts.items() if v is not None})


def _from_crontab(call: "ast.Call", given: "dict[str, ast.expr]") -> Reading:
    line = next(iter([*call.args, *given.values()]), None)
    words = (python_source.text_of("from_crontab", line) or "").split() if line else []
    if len(words) != len(CRONTAB):
        raise Misread(f"from_crontab takes five fields; here are {len(words)}")
    fields = {n: w for n, w in zip(CRONTAB, words, strict=True) if w != "*" or n == "minute"}
    zone = call.args[1] if len(call.args) > 1 else given.get("timezone")
    if zone is not None and (named := python_source.text_of("timezone", zone)):
        fields["timezone"] = named
    return Reading([("cron", apscheduler.checked("cron", fields))], (FROM_CRONTAB,))


def _calls(node: "ast.expr") -> "list[ast.Call]":
    import ast

    parts = node.elts if isinstance(node, ast.List | ast.Tuple) else []
    if not parts or not all(isinstance(part, ast.Call) for part in parts):
        raise Misread("OrTrigger: its triggers cannot be read without running it")
    return [part for part in parts if isinstance(part, ast.Call)]
