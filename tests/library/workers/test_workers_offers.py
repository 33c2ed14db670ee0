"""A run that the queue offers twice, or not at all, runs once all the same."""

import pytest
from support.workers import TICK, WorkerSite, ended


def test_a_run_that_is_offered_again_to_its_own_worker_does_not_begin_twice(
    workers: WorkerSite,
) -> None:
    workers.write(TICK.replace("seconds=1", "hours=5") + "    await_word('end')\n")
    workers.start()
    workers.work()
    workers.until(lambda: "at=job job=tick" in workers.log())
    workers.command("run-now", "tick")
    workers.until(workers.effects)

    # As another worker does when this one's heart has not been heard for a while.
    workers.execute("UPDATE clockdyno.procrastinate_jobs SET status = 'todo', worker_id = NULL")
    waiting = "SELECT FROM clockdyno.procrastinate_jobs WHERE status = 'todo'"
    workers.until(lambda: not workers.query(waiting))
    workers.say("end")

    assert ended(workers, "tick") == [("succeeded", None, 1)]
    assert len(workers.effects()) == 1


TOGETHER = """
from datetime import UTC, datetime
from clockdyno.ledger import database
from clockdyno.workers.records import Records

records = Records(database.connect())
records.register(False)
begun = records._begin_all([({run}, 1), ({run}, 2)])
ends = [(claim, {{"state": "succeeded", "finished_at": datetime.now(UTC)}}) for claim in (
    begun[1]._replace(attempt=1), begun[1])]
print([claim and claim.attempt for claim in begun], records._end_all(ends))
"""


def test_of_two_attempts_offered_at_one_moment_only_the_wanted_one_runs(
    workers: WorkerSite,
) -> None:
    workers.write(TICK.replace("seconds=1", "hours=5"))
    workers.start()
    workers.until(lambda: "at=job job=tick" in workers.log())
    workers.command("run-now", "tick")
    run = workers.until(lambda: workers.rows("due_at IS NULL"))[0]
    workers.execute("UPDATE clockdyno.runs SET attempt = 2")

    told = workers.python("-c", TOGETHER.format(run=run.id))

    assert told.stdout.strip() == "[None, 2] [False, True]", told.stderr


def test_what_is_left_in_the_queue_of_an_attempt_does_not_end_the_next_one(
    workers: WorkerSite,
) -> None:
    workers.write(TICK.replace("seconds=1", 'seconds=2, on_lost="rerun"'))
    clock = workers.start()
    run = workers.until(lambda: workers.rows("state = 'requested'"))[0]
    clock.kill()
    clock.wait()
    # As after a worker that died: its run was lost, and is wanted a second time.
    workers.execute("UPDATE clockdyno.runs SET attempt = 2 WHERE id = :run", run=run.id)
    workers.until(lambda: workers.rows("scheduled_at < now() - interval '3 seconds'"))

    workers.work()
    workers.until(lambda: not workers.query("SELECT FROM clockdyno.procrastinate_jobs"))

    left = workers.rows(f"id = {run.id}")[0]
    assert (left.state, left.attempt) == ("requested", 2)


@pytest.mark.slow
def test_what_fell_out_of_the_queue_is_enqueued_again(workers: WorkerSite) -> None:
    workers.write(TICK.replace("seconds=1", "hours=5"))
    workers.start()
    workers.until(lambda: "at=job job=tick" in workers.log())
    workers.command("run-now", "tick")
    workers.until(lambda: workers.query("SELECT FROM clockdyno.procrastinate_jobs"))
    workers.execute("DELETE FROM clockdyno.procrastinate_jobs")
    workers.execute("UPDATE clockdyno.runs SET scheduled_at = scheduled_at - interval '2 minutes'")

    workers.work()

    assert ended(workers, "tick") == [("succeeded", None, 1)]
