"""The whole story of a project of uv: made, checked, run, deployed, changed, its workers too."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.heroku_project import Owner, end
from support.uv import uv  # noqa: F401

from loopback import Heroku
from loopback.build import HOME, HOST_VARIABLES
from loopback.dynos import free_port
from loopback.owner import commit, heroku_program, until
from loopback.test_story import VERSION, Ledger


def installed(ledger: Ledger) -> set[str]:
    """Return the names of what the last build installed."""
    assert ledger.app.slug
    return {path.name for path in ledger.app.slug.environment.glob("lib/*/site-packages/*")}


@pytest.mark.slow
@pytest.mark.usefixtures("uv")
@pytest.mark.timeout(600)
def test_a_project_of_uv_is_made_checked_run_deployed_changed_and_given_workers(
    whole_heroku: Heroku, lonely: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heroku_program()
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    owner = Owner(whole_heroku, lonely)
    by_uv = {"UV_CACHE_DIR": str(HOME / ".cache/uv"), "UV_PYTHON": sys.executable}
    # What `heroku` must not see, and uv needs to reach an index on some machines.
    by_uv |= {k: v for k, v in os.environ.items() if k in HOST_VARIABLES[1:]}

    def types(*words: str) -> str:
        done = owner.types(*words, **(by_uv if words[0] == "workers" else {}))
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    made = types("new", "ticker", "--yes", "--python", VERSION, "--job", "tick: every second")
    assert "packages  uv" in made and "(it is on the PATH)" in made
    owner.project = lonely / "ticker"
    assert types("check") == "Nothing is wrong: it is fit for Heroku.\n"
    types("add", "long", "every 10 seconds")
    commit(owner.project, "Add a job")
    running = owner.begins("run", "--port", str(free_port()), **by_uv)
    assert running.stdout
    said = []
    while not said or "tick ran" not in said[-1]:
        said.append(running.stdout.readline())
        assert said[-1], said
    end(running)
    assert "Making .venv with uv ..." in "".join(said) and (owner.project / ".venv").is_dir()
    assert types("check") == "Nothing is wrong: it is fit for Heroku.\n"

    assert "The clock of ticker is up" in types("deploy", "--yes")
    ledger = Ledger(whole_heroku)
    assert {"flask", "clockdyno"} <= installed(ledger)
    assert not {"pytest", "procrastinate", "pip"} & installed(ledger)
    until(lambda: ledger.count("tick") >= 3, ledger.app)

    types("add", "fresh", "every second")
    types("workers", "on")
    assert "pyproject.toml" in subprocess.check_output(
        ["git", "status", "--short"], cwd=owner.project, text=True
    )
    commit(owner.project, "Run jobs on worker dynos")
    assert "1 commit is not on Heroku" in types("check")
    types("deploy", "--yes")
    assert "procrastinate" in installed(ledger)
    assert ledger.app.formation["worker"].quantity == 1
    until(lambda: ledger.count("fresh"), ledger.app)
    dynos = "SELECT DISTINCT dyno FROM clockdyno.runs JOIN clockdyno.clocks USING (clock_id)"
    until(lambda: "worker.1" in ledger.query(f"{dynos} WHERE state = 'succeeded'"), ledger.app)
    owner.assert_nothing_leaked()
