"""The tables of the queue: those of Procrastinate, in our schema, as its version needs them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from clockdyno.ledger import tables
from clockdyno.workers.queue import Order, Queue
from procrastinate.schema import SchemaManager
from support.site import GUARD
from support.workers import WorkerSite

TICK = """
@sched.scheduled_job("interval", seconds=1)
def tick(scheduled_at):
    note("tick", scheduled_at.isoformat())
"""
OLD = "03.02.00_01_pre_batch_defer_jobs.sql"
# All that is in the schema: columns, indexes, constraints, triggers, functions, enums.
SHAPE = """
SELECT 'column', table_name, column_name, data_type || is_nullable || coalesce(column_default, '')
    FROM information_schema.columns WHERE table_schema = 'clockdyno'
UNION ALL SELECT 'index', tablename, '', regexp_replace(indexdef, 'INDEX \\S+', 'INDEX')
    FROM pg_indexes WHERE schemaname = 'clockdyno'
UNION ALL SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid)
    FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'function', proname, proconfig::text, regexp_replace(prosrc, '\\s+', ' ', 'g')
    FROM pg_proc WHERE pronamespace = 'clockdyno'::regnamespace
UNION ALL SELECT 'enum', enumtypid::regtype::text, enumlabel, '' FROM pg_enum
ORDER BY 1, 2, 3, 4
"""


def migrations() -> list[Path]:
    return sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))


def begin_with(site: WorkerSite, files: Sequence[Path]) -> None:
    """Make the queue's tables as an older version of Procrastinate did."""
    site.execute("CREATE SCHEMA clockdyno")
    site.execute("CREATE TABLE clockdyno.queue_version (migration text PRIMARY KEY)")
    for file in files:
        with site.engine.begin() as db:
            db.execute(sa.text("SET LOCAL search_path = clockdyno"))
            db.connection.cursor().execute(file.read_text())
    site.execute("INSERT INTO clockdyno.queue_version VALUES (:name)", name=files[-1].name)


def shape(site: WorkerSite) -> set[tuple[Any, ...]]:
    return {tuple(row) for row in site.query(SHAPE.replace(":", "\\:"))}


def test_a_queue_of_an_older_procrastinate_becomes_that_of_the_installed_one(
    workers: WorkerSite, tmp_path: Path, postgres: Any
) -> None:
    begin_with(workers, [file for file in migrations() if file.name <= OLD])
    fresh = WorkerSite(tmp_path / "fresh", postgres.create())
    for site in (workers, workers, fresh):
        assert site.command("setup").returncode == 0

    # What only tidies up after the last version is left until the next one.
    left = {line for line in shape(workers) ^ shape(fresh) if line[0] != "function"}
    assert left == set()
    assert len(shape(workers) ^ shape(fresh)) <= 2
    done = workers.query("SELECT migration FROM clockdyno.queue_version ORDER BY 1")
    assert [row[0] for row in done] == [
        file.name for file in migrations() if OLD <= file.name and file != migrations()[-1]
    ]
    fresh.close()


@pytest.mark.slow
def test_jobs_run_on_a_queue_that_was_brought_up_to_date(workers: WorkerSite) -> None:
    begin_with(workers, [file for file in migrations() if file.name <= OLD])
    workers.write(TICK)
    workers.start()
    workers.work()

    workers.until(lambda: workers.rows("state = 'succeeded'")[1:])

    assert "state=away" not in workers.log()


@pytest.mark.slow
def test_the_queue_of_the_app_itself_is_left_alone_whatever_its_version(
    workers: WorkerSite,
) -> None:
    for file in migrations()[:20]:
        with workers.engine.begin() as db:
            db.connection.cursor().execute(file.read_text())
    workers.execute(
        "INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES ('default', 'mail')"
    )
    workers.write(TICK)
    workers.start()
    workers.work()

    workers.until(lambda: workers.rows("state = 'succeeded'")[1:])

    mail = workers.query("SELECT task_name, status FROM procrastinate_jobs")
    assert [tuple(row) for row in mail] == [("mail", "todo")]


def test_setup_by_several_processes_makes_the_tables_once(workers: WorkerSite) -> None:
    many = [workers.begin("-m", "clockdyno", "setup") for _ in range(4)]

    assert [process.wait(GUARD) for process in many] == [0] * 4
    assert workers.query("SELECT count(*) FROM clockdyno.procrastinate_jobs")[0][0] == 0


def test_setup_makes_no_queue_for_a_project_that_starts_no_workers(workers: WorkerSite) -> None:
    (workers.folder / "Procfile").write_text("clock: python jobs.py\n")

    assert workers.command("setup").returncode == 0
    assert workers.query("SELECT to_regclass('clockdyno.runs') IS NOT NULL")[0][0]
    assert workers.query("SELECT to_regclass('clockdyno.procrastinate_jobs') IS NULL")[0][0]


@pytest.mark.slow
def test_a_worker_that_the_others_took_for_dead_enters_the_ledger_anew(
    workers: WorkerSite,
) -> None:
    workers.write(TICK)
    workers.start()
    workers.work()
    workers.until(lambda: workers.rows("state = 'succeeded'"))

    workers.execute("UPDATE clockdyno.clocks SET lost_at = now() WHERE role = 'worker'")
    gone = len(workers.rows("state = 'succeeded'"))

    workers.until(lambda: workers.rows("state = 'succeeded'")[gone + 1 :])
    assert 'at=start again="had been silent for too long"' in workers.log()
    assert "the clock itself failed" not in workers.log()


def test_what_waits_in_the_queue_of_a_run_that_is_over_is_deleted(workers: WorkerSite) -> None:
    assert workers.command("setup").returncode == 0
    at, queue = datetime.now(UTC) - timedelta(minutes=5), Queue()
    over = {"state": "skipped", "reason": "deleted", "finished_at": at}
    row = {"scheduled_at": at, "kind": "scheduled", "attempt": 1}
    facts = [{"job_id": "over", **over}, {"job_id": "waits", "state": "requested"}]
    with workers.engine.begin() as db:
        for fact in facts:
            made = db.execute(tables.runs.insert().values(**row, **fact))
            queue.put(db, [Order(made.inserted_primary_key[0], 1, "default", fact["job_id"], at)])
        queue.clear(db)

    left = workers.query("SELECT args->>'job' AS job FROM clockdyno.procrastinate_jobs")
    assert [row.job for row in left] == ["waits"]


def test_what_a_worker_of_an_earlier_version_had_taken_is_free_once_it_beats_no_more(
    workers: WorkerSite,
) -> None:
    assert workers.command("setup").returncode == 0
    workers.execute(
        "INSERT INTO clockdyno.procrastinate_workers (last_heartbeat)"
        " VALUES (now()), (now() - interval '1 hour')"
    )
    workers.execute(
        "INSERT INTO clockdyno.procrastinate_jobs (queue_name, task_name, status, worker_id)"
        " SELECT 'clock.default', 'clock.run', 'doing', id FROM clockdyno.procrastinate_workers"
    )
    with workers.engine.begin() as db:
        Queue().clear(db)

    left = workers.query("SELECT status, worker_id FROM clockdyno.procrastinate_jobs ORDER BY id")
    assert [tuple(row) for row in left] == [("doing", 1), ("todo", None)]
