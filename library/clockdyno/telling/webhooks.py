"""Alerts as chats and programs take them: each host's own form, and JSON for all others."""

import json
import re
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from clockdyno import host
from clockdyno.telling import web
from clockdyno.telling.events import Event

SLACK = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
MARKDOWN = re.compile(r"([\\*_~`|<>@#\[\]()-])")
DISCORD_MOST = 2000  # characters of a message


def slack(head: str, events: Sequence[Event], lines: Sequence[str]) -> dict[str, object]:
    """Return what Slack takes, and Mattermost and others, too: its markup is escaped."""
    shown = [head.translate(SLACK)]
    for event, line in zip(events, lines, strict=False):
        link = event.link and f" <{event.link}|look>"
        shown.append(line.translate(SLACK) + (link or ""))
    return {"text": _joined([*shown, *(line.translate(SLACK) for line in lines[len(events) :])])}


def discord(head: str, events: Sequence[Event], lines: Sequence[str]) -> dict[str, object]:
    """Return what Discord takes: nobody is mentioned, no markup means anything."""
    found = [event.link for event in events]
    links = [f" <{link}>" if link else "" for link in [*found, *[None] * (len(lines) - len(found))]]
    text, rest = MARKDOWN.sub(r"\\\1", head), list(zip(lines, links, strict=False))
    while rest:
        line, link = rest.pop(0)
        more = "\n" + MARKDOWN.sub(r"\\\1", line) + link
        if len(text) + len(more) > DISCORD_MOST - 2:
            text += "\n…"
            break
        text += more
    return {"content": text, "allowed_mentions": {"parse": []}}


def plain(head: str, events: Sequence[Event], lines: Sequence[str]) -> dict[str, object]:
    """Return the facts, and the same text as for Slack, whose form many others take."""
    facts = [event.facts() for event in events]
    return {"app": host.app_name(), "events": facts, **slack(head, events, lines)}


Form = Callable[[str, Sequence[Event], Sequence[str]], dict[str, object]]
FORMS: dict[str, Form] = {
    "hooks.slack.com": slack,
    "hooks.slack-gov.com": slack,
    "discord.com": discord,
    "discordapp.com": discord,
    "canary.discord.com": discord,
    "ptb.discord.com": discord,
}


class Webhook:
    """An address of ALERT_WEBHOOK_URL, with its host's form."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._form = form_of(url)
        self.name = f"the webhook ({self._form.__name__})"

    def send(self, head: str, events: Sequence[Event], lines: Sequence[str]) -> None:
        """Post one message; raises what urllib does."""
        web.send(self._url, json.dumps(self._form(head, events, lines)).encode())


def form_of(url: str) -> Form:
    """Say in which form a host takes messages; Discord takes Slack's at addresses in /slack."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return plain
    form = FORMS.get((parts.hostname or "").lower(), plain)
    return slack if form is discord and parts.path.rstrip("/").endswith("/slack") else form


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(lines) if len(lines) > 2 else " ".join(lines)
