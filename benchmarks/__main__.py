"""`python -m benchmarks [NAME ...] [--quick]` prints a table; `chaos` is one of its own."""

import argparse
import importlib
import sys

from support import forks

from benchmarks.progress import show
from benchmarks.table import HEAD, line

NAMES = ("start", "fires", "clock", "costs", "schedules", "workers", "dashboard")


def main() -> int:
    """Print each row as it is measured; return 1 if a bar was missed."""
    if sys.argv[1:2] == ["chaos"]:
        from benchmarks import chaos

        return chaos.main(sys.argv[2:])
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=(*NAMES, []), metavar="NAME", help=f"{NAMES}")
    parser.add_argument("--quick", action="store_true", help="smaller, in under two minutes")
    args = parser.parse_args()
    forks.always_fresh = True
    missed = list[str]()
    show(HEAD)
    for name in args.names or NAMES:
        for row in importlib.import_module(f"benchmarks.{name}").main(quick=args.quick):
            show(line(row))
            missed += [] if row.kept else [row.name]
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
