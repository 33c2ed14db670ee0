"""Figures, each a ratio against a peer measured in the same run. `python -m benchmarks`."""

import sys
from pathlib import Path

# What both need, tests and benchmarks, stands in tests/support.
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
