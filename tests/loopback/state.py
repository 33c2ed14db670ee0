"""What the platform remembers of an app."""

import uuid
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

LOG_LINES = 1500  # as many as Logplex keeps


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def new_id() -> str:
    return str(uuid.uuid4())


@dataclass
class Account:
    """The one account there is; `tier` says whether its new apps get eco or basic dynos."""

    email: str = "owner@example.com"
    tier: str = "basic"
    verified: bool = True
    quota_seconds: int = 1000 * 3600
    used_seconds: int = 10 * 3600
    id: str = field(default_factory=new_id)
    created_at: str = field(default_factory=now)


@dataclass
class Slug:
    """A build: the files of a commit, the environment made for them, the Procfile's lines."""

    commit: str
    folder: Path
    environment: Path
    processes: dict[str, str]
    id: str = field(default_factory=new_id)


@dataclass
class Release:
    version: int
    description: str
    slug: Slug | None
    config: dict[str, str]
    status: str = "succeeded"
    id: str = field(default_factory=new_id)
    created_at: str = field(default_factory=now)


@dataclass
class Process:
    """One process type of the formation."""

    type: str
    command: str
    quantity: int
    size: str
    id: str = field(default_factory=new_id)
    created_at: str = field(default_factory=now)


@dataclass
class AddOn:
    name: str
    plan: str
    attachment: str
    url: str
    state: str = "provisioning"
    id: str = field(default_factory=new_id)
    created_at: str = field(default_factory=now)

    @property
    def service(self) -> str:
        return self.plan.partition(":")[0]

    @property
    def variable(self) -> str:
        return f"{self.attachment}_URL"


@dataclass
class App:
    name: str
    region: str = "us"
    stack: str = "heroku-24"
    team: str | None = None
    tier: str = "basic"
    web_url: str = ""
    config: dict[str, str] = field(default_factory=dict)
    formation: dict[str, Process] = field(default_factory=dict)
    releases: list[Release] = field(default_factory=list)
    addons: list[AddOn] = field(default_factory=list)
    buildpacks: list[str] = field(default_factory=list)
    maintenance: bool = False
    log: deque[str] = field(default_factory=lambda: deque(maxlen=LOG_LINES))
    id: str = field(default_factory=new_id)
    created_at: str = field(default_factory=now)

    @property
    def current(self) -> Release | None:
        """The newest release that came up."""
        good = [release for release in self.releases if release.status == "succeeded"]
        return good[-1] if good else None

    @property
    def slug(self) -> Slug | None:
        return self.current.slug if self.current else None

    def say(self, source: str, text: str) -> None:
        """Write lines to the app's log, as Logplex shows them."""
        stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")
        self.log.extend(f"{stamp} {source}: {line}" for line in text.splitlines())
