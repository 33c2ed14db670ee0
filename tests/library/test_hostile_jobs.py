"""Whatever a job raises, prints, returns or takes from Python: each fire has its true row."""

from collections import defaultdict
from datetime import timedelta
from typing import Any

import pytest
from clockdyno.ledger import orders
from support.files import REPOSITORY
from support.hostile_jobs import TABLE, Hostile
from support.site import NOBODY_DIES, Site
from support.workers import WorkerSite

FIRES = 3
JOBS = f"""
{NOBODY_DIES}
sys.path.append({str(REPOSITORY / "tests")!r})
from datetime import UTC
from support import hostile_jobs, hostile_deeds

FIRST = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2)
LAST = FIRST + timedelta(seconds={FIRES - 1})

def healthy():
    pass

def due(name, function, **options):
    if "trigger" not in options:
        options |= dict(trigger="interval", seconds=1, start_date=FIRST, next_run_time=FIRST)
    # No fire may be late, left out or skipped, however busy the machine is.
    options |= dict(coalesce=False, misfire_grace_time=None, max_instances=999)
    sched.add_job(function, id=name, **options)

due("healthy", healthy)
# Where a hostile job closes files, a child that is begun in that moment loses its own.
due("healthy in a child", healthy, timeout=60, end_date=LAST)
for job in hostile_jobs.TABLE:
    options = dict(end_date=LAST)
    if job.is_alone:
        options = dict(trigger="date", run_date=FIRST + timedelta(days=1))
    if in_child := "IN_CHILD" in os.environ:
        options["timeout"] = 60
    if job.in_child == hostile_jobs.TIMEOUT:
        options["timeout"] = 1
    if job.in_child if in_child else job.in_thread:
        due(job.name, job.function, **options)
if "IN_CLOCK" in os.environ:
    due("adds_another", hostile_deeds.adds_another, end_date=FIRST)
    due("removes_itself", hostile_deeds.removes_itself)
"""
CHANGING = {"adds_another", "added", "removes_itself"}  # How many fires they have is theirs to say.


@pytest.mark.slow
def test_a_clock_bears_hostile_jobs(site: Site) -> None:
    endures(site, in_child=False)


@pytest.mark.slow
def test_a_clock_bears_hostile_jobs_in_children(site: Site) -> None:
    endures(site, in_child=True)


@pytest.mark.slow
@pytest.mark.parametrize("in_child", [False, True])
def test_a_worker_bears_hostile_jobs(workers: WorkerSite, in_child: bool) -> None:
    endures(workers, in_child)


def endures(site: Site, in_child: bool) -> None:
    """Run all of the table in one process, and look at each row, the log and those beside."""
    site.write(JOBS)
    on_workers = isinstance(site, WorkerSite)
    where = "IN_CHILD" if in_child else "ON_WORKER" if on_workers else "IN_CLOCK"
    processes = [site.start(**{where: "1"})]
    if isinstance(site, WorkerSite):
        processes.append(site.work(**{where: "1"}))
    expected = {job.name: end for job in TABLE if (end := _end(job, in_child))}
    fires = {job.name: 1 if job.is_alone else FIRES for job in TABLE if job.name in expected}
    run(site, processes, fires)
    if where == "IN_CLOCK":
        site.until(lambda: site.rows("job_id = 'added' AND finished_at IS NOT NULL"))
    assert [site.stop(process) for process in reversed(processes)] == [0] * len(processes)

    found = defaultdict[str, list[Any]](list)
    for row in site.rows("state <> 'requested'"):
        found[row.job_id].append(row)
    for name in ("healthy", "healthy in a child"):
        rows = found.pop(name)
        assert {row.state for row in rows} == {"succeeded"}
        moments = [row.scheduled_at for row in rows if row.kind == "scheduled"]
        assert moments == [moments[0] + timedelta(seconds=n) for n in range(len(moments))]
    if where == "IN_CLOCK":
        assert CHANGING <= set(found)
        assert {row.state for name in CHANGING for row in found.pop(name)} == {"succeeded"}
    ends = {
        name: [" ".join(filter(None, (row.state, row.reason))) for row in rows]
        for name, rows in found.items()
    }
    assert ends == {name: [end] * fires[name] for name, end in expected.items()}
    log = site.log()
    untrue = ("at=database", "the clock itself failed", " again=", "state=lost", "state=missed")
    # A job may print such a line, but at the beginning of no line.
    lines = [line for line in log.splitlines() if line.startswith("at=")]
    assert [line for line in lines if any(word in line for word in untrue)] == []
    assert sum(line.startswith("at=stop") for line in lines) == len(processes)
    assert "printed as ever" in log


def run(site: Site, processes: list[Any], fires: dict[str, int]) -> None:
    """Wait until each fire has had its run, and the healthy jobs and the clock still go on."""

    def ended() -> bool:
        assert all(process.poll() is None for process in processes), site.log()[-4000:]
        names = [job.name for job in TABLE if job.name in fires and not job.is_alone]
        rows = site.query("SELECT job_id FROM clockdyno.runs WHERE finished_at IS NOT NULL")
        return sum(row.job_id in names for row in rows) == sum(fires[name] for name in names)

    site.until(ended)
    in_child = "job_id = 'healthy in a child' AND finished_at IS NOT NULL"
    site.until(lambda: len(site.rows(in_child)) == FIRES)
    for job in TABLE:
        if job.is_alone and orders.run_now(site.engine, job.name):
            where = f"job_id = '{job.name}' AND finished_at IS NOT NULL"
            site.until(lambda where=where: site.rows(where))
    (then,) = site.query("SELECT max(heartbeat_at) AS at FROM clockdyno.clocks")
    beats = f"SELECT 1 FROM clockdyno.clocks WHERE heartbeat_at > '{then.at}'"
    site.until(lambda: len(site.query(beats)) == len(processes))
    orders.run_now(site.engine, "healthy in a child")
    healthy = f"job_id = 'healthy' AND scheduled_at > '{then.at}'"
    for where in (healthy, "job_id = 'healthy in a child' AND kind = 'manual'"):
        site.until(lambda where=where: site.rows(f"{where} AND state = 'succeeded'"))


def _end(job: Hostile, in_child: bool) -> str:
    return job.in_child if in_child else job.in_thread
