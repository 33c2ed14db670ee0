"""Crontab lines, with the meaning that crontab gives them."""

import re
from collections.abc import Mapping, Sequence

from clockdyno.patterns import pattern
from clockdyno.schedule.dialects import cron_field, six_fields, weekday_one
from clockdyno.schedule.dialects.apscheduler import Value
from clockdyno.schedule.dialects.crontab_days import days
from clockdyno.schedule.dialects.reading import Reading, cron, only_certain
from clockdyno.schedule.refusal import Misread, closest, quote

NAMES = ("minute", "hour", "day", "month", "day_of_week")
NICKNAMES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@noon": "0 12 * * *",
    "@every_minute": "* * * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
# Signs of other programs: where they stand, why not.
FOREIGN = (
    (r"~", "'~' asks for a random time, and every process would draw its own"),
    (r"%", "'%' belongs to a command, and a job is a Python function"),
    (r"(?<![a-z])h(?![a-z])", "'H' lets Jenkins choose, and stands in five fields"),
    (r"(?<![a-z])l-[0-9]+", "'L-3', days before the last, is in no trigger"),
    (r"(?<=[0-9l])w", "'W', the working day nearest to a date, is in no trigger"),
)
NAME_IT = "Name the time or the date itself"

FIRST_FIELD = pattern(r"(?:[0-9*?]|h(?![a-z]))[-0-9*?,/~#%wlh()]*", re.IGNORECASE)
SIGNS = pattern(r"[-0-9*?,/~#%()]+")
GO = pattern(r"(?:([0-9]+)d)?(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s)?")
GO_NOTE = "Read as Go's @every, which counts from its start; here it stands on a fixed grid."
DIFFER = "'?' is not crontab's, and those who write it count weekdays from 1, Sunday, or from 0"


def looks_like(text: str) -> bool:
    """Whether somebody who typed this meant a crontab line."""
    if text.startswith("@"):
        return True
    words = text.split()
    fields = len(words) > 1 and all(FIRST_FIELD.fullmatch(word) for word in words[:2])
    return fields or any(word.startswith("*") for word in words)


def read(text: str) -> Reading:
    """The cron keywords of one line: two sets of them where crontab says day OR weekday."""
    if text.startswith("@"):
        return _nickname(text.lower())
    words = text.split()
    count = _check_count(words)
    if count > 5:
        return six_fields.read(words)
    if "?" in text:
        return only_certain(DIFFER, [lambda: _line(words), lambda: from_one(words)])
    return _line(words)


def _line(words: Sequence[str]) -> Reading:
    line = dict(zip(NAMES, (word.replace("?", "*") for word in words), strict=True))
    try:
        return Reading(cron(_translate({name: value.lower() for name, value in line.items()})))
    except cron_field.FieldError as error:
        readings = _readings(line, error.field, error.better)
        raise Misread(error.reason, readings, hint=error.hint) from None


def from_one(words: Sequence[str]) -> Reading:
    """A line of five fields whose weekdays count from 1, Sunday."""
    return _line([*words[:4], weekday_one.named(words[4])])


def _readings(line: Mapping[str, str], field: str, better: str) -> list[str]:
    """What the line could have meant: one field mended, or the interval that no field can say."""
    step = re.fullmatch(r"\*/([0-9]+)", line[field])
    finer = {"minute": (), "hour": ("minute",)}.get(field, ("?",))
    rest = [value for name, value in line.items() if name != field and name not in finer]
    is_alone = all(value == "*" for value in rest) and all(line.get(n) == "0" for n in finer)
    interval = [f"every {step[1]} {field}s"] if step and is_alone else []
    return [*interval, *([" ".join({**line, field: better}.values())] if better else [])]


def _nickname(name: str) -> Reading:
    if name == "@reboot":
        reason = "@reboot has no time: a clock on Heroku restarts every day and on every deploy"
        raise Misread(reason, examples=("@daily", "@hourly"))
    if name.startswith("@every "):
        return _go(name.removeprefix("@every "))
    if name not in NICKNAMES:
        first, _, rest = name.partition(" ")
        if first in NICKNAMES:
            reason = f"after {first} comes {quote(rest)}: a job is a Python function"
            raise Misread(f"{reason}, not a command", [first])
        known = closest(name, tuple(NICKNAMES))
        raise Misread(f"{quote(name)} is not one of {', '.join(NICKNAMES)}", known)
    return _line(NICKNAMES[name].split())


def _go(text: str) -> Reading:
    found = GO.fullmatch(text.replace(" ", ""))
    if not found or not any(found.groups()):
        raise Misread(f"{quote('@every ' + text)} is not as @every 1h30m", [f"every {text}"])
    units = zip(("days", "hours", "minutes", "seconds"), found.groups(), strict=True)
    return Reading([("interval", {unit: int(n[:10]) for unit, n in units if n})], (GO_NOTE,))


def _check_count(words: list[str]) -> int:
    """How many fields there are; what else stands on the line is refused."""
    strange = next((i for i, word in enumerate(words) if not _is_field(word)), len(words))
    if strange < min(5, len(words)):
        reason = f"{NAMES[strange]}: {quote(words[strange])} is not a crontab field"
        # Without quotes the shell turns each * into the names of the files in the folder.
        hint = "Put the line in quotes, so that the shell leaves each * alone."
        raise Misread(reason, hint=hint if any("." in word for word in words[2:]) else "")
    if len(words) < 5 or strange > 7:
        filled = " ".join([*words, *"*****"][:5])
        reason = f"a crontab line has 5 fields ({', '.join(NAMES)}); here are {len(words)}"
        raise Misread(reason, [filled] if len(words) < 5 else [])
    if strange < len(words):
        rest = quote(" ".join(words[strange:]))
        reason = f"after the {strange} fields comes {rest}: a job is a Python function"
        raise Misread(f"{reason}, not a command", [" ".join(words[:strange])])
    return strange


def _is_field(word: str) -> bool:
    """Whether this is a part of a crontab line, and not yet its command."""
    known = (*cron_field.MONTHS, *cron_field.WEEKDAYS)
    return all(
        name in ("", "l", "w", "lw", "h")
        or cron_field.name_index(known, name) is not None
        or cron_field.name_index(known, name.removesuffix("l")) is not None
        for name in SIGNS.split(word.lower())
    )


def _translate(line: Mapping[str, str]) -> list[dict[str, Value]]:
    for name, text in line.items():
        _refuse_foreign(name, text)
    whole = {name: cron_field.normalise(name, line[name]) for name in ("month", "hour", "minute")}
    return [{**whole, **alternative} for alternative in days(line["day"], line["day_of_week"])]


def _refuse_foreign(name: str, text: str) -> None:
    for sign, reason in FOREIGN:
        if re.search(sign, text):
            raise cron_field.FieldError(name, reason, hint=f"{NAME_IT}.")
