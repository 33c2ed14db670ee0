"""The lines of an app's log as Heroku keeps them: who said what, and since which deploy."""

import re
from datetime import datetime, tzinfo
from typing import NamedTuple

from herokuclock.event_words import in_words

LINE = re.compile(r"(\S+) (\w+)\[([\w.-]+)\]: (.*)", re.DOTALL)
# Who says when a new release began, and how: a deploy, a config change, a rollback.
DEPLOYED = re.compile(r"(Deploy \S+|Rollback to v\d+|Release v\d+ created) by ")


class Said(NamedTuple):
    """A line of the log: when, from which of Heroku's sources, of which process, and what."""

    at: datetime
    source: str
    process: str
    text: str

    @property
    def is_release(self) -> bool:
        return self.process == "api" and bool(DEPLOYED.match(self.text))

    def words(self, zone: tzinfo) -> str:
        """Return it as people read it; times in this zone."""
        at = self.at.astimezone(zone)
        return f"{at:%H:%M:%S}  {self.process:9}  {in_words(self.text, zone, self.at)}"


def read(line: str) -> Said | None:
    """Read a line as `heroku logs` prints it; None for what is none."""
    found = LINE.match(line)
    if not found:
        return None
    when, source, process, text = found.groups()
    try:
        return Said(datetime.fromisoformat(when), source, process, text)
    except ValueError:
        return None


def since_the_last_deploy(said: list[Said]) -> list[Said]:
    """Return what was said since the newest deploy, or since the newest release of another kind."""
    releases = [number for number, one in enumerate(said) if one.is_release]
    deploys = [number for number in releases if said[number].text.startswith("Deploy")]
    return said[(deploys or releases or [0])[-1] :]
