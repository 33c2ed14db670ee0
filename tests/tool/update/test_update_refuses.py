"""What an update refuses, in words, with nothing written."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from herokuclock.deploy import status
from support.files import tree
from support.program import Run
from support.releases import NEXT, Releases, commit


def rewritten(old: str, new: str) -> Callable[[Path], None]:
    def change(project: Path) -> None:
        file = project / ".herokuclock.toml"
        assert old in file.read_text()
        file.write_text(file.read_text().replace(old, new))
        commit(project)

    return change


def linked(project: Path) -> None:
    (project / "app.py").unlink()
    (project / "app.py").symlink_to("/etc/hostname")
    commit(project)


CASES: list[tuple[Callable[[Path], object], str]] = [
    (lambda p: (p / "app.py").write_text("pass\n"), "not committed: app.py"),
    (lambda p: shutil.rmtree(p / ".git"), "in no git repository"),
    (lambda p: (p / ".herokuclock.toml").unlink(), ".herokuclock.toml is not there"),
    (
        lambda p: (p / ".herokuclock.toml").write_text("# Yes.\n[init]\n"),
        "all files are the app's own",
    ),
    (rewritten('"0.3.0"', '"9.0.0"'), "of herokuclock 9.0.0, and this is 0.4.0"),
    (rewritten('"0.3.0"', '"new"'), "names no version: template = 'new'"),
    (rewritten('name = "shop"', 'name = "../shop"'), "'../shop'"),
    (rewritten('timezone = "UTC"', 'zone = "UTC"'), "no answer timezone"),
    (rewritten('"interval', '["'), "is not there, or not as `herokuclock new` wrote it"),
    (rewritten('"app.py" =', '"../outside" ='), "leads out of the project"),
    (linked, "app.py is a link that leads out of the project"),
]


def test_where_no_git_has_the_record_no_command_of_git_is_named(run: Run, project: Path) -> None:
    shutil.rmtree(project / ".git")
    (project / ".herokuclock.toml").write_text("")
    assert "take .herokuclock.toml from a copy" in run("update", cwd=project).stderr


@pytest.mark.parametrize(("break_it", "words"), CASES)
def test_it_says_what_is_wrong_and_writes_nothing(
    run: Run, releases: Releases, project: Path, break_it: Callable[[Path], object], words: str
) -> None:
    (project.parent / "outside").write_text("")
    break_it(project)
    releases.be("0.4.0", NEXT)
    before = tree(project)

    done = run("update", cwd=project)

    assert done.returncode in {1, 2}
    assert words in done.stderr and "Hint: " in done.stderr
    assert tree(project) == before


def test_check_and_status_note_a_newer_version_and_nothing_for_the_same(
    run: Run, releases: Releases, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert status._newer() is None
    monkeypatch.chdir(project)
    assert status._newer() is None
    assert "update" not in run("check", cwd=project).stdout

    releases.be("0.4.0")

    assert status._newer() == "herokuclock is 0.4.0 here, and this project of 0.3.0"
    said = run("check", cwd=project)
    note = "note: herokuclock is 0.4.0 here, and this project of 0.3.0. [update]"
    assert f"{note}\n  herokuclock update\n" in said.stdout and said.returncode == 0
