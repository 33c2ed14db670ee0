"""Run every benchmark, or those named: `python -m benchmarks [NAME ...]`."""

import importlib
import pkgutil
import sys

import benchmarks
from benchmarks.table import lines

PLUMBING = {"__main__", "table", "commands"}


def main() -> None:
    found = [m.name for m in pkgutil.iter_modules(benchmarks.__path__) if m.name not in PLUMBING]
    rows = []
    for name in sys.argv[1:] or found:
        rows += importlib.import_module(f"benchmarks.{name}").main()
    print("\n".join(lines(rows)))


if __name__ == "__main__":
    main()
