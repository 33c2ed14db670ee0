"""A span of fires: which ones run, which are missed, and what it says of those."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from clockdyno import Clock
from clockdyno.clock.process import spans
from clockdyno.clock.process.spans import Span

FIRST = datetime(2027, 1, 4, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def span(now: datetime, last: int = 4, **keywords: Any) -> tuple[Clock, Span]:
    """Return a clock at a time, and the fires of a job of it from the first minute on."""
    clock = Clock(timezone="UTC")
    clock.now = lambda: now  # type: ignore[method-assign]
    job = clock.add_job(print, "interval", minutes=1, id="job", **keywords)
    return clock, Span(job, clock.options_of(job), FIRST, FIRST + last * MINUTE)


def told(plan: Any) -> list[Any]:
    """Say each step of a plan in minutes, and what was missed before it."""
    return [
        (
            fire and (fire - FIRST) // MINUTE,
            [((m["scheduled_at"] - FIRST) // MINUTE, m["count"], m["reason"]) for m in missed],
        )
        for fire, missed in plan
    ]


def plan(now: int, *, coalesce: bool, grace: int = 3600) -> list[Any]:
    """Return the plan of five fires, some minutes after the first of them."""
    clock, made = span(FIRST + now * MINUTE, coalesce=coalesce, misfire_grace_time=grace)
    return told(made.plan(clock, made.last))


def test_of_fires_that_coalesce_the_last_runs_and_the_others_say_so() -> None:
    earlier = [(n, 1, "coalesced") for n in range(4)]

    assert plan(4, coalesce=True) == [(4, earlier)]


def test_fires_that_do_not_coalesce_all_run_and_what_is_late_comes_before_the_first() -> None:
    late = [(n, 1, "late") for n in range(2)]

    assert plan(4, coalesce=False, grace=120) == [(2, late), (3, []), (4, [])]


@pytest.mark.parametrize("coalesce", [True, False])
def test_where_all_fires_are_late_none_runs(coalesce: bool) -> None:
    late = [(n, 1, "late") for n in range(5)]

    assert plan(60, coalesce=coalesce, grace=60) == [(None, late)]


def test_of_very_many_fires_the_oldest_share_a_row_that_counts_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(spans, "KEEP_MISSED", 2)
    missed = [(0, 3, "coalesced"), (3, 1, "coalesced")]

    assert plan(4, coalesce=True) == [(4, missed)]


def test_what_has_come_due_since_the_plan_was_made_is_a_span_of_its_own() -> None:
    _, made = span(FIRST)
    rest = made.rest(FIRST + 2 * MINUTE)

    assert rest and (rest.first, rest.last) == (FIRST + 3 * MINUTE, FIRST + 4 * MINUTE)
    assert made.rest(made.last) is None
