"""`herokuclock update`: a project of one version becomes one of the next."""

import json
from pathlib import Path

import pytest
from herokuclock import project_files, record
from support.checkouts import git
from support.files import tree
from support.program import Run
from support.releases import NEXT, OURS, Releases, commit, contents, made, updated

MARK = "# mine\n"


def test_an_untouched_project_becomes_what_new_makes_but_for_other_pins(
    run: Run, releases: Releases, project: Path
) -> None:
    releases.be("0.4.0", NEXT)

    said = updated(run, project)

    after = contents(project)
    project.rename("before")
    fresh = contents(made(run, "shop"))
    pinned = fresh.pop("requirements.txt")
    assert after.pop("requirements.txt") == pinned.replace(b"flask==3.1.4", b"flask==3.1.3")
    assert after == fresh and b"clockdyno==0.4.0" in pinned
    assert "Draw the clock in blue." in said and "gold" not in said
    assert git(Path("before"), "log", "--format=%s").count("\n") == 1
    assert "SECURITY.md" in said and "nothing is committed yet" in said


def test_a_second_update_changes_nothing_and_ci_is_told_whether_there_is_one(
    run: Run, releases: Releases, project: Path
) -> None:
    assert "Nothing is newer" in updated(run, project, "--check")
    releases.be("0.4.0", NEXT)
    before = tree(project)

    assert "herokuclock update" in updated(run, project, "--check", code=1)
    shown = updated(run, project, "--dry-run")
    assert "+It works" not in shown and '+        return "It works well.' in shown
    assert tree(project) == before

    updated(run, project)
    assert "already" in updated(run, project)
    commit(project)
    after = tree(project)
    for words in ([], ["--check"], ["--dry-run"]):
        updated(run, project, *words)
        assert tree(project) == after


def test_edits_in_every_file_are_merged_and_their_line_ends_kept(
    run: Run, releases: Releases, project: Path
) -> None:
    texts = {path: text for path, text in contents(project).items() if b"\0" not in text}
    for path, text in texts.items():
        (project / path).write_bytes(text.replace(b"\n", b"\r\n") + MARK.encode())
    commit(project)
    releases.be("0.4.0", NEXT)

    said = updated(run, project)

    after = contents(project)
    assert after.keys() - texts.keys() == {
        *("SECURITY.md", "vendor/clockdyno-0.4.0-py3-none-any.whl")
    }
    for path in texts:
        assert after[path].endswith(b"\n" + MARK.encode())
        assert after[path].count(b"\r\n") == after[path].count(b"\n") - 1
    assert b"It works well." in after["app.py"] and b"one more job" in after["README.md"]
    assert b"\r\nclockdyno==0.4.0\r\n" in after["requirements.txt"]
    assert "gunicorn.conf.py is no part of the template any more" in said

    # What the template had stands in no commit now, and is merged with all the same.
    commit(project)
    releases.be("0.5.0", {**NEXT, "README.md": lambda text: text.replace("## Look", "## Watch")})
    updated(run, project)
    readme = (project / "README.md").read_bytes()
    assert b"## Watch" in readme and b"## Add a job" in readme and readme.endswith(MARK.encode())


def test_a_conflict_is_written_named_and_told_by_the_exit_code(
    run: Run, releases: Releases, project: Path
) -> None:
    app = project / "app.py"
    app.write_text(app.read_text().replace("It works.", "It is mine."))
    commit(project)
    releases.be("0.4.0", NEXT)

    said = updated(run, project, code=3)

    assert "Conflicts, marked <<<<<<< and >>>>>>>: app.py." in said
    text = app.read_text()
    assert "It is mine." in text and "It works well." in text and ">>>>>>> herokuclock 0.4" in text
    assert b"one more job" in (project / "README.md").read_bytes()


