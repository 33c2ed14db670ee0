"""A clock's jobs change where it runs, or where jobs.py is read; elsewhere that is an error."""

import pytest
from clockdyno import Clock
from support.site import Site
from support.workers import WorkerSite

JOBS = """
def remind(): note("reminded")

def later():
    sched.add_job(remind, "date", run_date=datetime.now() + timedelta(seconds=1), id="later")

def at_import(): sched.add_job(remind, "interval", days=1, id="by a function")
at_import()
"""
# Each is a program of its own beside jobs.py, as the web process is.
ELSEWHERE = {
    "add_job": "jobs.later()",
    "pause_job": "jobs.sched.pause_job('by a function')",
    "resume_job": "jobs.sched.resume_job('by a function')",
    "reschedule_job": "jobs.sched.reschedule_job('by a function', trigger='interval', hours=1)",
    "remove_job": "jobs.sched.get_jobs()[0].remove()",
}


def test_a_program_that_only_imports_jobs_py_is_told_that_it_changes_nothing(
    on_sqlite: Site,
) -> None:
    on_sqlite.write(JOBS)
    tries = [
        f"""
try: {change}
except RuntimeError as error: print({act!r}, error)
"""
        for act, change in ELSEWHERE.items()
    ]
    done = on_sqlite.python("-c", "import jobs\n" + "".join(tries))

    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(ELSEWHERE), done.stderr
    assert all("this process does not run the clock" in line for line in lines)
    assert "add_job has no effect here" in lines[0]


def test_modules_that_add_jobs_when_they_are_imported_do_so_in_every_program(
    on_sqlite: Site,
) -> None:
    on_sqlite.write(JOBS + "sys.path.insert(0, '.')\nimport more\n")
    (on_sqlite.folder / "more.py").write_text(
        "from jobs import sched\n"
        "@sched.scheduled_job('interval', days=1)\ndef decorated(): pass\n"
        "def add(): sched.add_job(print, 'interval', days=1)\nadd()\n"
    )
    done = on_sqlite.python("-c", "import more, jobs; print([j.id for j in jobs.sched.get_jobs()])")

    assert done.stdout == "['by a function', 'decorated', 'print']\n", done.stderr


def test_the_program_that_has_the_clock_among_its_names_adds_jobs_before_it_starts_it(
    on_sqlite: Site,
) -> None:
    on_sqlite.write(JOBS)
    main = (
        "def main(): sched.add_job(print, 'interval', days=1)\nmain()\nprint(len(sched.get_jobs()))"
    )
    done = on_sqlite.python("-c", f"from jobs import sched\n{main}")

    assert done.stdout == "2\n", done.stderr


def test_a_job_adds_jobs_in_the_clock_and_not_in_a_child(on_sqlite: Site) -> None:
    on_sqlite.write(
        JOBS
        + """
sched.add_job(later, id="in the clock")
if os.path.exists("child"):
    sched.add_job(later, id="in a child", timeout=20)
"""
    )
    clock = on_sqlite.start()
    on_sqlite.until(lambda: on_sqlite.effects() == ["reminded"])
    on_sqlite.stop(clock)
    (on_sqlite.folder / "child").touch()
    on_sqlite.start()
    (row,) = on_sqlite.until(lambda: on_sqlite.rows("job_id = 'in a child' AND state = 'failed'"))

    assert "this process does not run the clock" in row.error


@pytest.mark.slow
def test_a_job_on_a_worker_is_told_that_it_adds_nothing(workers: WorkerSite) -> None:
    workers.write(JOBS + 'sched.add_job(later, "interval", seconds=1, catch_up=60)')
    workers.start(), workers.work()
    row = workers.until(lambda: workers.rows("state = 'failed'"))[0]

    assert "this process does not run the clock" in row.error


def test_a_process_that_was_forked_from_the_clock_does_not_run_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sched = Clock(timezone="UTC")
    sched.add_job(print, "interval", days=1)
    monkeypatch.setattr(sched, "lives_in", 1)

    with pytest.raises(RuntimeError, match="add_job has no effect here"):
        sched.add_job(print, "interval", days=2)


OF_THIS_FILE = Clock(timezone="UTC")


def test_a_clock_that_a_test_has_made_takes_jobs_for_ever() -> None:
    assert OF_THIS_FILE.add_job(print, "interval", days=1).id == "print"
