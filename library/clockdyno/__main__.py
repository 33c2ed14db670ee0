"""`python -m clockdyno ...`: look at the jobs, at what ran, and steer the running clock."""

import argparse
import contextlib
import json
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from clockdyno import host, procfile, texts
from clockdyno.ledger import connections, database, orders
from clockdyno.ledger import schedules as rows
from clockdyno.schedule import listing
from clockdyno.schedules import Refused
from clockdyno.schedules import command as schedules_command

COMMANDS = {
    "next": "show when each job runs next",
    "zone": "say in which time zone the clock counts",
    "check": "find mistakes in the jobs; exit 2 if there are any",
    "run-now": "ask the clock to run a job now",
    "pause": "let a job's times pass until it is resumed",
    "resume": "let a paused job run again, from now on",
    "history": "show what ran",
    "alert": "send an alert to each place that is configured, to see whether it arrives",
    "schedules": "look at schedules that were put at run time, and steer them",
    "setup": "make the tables, or bring them up to date",
    "worker": "be a worker dyno: do the runs that wait",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, do what it says, return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m clockdyno")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, text in COMMANDS.items():
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--json", action="store_true", help="print JSON")
        if name in ("run-now", "pause", "resume"):
            command.add_argument("job")
        if name in ("next", "history"):
            command.add_argument("job", nargs="?", help="only this job")
            usual = None if name == "next" else 20
            command.add_argument("-n", type=_count, default=usual, help="so many", metavar="COUNT")
        if name == "alert":
            command.add_argument("--test", action="store_true", required=True, help="send one")
        if name == "schedules":
            schedules_command.declare(command)
        if name == "next":
            command.add_argument("--from", dest="start", metavar="DATE", help="from then on")
    options = parser.parse_args(arguments)
    # As the clock has it; on Heroku the project itself is on PYTHONPATH.
    sys.path[:0] = [str(procfile.clock().folder), str(host.project())]
    try:
        return int(globals()[f"_{options.command.replace('-', '_')}"](options))
    except SQLAlchemyError as error:
        print(f"Error: the database cannot be used: {texts.brief(error)}", file=sys.stderr)
    except database.WrongDatabase as error:
        print(f"Error: {texts.message(error)}", file=sys.stderr)
    return 1


def _count(text: str) -> int:
    if not 1 <= int(text) <= 10_000:
        raise argparse.ArgumentTypeError("a number from 1 to 10000, please")
    return int(text)


def _zone(options: argparse.Namespace) -> int:
    from clockdyno.clock.inspection import loading

    try:
        clock = loading.load()
    except Exception as error:
        return _refuse_jobs(error)
    facts = {"zone": str(clock.timezone), "named": clock.names_its_zone}
    lines = [str(clock.timezone)] if clock.names_its_zone else [f"{clock.timezone}, unnamed"]
    return _print(options, facts, lines)


def _next(options: argparse.Namespace) -> int:
    from clockdyno.clock.inspection import loading, outlooks

    file = procfile.clock().file
    try:
        clock = loading.load()
    except Exception as error:
        return _refuse_jobs(error)
    try:
        jobs = outlooks.outlooks(clock, options.start, options.n or 5, options.job)
    except ValueError:
        return _refuse(f"--from {options.start!r} is no date", "write it as 2027-03-08")
    if options.job and not jobs:
        return _refuse(f"there is no job {options.job!r} in {file}", "python -m clockdyno next")
    if jobs and not options.job and not options.n:
        program, width = "python -m clockdyno next", listing.width()
        lines = listing.summary([job.line() for job in jobs], datetime.now(UTC), program, width)
    else:
        lines = [line for job in jobs for line in job.lines()] or [f"{file} has no job.", ""]
    for surprise in [] if options.job else outlooks.crowd(clock):
        lines += [f"! {surprise.text}", *listing.instead(surprise.fix)]
    if clock.tasks and not options.job:
        lines += schedules_command.number()
    return _print(options, [job.facts() for job in jobs], lines if lines[-1] else lines[:-1])


def _refuse_jobs(error: Exception) -> int:
    text = f"{procfile.clock().file} cannot be read: {texts.message(error)}"
    return _refuse(text, "python -m clockdyno check says more")


def _check(options: argparse.Namespace) -> int:
    from clockdyno.clock.inspection.mistakes import check

    mistakes, notes = check()
    lines = [f"Error: {text}" for text in mistakes] + [f"Note: {text}" for text in notes]
    lines = lines or [f"{procfile.clock().file} is fine."]
    _print(options, {"errors": mistakes, "notes": notes}, lines)
    return 2 if mistakes else 0


def _schedules(options: argparse.Namespace) -> int:
    try:
        return _print(options, *schedules_command.answer(options))
    except Refused as refused:
        return _refuse(refused.reason.removesuffix("."), refused.hint.removesuffix("."))
    finally:
        connections.close()


def _run_now(options: argparse.Namespace) -> int:
    return _steer(options, orders.run_now, "will run within seconds")


def _pause(options: argparse.Namespace) -> int:
    return _steer(options, orders.pause, "is paused")


def _resume(options: argparse.Namespace) -> int:
    return _steer(options, orders.resume, "runs again from now on")


def _steer(options: argparse.Namespace, act: Any, done: str) -> int:
    with _ledger() as engine:
        is_known, up = act(engine, _id_of(engine, options.job)), orders.clocks_up(engine)
    if not is_known:
        return _refuse(f"no clock has ever seen a job {options.job!r}", "python -m clockdyno next")
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
    return _print(options, facts, lines)


def _history(options: argparse.Namespace) -> int:
    with _ledger() as engine:
        job = options.job and _id_of(engine, options.job)
        found = [dict(row._mapping) for row in orders.history(engine, job, options.n)]
    lines = [
        f"{row['scheduled_at']:%Y-%m-%d %H:%M:%S}  {row['job_id']}  {row['state']}"
        + (f" ({row['reason']})" if row["reason"] else "")
        for row in found
    ]
    return _print(options, found, lines or ["Nothing ran yet."])


def _id_of(engine: sa.Engine, name: str) -> str:
    """Return the id that runs bear: a job's own, or that of the schedule of a key."""
    with engine.connect() as db:
        row = rows.by_key(db, name)
    return row.job_id if row else name


def _alert(options: argparse.Namespace) -> int:
    from clockdyno.telling import alerts, trial

    if wrong := alerts.mistakes():
        hint = "python -m clockdyno check names all that is wrong"
        return _refuse(f"the config var {wrong[0]}", hint)
    found = trial.send_to_all()
    if not found:
        names = "set ALERT_WEBHOOK_URL, or ALERT_EMAIL and SMTP_URL"
        return _refuse("there is no place that alerts go to", names)
    _print(options, [one._asdict() for one in found], [one.line for one in found])
    return 0 if all(one.sent for one in found) else 1


def _setup(options: argparse.Namespace) -> int:
    from clockdyno.clock.inspection import registration

    if not host.has_shared_database():
        # The release phase calls this; an app without a database must deploy, too.
        lines = [f"Warning: {host.NOT_SHARED}.", f"Hint: {host.add_database()}"]
        return _print(options, {"tables": "not shared"}, lines)
    # An add-on that has just been made may take a little while to answer.
    for pause in (1, 2, 4, 8, 15, None):
        try:
            with _ledger() as engine:
                if procfile.has_workers() and engine.dialect.name == "postgresql":
                    from clockdyno.workers import queue_tables

                    queue_tables.set_up(engine)
                registration.register_tasks(engine)
            break
        except ModuleNotFoundError as error:
            return _refuse_without_extra(error)
        except OperationalError:
            if pause is None:
                raise
            time.sleep(pause)
    return _print(options, {"tables": "ready"}, ["The clock's tables are ready."])


def _worker(options: argparse.Namespace) -> int:
    try:
        from clockdyno.workers import worker
    except ModuleNotFoundError as error:
        return _refuse_without_extra(error)
    return worker.main()


@contextlib.contextmanager
def _ledger() -> Iterator[sa.Engine]:
    """Give the ledger with its tables in place, and leave no connection open."""
    engine = database.connect()
    try:
        database.set_up(engine)
        yield engine
    finally:
        engine.dispose()


def _refuse_without_extra(error: ModuleNotFoundError) -> int:
    return _refuse(f"there is no {error.name} here", "pip install 'clockdyno[workers]'")


def _print(options: argparse.Namespace, data: Any, lines: Sequence[str]) -> int:
    text = json.dumps(data, indent=2, default=_plain) if options.json else ""
    print(text or "\n".join(map(texts.line, lines)))
    return 0


def _plain(value: Any) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


def _refuse(what: str, hint: str) -> int:
    print(f"Error: {texts.line(what)}.\nHint: {texts.line(hint)}.", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
