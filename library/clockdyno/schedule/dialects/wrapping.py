"""What stands around a schedule where it was copied from: a key, quotes, a comma, a comment."""

import re

from clockdyno.patterns import pattern

KEYS = (
    "cron|crons|crontab|schedules?|scheduleExpression|schedule_?expression|cron_?expression|"
    "cron_?schedule|schedule_?interval|recurrence|when|every|oncalendar"
)
KEY = pattern(
    rf"(?:- +)?\{{? ?([\"']?)({KEYS})\1(?::(?![:\w]) ?| ?=>? ?)(?:\[ ?)?(?=[^= ])",
    re.IGNORECASE,
)
# As in cron.schedule('0 9 * * *', task); from_crontab has its own rules.
CALL = pattern(
    r"(?!.*from_crontab)(?:new )?(?:[\w.]*(?:cron|schedule)\w*)?\( ?"
    r"([\"'])((?:[^\"' ]+ ){4,6}[^\"' ]+)\1 ?(?:,.*|\).*)",
    re.IGNORECASE,
)
# As in {"path": "/refresh", "schedule": "0 5 * * *"}.
INSIDE = pattern(r"\{.*?[,{] ?(?=[\"'](?:" + KEYS + r")[\"'] ?:)", re.IGNORECASE)
ITEM = pattern(r"- +(?=[\"'@*0-9])")
COMMENT = pattern(r"(?<=[^ ]) +(?:#[ !]|// ).*$")
FIELDS = pattern(r"[\"']?[0-9*@]")
ZONE_KEY = pattern(
    r"[\"']?,? +[\"']?(?:time_?zone|tz|scheduleExpressionTimezone)[\"']? ?[:=] ?", re.IGNORECASE
)
CLOSERS = pattern(r"[\"']? ?[\]},;]+$")


def unwrapped(text: str) -> str:
    """The schedule alone: `- cron: '0 3 * * 1'` is `0 3 * * 1`."""
    text = INSIDE.sub("", text, count=1) if text[:1] == "{" else text
    if call := CALL.fullmatch(text):
        return call[2]
    key = KEY.match(text)
    if key and key[2].lower() == "oncalendar":
        return text
    if not key:
        item = ITEM.match(text)
        bare = text[item.end() :] if item else text
        is_copied = FIELDS.match(bare) and len(bare.split()) > 1
        return unquoted(_closed(COMMENT.sub("", bare))) if is_copied else bare
    inner = COMMENT.sub("", text[key.end() :]).strip()
    zone = ""
    if named := ZONE_KEY.search(inner):
        zone = inner[named.end() :].strip(" \"',;}]")
        inner = inner[: named.start()]
    if inner[:1] in "\"'" and inner.count(inner[0]) == 1:
        inner = inner[1:]
    inner = unquoted(_closed(inner))
    if key[2].lower() == "every" and inner[:1].isdecimal():
        inner = f"every {inner}"
    return f"{inner} {zone}" if zone else inner


def unquoted(text: str) -> str:
    """Without the quotes around the whole of it."""
    for mark in "'\"":
        if len(text) > 1 and text[0] == text[-1] == mark and text.count(mark) == 2:
            return text[1:-1].strip()
    return text


def _closed(text: str) -> str:
    """Without the brackets and commas behind it that it did not open."""
    while text and text[-1] in " ,;]}" and text.count("[") < text.count("]") + (text[-1] != "]"):
        text = text[:-1]
    return text
