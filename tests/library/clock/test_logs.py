"""What the clock logs: exceptions as such, never a secret or a forged line."""

import io
import logging
import logging.config
import re
import traceback
from collections.abc import Iterator
from typing import Any

import pytest
from clockdyno import logs, texts
from support.runs import raising, run_once
from support.site import Site

FORGED = "boom\r\nat=run job=fine state=succeeded\u2028at=run\x1b[31m\x9b2J\x85at=stop"


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """Give the root logger without handlers, and put back what was there."""
    found = logging.getLogger()
    handlers, level = found.handlers[:], found.level
    found.handlers[:] = []
    yield found
    found.handlers[:] = handlers
    found.setLevel(level)


class Kept(logging.Handler):
    """Keeps what Sentry's handler would get: the record, and its exception's frames."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[logging.LogRecord, list[dict[str, Any]]]] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info:
            frames = traceback.walk_tb(record.exc_info[2])
            self.found.append((record, [dict(frame.f_locals) for frame, _ in frames]))


def printed(root: logging.Logger, formatter: logging.Formatter | None = None) -> io.StringIO:
    """Let the log be printed to a text."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(formatter or logs.Logfmt())
    root.addHandler(handler)
    root.setLevel("INFO")
    return out


def test_a_failure_is_logged_as_the_exception_itself_with_its_frames(
    on_sqlite: Site, root: logging.Logger
) -> None:
    kept, found = Kept(), list[BaseException]()
    root.addHandler(kept)
    root.setLevel("INFO")

    def job() -> None:
        amount = 42
        found.append(KeyError(amount))
        raise found[0]

    run_once(on_sqlite, job)

    ((record, frames),) = kept.found
    assert record.exc_info and record.exc_info[1] is found[0] and record.levelname == "ERROR"
    assert frames[-1]["amount"] == 42
    assert [frame.f_locals for frame, _ in traceback.walk_tb(found[0].__traceback__)][-1] == {}


@pytest.mark.parametrize("formatter", [None, logging.Formatter(logging.BASIC_FORMAT)])
def test_no_text_of_an_exception_makes_a_line_of_its_own(
    on_sqlite: Site,
    root: logging.Logger,
    monkeypatch: pytest.MonkeyPatch,
    formatter: logging.Formatter | None,
) -> None:
    monkeypatch.setenv("SERVICE_TOKEN", "tok-12345")
    out = printed(root, formatter)
    run_once(on_sqlite, raising(ValueError(FORGED + " tok-12345")))
    logging.getLogger("somebody").error("their %s", FORGED)

    lines = [line for line in re.split(r"[\n\r\x85\u2028]", out.getvalue()) if "fine" in line]
    if formatter is None:
        assert all(line.startswith(("| ", "level=error")) for line in lines) and len(lines) == 2
        assert all(line.isprintable() for line in out.getvalue().splitlines())
    assert lines[0].startswith("| at=run job=fine state=succeeded\\u2028at=run\\x1b[31m")
    assert lines[0].endswith("\\x9b2J\\x85at=stop ***")
    assert "tok-12345" not in out.getvalue()


def test_a_job_id_makes_no_line_of_its_own(root: logging.Logger) -> None:
    out = printed(root)
    logs.event("run", job=FORGED, half="\ud83d", empty="")

    (line,) = out.getvalue().splitlines()
    assert line.startswith('at=run job="boom\\nat=run job=fine')
    assert line.isprintable() and 'half="\\ud83d" empty=""' in line


def test_an_exception_of_somebody_else_is_masked_too(
    root: logging.Logger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVICE_TOKEN", "tok-12345")
    out = printed(root)
    try:
        raise ValueError("tok-12345")
    except ValueError:
        logging.getLogger("somebody").exception("their mistake")

    assert "ValueError: ***" in out.getvalue() and len(out.getvalue().splitlines()) == 1


def test_a_handler_that_fails_harms_no_run(on_sqlite: Site, root: logging.Logger) -> None:
    class Broken(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise ValueError("the owner's own mistake")

    root.setLevel("INFO")
    broken = Broken()
    logs.log.addHandler(broken)
    try:
        row = run_once(on_sqlite, lambda: None)
    finally:
        logs.log.removeHandler(broken)

    assert row.state == "succeeded"


def test_text_is_shown_whole_where_the_exception_is_false_and_has_no_text() -> None:
    class Odd(Exception):
        def __bool__(self) -> bool:
            raise SystemExit

        def __str__(self) -> str:
            raise SystemExit

    try:
        raise Odd
    except Odd as error:
        # Python 3.14 says it by itself.
        end = r"Odd: (its text cannot be read|<exception str\(\) failed>)$"
        assert re.search(end, texts.of(error))
        assert "raise Odd" in texts.of(error)


CONFIG = """
import logging.config

logging.config.dictConfig({
    "version": 1,
    "formatters": {"own": {"format": "OWN %(levelname)s %(name)s %(message)s"}},
    "handlers": {"own": {"class": "logging.StreamHandler", "formatter": "own"}},
    "root": {"handlers": ["own"], "level": "INFO"},
})

@sched.scheduled_job("interval", days=365, next_run_time=datetime.now())
def fails():
    raise ValueError("a reason\\nat=run job=fine state=succeeded")
"""


def test_a_set_up_of_logging_that_disables_every_logger_silences_no_clock(on_sqlite: Site) -> None:
    on_sqlite.write(CONFIG)
    clock = on_sqlite.start()
    on_sqlite.until(lambda: on_sqlite.rows("finished_at IS NOT NULL"))
    assert on_sqlite.stop(clock) == 0

    log = on_sqlite.log()
    assert "OWN INFO clockdyno at=start" in log and "OWN INFO clockdyno at=stop" in log
    assert "OWN ERROR clockdyno at=run job=fails" in log
    assert "\n| ValueError: a reason\n| at=run" in log


def test_a_handler_that_raises_or_logging_that_is_disabled_stops_no_line(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Odd(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise SystemExit

    caplog.set_level(logging.INFO, "clockdyno")
    monkeypatch.setattr(logging.getLogger(), "handlers", [caplog.handler, Odd()])
    logging.disable()
    try:
        logs.event("run", state="succeeded")
    finally:
        logging.disable(logging.NOTSET)

    assert "at=run state=succeeded" in caplog.text
