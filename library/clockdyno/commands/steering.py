"""Commands that steer jobs and schedules through the ledger, and show what ran."""

import argparse
from typing import Any

import sqlalchemy as sa

from clockdyno import procfile
from clockdyno.commands import answers
from clockdyno.ledger import connections, orders
from clockdyno.ledger import schedules as rows
from clockdyno.schedules import Refused
from clockdyno.schedules import command as schedules_command


def run_now(options: argparse.Namespace) -> int:
    """Ask the clock to run a job."""
    return _steer(options, orders.run_now, "will run within seconds")


def pause(options: argparse.Namespace) -> int:
    """Let a job's times pass."""
    return _steer(options, orders.pause, "is paused")


def resume(options: argparse.Namespace) -> int:
    """Let a job run again."""
    return _steer(options, orders.resume, "runs again from now on")


def history(options: argparse.Namespace) -> int:
    """Show what ran."""
    with answers.ledger() as engine:
        job = options.job and _id_of(engine, options.job)
        found = [dict(row._mapping) for row in orders.history(engine, job, options.n)]
    lines = [
        f"{row['scheduled_at']:%Y-%m-%d %H:%M:%S}  {row['job_id']}  {row['state']}"
        + (f" ({row['reason']})" if row["reason"] else "")
        for row in found
    ]
    return answers.give(options, found, lines or ["Nothing ran yet."])


def schedules(options: argparse.Namespace) -> int:
    """Look at schedules in the database, or steer them."""
    try:
        return answers.give(options, *schedules_command.answer(options))
    except Refused as refused:
        return answers.refuse(refused.reason.removesuffix("."), refused.hint.removesuffix("."))
    finally:
        connections.close()


def _steer(options: argparse.Namespace, act: Any, done: str) -> int:
    with answers.ledger() as engine:
        is_known, up = act(engine, _id_of(engine, options.job)), orders.clocks_up(engine)
    if not is_known:
        return answers.refuse(
            f"no clock has ever seen a job {options.job!r}", "python -m clockdyno next"
        )
    paused = bool(up) and all(clock.paused for clock in up)
    if options.command == "run-now" and (paused or not up):
        done = "is asked for"
    lines = [f"{options.job} {done}."]
    if not up:
        lines.append(
            f"No clock is up: start one, {procfile.clock().command} or heroku ps:scale clock=1."
        )
    elif paused:
        lines.append("CLOCK_PAUSED is set, so nothing runs: unset it.")
    facts = {"job": options.job, "done": options.command, "clock": bool(up), "paused": paused}
    return answers.give(options, facts, lines)


def _id_of(engine: sa.Engine, name: str) -> str:
    """Return the id that runs bear: a job's own, or that of the schedule of a key."""
    with engine.connect() as db:
        row = rows.by_key(db, name)
    return row.job_id if row else name
