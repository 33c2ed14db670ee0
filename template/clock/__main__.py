"""`python -m clock next | check`: look at the jobs of jobs.py without running them."""

import argparse
import importlib
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from clock import words
from clock.scheduler import Clock


def main() -> int:
    """Read the command line, do what it says, return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m clock")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (("next", "show when each job runs next"), ("check", "find mistakes")):
        command = commands.add_parser(name, help=text)
        command.add_argument("--json", action="store_true", help="print JSON")
        if name == "next":
            command.add_argument("job", nargs="?", help="only this job")
            command.add_argument("-n", type=int, default=5, help="how many times (5)")
    options = parser.parse_args()
    return {"next": _next, "check": _check}[options.command](options)


def load() -> Clock:
    """Import jobs.py and return its clock."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    jobs = importlib.import_module("jobs")
    clocks = [value for value in vars(jobs).values() if isinstance(value, Clock)]
    if len(clocks) != 1:
        raise LookupError(f"jobs.py has {len(clocks)} clocks; it needs exactly one")
    return clocks[0]


def _next(options: argparse.Namespace) -> int:
    shown = [_shown(job, options.n) for job in load().get_jobs() if options.job in (None, job.id)]
    if options.job and not shown:
        print(f"Error: there is no job {options.job!r} in jobs.py.", file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps(shown, indent=2))
        return 0
    for job in shown:
        print(f"{job['job']}: {job['words']}")
        for fire in job["next"]:
            print(f"  {fire['at']}  {fire['utc']}")
        for remark in job["remarks"]:
            print(f"  note: {remark['text']} {remark['fix']}")
    return 0


def _shown(job: Any, count: int) -> dict[str, Any]:
    now = datetime.now(UTC)
    trigger = job.trigger
    zone = getattr(trigger, "timezone", job._scheduler.timezone)
    return {
        "job": job.id,
        "zone": str(zone),
        "words": words.describe(trigger),
        "next": [
            {"at": fire.isoformat(), "utc": fire.astimezone(UTC).isoformat()}
            for fire in words.fires(trigger, now, count)
        ],
        "remarks": [
            {"code": remark.code, "text": remark.text, "fix": remark.fix}
            for remark in words.remarks(trigger, now)
        ],
    }


def _check(options: argparse.Namespace) -> int:
    problems = []
    try:
        problems += [f"{j.id} never fires." for j in load().get_jobs() if not _shown(j, 1)["next"]]
    except Exception as exception:
        problems.append(f"jobs.py: {exception}")
    if options.json:
        print(json.dumps({"problems": problems}, indent=2))
    else:
        print("\n".join(problems) or "jobs.py is fine.")
    return 2 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
