""".env as `herokuclock run` reads it: `heroku local` has the same values."""

from pathlib import Path

import pytest
from herokuclock.run import dotenv


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=b", "b"),
        ("A = b ", "b"),
        ("export A=b", "b"),
        ('A="b # c"', "b # c"),
        ("A='b'  # c", "b"),
        ("A=b # c", "b"),
        ("A=b#c", "b#c"),
        ("A=$HOME", "$HOME"),
        ("A=", ""),
        ("# A=b", None),
        ("nothing", None),
        ("A= # c", ""),
        ("A=#c", "#c"),
        ("A='b' c", "'b' c"),
        ('A="b\nB=c"', "b\nB=c"),
        ("A='-----BEGIN KEY-----\n\nx=\n# y\n'  # c", "-----BEGIN KEY-----\n\nx=\n# y\n"),
        ("B='\nA=b", "b"),
        ("B=it's\nA=b\nC='d'", "b"),
    ],
)
def test_env_lines(tmp_path: Path, line: str, value: str | None) -> None:
    (tmp_path / ".env").write_text(line + "\n")

    assert dotenv.read(tmp_path / ".env").get("A") == value


@pytest.mark.parametrize("text", ['A="b\nB=evil"', "A='\nexport B=evil\n'"])
def test_what_stands_in_quotes_is_no_variable(tmp_path: Path, text: str) -> None:
    (tmp_path / ".env").write_text(text + "\nC=d\n")

    assert set(dotenv.read(tmp_path / ".env")) == {"A", "C"}


@pytest.mark.parametrize("text", ['A=x{}"', 'A="{}', "A={}x", 'A="x"{}y', "{}A", "A=x{}#"])
def test_a_long_env_line_takes_no_longer_than_its_length(tmp_path: Path, text: str) -> None:
    (tmp_path / ".env").write_text(text.format(" " * 500_000) + "\nB=c")

    # In time that grows as the square of the length this would be an hour.
    assert dotenv.read(tmp_path / ".env")["B"] == "c"
