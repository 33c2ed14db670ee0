"""`herokuclock new`: what it makes, from which answers."""

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import jsonschema
import pytest
from herokuclock.check import order
from herokuclock.new import command, library
from loopback.owner import HOME
from support import forks
from support.files import REPOSITORY, tree
from support.jobs_files import RUFF
from support.program import Run

MAJOR, MINOR = sys.version_info[:2]
ARTICLE = "cron day_of_week=sat-sun hour=12-16 minute=0-59/15 timezone=America/New_York"
PATHS = {
    ".env.example",
    ".github/workflows/ci.yml",
    ".gitignore",
    ".herokuclock.toml",
    ".python-version",
    "Procfile",
    "README.md",
    "app.json",
    "app.py",
    "gunicorn.conf.py",
    "jobs.py",
    "pyproject.toml",
    "requirements-test.txt",
    "requirements.in",
    "requirements.txt",
    "tests/test_app.py",
    "tests/test_job_hello.py",
}
WHEEL = f"vendor/clockdyno-{library.version()}-py3-none-any.whl"
VENDORED = PATHS | {WHEEL}


def test_it_makes_exactly_these_files(run: Run, lonely: Path) -> None:
    done = run("new", "myapp", "--yes")

    assert done.returncode == 0, done.stderr
    assert tree(lonely / "myapp").keys() == VENDORED
    assert [path.name for path in lonely.iterdir()] == ["myapp"]


def test_it_commits_everything_on_main(run: Run, lonely: Path) -> None:
    run("new", "myapp", "--yes")

    def git(*args: str) -> str:
        return subprocess.check_output(["git", *args], cwd="myapp", text=True).strip()

    assert git("branch", "--show-current") == "main"
    assert git("status", "--porcelain", "--ignored") == ""
    assert git("rev-list", "--count", "HEAD") == "1"
    assert set(git("ls-files").splitlines()) == VENDORED


def test_no_template_language_is_left(run: Run, lonely: Path) -> None:
    run("new", "myapp", "--yes", "--timezone", "Europe/Berlin")

    made = tree(lonely / "myapp")
    assert made.pop(WHEEL)
    for path, content in made.items():
        assert b"cookiecutter" not in content, path
        assert b"{{" not in content.replace(b"${{", b""), path


def test_its_owner_has_less_than_200_lines_of_python(run: Run, lonely: Path) -> None:
    run("new", "myapp", "--yes")

    made = tree(lonely / "myapp")
    python = {path: content.count(b"\n") for path, content in made.items() if path.endswith(".py")}
    assert 0 < sum(python.values()) < 200, python


