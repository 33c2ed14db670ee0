"""What an update says of the versions in between, and how it keeps its record."""

import tomllib
from pathlib import Path

import pytest
from herokuclock import record
from herokuclock.update.news import sections
from support.files import REPOSITORY, TEMPLATE

LOG = (
    "# Changelog\n\n## {}\n\n- Third.\n\n## 0.10.0 - 2027-01-01\n\n- Second.\n\n## 0.9.0\n\n- 1st\n"
)
UNRELEASED, RELEASED = LOG.format("Unreleased"), LOG.format("0.11.0 - 2027-02-01")


@pytest.mark.parametrize("log", [UNRELEASED, RELEASED])
@pytest.mark.parametrize(
    ("old", "words"),
    [
        ("0.9.0", ["0.11.0", "- Third.", "0.10.0", "- Second."]),
        ("0.10.0", ["0.11.0", "- Third."]),
        ("0.11.0", []),
        ("what", []),
    ],
)
def test_the_sections_between_two_versions_are_shown(log: str, old: str, words: list[str]) -> None:
    assert [line for line in sections(log, old, "0.11.0") if line] == words


def test_our_own_changelog_has_news() -> None:
    assert len(sections((REPOSITORY / "CHANGELOG.md").read_text(), "0.0.1", "99")) > 20


def test_a_record_is_renewed_in_its_place_and_read_again(tmp_path: Path) -> None:
    head = 'template = "0.3.0"\n\n[answers]\nname = "shop"\n'
    tail = '\n[workers]\npins = [\n    "rich==15",\n]\n'
    files, texts = {"é/a.py": "0" * 40, "b.py": "1" * 40}, {"b.py": b"\0\xff\n"}

    once = record.renewed(head + tail, None, files, {})
    twice = record.renewed(once, "0.4.0", {"c.py": "2" * 40}, texts)
    file = tmp_path / record.FILE
    file.write_text(twice)

    found = record.read(tmp_path)
    assert found == record.Record("0.4.0", {"name": "shop"}, {"c.py": "2" * 40}, texts)
    assert tomllib.loads(twice)["workers"]["pins"] == ["rich==15"]
    assert record.renewed(twice, "0.4.0", {"c.py": "2" * 40}, texts) == twice
    assert record.renewed(twice, "0.3.0", files, {}) == once
    text = TEMPLATE.joinpath(".herokuclock.toml").read_text()
    assert record.renewed(text, None, {}, {}).startswith(text)
