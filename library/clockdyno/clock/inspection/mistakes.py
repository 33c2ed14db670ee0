"""What is wrong with jobs.py, and what is only worth a look."""

import os
import pickle
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from apscheduler.job import Job
from apscheduler.jobstores.base import ConflictingIdError
from sqlalchemy.exc import SQLAlchemyError

from clockdyno import host, procfile, texts
from clockdyno.clock.declared import first_run
from clockdyno.clock.inspection import loading, outlooks, second_reading
from clockdyno.clock.process.scheduler import ClockScheduler
from clockdyno.errors import AppError
from clockdyno.ledger import database, schedule_tables, tables
from clockdyno.schedule import description
from clockdyno.schedule.surprises.fixes import Surprise
from clockdyno.schedule.surprises.report import surprises
from clockdyno.telling import alerts, pings, web

NAME_IT = 'On a dyno that is UTC, or the config var TZ. Name it: Clock(timezone="UTC")'


def check() -> tuple[list[str], list[str]]:
    """Return the mistakes in jobs.py, and what is only worth a look."""
    file = procfile.clock().file
    with second_reading.reading() as others:
        try:
            clock = loading.load()
        except ConflictingIdError as error:
            said = f"{file}: two jobs have one id. {texts.message(error)}"
            return [f"{said} Give one of them its own id=."], []
        except ValueError as error:
            return [f"{file}: {texts.message(error)}"], []
        except Exception as error:
            return [f"{file}: {type(error).__name__}: {texts.message(error)}"], []
        mistakes, notes = _of_jobs(clock)
        mistakes += [f"The config var {fault}." for fault in _of_config_vars()]
        mistakes += _of_app(clock, file)
        notes += others.notes(second_reading.told(clock))
    if not clock.names_its_zone:
        notes.append(f"{first_run.NO_ZONE.format(zone=clock.timezone)}. {NAME_IT}.")
    notes += [_told(note, "; ") for note in outlooks.crowd(clock)]
    notes += _waiting(clock)
    gone = _known() - {job.id for job in clock.get_jobs()}
    renamed = f"is not in {file} any more; if it was only renamed, id= keeps its history"
    return mistakes, notes + [f"{name} {renamed}." for name in sorted(gone)]


def _of_jobs(clock: ClockScheduler) -> tuple[list[str], list[str]]:
    mistakes, notes, now = list[str](), list[str](), datetime.now(UTC)
    for job in clock.get_jobs():
        told = first_run.surprises(clock, job)
        if not (told or clock.begins_itself(job) or description.fires(job.trigger, now, 1)):
            told_so = description.describe(job.trigger)
            if _is_over(job.trigger, now):
                notes.append(f"{job.id} is over: {told_so}.")
            else:
                mistakes.append(f"{job.id} never fires: {told_so}.")
            continue
        if clock.options_of(job).timeout and not _travels(job):
            mistakes.append(f"{job.id} has a timeout, so its function must be importable by name.")
        if not clock.has_executor(job.executor):
            mistakes.append(f"{job.id} never runs: the clock has no executor {job.executor!r}.")
        told += surprises(job.trigger, now, home=clock.timezone)
        notes += [f"{job.id}: {_told(note)}" for note in told]
    return mistakes, notes


def _of_config_vars() -> list[str]:
    """Say which addresses that people are told at cannot be used; none is shown."""
    found = alerts.mistakes()
    for name in (pings.VARIABLE, "DASHBOARD_URL"):
        if url := os.environ.get(name):
            found += [f"{name} {fault}" for fault in filter(None, [web.mistake(url)])]
    return found


def _of_app(clock: ClockScheduler, file: Path) -> list[str]:
    """Make the app that the jobs run in, and let each job with a timeout take it along."""
    try:
        with clock.app.context():
            pass
        if any(clock.options_of(job).timeout for job in clock.get_jobs()):
            pickle.dumps(clock.app)
    except AppError as error:
        return [f"{file}: {texts.message(error)}."]
    return []


def _is_over(trigger: Any, now: datetime) -> bool:
    """Say whether a schedule has had its time; one that could never have fired has not."""
    end = getattr(trigger, "run_date", None) or getattr(trigger, "end_date", None)
    if end is None or end > now:
        return False
    is_cron = hasattr(trigger, "fields")
    return not is_cron or bool(description.fires(trigger, end - timedelta(days=3660), 1))


def _told(note: Surprise, link: str = " or ") -> str:
    instead = f" Instead: {link.join(note.fix.splitlines())}" if note.fix else ""
    return note.text + instead


def _travels(job: Job) -> bool:
    try:
        return bool(pickle.dumps((job.func, job.args, job.kwargs)))
    except Exception:
        return False


def _waiting(clock: ClockScheduler) -> list[str]:
    """Say of schedules in the database that they call what is not in jobs.py."""
    named = schedule_tables.schedules.c.task
    count = sa.select(named, sa.func.count().label("number")).group_by(named)
    found = _asked(count.where(schedule_tables.IS_THERE, named.not_in([*clock.tasks])))
    return [f"{row.number:,} schedules wait for the task {row.task}." for row in found]


def _known() -> set[str]:
    """Return the jobs that a clock has seen in the last deploy, if there is a ledger to ask."""
    here = sa.select(tables.jobs.c.job_id).where(tables.jobs.c.gone_at.is_(None))
    return {row.job_id for row in _asked(here)}


def _asked(statement: sa.Select[Any]) -> Sequence[Any]:
    if not host.database_url() and not host.ledger_file().exists():
        return []
    try:
        with database.connect().connect() as db:
            db.detach()  # No pool is to keep it open afterwards.
            return db.execute(statement).all()
    except SQLAlchemyError:
        return []
