"""What is put: read as people type it, refused before anything is written, in whose transaction."""

import contextlib
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from clockdyno import schedules
from clockdyno.ledger import connections, reports
from sqlalchemy.orm import Session, scoped_session, sessionmaker
from support.run_time import RunTime, run_time

__all__ = ["run_time"]


def put(when: str = "weekdays at 9", key: str = "k", **more: Any) -> schedules.Scheduled:
    return schedules.put(key, "work", when, **{"kwargs": {"who": "me"}, **more})


@pytest.fixture(autouse=True)
def known(run_time: RunTime) -> None:
    """Let a clock have entered its tasks and one job."""
    clock = run_time.start()
    clock.ledger.arrive({"report": "trigger"}, run_time.now)


def test_a_schedule_says_what_it_means_its_next_times_and_what_may_surprise() -> None:
    found = put("cron hour=12-16 minute=0-59/15", timezone="Europe/Berlin")

    assert found.words.endswith("Berlin time")
    assert [f"{at:%H:%M}" for at in found.next] == ["13:15", "13:30", "13:45"]
    assert found.next_at == found.next[0]
    assert [one["code"] for one in found.remarks] == ["last-hour"]
    assert schedules.get("k") == found


def test_what_people_type_elsewhere_can_be_put() -> None:
    for when in (
        "weekdays at 9",
        "0 9 * * 1-5",
        "cron day_of_week=mon-fri hour=9",
        "on 5 January 2027 at 09:00",
        "weekdays at 9 and weekends at 11",
    ):
        assert put(when, key=when).when == when


def test_an_equal_schedule_changes_nothing_however_it_is_typed() -> None:
    first = put("weekdays at 9")

    assert put("0 9 * * 1-5") == first
    assert put("weekdays at 9", timezone="UTC").revision == 1


def test_other_arguments_do_not_move_the_next_time(run_time: RunTime) -> None:
    before = put("every 40 minutes")
    after = put("every 40 minutes", kwargs={"who": "you"})

    assert (after.revision, after.next_at) == (2, before.next_at)
    assert after.kwargs == {"who": "you"}


def test_a_paused_schedule_that_is_changed_stays_paused() -> None:
    put()
    schedules.pause("k")

    assert put("every hour").paused
    assert schedules.get("k").next == []


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"when": "weekdays at 25"}, "25", ""),
    ({"when": "on 5 January 2020 at 09:00"}, "never fires", "still to come"),
    ({"when": "every 5 seconds"}, "every 5 s", "fastest"),
    ({"when": "cron second=0,5"}, "every 5 s", "fastest"),
    ({"when": "every minute; cron second=3"}, "every 3 s", "fastest"),
    ({"when": "cron month=2 day=30"}, "never fires", ""),
    ({"when": 5}, "no text", ""),
    ({"timezone": "Berlim"}, "not a time zone", "Europe/Berlin"),
    ({"timezone": 5}, "not a time zone", ""),
    ({"task": ["work"]}, "no task", ""),
    ({"task": "wrok"}, 'no task "wrok"', '"work"'),
    ({"key": "report"}, "a job of jobs.py", "another key"),
    ({"key": ""}, "not empty", ""),
    ({"key": "a\0"}, "cannot be shown", ""),
    ({"key": "k" * 201}, "201", ""),
    ({"kwargs": {"who": datetime(2027, 1, 1, tzinfo=UTC)}}, "JSON", "isoformat"),
    ({"kwargs": {"who": (1, 2)}}, "JSON", ""),
    ({"kwargs": {"who": float("nan")}}, "JSON", ""),
    ({"kwargs": {1: "who"}}, "JSON", ""),
    ({"kwargs": {"who": "\0"}}, "JSON", ""),
    ({"kwargs": {"who": "\ud800"}}, "JSON", ""),
    ({"kwargs": {"who": "x" * 10_000}}, "too many", "table"),
    ({"kwargs": {"whom": 1}}, 'no argument "whom"', '"who"'),
    ({"kwargs": {}}, 'needs the argument "who"', "kwargs"),
]


def test_what_cannot_be_is_refused_and_nothing_is_written() -> None:
    for change, reason, hint in REFUSED:
        given = {"key": "k", "task": "work", "when": "weekdays at 9", "kwargs": {"who": "me"}}
        with pytest.raises(schedules.Refused) as refused:
            schedules.put(**(given | change))

        assert reason in refused.value.reason
        assert hint in refused.value.hint
    assert schedules.list() == ()


