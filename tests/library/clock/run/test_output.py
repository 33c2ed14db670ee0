"""What runs say: heard apart from each other, bounded, without secrets, whatever they say."""

import contextlib
import io
import logging
import sys
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from contextvars import Context, copy_context
from typing import Any

import pytest
from clockdyno.clock.run import capture, outputs
from clockdyno.clock.run.tail import LINES, ROOM, Tail
from clockdyno.ledger import outputs as written
from hypothesis import given, settings
from hypothesis import strategies as st
from support.hostile_output import Raises
from support.runs import run_once
from support.site import Site

log = logging.getLogger("shop")


@contextlib.contextmanager
def speaking() -> Iterator[io.StringIO]:
    """Print into a stream of the test's own."""
    before, sys.stdout = sys.stdout, io.StringIO()
    try:
        yield sys.stdout
    finally:
        sys.stdout = before


def heard() -> tuple[Tail, Context]:
    """Return a context in which a run goes on, and what is heard of it."""
    tail, context = Tail("job", 1, 1), copy_context()
    context.run(capture.begin, tail)
    return tail, context


def told(tail: Tail) -> list[str]:
    return [line.text for line in tail.lines()]


def said_by(site: Site, function: Callable[[], Any], **options: Any) -> list[tuple[str, str]]:
    """Run a function as a job; return the level and text of what the ledger has of it."""
    row = run_once(site, function, **options)
    with site.engine.connect() as db:
        return [(line.level, line.text) for one in written.of_run(db, row.id) for line in one.lines]


def test_what_a_run_logs_and_prints_is_kept_with_its_level(on_sqlite: Site) -> None:
    def job() -> None:
        log.warning("%s left", 3)
        print("printed", "too")
        print("a warning", file=sys.stderr)
        try:
            raise ValueError("lost")
        except ValueError:
            log.exception("it failed")

    lines = said_by(on_sqlite, job)
    assert lines[:4] == [
        *(("WARNING", "3 left"), ("out", "printed too")),
        *(("err", "a warning"), ("ERROR", "it failed")),
    ]
    assert lines[-1] == ("ERROR", "ValueError: lost")


def test_a_run_that_says_nothing_leaves_no_row(on_sqlite: Site) -> None:
    assert said_by(on_sqlite, lambda: None) == []


