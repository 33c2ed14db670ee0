"""Rows of a table of cases: the default run tries a few of them, the long one all."""

from collections.abc import Container, Iterable
from typing import Any

import pytest


def rows(every: Iterable[Any], few: Container[Any]) -> list[Any]:
    """Return all the rows; those that are not among the few wait for the long run."""
    return [row if row in few else pytest.param(row, marks=pytest.mark.slow) for row in every]
