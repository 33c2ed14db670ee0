"""The zone of a line of fields: `CRON_TZ=` before or behind it, or a name at its end."""

import re

from clockdyno.patterns import pattern
from clockdyno.schedule import zones

NAMED = r"""(?:CRON_)?TZ ?= ?(?:"([^"]*)"|'([^']*)'|([^ "']+))"""
BEFORE = pattern(rf"{NAMED} +(.*)", re.IGNORECASE)
BEHIND = pattern(rf"(.*?) +{NAMED}", re.IGNORECASE)
# What may stand before a zone: a nickname, fields, an expression in brackets.
LINE = pattern(
    r"@[a-z_]+|@every [0-9a-z]+|(?:cron|rate|at) ?\(.*\)|(?:[^ ]+ ){4,6}[^ ]+", re.IGNORECASE
)
REGION = pattern(
    r"(?:Africa|America|Antarctica|Asia|Atlantic|Australia|Europe|Indian|Pacific|US|Etc)/\S+"
)
LONGEST = 3


def split(text: str) -> tuple[str, str | None]:
    """The line without its zone, and the zone."""
    if found := BEFORE.fullmatch(text):
        return found[4], zones.find(found[1] or found[2] or found[3] or "")
    if found := BEHIND.fullmatch(text):
        return found[1], zones.find(found[2] or found[3] or found[4] or "")
    words = text.split()
    for size in range(min(LONGEST, len(words) - 1), 0, -1):
        line = " ".join(words[:-size])
        if not LINE.fullmatch(line) or not _is_line(line):
            continue
        name = " ".join(words[-size:]).strip("()")
        if zone := zones.known(name):
            return line, zone
        if size == 1 and (REGION.fullmatch(name) or zones.is_abbreviation(name)):
            zones.find(name)
    return text, None


def _is_line(line: str) -> bool:
    """Whether these are fields and no sentence: the first two begin as fields do."""
    return (
        line[0] == "@"
        or "(" in line.split()[0]
        or all(re.match(r"[0-9*?]|[hH](?![a-z])", word) for word in line.split()[:2])
    )
