"""The pages: each block of code is run, or parsed where it needs what no machine here has."""

import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger
from clockdyno.clock.declared import options
from clockdyno.ledger import database
from clockdyno.ledger.claims import Ledger
from clockdyno.schedule import typed
from support.doc_blocks import DOCS, ELSEWHERE, PARSED, Reader, blocks
from support.program import Run
from support.site import Webhook

PAGES = {page.name: page for page in sorted(DOCS.glob("*.md")) if blocks(page)}
OLD_CLOCK = """
from apscheduler.schedulers.blocking import BlockingScheduler

sched = BlockingScheduler()


@sched.scheduled_job("interval", minutes=15)
def refresh():
    print("refreshed")


sched.start()
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Say where the project lies that each reader gets a copy of, as soon as one has made it."""
    return tmp_path_factory.mktemp("made") / "project"


@pytest.fixture
def project(
    lonely: Path, made: Path, run: Run, webhook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Give a project as a reader has one, and go there."""
    if not made.exists():
        assert run("new", "project", "--yes", cwd=made.parent).returncode == 0
    folder = lonely / "reading" / "project"
    shutil.copytree(made, folder, symlinks=True)
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{folder}/app.sqlite3")
    monkeypatch.setenv("ALERT_WEBHOOK_URL", webhook.url)
    return folder


def an_old_app(folder: Path) -> None:
    """Put an app here that has had its scheduler for years."""
    subprocess.run("rm -r ./* .herokuclock.toml .python-version", shell=True, cwd=folder)
    (folder / "clock.py").write_text(OLD_CLOCK)
    (folder / "Procfile").write_text("clock: python clock.py\n")
    (folder / "requirements.txt").write_text("apscheduler==3.11.3\n")
    for command in ("git add -A", "git commit -qm 'As it was'"):
        subprocess.run(command, shell=True, cwd=folder, check=True)


def a_clock_that_is_up(folder: Path) -> None:
    """Enter a clock and its job in the ledger of this folder."""
    engine = database.connect()
    database.set_up(engine)
    ledger = Ledger(engine)
    ledger.register(paused=False)
    ledger.arrive({"hello": "interval"}, datetime.now(UTC))
    engine.dispose()


BEFORE = {"existing-apps.md": an_old_app, "dashboard.md": a_clock_that_is_up}


@pytest.mark.parametrize("name", PAGES)
def test_whoever_follows_a_page_gets_to_its_end(
    name: str, project: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name in BEFORE:
        BEFORE[name](project)
    reader = Reader(project, run, monkeypatch)

    for block in blocks(PAGES[name]):
        reader.follow(block)


def test_nothing_is_excused_that_no_page_shows() -> None:
    shown = "\n".join(block.text for page in PAGES.values() for block in blocks(page))
    commands = re.findall(r"^\$ (\w+)(?: (\w+))?", shown, re.MULTILINE)

    assert set(ELSEWHERE) <= {program for program, _ in commands}
    assert set(PARSED) <= {second for program, second in commands if program == "herokuclock"}


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table below a heading of jobs.md."""
    part = (DOCS / "jobs.md").read_text(encoding="utf-8").split(f"\n## {heading}\n")[1]
    lines = [line for line in part.split("\n## ")[0].splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def test_the_table_has_each_option_that_a_job_may_have() -> None:
    told = {
        name for row in rows("What else a job may say") for name in re.findall(r"`(\w+)=", row[0])
    }

    ours = {*options.APSCHEDULER, *options.OURS, "catch_up", "args", "kwargs", "id", "name"}
    assert told == ours


@pytest.mark.parametrize(
    ("kind", "trigger"),
    [("cron", CronTrigger), ("interval", IntervalTrigger), ("date", DateTrigger)],
)
def test_the_table_has_each_keyword_of_a_trigger(kind: str, trigger: type) -> None:
    (told,) = [re.findall(r"`(\w+)`", row[1]) for row in rows("When") if f'"{kind}"' in row[0]]

    code = trigger.__init__.__code__  # type: ignore[misc]
    assert set(told) == set(code.co_varnames[1 : code.co_argcount])


def test_every_schedule_in_the_table_is_understood() -> None:
    examples = [
        text for row in rows("What you may type") for text in re.findall("`([^`]+)`", row[1])
    ]

    assert len(examples) >= 20
    assert all(typed.parse(text) for text in examples)
