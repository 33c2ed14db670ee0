"""What the timeline is made of, as the database adds it up."""

from datetime import UTC, datetime, timedelta
from typing import Any

from clock_site import Site
from clock_site import tables as t

NOW = datetime(2027, 3, 10, 12, 30, tzinfo=UTC)
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


def fill(site: Site, *found: tuple[str, datetime, str, int]) -> None:
    """Write runs of a second each: job, time, state, count."""
    t.set_up(site.engine)
    rows: list[dict[str, Any]] = []
    for job, at, state, count in found:
        began = state != "missed"
        row: dict[str, Any] = {"job_id": job, "scheduled_at": at, "kind": "scheduled"}
        row |= {"state": state, "attempt": 1, "count": count}
        row |= {"started_at": at + SECOND if began else None}
        rows.append(row | {"finished_at": at + 2 * SECOND if began else None})
    with site.engine.execution_options(writes=True).begin() as db:
        db.execute(t.runs.insert(), rows)


def spans(site: Site, near: timedelta = 15 * MINUTE) -> list[Any]:
    from clock.spans import spans

    with site.engine.connect() as db:
        return spans(db, NOW - timedelta(days=1), near)


def test_what_is_near_is_one_row_with_its_count_and_its_ends(site: Site) -> None:
    start = NOW - 60 * MINUTE
    fill(site, *(("tick", start + n * SECOND, "succeeded", 1) for n in range(60)))

    (one,) = spans(site)

    assert (one.job_id, one.state, one.count, one.began) == ("tick", "succeeded", 60, True)
    assert (one.start, one.end) == (start + SECOND, start + 61 * SECOND)


def test_states_jobs_and_stretches_of_time_are_kept_apart(site: Site) -> None:
    fill(
        site,
        ("a", NOW - 50 * MINUTE, "succeeded", 1),
        ("a", NOW - 49 * MINUTE, "failed", 1),
        ("a", NOW - 10 * MINUTE, "succeeded", 1),
        ("b", NOW - 48 * MINUTE, "missed", 1000),
        ("b", NOW - timedelta(days=2), "succeeded", 1),
    )

    found = [(one.job_id, one.state, one.count, one.began) for one in spans(site)]

    assert found == [
        ("a", "succeeded", 1, True),
        ("a", "failed", 1, True),
        ("b", "missed", 1000, False),
        ("a", "succeeded", 1, True),
    ]


def test_only_so_many_runs_are_looked_at(site: Site, monkeypatch: Any) -> None:
    from clock import spans as module

    monkeypatch.setattr(module, "MOST", 10)
    fill(site, *(("tick", NOW - n * MINUTE, "succeeded", 1) for n in range(100)))

    assert sum(one.count for one in spans(site)) == 10
