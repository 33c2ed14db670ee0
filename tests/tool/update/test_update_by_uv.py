"""Updates of a project of uv: its lock is renewed by uv, beside the project."""

import os
import subprocess
from pathlib import Path

import pytest
from support.files import tree
from support.program import Run
from support.releases import NEXT, Releases, made, updated

OFFLINE = {"UV_OFFLINE": "1", "UV_NO_CACHE": "1", "UV_PYTHON_DOWNLOADS": "never"}


@pytest.mark.slow
@pytest.mark.usefixtures("uv")
def test_the_lock_has_the_new_library_and_every_other_pin_without_a_network(
    run: Run, releases: Releases, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = made(run, "shop", "uv")
    old = (project / "uv.lock").read_text()
    for name, value in OFFLINE.items():
        monkeypatch.setenv(name, value)
    releases.be("0.4.0", NEXT)

    said = updated(run, project)

    new = (project / "uv.lock").read_text()
    assert "renewed  uv.lock" in said and "0.3.0" not in new
    assert old.count("0.3.0") == new.count("0.4.0") - old.count("0.4.0")
    changed = [line for line in new.splitlines() if line not in old.splitlines()]
    assert all("0.4.0" in line for line in changed)
    assert "clockdyno-0.4.0-py3-none-any.whl" in (project / "pyproject.toml").read_text()
    check = ["uv", "lock", "--check"]
    assert subprocess.run(check, cwd=project, env=os.environ, capture_output=True).returncode == 0


def test_where_uv_cannot_nothing_is_changed(
    run: Run, releases: Releases, lonely: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = made(run, "shop", "uv")
    before = tree(project)
    (lonely / "uv").write_text("#!/bin/sh\necho no network >&2\nexit 1\n")
    (lonely / "uv").chmod(0o755)
    monkeypatch.setenv("PATH", f"{lonely}:/usr/bin:/bin")
    releases.be("0.4.0", NEXT)

    done = run("update", cwd=project)

    assert (done.returncode, tree(project)) == (1, before)
    assert "uv could not renew uv.lock: no network" in done.stderr


def test_of_a_project_just_made_nothing_is_newer(run: Run, lonely: Path) -> None:
    run("new", "shop", "--yes", "--packages", "uv")
    before = tree(lonely / "shop")

    done = run("update", cwd=lonely / "shop")

    assert "nothing to change" in done.stdout
    assert tree(lonely / "shop") == before
