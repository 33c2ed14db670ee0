"""A job that has another name than on Heroku: what seems renamed, and what does not."""

import subprocess
from pathlib import Path

import pytest
from herokuclock.check import jobs
from herokuclock.check.findings import Site
from herokuclock.jobs.renames import Rename, between
from support.heroku_project import small_project
from support.program import Run

HEAD = "from clockdyno import Clock\n\nsched = Clock(timezone='UTC')\n"


def source(**whens: str) -> str:
    return HEAD + "".join(
        f"\n\n@sched.scheduled_job({when})\ndef {name}():\n    pass\n"
        for name, when in whens.items()
    )


HOURLY, DAILY = "'interval', hours=1", "'cron', hour=5"


@pytest.mark.parametrize(
    ("after", "found"),
    [
        (source(mail=HOURLY, report=DAILY), [Rename("send", "mail")]),
        (source(send=DAILY, report=DAILY), []),
        (source(report=DAILY, mail="'interval', hours=2"), []),
        (source(send=HOURLY, report=DAILY, mail=HOURLY), []),
        (source(a=HOURLY, b=HOURLY, report=DAILY), []),
        (source(mail=f"{HOURLY}, id='send'", report=DAILY), []),
    ],
)
def test_a_job_is_renamed_where_one_is_gone_and_one_of_its_schedule_has_come(
    after: str, found: list[Rename]
) -> None:
    assert list(between(source(send=HOURLY, report=DAILY), after)) == found


def test_check_and_add_say_how_a_renamed_job_keeps_its_runs(
    run: Run, lonely: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = small_project(lonely / "tick")
    monkeypatch.chdir(project)
    (project / "jobs.py").write_text(source(send=HOURLY))
    for command in (
        ("commit", "-qam", "Send"),
        ("update-ref", "refs/remotes/heroku/main", "HEAD"),
    ):
        subprocess.run(["git", *command], check=True)
    (project / "jobs.py").write_text(HEAD)

    added = run("add", "mail", "every hour")

    assert "mail looks like send under another name" in added.stderr
    (finding,) = jobs.renamed(Site(project))
    assert (finding.severity, finding.remedy) == (
        "note",
        'To keep them, say in its decorator: id="send".',
    )
