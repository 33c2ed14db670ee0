"""Who judges chaos sees what is absent, double or contradicted, and excuses what may be."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from support import schedule_chaos
from support.chaos_oracle import Findings, Interference, in_a_run, judge, read
from support.schedule_chaos import Changes

AT = datetime(2026, 11, 27, 12, tzinfo=UTC)
NOTHING = Interference({}, [])


def row(state: str, job: str = "job", count: int = 1) -> Any:
    return SimpleNamespace(job_id=job, scheduled_at=AT, state=state, count=count)


def says(*words: str, job: str = "job", pid: int = 7, after: float = 0.5) -> list[str]:
    moment = AT.timestamp() + after
    return [f"{word} {job} {AT.isoformat()} {pid} {moment + n}" for n, word in enumerate(words)]


def found(rows: list[Any], lines: list[str], done: Interference = NOTHING, **more: Any) -> Findings:
    return judge({("job", AT)}, rows, read(lines), done, **more)


def test_a_time_that_ran_is_neither_absent_nor_double_and_counts_as_soon_within_a_minute() -> None:
    good = found([row("succeeded")], says("begin", "end"))
    late = found([row("succeeded")], says("begin", "end", after=61))

    assert good == Findings(due=1, ran=1, soon=1)
    assert (late.ran, late.soon) == (1, 0)
    assert good + late == Findings(due=2, ran=2, soon=1)


def test_a_time_without_a_row_is_absent_even_if_it_ran() -> None:
    assert found([], []).absent == found([], says("begin", "end")).absent == 1


@pytest.mark.parametrize("state", ["missed", "skipped", "lost"])
def test_a_row_that_says_why_not_is_no_run(state: str) -> None:
    result = found([row(state)], [])

    assert (result.absent, result.ran, getattr(result, state)) == (0, 0, 1)


def test_two_runs_of_one_time_are_double_and_so_are_two_rows() -> None:
    twice = says("begin", "end") + says("begin", pid=8, after=3)

    assert found([row("succeeded")], twice).double == 1
    assert found([row("succeeded"), row("missed")], says("begin", "end")).double == 1


def test_a_retry_may_begin_once_more_for_each_failure_that_the_run_told() -> None:
    retried = says("begin", "fail") + says("begin", "end", pid=8, after=9)

    assert found([row("succeeded")], retried).double == 0
    assert found([row("succeeded")], retried + says("begin", after=20)).double == 1


def test_a_rerun_is_excused_by_what_was_done_to_the_first_ones_process_or_the_database() -> None:
    twice, at = says("begin") + says("begin", "end", pid=8, after=9), AT.timestamp()

    def doubled(harmed: dict[int, list[float]], away: list[float]) -> int:
        done = Interference(harmed, away)
        return found([row("succeeded")], twice, done, again=["job"]).double

    assert doubled({}, []) == doubled({7: [at + 20]}, [at + 20]) == 1
    assert doubled({7: [at + 2]}, []) == doubled({}, [at + 2]) == 0
    assert found([row("succeeded")], twice, Interference({7: [at + 2]}, [])).double == 1


@pytest.mark.parametrize(
    ("state", "lines"),
    [
        ("succeeded", says("begin")),
        ("missed", says("begin", "end")),
        ("skipped", says("begin")),
        ("running", says("begin")),
    ],
)
def test_what_the_ledger_says_and_the_run_denies_is_told(state: str, lines: list[str]) -> None:
    assert len(found([row(state)], lines).wrong) == 1


def test_the_row_of_a_schedule_is_known_by_its_key_in_what_its_runs_say() -> None:
    rows = [row("succeeded", "key~abcdef")]
    result = judge({("key~abcdef", AT)}, rows, read(says("begin", "end", job="key")), NOTHING)

    assert (result.ran, result.wrong) == (1, [])


def test_a_process_that_was_killed_between_begin_and_end_was_in_a_run() -> None:
    said, at = read(says("begin") + says("begin", "end", job="other", pid=8)), AT.timestamp()

    assert in_a_run(said, [(7, at + 5), (8, at + 5)]) == 1


def test_what_is_put_back_while_it_is_paused_is_expected_where_it_was_put_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row = SimpleNamespace(job_id="k0~1", paused=False)
    acts = SimpleNamespace(put=lambda *a, **k: row, pause=lambda key: row, resume=lambda key: row)
    monkeypatch.setattr(schedule_chaos, "schedules", acts)
    changes = Changes("task", 1, 0)

    def put(second: int) -> None:
        monkeypatch.setattr(changes.random, "randrange", lambda most: second)
        changes.put("k0")

    put(30)
    row.paused = True
    changes.toggle("k0")
    put(48)
    put(30)
    changes.toggle("k0")

    assert changes.spans["k0~1"][-1].second == 30