def test_run_output_0_keeps_nothing(on_sqlite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUN_OUTPUT", "0")
    assert said_by(on_sqlite, lambda: print("hello")) == []


def test_a_line_that_a_handler_of_the_jobs_own_writes_is_kept_once() -> None:
    def job() -> None:
        handler = logging.StreamHandler(sys.stdout)
        log.addHandler(handler)
        try:
            log.error("once")
            log.propagate = False
            log.error("of its own")
        finally:
            log.propagate = True
            log.removeHandler(handler)

    with speaking() as stream:
        tail, context = heard()
        context.run(job)
    assert told(tail) == ["once", "of its own"]
    assert stream.getvalue() == "once\nof its own\n"


def test_nobody_else_is_heard_and_everything_is_passed_on() -> None:
    with speaking() as stream:
        tail, context = heard()
        print("the clock itself")
        context.run(print, "the run")
        thread = threading.Thread(target=print, args=("somebody else",))
        thread.start()
        thread.join()
    assert told(tail) == ["the run"]
    assert stream.getvalue() == "the clock itself\nthe run\nsomebody else\n"


WORDS = st.text(st.sampled_from("ab\né"), max_size=5)
TALK = st.lists(st.tuples(st.integers(0, 4), WORDS), max_size=60)


@settings(deadline=None)
@given(TALK)
def test_runs_that_talk_at_once_are_never_mixed_up(talk: list[tuple[int, str]]) -> None:
    with speaking():
        runs = [heard() for _ in range(5)]
        for who, words in talk:
            runs[who][1].run(print, words, end="")
    for who, (tail, _) in enumerate(runs):
        whole = "".join(words for other, words in talk if other == who)
        assert "\n".join(told(tail)) == whole.removesuffix("\n")
        assert tail.count == whole.count("\n")


def test_a_thousand_runs_at_once_are_never_mixed_up() -> None:
    runs = list[tuple[Tail, Context]]()
    gate = threading.Barrier(8)

    def talk(first: int) -> None:
        gate.wait()
        for n in range(5):
            for who in range(first, 1000, 8):
                runs[who][1].run(print, who, n)

    threads = [threading.Thread(target=talk, args=(first,)) for first in range(8)]
    with speaking():
        runs += [heard() for _ in range(1000)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for who, (tail, _) in enumerate(runs):
        assert told(tail) == [f"{who} {n}" for n in range(5)]


@pytest.mark.parametrize(
    "flood",
    [
        lambda tail: [tail.add("out", f"line {n}\n") for n in range(20_000)],
        lambda tail: [tail.add("out", "endless ") for _ in range(20_000)],
        lambda tail: [tail.add(str(n % 2), "x") for n in range(20_000)],
        lambda tail: tail.add("out", "line\n" * 1_000_000 + "last"),
        lambda tail: tail.add("out", "\x1b\0\x07\udc80" * 1_000_000),
    ],
)
def test_a_flood_takes_no_more_memory_than_there_is_room(flood: Any) -> None:
    tail = Tail("job", 1, 1)
    tracemalloc.start()
    try:
        flood(tail)
        tail.settle()
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 500_000
    lines = tail.lines()
    assert 0 < len(lines) <= LINES
    assert sum(len(line.text) for line in lines) <= ROOM
    assert all(line.text.isprintable() for line in lines)


def test_the_last_lines_are_kept_and_all_are_counted() -> None:
    tail = Tail("job", 1, 1)
    for n in range(50_000):
        tail.add("out", f"{n}\n")
    assert told(tail) == [str(n) for n in range(50_000 - LINES, 50_000)]
    assert tail.count == 50_000


def test_what_a_terminal_would_not_show_is_not_shown() -> None:
    tail = Tail("job", 1, 1)
    tail.add("err", "\r 10%\r 55%\r100%")
    tail.add("out", "\x1b[1;32mgreen\x1b[0m\r\n\x1b]0;title\x07\0\n")
    assert told(tail) == ["green", r"\x1b]0;title\x07\x00", "100%"]


def test_secrets_are_masked_however_they_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_KEY", "first-line-of-it\nsecond-line-of-it")
    monkeypatch.setenv("SHOP_TOKEN", "s3cr3t-token")
    tail = Tail("job", 1, 1)
    tail.add("out", "the token is s3cr")
    tail.add("out", "3t-token.\nfirst-line-of-it\nsecond-line-of-it\nend\n")
    assert told(tail) == ["the token is ***.", "***", "end"]

    flood = Tail("job", 1, 1)
    flood.add("out", "s3cr3t-token" * 10_000)
    assert "token" not in "".join(told(flood)).removeprefix("token")[:-12]


@pytest.mark.parametrize("put", [lambda: None, object, Raises], ids=["none", "bare", "raises"])
def test_a_stream_that_another_job_put_there_fails_no_run(
    monkeypatch: pytest.MonkeyPatch, put: Callable[[], Any]
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", put())
        heard()


def test_what_a_lazy_message_raises_is_not_the_runs_affair(on_sqlite: Site) -> None:
    class Sour:
        def __str__(self) -> str:
            raise RuntimeError("no")

    class Text(str):
        __slots__ = ()

        def __len__(self) -> int:
            raise RuntimeError("no")

    def job() -> None:
        tail = capture._tail.get()
        assert tail
        with contextlib.suppress(RuntimeError):
            log.info("%s", Sour())
        sys.stdout.write(Text("still here\n"))

    assert ("out", "still here") in said_by(on_sqlite, job)


def test_while_the_database_is_away_a_run_ends_and_is_written_later(on_sqlite: Site) -> None:
    kept = outputs.Outputs()
    tail = kept.begin("job", 1, 1)
    assert tail
    tail.add("out", "hello\n")
    kept.end(tail)
    with pytest.raises(Exception, match="no such table"):
        kept.flush(on_sqlite.engine)
    run_once(on_sqlite, lambda: None)
    kept.flush(on_sqlite.engine)
    with on_sqlite.engine.connect() as db:
        (one,) = written.of_run(db, 1)
    assert [line.text for line in one.lines] == ["hello"]
    assert not kept._over
