"""What is taken for a secret that must not be committed, and where it stands."""

from pathlib import Path

import pytest
from herokuclock.check.findings import Site
from herokuclock.check.secrets import SECRETS, secrets

KEY = "AKIA" + "A" * 16


def found_in(folder: Path, text: str) -> list[str]:
    (folder / "notes.txt").write_text(text)
    return [each.problem for each in secrets(Site(folder, tracked=frozenset(["notes.txt"])))]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (KEY, 1),
        (f"x = 1\nkey={KEY}\n", 2),
        (f"x{KEY}\n{KEY}", 2),
        # What is no key, since a word goes on before it, may hold the beginning of one.
        (f"\nxAKIA{KEY[:-4]}/{KEY}", 2),
        (f"x{KEY}", None),
        (f"{KEY}A", None),
        ("-----BEGIN PRIVATE KEY-----", 1),
        ("xHRKU-" + "a" * 20, 1),
    ],
)
def test_a_key_is_told_with_its_line_where_a_word_begins(
    lonely: Path, text: str, line: int | None
) -> None:
    found = found_in(lonely, text)

    assert [problem.partition(" ")[0] for problem in found] == (
        [f"notes.txt:{line}"] if line else []
    )


SAMPLES = {
    "a Heroku key": "HRKU-" + "a1" * 15,
    "an AWS key": KEY,
    "a private key": "-----BEGIN RSA PRIVATE KEY-----",
    "a GitHub token": "ghp_" + "a1" * 18,
    "a Slack token": "xoxb-" + "1" * 20,
    "a Stripe key": "sk_live_" + "a1" * 10,
    "a GitLab token": "glpat-" + "a1" * 10,
    "a Google key": "AIza" + "a1-_b" * 7,
    "an OpenAI key": "sk-proj-" + "a1" * 20,
    "an Anthropic key": "sk-ant-" + "a1" * 10,
    "a SendGrid key": "SG." + "a" * 22 + "." + "b" * 43,
    "a Mailgun key": "key-" + "0f" * 16,
    "a Telegram bot's token": "123456789:AA" + "x" * 33,
    "a Discord bot's token": "M" + "a" * 23 + "." + "b" * 6 + "." + "c" * 27,
    "a PyPI token": "pypi-AgEI" + "a" * 50,
    "an npm token": "npm_" + "a1" * 18,
    "a Slack webhook": "https://hooks.slack.com/services/T12345678/B12345678/" + "a" * 24,
    "a database's password": "postgres://me:a-long-password@db.example.com/x",
}


@pytest.mark.parametrize("kind", SECRETS)
def test_each_kind_of_secret_is_known(lonely: Path, kind: str) -> None:
    found = found_in(lonely, f'VALUE = "{SAMPLES[kind]}"\n')

    assert found == [f"notes.txt:1 holds {kind}."]


def test_a_package_in_an_environment_that_was_committed_is_nobodys_secret(lonely: Path) -> None:
    name = ".venv/lib/python3.11/site-packages/driver/docs.py"
    (lonely / name).parent.mkdir(parents=True)
    (lonely / name).write_text(KEY)

    assert [*secrets(Site(lonely, tracked=frozenset([name])))] == []
