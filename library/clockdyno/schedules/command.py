"""`python -m clockdyno schedules`: the schedules that stand in the database, from a shell."""

import argparse
from dataclasses import asdict
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from clockdyno import schedules
from clockdyno.ledger import connections, reports
from clockdyno.ledger import schedules as rows
from clockdyno.ledger.database import WrongDatabase
from clockdyno.schedules.row import Scheduled

ACTS = {"show": "show one", "pause": "let its times pass", "resume": "let it run again"}
ACTS |= {"delete": "delete it, its runs stay for a while"}
DONE = {"pause": "is paused", "resume": "runs again from now on", "delete": "is deleted"}
PAGE = 20
Answer = tuple[Any, list[str]]


def declare(parser: argparse.ArgumentParser) -> None:
    """Say which words the command takes."""
    parser.add_argument("act", nargs="?", choices=["list", *ACTS], default="list")
    parser.add_argument("key", nargs="?", help="of one schedule")
    parser.add_argument("--task", help="only those that call it")
    parser.add_argument("--search", default="", help="only keys with this in them", metavar="TEXT")
    parser.add_argument(
        "--after", default="", help="the last key of the page before", metavar="KEY"
    )
    parser.add_argument("-n", type=int, default=PAGE, help="so many", metavar="COUNT")


def answer(options: argparse.Namespace) -> Answer:
    """Do what is asked, and return it for programs and for people; Refused says why not."""
    if options.act == "list":
        return _list(options)
    found = schedules.get(options.key) if options.key else None
    if found is None:
        what = f"there is no schedule {options.key!r}." if options.key else "which schedule?"
        raise schedules.Refused(what, "python -m clockdyno schedules lists them.")
    if options.act == "show":
        return _facts(found), _lines(found)
    getattr(schedules, options.act)(found.key)
    return {"key": found.key, "done": options.act}, [f"{found.key} {DONE[options.act]}."]


def number() -> list[str]:
    """Say how many there are; nothing where there is none, or no database answers."""
    try:
        with reports.engine().connect() as db:
            found = rows.count(db)["schedules"]
    except (SQLAlchemyError, WrongDatabase):
        return []
    finally:
        connections.close()
    return [f"And {found:,} schedules in the database: python -m clockdyno schedules"] * bool(found)


def _list(options: argparse.Namespace) -> Answer:
    size = min(max(options.n, 1), 1000)
    which = {"search": options.search, "after": options.after}
    found = schedules.list(options.task, **which, limit=size + 1)
    with reports.engine().connect() as db:
        counts = rows.count(db, options.task, options.search)
    page = found[:size]
    lines = [f"{one.key}  {one.task}  {_next(one)}  {one.words}" for one in page]
    lines.append(f"{counts['schedules']:,} schedules, {counts['paused']:,} of them paused.")
    if waiting := counts["waiting"]:
        lines.append(f"{waiting:,} wait for a task that is not in jobs.py any more.")
    if len(found) > size:
        lines.append(f"More: --after {page[-1].key!r}")
    return {**counts, "found": [_facts(one) for one in page]}, lines


def _facts(one: Scheduled) -> dict[str, Any]:
    facts = asdict(one)
    facts.pop("parts")
    return facts


def _next(one: Scheduled) -> str:
    if one.paused:
        return "paused"
    return f"{one.next_at:%Y-%m-%d %H:%M:%S} UTC" if one.next_at else "over"


def _lines(one: Scheduled) -> list[str]:
    from clockdyno.schedule import listing
    from clockdyno.schedule.surprises.fixes import Surprise

    remarks = [Surprise(**remark) for remark in one.remarks]
    head = f"{one.key}: {one.task}({', '.join(f'{k}={v!r}' for k, v in one.kwargs.items())})"
    rest = [f"  typed: {one.when}", *(["  It is paused."] if one.paused else [])]
    return [head, *rest, *listing.entry(one.words, one.next, remarks, "  ")]
