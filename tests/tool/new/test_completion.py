"""The offer of completion: made once, to somebody who can take it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from herokuclock import program
from herokuclock.new import completion

OFFER = "\nOnce, for Tab to complete the commands: herokuclock --install-completion\n"


@pytest.fixture(autouse=True)
def by_its_name(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the program be started as people do who have it on their PATH."""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(sys, "argv", ["herokuclock"])
    program._name.cache_clear()
    yield
    program._name.cache_clear()


def test_it_is_made_once_and_remembered_in_the_users_configuration(
    lonely: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    completion.offer()
    completion.offer()

    assert capsys.readouterr().out == OFFER
    home = lonely.parent / "home"
    assert [path.name for path in home.rglob("*") if path.is_file()] == ["completion-offered"]


def test_it_is_not_made_to_ci(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CI", "true")

    completion.offer()

    assert capsys.readouterr().out == ""


def test_it_is_not_made_where_the_shell_could_not_complete_what_is_typed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["/x/archive-v0/a/bin/herokuclock"])

    completion.offer()

    assert capsys.readouterr().out == ""


def test_it_is_not_made_where_nothing_can_be_remembered(
    lonely: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (lonely / "file").touch()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(lonely / "file"))

    completion.offer()

    assert capsys.readouterr().out == ""
