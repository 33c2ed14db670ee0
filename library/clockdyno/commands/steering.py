"""Commands that steer jobs, runs and schedules through the ledger, and show what ran."""

import argparse
from typing import Any

import sqlalchemy as sa

from clockdyno import history, procfile
from clockdyno.commands import answers
from clockdyno.ledger import connections, orders
from clockdyno.ledger import schedules as rows
from clockdyno.schedules import Refused
from clockdyno.schedules import command as schedules_command

WHO = "the command line"


def run_now(options: argparse.Namespace) -> int:
    """Ask the clock to run jobs."""
    return _steer(options, orders.run_now, "will run within seconds")


def pause(options: argparse.Namespace) -> int:
    """Let the times of jobs pass."""
    return _steer(options, orders.pause, "is paused", orders.pause_all)


def resume(options: argparse.Namespace) -> int:
    """Let jobs run again."""
    return _steer(options, orders.resume, "runs again from now on", orders.resume_all)


def again(options: argparse.Namespace) -> int:
    """Ask for a further attempt of a run."""
    return _order(options, orders.again, "will be done again within seconds")


def stop(options: argparse.Namespace) -> int:
    """Ask for the end of a run."""
    return _order(options, orders.stop, "will end within seconds")


def show_history(options: argparse.Namespace) -> int:
    """Show what ran."""
    with answers.ledger() as engine:
        job = options.job and _id_of(engine, options.job)
        found = history.rows(engine, job, options.n, output=options.output)
    lines = [*history.lines(found, options.zone)] or ["Nothing ran yet."]
    return answers.give(options, found, lines)


def schedules(options: argparse.Namespace) -> int:
    """Look at schedules in the database, or steer them."""
    try:
        return answers.give(options, *schedules_command.answer(options))
    except Refused as refused:
        return answers.refuse(refused.reason.removesuffix("."), refused.hint.removesuffix("."))
    finally:
        connections.close()


def _order(options: argparse.Namespace, act: Any, done: str) -> int:
    with answers.ledger() as engine:
        why_not = act(engine, options.run, WHO)
    if why_not:
        return answers.refuse(f"run {options.run}: {why_not}", "python -m clockdyno history --json")
    return answers.give(options, {"run": options.run, "done": options.command}, [f"It {done}."])


def _steer(options: argparse.Namespace, act: Any, done: str, act_on_all: Any = None) -> int:
    to_all = act_on_all and options.all
    if bool(options.job) == bool(to_all):
        return answers.refuse("name the jobs, or say --all", "python -m clockdyno next")
    with answers.ledger() as engine:
        unknown = [job for job in options.job if not act(engine, _id_of(engine, job), WHO)]
        number, up = act_on_all(engine, WHO) if to_all else 0, orders.clocks_up(engine)
    if unknown:
        told = ", ".join(map(repr, unknown))
        return answers.refuse(f"no clock has ever seen a job {told}", "python -m clockdyno next")
    paused = bool(up) and all(clock.paused for clock in up)
    if options.command == "run-now" and (paused or not up):
        done = "is asked for"
    lines = [f"{job} {done}." for job in options.job]
    if to_all:
        lines = [f"Each job and each schedule {done}: {number:,} of them anew."]
    if not up:
        lines.append(
            f"No clock is up: start one, {procfile.clock().command} or heroku ps:scale clock=1."
        )
    elif paused:
        lines.append("CLOCK_PAUSED is set, so nothing runs: unset it.")
    facts = {"jobs": options.job, "done": options.command, "clock": bool(up), "paused": paused}
    return answers.give(options, facts, lines)


def _id_of(engine: sa.Engine, name: str) -> str:
    """Return the id that runs bear: a job's own, or that of the schedule of a key."""
    with engine.connect() as db:
        row = rows.by_key(db, name)
    return row.job_id if row else name
