"""Puts a schedule into its row: checked first, and left alone where nothing would change."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from secrets import token_hex
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from clockdyno.ledger import schedules as rows
from clockdyno.ledger.schedule_tables import IS_THERE, schedules, tasks
from clockdyno.ledger.tables import jobs
from clockdyno.schedule import cron_times, description, stored, typed, zones
from clockdyno.schedule.refusal import Misread, ScheduleError, closest, quote
from clockdyno.schedule.surprises.report import surprises
from clockdyno.schedule.triggers import GridInterval, OnDate, WallCron
from clockdyno.schedules.row import Refused

LONGEST_KEY = 200
MOST_KWARGS = 10_000  # bytes
MINUTE = 60
LOOKED_AT = 100  # times of a schedule of several parts; its pace is judged by these
NO_TASK = "jobs.py registers a task with `@sched.task`; a clock that starts, or `setup`, enters it."
# Made once: to put one together takes longer than the database does for its answer.
TAKEN = sa.exists().where(jobs.c.job_id == sa.bindparam("key"), jobs.c.gone_at.is_(None))
LOOK = (
    sa.select(tasks, TAKEN.label("taken"), *(c.label(f"_{c.name}") for c in schedules.c))
    .select_from(
        tasks.outerjoin(schedules, sa.and_(schedules.c.key == sa.bindparam("key"), IS_THERE))
    )
    .where(tasks.c.gone_at.is_(None))
)
ONCE = {
    dialect.dialect.name: dialect.insert(schedules)
    .on_conflict_do_nothing(index_elements=["key"], index_where=IS_THERE)
    .returning(schedules)
    for dialect in (postgresql, sqlite)
}


@dataclass(frozen=True)
class Wanted:
    """What somebody asks for."""

    key: str
    task: str
    when: str
    timezone: str | None
    kwargs: Mapping[str, Any]


def put(db: sa.Connection, wanted: Wanted, now: datetime) -> Any:
    """Create or change a row, and return it as it then is."""
    _check_key(wanted.key)
    kwargs = _written(wanted.kwargs)
    task, row = _task(db, wanted)
    _check_arguments(wanted, json.loads(task.takes))
    parts, zone = _parts(wanted.when, wanted.timezone, task.zone)
    values: dict[str, Any] = {"task": wanted.task, "kwargs": kwargs, "parts": parts, "zone": zone}
    if row and all(getattr(row, name) == value for name, value in values.items()):
        return row
    values |= {"typed": wanted.when, "changed_at": now}
    for _ in range(3):
        if row is None and (new := _create(db, wanted.key, values, task.fastest, now)):
            return new
        if row := rows.by_key(db, wanted.key, lock=True):
            return _change(db, row, values, task.fastest, now)
    raise Refused(f"the key {quote(wanted.key)} is being written by others.", "Try again.")


def _create(
    db: sa.Connection, key: str, values: dict[str, Any], fastest: float, now: datetime
) -> Any:
    row = {**values, **_facts(values, fastest, now), "key": key, "revision": 1}
    row |= {"job_id": f"{key}{rows.MARK}{token_hex(3)}", "known_since": now}
    return db.execute(ONCE[db.dialect.name], row).one_or_none()


def _change(
    db: sa.Connection, row: Any, values: dict[str, Any], fastest: float, now: datetime
) -> Any:
    changes = {**values, "revision": row.revision + 1}
    if (row.parts, row.zone) != (values["parts"], values["zone"]):
        facts = _facts(values, fastest, now)
        changes |= {**facts, **rows.owing(row, now)}
        if changes.get("backlog", row.backlog):
            changes["next_at"] = now  # A clock has to look at once.
        elif row.paused_at:
            changes["next_at"] = None
    statement = schedules.update().where(schedules.c.job_id == row.job_id).values(changes)
    return db.execute(statement.returning(schedules)).one()


def _facts(values: dict[str, Any], fastest: float, now: datetime) -> dict[str, Any]:
    """Return what a schedule means: in words, with what may surprise, and when it is due next."""
    try:
        trigger = stored.trigger(values["parts"], values["zone"])
    except (ValueError, OverflowError) as error:
        raise Refused(f"{error}.", "Correct this part of the schedule.") from None
    next_at = trigger.get_next_fire_time(None, now + timedelta(microseconds=1))
    hour = now.replace(minute=0, second=0, microsecond=0)
    words, remarks = _told(values["parts"], values["zone"], hour)
    if next_at is None:
        raise Refused(f"it never fires: {words}.", "Give it a time that is still to come.")
    pace = _pace(trigger, next_at)
    if pace is not None and pace < fastest:
        raise Refused(
            f"it fires every {pace:g} s, and no schedule may be faster than every {fastest:g} s.",
            "Let it fire less often; jobs.py may say Clock(fastest=1).",
        )
    return {"words": words, "remarks": remarks, "next_at": next_at}


@lru_cache(256)
def _told(parts: str, zone: str, hour: datetime) -> tuple[str, str]:
    """Return a schedule in words, and what may surprise from an hour on: many choose the same."""
    trigger = stored.trigger(parts, zone)
    found = surprises(trigger, hour, home=getattr(trigger, "timezone", None))
    return description.describe(trigger), json.dumps([one._asdict() for one in found])


def _pace(trigger: Any, first: datetime) -> float | None:
    """Return the seconds between two fires, the least there are; None where there is one alone."""
    if isinstance(trigger, OnDate):
        return None
    if isinstance(trigger, GridInterval):
        return float(trigger.interval.total_seconds())
    if isinstance(trigger, WallCron):
        seconds = cron_times.values(trigger, "second")
        if len(seconds) > 1:
            turned = [*seconds, seconds[0] + MINUTE]
            return float(min(after - before for before, after in pairwise(turned)))
    fires = description.fires(trigger, first, 3 if isinstance(trigger, WallCron) else LOOKED_AT)
    gaps = [(after - before).total_seconds() for before, after in pairwise(fires)]
    return min(gaps, default=None)


@lru_cache(1024)
def _read(when: str) -> tuple[str, str | None]:
    found = typed.parse(when)
    named = {str(one.keywords["timezone"]) for one in found if "timezone" in one.keywords}
    return stored.written(found), named.pop() if len(named) == 1 else None


def _parts(when: str, timezone: str | None, home: str) -> tuple[str, str]:
    """Return what was typed as it is stored, and the zone in which it counts."""
    if not isinstance(when, str):
        raise Refused(f"when: {type(when).__name__} is no text.", 'Say "weekdays at 9", say.')
    try:
        parts, named = _read(when)
        zone = named or (zones.find(str(timezone)) if timezone else home)
    except ScheduleError as error:
        raise Refused(error.message, error.hint) from None
    except Misread as error:
        raise Refused(f"{error.reason}.", error.hint) from None
    return parts, zone


def _check_key(key: str) -> None:
    if not isinstance(key, str) or not key:
        raise Refused("a key is a text that is not empty.")
    if len(key) > LONGEST_KEY:
        raise Refused(f"the key has {len(key)} characters, and may have {LONGEST_KEY}.")
    if not key.isprintable():
        raise Refused(f"the key {quote(key)} has characters that cannot be shown.")


def _written(kwargs: Mapping[str, Any]) -> str:
    """Return the arguments as text, if JSON gives back what it was given."""
    try:
        text = json.dumps(kwargs, sort_keys=True, allow_nan=False, ensure_ascii=False)
        is_same = isinstance(kwargs, dict) and json.loads(text) == kwargs
        size = len(text.encode())
    except (TypeError, ValueError, RecursionError):
        is_same, size, text = False, 0, ""
    if not is_same or "\\u0000" in text:
        raise Refused(
            "kwargs: only what JSON has may be an argument.",
            "Use texts, numbers, lists and dicts; a date as its isoformat().",
        )
    if size > MOST_KWARGS:
        hint = "Put what is large into a table, and its id into the arguments."
        raise Refused(f"kwargs: {size:,} bytes are too many, at most {MOST_KWARGS:,}.", hint)
    return text


def _task(db: sa.Connection, wanted: Wanted) -> tuple[Any, Any]:
    """Return the task's row and the key's, if it has one: one look at all that must be known.

    Refuses a key that a job of jobs.py has, and a task that is not.
    """
    found = db.execute(LOOK, {"key": wanted.key})
    known = {row.name: row for row in found}
    if not isinstance(wanted.task, str) or wanted.task not in known:
        near = closest(str(wanted.task), [*known])
        hint = f"Did you mean {quote(near[0])}?" if near else NO_TASK
        raise Refused(f"there is no task {quote(str(wanted.task))}.", hint)
    if known[wanted.task].taken:
        raise Refused(
            f"a job of jobs.py is called {quote(wanted.key)}.", "Give the schedule another key."
        )
    found_row = {c.name: getattr(known[wanted.task], f"_{c.name}") for c in schedules.c}
    row = SimpleNamespace(**found_row) if found_row["job_id"] else None
    return known[wanted.task], row


def _check_arguments(wanted: Wanted, takes: Mapping[str, Any]) -> None:
    """Refuse arguments that the task's function does not have, and those that it misses."""
    known, needed = takes["may"], takes["must"]
    strange = [name for name in wanted.kwargs if known is not None and name not in known]
    if strange:
        near = closest(strange[0], known)
        hint = f"Did you mean {quote(near[0])}?" if near else f"It takes {', '.join(known)}."
        raise Refused(f"{wanted.task} has no argument {quote(strange[0])}.", hint)
    missing = [name for name in needed if name not in wanted.kwargs]
    if missing:
        raise Refused(
            f"{wanted.task} needs the argument {quote(missing[0])}.", "Put it into kwargs."
        )