def test_a_clock_may_allow_faster_schedules(run_time: RunTime) -> None:
    run_time.start(fastest=1)

    assert put("every 5 seconds").revision == 1


def test_schedules_are_listed_a_page_at_a_time_by_task_and_by_key() -> None:
    for name in ("a%b", "b", "c"):
        put(key=name)

    assert [one.key for one in schedules.list("work", limit=2)] == ["a%b", "b"]
    assert [one.key for one in schedules.list(after="b")] == ["c"]
    assert [one.key for one in schedules.list(search="%")] == ["a%b"]
    assert schedules.list("other") == ()


def test_what_is_not_there_is_neither_paused_nor_deleted() -> None:
    assert not schedules.pause("k")
    assert not schedules.delete("k")
    assert schedules.get("k") is None


def test_what_can_be_no_key_is_not_found_and_harms_no_transaction(app: sa.Engine) -> None:
    put()
    with app.connect() as db:
        for strange in ("k\0", "\ud800", 5):
            assert schedules.get(strange, connection=db) is None  # type: ignore[arg-type]
            assert not schedules.delete(strange, connection=db)  # type: ignore[arg-type]
            for place in ("task", "search", "after"):
                assert schedules.list(**{place: strange}, connection=db) == ()
        assert schedules.list(limit=-1, connection=db) == ()
        assert schedules.get("k", connection=db)


@pytest.fixture
def app(run_time: RunTime, tmp_path: Path) -> Any:
    """Return the engine of an app beside whose tables the ledger's stand."""
    own = run_time.up[0].ledger.engine
    url = own.url if own.dialect.name == "postgresql" else f"sqlite:///{tmp_path / 'app.sqlite3'}"
    engine = sa.create_engine(url)
    with engine.begin() as db:
        db.execute(sa.text("CREATE TABLE users (name TEXT)"))
    yield engine
    engine.dispose()


KINDS = {
    "connection": lambda engine: engine.connect(),
    "session": Session,
    "scoped_session": lambda engine: scoped_session(sessionmaker(engine)),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("ends", ["commit", "rollback"])
def test_a_schedule_is_there_if_and_only_if_the_callers_transaction_commits(
    app: sa.Engine, kind: str, ends: str
) -> None:
    with contextlib.closing(KINDS[kind](app)) as db:
        db.execute(sa.text("INSERT INTO users VALUES ('me')"))
        put(connection=db)
        assert schedules.get("k", connection=db)
        getattr(db, ends)()
    with app.connect() as db:
        users = db.scalar(sa.text("SELECT count(*) FROM users"))

    assert (users == 1) == (schedules.get("k") is not None) == (ends == "commit")


def test_a_deletion_that_is_rolled_back_deletes_nothing(app: sa.Engine) -> None:
    put()
    with contextlib.closing(app.connect()) as db:
        assert schedules.delete("k", connection=db)
        assert schedules.pause("k", connection=db) is False
        db.rollback()

    assert not schedules.get("k").paused


def test_on_sqlite_a_caller_waits_for_the_ledger_before_it_reads_what_it_changes(
    app: sa.Engine,
) -> None:
    if app.dialect.name != "sqlite":
        return
    file = reports.engine().url.database or ""
    with (
        contextlib.closing(sqlite3.connect(file, timeout=0)) as other,
        app.connect() as db,
        connections.use(db, writes=True),
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        other.execute("BEGIN IMMEDIATE")


def test_psycopgs_own_connection_will_do(app: sa.Engine) -> None:
    if app.dialect.name != "postgresql":
        with pytest.raises(TypeError, match="none of SQLAlchemy's"):
            put(connection=object())
        return
    psycopg = pytest.importorskip("psycopg")
    url = app.url.set(drivername="postgresql").render_as_string(hide_password=False)
    for ends in ("rollback", "commit"):
        with psycopg.connect(url, row_factory=psycopg.rows.dict_row) as db:
            db.execute("INSERT INTO users VALUES ('me')")
            put(connection=db)
            assert db.row_factory is psycopg.rows.dict_row
            getattr(db, ends)()
        assert (schedules.get("k") is not None) == (ends == "commit")
