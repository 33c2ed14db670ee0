"""A deploy, and a rollback: two versions of the library on one database, whose tables differ."""

import io
import shutil
import subprocess
import tarfile
from collections import Counter
from datetime import timedelta
from pathlib import Path

import clockdyno
import pytest
from support.files import REPOSITORY
from support.site import Site

BEFORE = "4ef49ea011"  # the first commit of the library
# What the next version may do to the tables: STEPS says what is allowed.
COLUMNS = """
runs.append_column(sa.Column("mood", sa.Text))
clocks.append_column(sa.Column("mood", sa.Text, default="calm"))
sa.Table("moods", metadata, sa.Column("mood", sa.Text, primary_key=True))
"""
STEPS = """
STEPS += (
    "ALTER TABLE clockdyno.runs ADD COLUMN mood TEXT",
    "ALTER TABLE clockdyno.clocks ADD COLUMN mood TEXT",
)
"""
# With workers each takes one of these at a time, so that each version gets some: else all would
# go to the one that asks first, second after second.
NAMES = [f"tick{n}" for n in range(6)]
SECONDS = 0.1
JOBS = """
import time

import clockdyno

sched = clockdyno.Clock(timezone="UTC"{workers})

def tick(name, scheduled_at):
    with open("effects", "a") as file:
        file.write(f"{{name}} {{scheduled_at.isoformat()}} {{clockdyno.__file__}}\\n")

for name in {names}:
    sched.add_job(tick, "interval", seconds=1, id=name, kwargs=dict(name=name))

if __name__ == "__main__":
    sched.start()
"""


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Take the version before out of the history."""
    folder = tmp_path_factory.mktemp("before")
    command = ["git", "-C", str(REPOSITORY), "archive", BEFORE, "library/clockdyno"]
    found = subprocess.run(command, capture_output=True)
    assert not found.returncode, f"there is no {BEFORE} here: git fetch --unshallow"
    with tarfile.open(fileobj=io.BytesIO(found.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder / "library"


@pytest.fixture(scope="module")
def after(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the version after of today's."""
    folder = tmp_path_factory.mktemp("after")
    shutil.copytree(Path(clockdyno.__file__).parent, folder / "clockdyno")
    for name, more in {"tables": COLUMNS, "database": STEPS}.items():
        with (folder / "clockdyno" / "ledger" / f"{name}.py").open("a") as file:
            file.write(more)
    return folder


def start(site: Site, library: Path) -> list[subprocess.Popen[bytes]]:
    """Deploy a version: its tables come first, then a clock and, where there are some, a worker."""
    env = {"PYTHONPATH": str(library), "WORKER_CONCURRENCY": "1"}
    assert site.command("setup", **env).returncode == 0
    work = getattr(site, "work", None)
    return [site.start(**env), *([work(**env)] if work else [])]


def has_run(site: Site, library: Path, so_far: int = 0) -> bool:
    """Say whether a version has run something since there were so many effects."""
    return any(str(library) in line for line in site.effects()[so_far:])


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["on_sqlite", "on_postgres", "workers"])
@pytest.mark.parametrize("order", [("before", "after"), ("after", "before")], ids=" then ".join)
def test_two_versions_share_a_database_and_each_time_has_one_run(
    kind: str, order: tuple[str, str], request: pytest.FixtureRequest
) -> None:
    site: Site = request.getfixturevalue(kind)
    old, new = (request.getfixturevalue(name) for name in order)
    workers, seconds = (", workers=True", SECONDS) if kind == "workers" else ("", 0)
    text = JOBS.format(workers=workers, seconds=seconds, names=NAMES)
    (site.folder / "jobs.py").write_text(text)

    leaving = start(site, old)
    site.until(lambda: has_run(site, old))
    staying = start(site, new)
    site.until(lambda: has_run(site, new))
    together = len(site.effects())
    site.until(lambda: has_run(site, old, together) and has_run(site, new, together))
    assert [site.stop(process) for process in leaving] == [0] * len(leaving)
    alone = len(site.effects())
    site.until(lambda: len(site.effects()) > alone + 2 * len(NAMES) and has_run(site, new, alone))
    assert [site.stop(process) for process in staying] == [0] * len(staying)

    rows = site.rows()
    for name in NAMES:
        times = [row.scheduled_at for row in rows if row.job_id == name]
        assert times == [times[0] + n * timedelta(seconds=1) for n in range(len(times))]
    done = [
        f"{row.job_id} {row.scheduled_at.isoformat()}" for row in rows if row.state == "succeeded"
    ]
    assert Counter(line.rpartition(" ")[0] for line in site.effects()) == Counter(done)
    states = {row.state for row in rows}
    # On a machine that is busy a time may wait too long for its one worker, and says so.
    assert states <= {"succeeded", "requested", "skipped", "missed"}, site.log()
    clocks = site.query("SELECT lost_at, stopped_at FROM clockdyno.clocks")
    assert all(stopped and not lost for lost, stopped in clocks)
    assert len(clocks) == len(leaving + staying)
    assert "Traceback" not in site.log()
