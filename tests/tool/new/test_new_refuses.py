"""`herokuclock new` given bad input: a line that names the thing, a hint, and nothing written."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.files import tree
from support.program import Run

HOSTILE = 'O\'Brien "x" \\ {{7*7}} {% x %}'
BAD_NAMES = {
    "": "no name",
    "/tmp/x": "/",
    "..": "..",
    "a/b": "/",
    "class": "a word of the Python language",
    "os": "Python",
    "clockdyno": "clockdyno",
    "app": "app",
    "jobs": "jobs",
    "x" * 31: "30",
    "My App": "My App",
    "ab": "3",
    "1app": "1app",
    HOSTILE: "Brien",
    "\N{PARTY POPPER}party": "",
    "\N{RIGHT-TO-LEFT OVERRIDE}myapp": "",
    "my\napp": "",
    "{{cookiecutter.name}}": "",
}


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_bad_name_is_refused(run: Run, lonely: Path, name: str) -> None:
    done = run("new", "--yes", "--", name)

    assert done.returncode == 2
    message, *hint = done.stderr.splitlines()
    assert message.startswith("Error: ") and BAD_NAMES[name] in message
    assert all(line.startswith("Hint: ") for line in hint)
    assert done.stderr.isprintable() or "\N{RIGHT-TO-LEFT OVERRIDE}" not in done.stderr
    assert list(lonely.iterdir()) == []


def test_the_nearest_good_name_is_offered(run: Run) -> None:
    assert "'my-app'" in run("new", "My App", "--yes").stderr


BAD_FLAGS = {
    ("--timezone", "Europe/Berln"): "Europe/Berlin",
    ("--timezone", "EST"): "America/New_York",
    ("--timezone", HOSTILE): "not a time zone",
    ("--timezone", "../../etc/passwd"): "not a time zone",
    ("--timezone", ""): "time zone",
    ("--python", "2.7"): "3.14",
    ("--python", HOSTILE): "3.14",
    ("--job", "no colon"): "--job 'refresh: interval minutes=15'",
    ("--job", "my-job: interval minutes=1"): "my_job",
    ("--job", "class: interval minutes=1"): "a word of the Python language",
    ("--job", "sched: interval minutes=1"): "sched",
    ("--job", "logging: interval minutes=1"): "logging",
    ("--job", f"{HOSTILE}: interval minutes=1"): "Brien",
    ("--job", "tick: interval minutes=banana"): "banana",
    ("--job", "tick: cron hour=25"): "25",
    ("--job", "tick: cron timezone=Mars/Phobos"): "Mars/Phobos",
    ("--job", f"tick: {HOSTILE}"): "tick",
    ("--job", "tick: __import__('os').system('touch pwned')"): "tick",
    ("--job", "tick: cron hour=\"__import__('os')\""): "hour",
    ("--job", "tick:"): "tick",
    ("--answers", "absent.toml"): "absent.toml",
}


@pytest.mark.parametrize("flags", BAD_FLAGS, ids=" ".join)
def test_a_bad_answer_is_refused(run: Run, lonely: Path, flags: tuple[str, str]) -> None:
    done = run("new", "myapp", "--yes", *flags)

    assert done.returncode == 2, done.stdout
    assert BAD_FLAGS[flags] in done.stderr
    assert len(done.stderr.splitlines()) <= 4 and "Traceback" not in done.stderr
    assert list(lonely.iterdir()) == []


BAD_FILES = {
    "a.toml": ('tiemzone = "UTC"', "timezone"),
    "b.toml": ("name = ", "TOML"),
    "c.json": ("[1]", "table"),
    "d.json": ('{"name": "x", "name": "y"}', "twice"),
    "e.toml": ("jobs = 3", "[jobs]"),
    "f.toml": ("[jobs]\ntick = 3", "quotes"),
    "g.toml": ("timezone = 1", "quotes"),
    "h.json": ("[" * 100_000, "JSON"),
    "i.toml": ("name = '{{7*7}}'", "{{7*7}}"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_answers_file_is_refused(run: Run, lonely: Path, name: str) -> None:
    text, phrase = BAD_FILES[name]
    Path(name).write_text(text)

    done = run("new", *([] if "name" in text else ["myapp"]), "--answers", name, "--yes")

    assert done.returncode == 2
    assert phrase in done.stderr and "Traceback" not in done.stderr
    assert [path.name for path in lonely.iterdir()] == [name]


def test_a_job_given_twice_is_refused(run: Run) -> None:
    job = ("--job", "tick: interval minutes=1")

    assert "twice" in run("new", "myapp", "--yes", *job, *job).stderr


@pytest.mark.parametrize("kind", ["folder", "full folder", "file", "dangling link"])
def test_whatever_exists_is_left_alone(run: Run, lonely: Path, kind: str) -> None:
    target = lonely / "myapp"
    if "folder" in kind:
        target.mkdir()
    if kind == "full folder":
        (target / "precious").write_text("mine")
    if kind == "file":
        target.write_text("mine")
    if kind == "dangling link":
        target.symlink_to("nowhere")
    before = (os.lstat(target).st_ino, tree(lonely) if kind != "dangling link" else None)

    done = run("new", "myapp", "--yes")

    assert done.returncode == 1
    assert "already exists" in done.stderr
    assert before == (os.lstat(target).st_ino, tree(lonely) if kind != "dangling link" else None)


def test_configuration_of_the_user_changes_nothing(run: Run, lonely: Path) -> None:
    run("new", "myapp", "--yes")
    plain = tree(lonely / "myapp")
    home = Path(os.environ["HOME"])
    (home / ".cookiecutterrc").write_text(
        'default_context:\n  name: "stolen"\n  timezone: "Asia/Tokyo"\n'
    )
    hooks = home / "hooks"
    hooks.mkdir()
    (hooks / "pre-commit").write_text("#!/bin/sh\nexit 1\n")
    (hooks / "pre-commit").chmod(0o755)
    (home / "ignored").write_text("*.toml\n.*\n*.json\n")
    (home / ".gitconfig").write_text(
        f"[core]\n\thooksPath = {hooks}\n\texcludesFile = {home}/ignored\n"
        "[commit]\n\tgpgSign = true\n[init]\n\tdefaultBranch = trunk\n"
    )

    (lonely / "myapp").rename(lonely / "first")
    done = run("new", "myapp", "--yes")

    assert done.returncode == 0, done.stderr
    assert tree(lonely / "myapp") == plain
    listed = subprocess.check_output(["git", "ls-files"], cwd="myapp", text=True)
    assert set(listed.splitlines()) == plain.keys()
    assert "stolen" not in str(plain)


def test_a_home_that_cannot_be_written_changes_nothing(
    run: Run, lonely: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/proc/nonexistent")

    assert run("new", "myapp", "--yes").returncode == 0
    assert (lonely / "myapp" / "jobs.py").exists()


def test_nothing_is_written_into_the_home_folder(run: Run) -> None:
    run("new", "myapp", "--yes")

    assert list(Path(os.environ["HOME"]).iterdir()) == []


def test_without_a_git_identity_the_files_are_staged_and_a_hint_says_how_to_go_on(
    run: Run, lonely: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AUTHOR_NAME", "AUTHOR_EMAIL", "COMMITTER_NAME", "COMMITTER_EMAIL"):
        monkeypatch.delenv(f"GIT_{name}")
    (Path(os.environ["HOME"]) / ".gitconfig").write_text("[user]\n\tuseConfigOnly = true\n")

    done = run("new", "myapp", "--yes")

    assert done.returncode == 0
    assert "git config --global user.name" in done.stderr
    staged = subprocess.check_output(["git", "diff", "--cached", "--name-only"], cwd="myapp")
    assert b"jobs.py" in staged


def test_inside_a_git_hook_the_commit_lands_in_the_new_project(
    run: Run, lonely: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    subprocess.run(["git", "init", "-q", "outer"], check=True)
    monkeypatch.setenv("GIT_DIR", str(lonely / "outer" / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(lonely / "outer" / ".git" / "index"))

    assert run("new", "myapp", "--yes").returncode == 0

    assert (lonely / "myapp" / ".git" / "refs" / "heads" / "main").exists()
    assert not (lonely / "outer" / ".git" / "index").exists()


def test_without_git_it_says_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")

    done = run("new", "myapp", "--yes")

    assert done.returncode == 1
    assert "'git' is not installed" in done.stderr


def test_output_that_nothing_takes_is_no_traceback(run: Run, lonely: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "herokuclock", "new", "myapp", "--yes"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )

    assert done.returncode == 1
    assert done.stderr.startswith("Error: cannot print: No space left on device.\nHint: ")
    assert "Traceback" not in done.stderr and "Exception" not in done.stderr
    assert list(lonely.iterdir()) == []


def test_a_name_has_no_default_to_take(run: Run) -> None:
    assert run("new").stderr.splitlines()[1] == "Hint: Give NAME."
    assert run("new", "myapp").stderr.splitlines()[1].endswith("or --yes for the defaults.")
