"""Rows of a table of cases: the default run tries a few of them, the long one all."""

from collections.abc import Collection
from typing import Any

import pytest


def rows(every: Collection[Any], few: Collection[Any]) -> list[Any]:
    """Return all the rows; those that are not among the few wait for the long run."""
    assert few and all(row in every for row in few), f"{few} are to be rows of {every}"
    return [row if row in few else pytest.param(row, marks=pytest.mark.slow) for row in every]
