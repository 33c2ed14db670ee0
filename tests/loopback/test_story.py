"""The whole story, with the template, the real heroku command, real builds and a real database."""

import json
import re
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support.heroku_project import Owner

from loopback import Heroku
from loopback.owner import commit, heroku_env, heroku_program, run_heroku, until

VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
JOBS = ("tick: every second", "long: every 10 seconds", "report: weekdays at 17:00")


@pytest.fixture
def owner(whole_heroku: Heroku, lonely: Path) -> Owner:
    return project(whole_heroku, lonely)


def project(whole_heroku: Heroku, lonely: Path, *options: str) -> Owner:
    heroku_program()
    owner = Owner(whole_heroku, lonely)
    jobs = [word for job in JOBS for word in ("--job", job)]
    made = owner.types(
        *("new", "ticker", "--yes", "--python", VERSION, "--packages", "pip", *jobs, *options)
    )
    assert made.returncode == 0, made.stderr
    owner.project = lonely / "ticker"
    jobs = owner.project / "jobs.py"
    long = 'log.info("long ran")'
    jobs.write_text(jobs.read_text().replace(long, f'__import__("time").sleep(3)\n    {long}'))
    commit(owner.project, "Let a job take its time")
    return owner


class Ledger:
    """What the clock of the deployed app wrote into its database."""

    def __init__(self, heroku: Heroku) -> None:
        self.heroku, self.app = heroku, heroku.app("ticker")

    def query(self, sql: str) -> list[str]:
        assert self.heroku.postgres
        return self.heroku.postgres.execute(sql, self.app.config["DATABASE_URL"]).splitlines()

    def count(self, job: str, state: str = "succeeded") -> int:
        sql = f"SELECT count(*) FROM clockdyno.runs WHERE job_id = '{job}' AND state = '{state}'"
        return int(self.query(sql)[0])

    def workers(self) -> int:
        """How many workers are up."""
        up = "role = 'worker' AND stopped_at IS NULL"
        return int(self.query(f"SELECT count(*) FROM clockdyno.clocks WHERE {up}")[0])

    def fires(self, job: str) -> list[datetime]:
        sql = f"SELECT scheduled_at FROM clockdyno.runs WHERE job_id = '{job}' ORDER BY 1"
        return [datetime.fromisoformat(row) for row in self.query(sql)]

    def ends(self, job: str) -> set[str]:
        """How the runs of a job ended, but for those still under way."""
        rest = f"WHERE job_id = '{job}' AND state <> 'running'"
        return set(
            self.query(f"SELECT DISTINCT concat_ws(' ', state, reason) FROM clockdyno.runs {rest}")
        )


def pushed(owner: Owner) -> str:
    """Push as a person does, where `heroku` itself answers git; return what is said."""
    done = subprocess.run(
        ["git", "push", "heroku", "main"],
        cwd=owner.project,
        env=heroku_env(owner.heroku, owner.home),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_project_is_made_checked_deployed_changed_and_deployed_again(
    owner: Owner, whole_heroku: Heroku
) -> None:
    checked = owner.types("check", VIRTUAL_ENV=sys.prefix)
    assert checked.returncode == 0, checked.stdout

    deployed = owner.types("deploy", "--yes")
    assert deployed.returncode == 0, deployed.stdout + deployed.stderr
    assert re.search(r"^  tick +.* in \d+ s$", deployed.stdout, re.MULTILINE), deployed.stdout
    ledger = Ledger(whole_heroku)
    until(lambda: ledger.count("tick") >= 3, ledger.app)
    until(lambda: ledger.count("long", "running"), ledger.app)

    assert owner.types("add", "fresh", "every second").returncode == 0
    commit(owner.project)
    pushed(owner)
    until(lambda: ledger.count("fresh") >= 3, ledger.app)
    stopped = "\n".join(ledger.app.log).count("Process exited with status 0")
    assert stopped, "the old clock has not ended by itself"

    for job, seconds in (("tick", 1), ("long", 10)):
        fires = ledger.fires(job)
        assert fires == [fires[0] + timedelta(seconds=seconds * n) for n in range(len(fires))]
        # Between the old clock's last claim and the new one's first there are two or three seconds:
        # of the fires in them the last one runs. A slow machine may take more than a second to run.
        assert ledger.ends(job) <= {"succeeded", "missed coalesced", "skipped overlap"}

    status = owner.types("status", "--json")
    jobs = {job["job"]: job for job in json.loads(status.stdout)["clock"]["jobs"]}
    assert set(jobs) == {"tick", "long", "report", "fresh"}
    assert jobs["fresh"]["last_state"] == "succeeded" and jobs["report"]["next_at"]
    before = len(whole_heroku.mutations())
    again = owner.types("deploy", "--yes", "--json")
    assert json.loads(again.stdout)["status"] == "unchanged", again.stderr
    assert whole_heroku.mutations()[before:] == []
    owner.assert_nothing_leaked()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_article_by_hand_without_a_database(owner: Owner, whole_heroku: Heroku) -> None:
    def heroku(*args: str) -> None:
        done = run_heroku(whole_heroku, owner.home, *args, cwd=owner.project)
        assert done.returncode == 0, done.stderr

    heroku("create", "ticker")
    app = whole_heroku.app("ticker")
    assert "Procfile declares types -> clock, release, web" in pushed(owner)
    heroku("ps:scale", "clock=1")

    until(lambda: "tick ran" in "\n".join(app.log), app)
    log = "\n".join(app.log)
    assert "no shared database" in log
    assert "heroku addons:create heroku-postgresql:essential-0" in log
    assert whole_heroku.get(app)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_with_workers_a_deploy_starts_one_and_the_runs_go_there(
    whole_heroku: Heroku, lonely: Path
) -> None:
    owner = project(whole_heroku, lonely, "--workers")
    checked = owner.types("check", VIRTUAL_ENV=sys.prefix)
    assert checked.returncode == 0, checked.stdout

    deployed = owner.types("deploy", "--yes")
    assert deployed.returncode == 0, deployed.stdout + deployed.stderr
    assert "worker=1" in deployed.stdout
    ledger = Ledger(whole_heroku)
    until(lambda: ledger.count("long") >= 2, ledger.app)
    dynos = "SELECT DISTINCT dyno FROM clockdyno.runs JOIN clockdyno.clocks USING (clock_id)"
    assert ledger.query(f"{dynos} WHERE state = 'succeeded'") == ["worker.1"]

    scaled = owner.types("scale", "--workers", "0")
    assert "no worker runs" in scaled.stdout, scaled.stderr
    until(lambda: ledger.workers() == 0, ledger.app)
    assert "No worker is up" in owner.types("status").stdout
    unwell = owner.types("check", "--app", "ticker", "--json")
    assert {"workers", "clock"} <= {each["check"] for each in json.loads(unwell.stdout)}

    scaled = owner.types("scale", "--workers", "1", "--json")
    assert json.loads(scaled.stdout)["worker"] == 1, scaled.stderr

    until(lambda: ledger.workers() == 1, ledger.app)
    status = json.loads(owner.types("status", "--json").stdout)
    assert status["clock"]["workers"]["up"] == 1
    owner.assert_nothing_leaked()
