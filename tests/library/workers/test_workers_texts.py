"""An exception is data on worker dynos, too, where the ends of several runs are one statement."""

from support.raising import BADLY, JOBS, WELL, ends
from support.workers import WorkerSite


def test_a_worker_goes_on_whatever_its_jobs_raise(workers: WorkerSite) -> None:
    workers.write(JOBS)
    workers.start()
    worker = workers.work()

    assert ends(workers) == WELL | BADLY
    assert workers.stop(worker) == 0
    assert "at=database" not in workers.log()
    assert "the clock itself failed" not in workers.log()


def test_one_end_that_the_database_refuses_leaves_the_others_of_its_batch_written(
    workers: WorkerSite,
) -> None:
    unfit = "runner.texts = type(sys)('texts')\n"
    unfit += "from clockdyno import texts\n"
    unfit += "vars(runner.texts).update(vars(texts), of=lambda error: 'not fit \\0')\n"
    workers.write(unfit + JOBS)
    workers.start()
    workers.work()

    assert ends(workers) == WELL | BADLY
    assert "state=away" not in workers.log()
    assert "NUL" in workers.log()  # The real cause.
    assert {row.error for row in workers.rows("job_id = 'url'")} == {r"not fit \x00"}
