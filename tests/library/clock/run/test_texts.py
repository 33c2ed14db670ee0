"""An exception is data: whatever a job raises ends in its row, and harms no other job."""

import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from clockdyno import texts
from clockdyno.clock.declared import job_row
from clockdyno.errors import RunError
from support.raising import BADLY, JOBS, WELL, ends
from support.runs import FIRE, clock_on, raising, run_once
from support.site import Site


class Odd(Exception):
    """An exception with all that a driver cannot bind, or that fails when it is asked."""

    text, code = b"bytes", object()

    @property
    def reason(self) -> str:
        raise SystemExit(3)

    def __str__(self) -> str:
        raise KeyboardInterrupt

    def __bool__(self) -> bool:
        raise ValueError("neither")

    __repr__ = __str__


def net_away() -> None:
    urllib.request.urlopen("http://127.0.0.1:9/")


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (net_away, "Connection refused"),
        (raising(ValueError("bad \0")), r"ValueError: bad \x00"),
        (raising(ValueError("half \ud83d")), r"ValueError: half \ud83d"),
        (raising(Odd()), "Odd"),
        (raising(SyntaxError("wrong", ("f", 1, 1, "a b c"))), "Traceback"),
        (raising(ExceptionGroup("many", [ValueError("\0")] * 3)), "many"),
    ],
)
def test_whatever_a_job_raises_it_ends_as_failed_with_its_traceback(
    site: Site, function: Callable[[], None], said: str
) -> None:
    row = run_once(site, function)

    assert (row.state, row.reason, row.attempt) == ("failed", "error", 1)
    assert said in row.error and "Traceback" in row.error


def test_the_end_of_a_huge_text_is_kept_and_what_ends_lines_is_not(on_sqlite: Site) -> None:
    row = run_once(on_sqlite, raising(ValueError("\u2028\x85\r" * 10**6 + "the end")))

    assert len(row.error) == texts.MOST and row.error.endswith("the end")
    assert len(row.error.splitlines()) == 1


def test_a_clock_goes_on_whatever_its_jobs_raise(site: Site) -> None:
    site.write(JOBS)
    clock = site.start()

    assert ends(site) == WELL | BADLY
    assert site.stop(clock) == 0
    assert "at=database" not in site.log() and "the clock itself failed" not in site.log()
    (row,) = site.rows("job_id = 'swells'")
    assert len(row.error) == texts.MOST and row.error.endswith(r"x\ud83d")


def test_a_docstring_that_no_database_takes_is_written_fit_for_it(on_postgres: Site) -> None:
    clock = clock_on(on_postgres)
    for name, doc in (("nul", "Split at \0 bytes."), ("odd", 7), ("half", "\ud83d"), ("ok", "Ok.")):
        job = clock.add_job(lambda: None, "interval", hours=1, id=name, misfire_grace_time=9)
        job.func.__doc__ = doc
        clock.ledger.arrive({name: job_row.text_of(clock, job)}, FIRE)
        clock.heartbeat.again(job)
    clock.heartbeat._tell()

    found = on_postgres.query("SELECT job_id, doc FROM clockdyno.jobs ORDER BY job_id")
    assert dict(map(tuple, found)) == {
        "half": r"\ud83d",
        "nul": r"Split at \x00 bytes.",
        "odd": "",
        "ok": "Ok.",
    }


def test_a_job_that_cannot_be_described_leaves_the_others_described(
    on_sqlite: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clock = clock_on(on_sqlite)
    for name in ("a", "bad", "c"):
        job = clock.add_job(print, "interval", hours=1, id=name, misfire_grace_time=9)
        clock.ledger.arrive({name: job_row.text_of(clock, job)}, FIRE)
        clock.heartbeat.again(job)
    describe = job_row.describe

    def fails_for_one(clock: Any, job: Any) -> dict[str, Any]:
        return describe(clock, job) | ({"doc": object()} if job.id == "bad" else {})

    monkeypatch.setattr(job_row, "describe", fails_for_one)
    clock.heartbeat._tell()

    found = on_sqlite.query("SELECT job_id FROM clockdyno.jobs WHERE described_at IS NOT NULL")
    assert sorted(row.job_id for row in found) == ["a", "c"]
    assert caplog.text.count("the clock itself failed") == 1 and "job=bad" in caplog.text


def test_only_our_own_exception_says_more_than_its_text(on_sqlite: Site) -> None:
    row = run_once(on_sqlite, raising(RunError("timeout", "ended", "told by the child")))

    assert (row.reason, row.error) == ("timeout", "told by the child")
