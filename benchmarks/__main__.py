"""`python -m benchmarks [NAME ...] [--quick]` prints a table; `chaos` is one of its own."""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from benchmarks.progress import show
from benchmarks.table import HEAD, line

NAMES = ("start", "fires", "clock", "costs", "outputs", "schedules", "workers", "dashboard")


def main(words: Sequence[str]) -> int:
    """Print each row as it is measured; return 1 if a bar was missed."""
    # An installed program has its bytecode; a developer's switch must not take it away.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["TZ"] = "UTC"
    if words[:1] == ["chaos"]:
        return int(importlib.import_module("benchmarks.chaos").main(words[1:]))
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--quick", action="store_true", help="smaller, in under two minutes")
    args = parser.parse_args(words)
    if unknown := set(args.names) - {*NAMES}:
        parser.error(f"there is no {', '.join(sorted(unknown))}: {', '.join(NAMES)}, chaos")
    return _measure(args.names or NAMES, args.quick)


def _measure(names: Sequence[str], quick: bool) -> int:
    from support import forks

    forks.always_fresh = True
    missed = 0
    show(HEAD)
    for name in names:
        for row in importlib.import_module(f"benchmarks.{name}").main(quick=quick):
            show(line(row))
            missed += not row.kept
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
