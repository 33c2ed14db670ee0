"""Spring's `@Scheduled(...)`: six fields, seconds first; a rate in milliseconds."""

import re

from clockdyno.schedule import zones
from clockdyno.schedule.dialects import six_fields
from clockdyno.schedule.dialects.reading import Reading, cron
from clockdyno.schedule.refusal import Misread

CALL = re.compile(r"@Scheduled ?\((.*)\)", re.IGNORECASE)
PART = re.compile(r"(\w+) *= *(?:\"([^\"]*)\"|([0-9_]+)L?)")
NOTE = "Read as Spring: seconds first, and weekdays count from 0 or 7, Sunday."
RATE = "Spring counts from its start; here it stands on a fixed grid."


def looks_like(text: str) -> bool:
    """Whether this is Spring's annotation."""
    return bool(CALL.fullmatch(text))


def read(text: str) -> Reading:
    """The trigger of an annotation."""
    found = CALL.fullmatch(text)
    given = {m[1]: m[2] or m[3].replace("_", "") for m in PART.finditer(found[1] if found else "")}
    zone = {"timezone": zones.find(given["zone"])} if "zone" in given else {}
    if "cron" in given:
        triggers = cron({**fields, **zone} for fields in six_fields.seconds_first(given["cron"]))
        return Reading(triggers, (NOTE,))
    rate = given.get("fixedRate") or given.get("fixedRateString") or ""
    if not rate.isdecimal() or int(rate[:15]) % 1000:
        raise Misread("@Scheduled: only cron= and a fixedRate= of whole seconds are a schedule")
    return Reading([("interval", {"seconds": int(rate) // 1000, **zone})], (RATE,))
