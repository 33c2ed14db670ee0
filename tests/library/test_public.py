"""The README of the library lists what is public: all of it, and nothing else."""

import importlib
import re
import shutil
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import clockdyno
import pytest
from clockdyno import __main__ as commands
from clockdyno.dashboard import blueprint, dashboard
from clockdyno.ledger import reports
from clockdyno.schedule import ScheduleError, build, parse
from flask import Flask
from support.files import REPOSITORY
from support.pages import Ledger, web
from support.site import Site

README = (REPOSITORY / "library/README.md").read_text(encoding="utf-8")
TABLE = README.partition("## What is public")[2].partition("\n## ")[0]
ROWS = re.findall(r"^\| (`.+?) \| (.+?) \|$", TABLE, re.MULTILINE)
PACKAGES = (
    *("clockdyno", "clockdyno.dashboard", "clockdyno.schedule"),
    *("clockdyno.schedules", "clockdyno.testing"),
)


def listed() -> set[str]:
    """Return the dotted names in the table; those after the first of a row are its neighbours'."""
    found = set()
    for names, _ in ROWS:
        first, *others = re.findall(r"`([\w.]+)`", names) or [""]
        found |= {first, *(f"{first.rpartition('.')[0]}.{other}" for other in others)} - {""}
    return found


def test_the_readme_lists_exactly_what_the_packages_export() -> None:
    exported = {
        f"{name}.{one}" for name in PACKAGES for one in importlib.import_module(name).__all__
    }

    assert listed() == exported


@pytest.mark.parametrize("name", sorted(listed()))
def test_what_is_public_is_there(name: str) -> None:
    package, _, one = name.rpartition(".")

    assert getattr(importlib.import_module(package), one)


def test_what_is_not_listed_is_no_attribute() -> None:
    for name in PACKAGES[::2]:
        with pytest.raises(AttributeError, match="nothing_of_ours"):
            importlib.import_module(name).nothing_of_ours  # noqa: B018


def test_the_readme_lists_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    (told,) = (told for names, told in ROWS if names == "`python -m clockdyno`")

    assert re.findall(r"`([\w-]+)`", told) == list(commands.COMMANDS)
    with pytest.raises(SystemExit, match="^0$"):
        commands.main(["--help"])
    printed = capsys.readouterr().out
    assert re.findall(r"^    ([a-z-]+)(?: |$)", printed, re.MULTILINE) == list(commands.COMMANDS)


def test_a_schedule_that_people_type_becomes_a_trigger() -> None:
    (schedule,) = parse("weekdays at 17:00")
    trigger: Any = build(schedule, "Europe/Berlin")

    assert trigger.timezone == ZoneInfo("Europe/Berlin")
    with pytest.raises(ScheduleError):
        parse("when it suits me")


def test_the_version_is_the_distribution_s() -> None:
    assert (
        importlib.import_module("importlib.metadata")
        .version("clockdyno")
        .startswith(clockdyno.__version__)
    )


def test_an_app_changes_a_page_and_its_address_as_the_readme_says(
    on_sqlite: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    theirs = tmp_path / "app/templates/clockdyno/job.html"
    theirs.parent.mkdir(parents=True)
    shutil.copy(Path(blueprint.__file__).parent / "templates/clockdyno/job.html", theirs)
    theirs.write_text(theirs.read_text().replace("How long it took", "How long we had to wait"))

    def make() -> Flask:
        app = Flask("theirs", root_path=str(tmp_path / "app"))
        app.register_blueprint(dashboard, url_prefix="/jobs")
        return app

    with web(monkeypatch, on_sqlite.url, make) as client:
        Ledger(reports.engine()).job("report")
        page = client.get("/jobs/jobs/report").text
        overview = client.get("/jobs/").text

    assert "How long we had to wait" in page and "How long it took" not in page
    assert 'href="/jobs/static/clock.css"' in page and 'href="/jobs/jobs/report"' in overview
    assert client.get("/clock/").status_code == 404
