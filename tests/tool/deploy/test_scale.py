"""`herokuclock scale` with the real heroku command: one clock, or a clear reason why not."""

import json
from pathlib import Path

import pytest
from loopback.state import App
from support.deployment import bring_to_scale
from support.heroku_project import Owner
from support.program import Run


@pytest.mark.slow
def test_it_sets_one_clock_and_reads_it_back(owner: Owner) -> None:
    bring_to_scale(owner)

    on = owner.types("scale")
    clocks = owner.heroku.app("tick").formation["clock"].quantity
    off = owner.types("scale", "--off", "--json")

    assert clocks == 1
    assert json.loads(off.stdout)["clock"] == 0
    assert on.returncode == 0, on.stderr
    assert "heroku ps:scale clock=1" in on.stdout
    assert "exactly one clock" in on.stdout
    assert owner.heroku.app("tick").formation["clock"].quantity == 0


@pytest.mark.slow
def test_before_the_first_push_it_says_to_push(owner: Owner) -> None:
    owner.heroku.create(App("tick"))

    done = owner.types("scale", "--app", "tick")

    assert done.returncode == 1
    assert "git push heroku main" in done.stderr


@pytest.mark.slow
def test_an_unknown_app_is_named(owner: Owner) -> None:
    done = owner.types("scale", "--app", "nobodys")

    assert done.returncode == 1
    assert "Heroku has no app nobodys" in done.stderr
    assert "heroku apps" in done.stderr


def test_an_app_has_to_be_known(owner: Owner) -> None:
    done = owner.types("scale")

    assert done.returncode in (1, 2)
    assert "--app" in done.stderr


def test_without_the_heroku_command_it_says_how_to_get_it(
    run: Run, lonely: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")

    done = run("scale", "--app", "tick")

    assert done.returncode == 1
    assert "'heroku' is not installed" in done.stderr
    assert "heroku login" in done.stderr


@pytest.mark.slow
def test_a_key_that_is_not_valid_is_said(owner: Owner) -> None:
    owner.heroku.key = "another-key"

    done = owner.types("scale", "--app", "tick", HEROKU_API_KEY="wrong")

    assert done.returncode == 1
    assert "heroku login" in done.stderr or "token" in done.stderr
