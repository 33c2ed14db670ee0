"""Which program is the clock is what the Procfile says, and Python starts it as it always does."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from clockdyno import host, procfile
from support.site import Site
from support.workers import WorkerSite


@pytest.fixture(autouse=True)
def alone(lonely: Path) -> Iterator[None]:
    """Be in an empty folder, the project."""
    host.project.cache_clear()
    yield
    host.project.cache_clear()


@pytest.mark.parametrize(
    ("line", "command", "file", "module"),
    [
        ("python jobs.py", "python jobs.py", "jobs.py", "jobs"),
        ("python -u clock.py", "python clock.py", "clock.py", "clock"),
        ("python app/clock.py", "python app/clock.py", "app/clock.py", "clock"),
        ("python -m app.jobs", "python -m app.jobs", "app/jobs.py", "app.jobs"),
        ("python -u -m app.jobs", "python -m app.jobs", "app/jobs.py", "app.jobs"),
        ("python -m package", "python -m package", "package/__main__.py", "package.__main__"),
        ("exec python jobs.py", "python jobs.py", "jobs.py", "jobs"),
        ("exec python ./a/b.py --verbose", "python a/b.py", "a/b.py", "b"),
        ("TZ=UTC python3.14 -X dev -W error clock.py", "python clock.py", "clock.py", "clock"),
        ("ddtrace-run python clock.py 2>&1", "python clock.py", "clock.py", "clock"),
        ("./start", "python jobs.py", "jobs.py", "jobs"),
        ("", "python jobs.py", "jobs.py", "jobs"),
    ],
)
def test_the_clock_is_the_program_of_its_line(
    lonely: Path, line: str, command: str, file: str, module: str
) -> None:
    (lonely / "package").mkdir()
    (lonely / "package" / "__main__.py").touch()
    (lonely / "Procfile").write_text(f"clock: {line}\n")

    program = procfile.clock()

    assert (program.command, str(program.file), program.module) == (command, file, module)
    is_script = " -m " not in command
    assert program.folder == ((lonely / file).parent if is_script else lonely)


@pytest.mark.parametrize(
    ("text", "module"),
    [
        ("clock:python clock.py", "clock"),
        ("web: gunicorn app:app\nclock: python clock.py\nworker: python other.py", "clock"),
        ("web: gunicorn app:app\r\nclock: python clock.py\r\n", "clock"),
        ("web: python server.py", "jobs"),
        ("oclock: python other.py\n# clock: python other.py", "jobs"),
        ("clock: bin/clock\nweb: python server.py", "jobs"),
    ],
)
def test_no_other_line_is_the_clock_s(lonely: Path, text: str, module: str) -> None:
    (lonely / "Procfile").write_text(text + "\n", newline="")

    assert procfile.clock().module == module


def test_without_a_procfile_the_clock_is_jobs_py() -> None:
    assert procfile.clock().command == "python jobs.py"


def test_a_procfile_in_another_encoding_is_read_all_the_same(lonely: Path) -> None:
    (lonely / "Procfile").write_bytes("# für alle\nclock: python clock.py\n".encode("latin-1"))

    assert procfile.clock().module == "clock"


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("worker: python -m clockdyno worker", True),
        ("reports-worker: WORKER_QUEUES=reports exec python -m clockdyno worker", True),
        ("worker: python -m celery worker", False),
        ("release: python -m clockdyno setup\nworker: celery worker", False),
    ],
)
def test_a_project_has_workers_where_its_procfile_starts_them(
    lonely: Path, line: str, found: bool
) -> None:
    (lonely / "Procfile").write_text(line + "\n")

    assert procfile.has_workers() is found


# Its neighbour has the name of a module in the project's folder, which it must not be taken for.
JOBS = """
import neighbour

@sched.scheduled_job("interval", seconds=1, max_instances=2)
def tick():
    note("tick", neighbour.NAME)

@sched.scheduled_job("interval", seconds=1, timeout=30)
def apart():
    note("apart", neighbour.NAME)
"""


def move(site: Site, line: str, file: str) -> None:
    """Let the clock be another file."""
    site.write(JOBS)
    into = site.folder / file
    into.parent.mkdir()
    (site.folder / "jobs.py").rename(into)
    (site.folder / "neighbour.py").write_text("NAME = 'of the project'\n")
    if "-m" not in line:
        (into.parent / "neighbour.py").write_text("NAME = 'of the folder'\n")
    (site.folder / "Procfile").write_text(f"clock: {line}\nworker: python -m clockdyno worker\n")


PROGRAMS = [
    ("python timed/clock.py", "timed/clock.py", "of the folder"),
    ("python -m timed.clock", "timed/clock.py", "of the project"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("line", "file", "neighbour"), PROGRAMS)
def test_a_clock_in_a_folder_runs_and_is_looked_at_as_python_runs_it(
    on_sqlite: Site, line: str, file: str, neighbour: str
) -> None:
    move(on_sqlite, line, file)
    on_sqlite.program = line.split()[1:]

    assert on_sqlite.command("check").returncode == 0
    assert on_sqlite.command("next", "nobody").stderr.startswith(
        f"Error: there is no job 'nobody' in {file}."
    )
    asked = on_sqlite.command("run-now", "tick")
    assert asked.returncode == 2  # No clock has ever seen it.

    on_sqlite.start()
    effects = {f"tick {neighbour}", f"apart {neighbour}"}
    on_sqlite.until(lambda: effects <= set(on_sqlite.effects()))

    assert on_sqlite.command("run-now", "tick").returncode == 0
    on_sqlite.until(lambda: on_sqlite.rows("kind = 'manual' AND state = 'succeeded'"))
    assert "succeeded" in on_sqlite.command("history").stdout
    assert set(on_sqlite.effects()) == effects


@pytest.mark.parametrize(("line", "file", "neighbour"), PROGRAMS)
def test_its_workers_do_its_runs_with_and_without_a_timeout(
    workers: WorkerSite, line: str, file: str, neighbour: str
) -> None:
    move(workers, line, file)
    workers.program = line.split()[1:]
    workers.start()
    workers.work()

    effects = {f"tick {neighbour}", f"apart {neighbour}"}
    workers.until(lambda: effects <= set(workers.effects()))
    assert not workers.rows("state = 'failed'")