def test_what_its_owner_deleted_stays_away_and_what_is_theirs_is_not_overwritten(
    run: Run, releases: Releases, project: Path
) -> None:
    (project / "README.md").unlink()
    (project / "SECURITY.md").write_text("Tell me.\n")
    commit(project)
    releases.be("0.4.0", NEXT)

    said = updated(run, project, code=3)

    after = contents(project)
    assert "README.md" not in after and after["SECURITY.md"] == b"Tell me.\n"
    assert after["SECURITY.md.herokuclock-new"] == b"Tell us.\n"
    assert "SECURITY.md is as it was, as it is yours" in said


def test_other_pins_move_only_when_asked_and_never_those_that_its_owner_chose(
    run: Run, releases: Releases, project: Path
) -> None:
    pins = project / "requirements.txt"
    pins.write_text(pins.read_text().replace("click==8.5.1", "click==8.5.0"))
    commit(project)
    newer = ("flask==3.1.4", "click==8.6.0", "rich==15.0.0")

    def changed(text: str) -> str:
        for old, new in zip(("flask==3.1.3", "click==8.5.1"), newer[:2], strict=True):
            text = text.replace(old, new)
        return text.replace("sqlalchemy", newer[2] + "\nsqlalchemy")

    releases.be("0.4.0", {"requirements.txt": changed})

    updated(run, project)
    text = pins.read_text()
    assert "flask==3.1.3" in text and "click==8.5.0" in text and newer[2] in text
    assert "clockdyno==0.4.0" in text
    commit(project)
    updated(run, project, "--pins")
    assert "flask==3.1.4" in pins.read_text() and "click==8.5.0" in pins.read_text()


def test_what_add_and_workers_wrote_is_merged_too(
    run: Run, releases: Releases, project: Path
) -> None:
    assert run("add", "report", "weekdays at 17:00", cwd=project).returncode == 0
    assert run("workers", "on", cwd=project).returncode == 0
    commit(project)
    releases.be("0.4.0", NEXT)

    updated(run, project)

    after = contents(project)
    assert b"def report" in after["jobs.py"] and b"All your jobs:" in after["jobs.py"]
    assert b"clockdyno[dashboard,workers]==0.4.0" in after["requirements.in"]
    assert b"\nclockdyno==0.4.0\ncroniter" in after["requirements.txt"]
    assert run("workers", "off", cwd=project).returncode == 0
    assert b"procrastinate" not in (project / "requirements.txt").read_bytes()


@pytest.mark.slow
def test_killed_at_any_moment_nothing_is_lost_and_the_next_update_finishes_it(
    run: Run, releases: Releases, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = project / "app.py"
    app.write_text(app.read_text() + MARK)
    commit(project)
    git(project, "tag", "before")
    releases.be("0.4.0", NEXT)
    updated(run, project)
    whole = tree(project)
    calls = ("write", "delete")
    real = {name: getattr(project_files, name) for name in calls}
    deeds = list[str]()

    def up_to(most: int) -> None:
        def deed(name: str, *args: object) -> None:
            deeds.append(name)
            if len(deeds) > most:
                raise KeyboardInterrupt
            real[name](*args)

        deeds.clear()
        for name in calls:
            monkeypatch.setattr(project_files, name, lambda *args, name=name: deed(name, *args))

    for moment in (1, 6, 7, 8, 9):
        git(project, "reset", "-q", "--hard", "before")
        git(project, "clean", "-qfd")
        up_to(moment)
        if run("update", cwd=project).returncode == 0:
            break
        assert MARK in app.read_text()
        commit(project, "half of it")
        (project / ".app.py.herokuclock-unfinished").touch()
        up_to(100)
        updated(run, project)
        assert tree(project) == whole, moment
    assert moment == 9
    assert "0.4.0" in whole[record.FILE].decode() and OURS not in whole[record.FILE].decode()


def test_json_says_the_same(run: Run, releases: Releases, project: Path) -> None:
    releases.be("0.4.0", {"app.py": NEXT["app.py"]})

    told = json.loads(updated(run, project, "--json"))

    assert (told["from"], told["to"], told["written"]) == (OURS, "0.4.0", True)
    assert {"file": "app.py", "what": "renewed"} in told["files"]
    assert "- Draw the clock in blue." in told["news"]
