"""Checks of what must not be committed: everybody who sees the repository knows it for ever."""

import re
from collections.abc import Iterator

from herokuclock.check.build import ignored
from herokuclock.check.findings import LARGEST, NOT_OURS, Finding, Repair, Site

SECRETS = {
    "a Heroku key": r"HRKU-[\w-]{20,}",
    "an AWS key": r"\bAKIA[0-9A-Z]{16}\b",
    "a private key": r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----",
    "a GitHub token": r"\bgh[pousr]_[A-Za-z0-9]{36}\b",
    "a Slack token": r"\bxox[abpr]-[\w-]{20,}",
    "a Stripe key": r"\b[rs]k_live_\w{20,}",
    "a GitLab token": r"\bglpat-[\w-]{20,}",
    "a Google key": r"\bAIza[\w-]{35}\b",
    "an OpenAI key": r"\bsk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{40,}",
    "an Anthropic key": r"\bsk-ant-[\w-]{20,}",
    "a SendGrid key": r"\bSG\.[\w-]{22}\.[\w-]{43}\b",
    "a Mailgun key": r"\bkey-[0-9a-f]{32}\b",
    "a Telegram bot's token": r"\b\d{8,10}:AA[\w-]{33}\b",
    "a Discord bot's token": r"\b[MNO][\w-]{23,25}\.[\w-]{6}\.[\w-]{27,38}\b",
    "a PyPI token": r"\bpypi-AgEI[\w-]{50,}",
    "an npm token": r"\bnpm_[A-Za-z0-9]{36}\b",
    "a Slack webhook": r"hooks\.slack\.com/services/T\w{8,}/B\w{8,}/\w{24}",
    "a database's password": (
        r"\b(?:postgres(?:ql)?|mysql|mariadb|mongodb|rediss?|amqps?)(?:\+\w+)?://"
        r"[^\s:/@<{$%]*:[^\s:/@<{$%]{8,}@(?!localhost|127\.|db[:/]|host[:/]|example\.)"
    ),
}
# What a zip or a wheel holds is compressed: no text can be seen in it.
ARCHIVE = b"PK\3\4"
BOUNDARY = r"\b"
AT_BOUNDARY = re.compile(BOUNDARY)


def secrets(site: Site) -> Iterator[Finding]:
    """What is committed is known to everybody who sees the repository, for ever."""
    for name in sorted(site.tracked):
        base = name.rpartition("/")[2]
        if base == ".env":
            yield Finding(
                "secrets",
                f"{name} is committed: whatever secrets stand in it have to be changed.",
                f"git rm -q --cached {name} && {site.append('.gitignore', '.env')}",
                repairs=(ignored(site, ".env"), Repair(name, only_from_git=True)),
            )
        elif NOT_OURS.isdisjoint(name.split("/")) and (found := _secret_in(site, name)) is not None:
            yield Finding(
                "secrets",
                f"{name}:{found[1]} holds {found[0]}.",
                "Take it out, make it invalid where it came from, and use heroku config:set.",
            )


def _secret_in(site: Site, name: str) -> tuple[str, int] | None:
    path = site.root / name
    if path.is_symlink() or not path.is_file() or path.stat().st_size > LARGEST:
        return None
    content = site.content(name)
    if content.startswith(ARCHIVE):
        return None
    text = content.decode("utf-8", "replace")
    for kind, pattern in SECRETS.items():
        if (start := _first(pattern, text)) is not None:
            return kind, text.count("\n", 0, start) + 1
    return None


def _first(pattern: str, text: str) -> int | None:
    """Say where a pattern matches first."""
    # With a boundary before what it begins with, Python searches a hundred times as long.
    bare = re.compile(pattern.removeprefix(BOUNDARY))
    match = bare.search(text)
    while match and bare.pattern != pattern and not AT_BOUNDARY.match(text, match.start()):
        match = bare.search(text, match.start() + 1)
    return match and match.start()
