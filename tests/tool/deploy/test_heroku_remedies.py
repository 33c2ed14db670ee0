"""What a refusal about an app on Heroku says to type does what it says, typed as it stands."""

import json
import re
import shlex
import shutil
import subprocess

import pytest
from loopback.owner import commit
from support.heroku_project import APP_JSON, Owner, write
from support.program import Run

HINT = re.compile(r"^Hint: (.*(?:\n  .*)*)", re.MULTILINE)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_each_remedy_from_the_first_deploy_to_the_last_is_typed(here: Owner, run: Run) -> None:
    # app.json asks for what only a person knows.
    asked = {**APP_JSON, "env": {**APP_JSON["env"], "TOKEN": {"required": True}}}
    write(here.project, {"app.json": json.dumps(asked)})
    commit(here.project)
    told = refused(run, "deploy --yes")
    typed(told.partition(" or: ")[2].replace("TOKEN=...", "TOKEN=abc"), here)
    assert herokuclock(run, "deploy --yes") == 0

    # Somebody else has pushed meanwhile.
    other = shutil.copytree(here.project, here.home / "other")
    (other / "notes.txt").write_text("theirs\n")
    typed("git add --all && git commit -qm Theirs && git push -q heroku main", here, other)
    (here.project / "more.txt").write_text("ours\n")
    commit(here.project)
    told = refused(run, "deploy --yes")
    typed(told.removeprefix("Get them first: "), here)
    assert herokuclock(run, "deploy --yes") == 0

    # Another app's remote makes it unclear which is meant.
    port = here.heroku.git.port
    here.git("remote", "add", "staging", f"https://127.0.0.1:{port}/staging.git")
    assert refused(run, "status") == "Name one: --app NAME"
    assert herokuclock(run, "status --app tick") == 0
    assert refused(run, "status --app staging") == "heroku apps"
    typed("heroku apps", here)
    here.git("remote", "remove", "staging")

    write(here.project, {"app.json": json.dumps(APP_JSON)})
    commit(here.project)
    told = refused(run, "destroy")
    option = re.search(r"--confirm \w+", told)
    assert option and herokuclock(run, f"destroy {option[0]}") == 0
    told = refused(run, "status")
    assert herokuclock(run, f"{told.rpartition('herokuclock ')[2]} --yes --dry-run") == 0


def refused(run: Run, line: str) -> str:
    """Type what is refused; return the hint as one line."""
    done = run(*shlex.split(line))
    found = HINT.search(done.stderr)
    assert done.returncode and found, done.stdout + done.stderr
    return " ".join(found[1].split())


def herokuclock(run: Run, line: str) -> int:
    return run(*shlex.split(line)).returncode


def typed(line: str, here: Owner, folder: object = None) -> None:
    done = subprocess.run(
        ["bash", "-euc", line],
        cwd=str(folder or here.project),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, line + done.stdout + done.stderr