@pytest.fixture(params=[False, True], ids=["vendored", "published"])
def is_published(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Say whether an index has the library; every constant that depends on it is turned."""
    monkeypatch.setattr(library, "IS_PUBLISHED", request.param)
    return bool(request.param)


def test_a_project_asks_for_the_library_where_it_is(is_published: bool, lonely: Path) -> None:
    given = {"name": "myapp", "timezone": "UTC", "python": f"{MAJOR}.{MINOR}", "jobs": None}
    command.run(
        {**given, "packages": None, "workers": None}, None, yes=True, dry_run=False, json=False
    )
    made = tree(lonely / "myapp")
    asked = {name: made[f"requirements.{name}"].decode().splitlines() for name in ("in", "txt")}

    for lines in asked.values():
        (pin,) = [line for line in lines if line.startswith("clockdyno")]
        assert pin.rpartition("==")[2] == library.version()
        assert ("--find-links vendor" in lines) is not is_published
    assert made.keys() == (PATHS if is_published else VENDORED)
    # Nothing in it tells of a folder that is not there.
    assert (b"vendor" in made["README.md"]) is not is_published
    assert made["README.md"].endswith(b"\n") and not made["README.md"].endswith(b"\n\n")
    assert order.of_project(lonely / "myapp") == []


def test_the_vendored_wheel_is_the_library_that_lies_here(run: Run, lonely: Path) -> None:
    run("new", "myapp", "--yes")

    with zipfile.ZipFile(lonely / "myapp" / WHEEL) as wheel:
        inside = {name: wheel.read(name) for name in wheel.namelist() if ".dist-info/" not in name}
    source = REPOSITORY / "library"
    listed = subprocess.check_output(
        ["git", "ls-files", "-co", "--exclude-standard", "clockdyno"], cwd=source, text=True
    )
    paths = [path for path in listed.splitlines() if (source / path).exists()]
    assert inside == {path: (source / path).read_bytes() for path in paths}


def test_flags_and_answers_files_give_the_same_bytes(run: Run, lonely: Path) -> None:
    jobs = {
        "refresh": "interval minutes=15",
        "weekend": ARTICLE,
        "party": 'date run_date="2031-01-05 09:00"',
    }
    flags = [word for name, when in jobs.items() for word in ("--job", f"{name}: {when}")]
    answers = {"name": "myapp", "timezone": "Europe/Berlin", "python": "3.13", "jobs": jobs}
    Path("answers.json").write_text(json.dumps(answers))
    lines = [f"{name} = {json.dumps(when)}" for name, when in jobs.items()]
    top = 'name = "myapp"\ntimezone = "Europe/Berlin"\npython = "3.13"\n[jobs]\n'
    Path("answers.toml").write_text(top + "\n".join(lines))

    trees = []
    for arguments in (
        ["myapp", "--timezone", "Europe/Berlin", "--python", "3.13", *flags],
        ["--answers", "answers.json"],
        ["--answers", "answers.toml"],
    ):
        done = run("new", *arguments)
        assert done.returncode == 0, done.stderr
        trees.append(tree(lonely / "myapp"))
        (lonely / "myapp").rename(lonely / f"made{len(trees)}")

    assert trees[0] == trees[1] == trees[2]
    assert b'hour="12-16"' in trees[0]["jobs.py"]


def test_a_flag_beats_the_answers_file(run: Run, lonely: Path) -> None:
    Path("answers.toml").write_text('name = "other"\ntimezone = "Asia/Tokyo"\n')

    done = run("new", "myapp", "--answers", "answers.toml", "--yes", "--json")

    facts = json.loads(done.stdout)
    assert facts["answers"]["name"] == "myapp"
    assert facts["answers"]["timezone"] == "Asia/Tokyo"
    assert facts["sources"] == {
        "name": "the command line",
        "timezone": "answers.toml",
        "jobs": "an example to change",
        "python": "the Python that runs herokuclock",
        "packages": "no uv on the PATH",
        "workers": "enough for most",
    }


def test_the_defaults_are_printed_with_their_sources(run: Run) -> None:
    done = run("new", "myapp", "--yes")

    assert "UTC" in done.stdout and "(this machine's)" in done.stdout
    assert re.search(r"^  hello  .+ UTC  in \d+ \w+  Every 15 minutes$", done.stdout, re.MULTILINE)
    steps = done.stdout.split("\n\n")[-1].strip().splitlines()
    # What costs nothing, and shows it working, comes first.
    assert [step.strip().split("  ")[0] for step in steps] == [
        "cd myapp",
        "herokuclock run",
        "herokuclock deploy",
    ]


def test_a_city_is_enough_for_its_time_zone(run: Run) -> None:
    facts = json.loads(run("new", "myapp", "--yes", "--timezone", "new york", "--json").stdout)

    assert facts["answers"]["timezone"] == "America/New_York"


def test_a_dry_run_lists_the_files_and_writes_nothing(run: Run, lonely: Path) -> None:
    done = run("new", "myapp", "--yes", "--dry-run")

    listed = {line.strip() for line in done.stdout.splitlines()}
    assert listed >= VENDORED
    assert list(lonely.iterdir()) == []


def test_json_is_json_alone(run: Run, lonely: Path) -> None:
    facts = json.loads(run("new", "myapp", "--yes", "--json").stdout)

    assert facts["status"] == "made"
    assert facts["path"] == str(lonely / "myapp")
    assert set(facts["files"]) == VENDORED


@pytest.mark.parametrize(
    ("arguments", "flag"),
    [
        ([], "NAME"),
        (["--yes"], "NAME"),
        (["myapp"], "--timezone"),
        (["myapp", "--timezone", "UTC"], "--job"),
    ],
)
def test_without_a_terminal_a_missing_answer_names_its_flag(
    run: Run, lonely: Path, arguments: list[str], flag: str
) -> None:
    done = run("new", *arguments)

    assert done.returncode == 2
    assert flag in done.stderr
    assert list(lonely.iterdir()) == []


def test_the_project_is_clean_under_ruff_and_passes_its_own_tests(run: Run, lonely: Path) -> None:
    done = run(
        *("new", "myapp", "--yes", "--timezone", "Australia/Lord_Howe"),
        *("--job", f"weekend: {ARTICLE}", "--job", "refresh: interval minutes=15"),
        *("--job", "a_job_with_quite_a_long_name: date run_date='2031-01-05 09:00:00'"),
    )
    assert done.returncode == 0, done.stderr

    for checked in (["check"], ["format", "--check"]):
        result = subprocess.run([RUFF, *checked], cwd="myapp", capture_output=True, text=True)
        assert result.returncode == 0, result.stdout + result.stderr
    tested = forks.run(["-m", "pytest"], cwd=lonely / "myapp")
    assert tested.returncode == 0, tested.stdout + tested.stderr


@pytest.mark.parametrize("where", ["--no-workers", "--workers"])
def test_app_json_keeps_to_herokus_own_schema(run: Run, where: str) -> None:
    path = HOME / "node_modules/@heroku/mcp-server/dist/utils/app-json.schema.json"
    if not path.exists():
        pytest.skip(f"no heroku command; .ci/run installs it in {HOME}")
    run("new", "myapp", "--yes", where)

    jsonschema.validate(
        json.loads(Path("myapp/app.json").read_text()), json.loads(path.read_text())
    )
