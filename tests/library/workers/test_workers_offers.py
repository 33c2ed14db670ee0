"""A run that the queue offers twice, or not at all, runs once all the same."""

import pytest
from support.workers import TICK, WorkerSite, ended

AGAIN = """
INSERT INTO clockdyno.procrastinate_jobs (queue_name, task_name, args)
SELECT 'clock.default', 'clock.run', jsonb_build_object('run', id, 'attempt', attempt)
FROM clockdyno.runs
"""


def test_a_run_that_is_offered_again_to_its_own_worker_does_not_begin_twice(
    workers: WorkerSite,
) -> None:
    workers.write(TICK.replace("seconds=1", "hours=5") + "    await_word('end')\n")
    workers.start()
    workers.work()
    workers.until(lambda: "at=job job=tick" in workers.log())
    workers.command("run-now", "tick")
    workers.until(workers.effects)

    workers.execute(AGAIN)
    waiting = "SELECT FROM clockdyno.procrastinate_jobs "
    workers.until(lambda: not workers.query(waiting))
    workers.say("end")

    assert ended(workers, "tick") == [("succeeded", None, 1)]
    assert len(workers.effects()) == 1


@pytest.mark.slow
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
