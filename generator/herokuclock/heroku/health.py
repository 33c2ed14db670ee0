"""How the clock of a running app is: from the app's own health page, else from its log."""

import base64
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from herokuclock.event_words import logfmt
from herokuclock.heroku import platform
from herokuclock.heroku.refusals import Refusal

PATH, PASSWORD = "clock/health", "DASHBOARD_PASSWORD"
SECONDS = 20
HERE = ("localhost", "127.0.0.1")
# What Heroku puts before each line.
SOURCE = re.compile(r"^\S+ \S+\[[\w.]+\]: ")


@dataclass
class JobState:
    """What is known of a job: how its last run went, and when the next one is due."""

    job: str
    last_state: str | None = None
    last_at: str | None = None
    next_at: str | None = None
    zone: str | None = None


@dataclass
class Health:
    """`state` is "up" when the clock works; `reason` says what is wrong where it does not."""

    state: str
    heartbeat_age: float | None = None
    reason: str | None = None
    jobs: list[JobState] = field(default_factory=list)
    source: str = "health"
    workers: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def is_up(self) -> bool:
        # Paused is what its owner wants, by CLOCK_PAUSED.
        return self.state in ("up", "paused")


def password(app: str) -> str:
    """Return what opens the app's dashboard, for `read` alone; empty where we may not know it."""
    try:
        return platform.config(app, PASSWORD)
    except Refusal:
        return ""


def read(app: str, url: str, password: str = "") -> Health:
    """Return how the clock of an app is; only whoever knows the password is told of its jobs."""
    page = fetch(url, password)
    if page and page.state != "unshared":
        return page
    # A web dyno that shares no database with the clock cannot know.
    found = from_log(platform.logs(app, "clock"))
    found.reason = found.reason or (page.reason if page else None)
    return found


def fetch(url: str, password: str = "") -> Health | None:
    """Read the app's health page; None where the app has none or does not answer."""
    from urllib.error import HTTPError, URLError
    from urllib.request import Request, urlopen

    address = url.rstrip("/") + "/" + PATH
    if not address.startswith(("https://", "http://")):
        return None
    request = Request(address)
    if password and _is_private(address):
        login = base64.b64encode(f":{password}".encode(errors="surrogateescape")).decode()
        # Unlike other headers it goes to no address that this one redirects to.
        request.add_unredirected_header("Authorization", f"Basic {login}")
    try:
        with urlopen(request, timeout=SECONDS) as reply:
            return from_page(reply.read())
    except HTTPError as error:
        with error:  # It answers 503 with the reason when the clock is not well.
            return from_page(error.read()) if error.code == 503 else None
    except (URLError, OSError):
        return None


def _is_private(address: str) -> bool:
    """Say whether nobody on the way can read what is sent there."""
    parts = urlsplit(address)
    return parts.scheme == "https" or parts.hostname in HERE


def from_page(content: bytes) -> Health | None:
    """Read the JSON of the health page; None where it is something else."""
    try:
        facts = json.loads(content)
        return Health(
            str(facts["state"]),
            facts.get("heartbeat_age"),
            facts.get("reason"),
            [_job(each) for each in facts.get("jobs", [])],
            workers={str(what): int(n) for what, n in facts.get("workers", {}).items()},
            counts={str(what): int(n) for what, n in facts.get("counts", {}).items()},
        )
    except (ValueError, LookupError, TypeError, AttributeError):
        return None


def _job(facts: dict[str, Any]) -> JobState:
    names = ("last_state", "last_at", "next_at", "zone")
    return JobState(facts["job"], *(facts.get(name) for name in names))


def from_log(lines: Iterable[str]) -> Health:
    """Read what the clock logged since it last started."""
    health = Health("unknown", reason="The clock has not logged a start.", source="log")
    jobs: dict[str, JobState] = {}
    for facts in (logfmt(SOURCE.sub("", line)) for line in lines):
        at, job = facts.get("at"), facts.get("job")
        if at == "start":
            health = Health("up", source="log")
        elif at == "stop":
            health = Health("down", reason="The clock has stopped.", source="log")
        elif job and at == "job":
            jobs.setdefault(job, JobState(job)).next_at = facts.get("next")
        elif job and at == "run":
            known = jobs.setdefault(job, JobState(job))
            known.last_state, known.last_at = facts.get("state"), facts.get("scheduled_at")
    for known in jobs.values():
        # The log tells the next run only at the start; what is over is not the next any more.
        if known.next_at and known.last_at and known.next_at <= known.last_at:
            known.next_at = None
    health.jobs = list(jobs.values())
    return health
