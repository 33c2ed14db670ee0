"""Run every benchmark, or those named: `python -m benchmarks [NAME ...]`; chaos has its own."""

import importlib
import pkgutil
import sys

import benchmarks
from benchmarks.table import HEAD, line

PLUMBING = {"__main__", "table", "commands", "progress", "chaos"}


def main() -> None:
    """Print a table, a row at a time."""
    if sys.argv[1:2] == ["chaos"]:
        from benchmarks import chaos

        sys.exit(chaos.main(sys.argv[2:]))
    found = [m.name for m in pkgutil.iter_modules(benchmarks.__path__) if m.name not in PLUMBING]
    print(HEAD, flush=True)
    for name in sys.argv[1:] or found:
        for row in importlib.import_module(f"benchmarks.{name}").main():
            print(line(row), flush=True)


if __name__ == "__main__":
    main()
