"""Crontab lines, with the meaning that crontab gives them."""

import re
from collections.abc import Mapping

from clockdyno.schedule import zones
from clockdyno.schedule.dialects import cron_field
from clockdyno.schedule.dialects.apscheduler import Value
from clockdyno.schedule.dialects.crontab_days import days
from clockdyno.schedule.refusal import Misread, quote

NAMES = ("minute", "hour", "day", "month", "day_of_week")
NICKNAMES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
# Signs of other programs: where they stand, why not, and what to write instead.
FOREIGN = (
    (r"\?", "'?' belongs to Quartz; crontab writes *", "*"),
    (r"~", "'~' asks for a random time, and every process would draw its own", "-"),
    (r"%", "'%' belongs to a command, and a job is a Python function", ""),
    (r"(?<![a-z])h\(([^)]*)\)", "'H' lets Jenkins choose; here you name the time", r"\1"),
    (r"(?<![a-z])h(?=/)", "'H' lets Jenkins choose; here you name the time", "*"),
    (r"(?<![a-z])h(?![a-z])", "'H' lets Jenkins choose; here you name the time", "7"),
    (r"(?<![a-z])(l)-[0-9]+", "'L-3', days before the last, is in no trigger", r"\1"),
    (r"(?<=[0-9l])w", "'W', the working day nearest to a date, is in no trigger", ""),
)

PREFIX = re.compile(r"""(?:CRON_)?TZ *= *(?:"([^"]*)"|'([^']*)'|([^ "']+)) +(.*)""", re.IGNORECASE)
FIRST_FIELD = re.compile(r"(?:[0-9*?]|h(?![a-z]))[-0-9*?,/~#%wlh()]*", re.IGNORECASE)
SIGNS = re.compile(r"[-0-9*?,/~#%()]+")


def looks_like(text: str) -> bool:
    """Whether somebody who typed this meant a crontab line."""
    if text.startswith("@") or PREFIX.match(text):
        return True
    words = text.split()
    fields = len(words) > 1 and all(FIRST_FIELD.fullmatch(word) for word in words[:2])
    return fields or any(word.startswith("*") for word in words)


def read(text: str) -> list[dict[str, Value]]:
    """The cron keywords of one line: two sets of them where crontab says day OR weekday."""
    if prefix := PREFIX.fullmatch(text):
        zone = zones.find(prefix[1] or prefix[2] or prefix[3] or "")
        return [{**keywords, "timezone": zone} for keywords in read(prefix[4])]
    if text.startswith("@"):
        return read(_nickname(text.lower()))
    words = text.split()
    _check_count(words)
    line = dict(zip(NAMES, words, strict=True))
    try:
        return _translate({name: value.lower() for name, value in line.items()})
    except cron_field.FieldError as error:
        field = error.reason.partition(":")[0]
        raise Misread(error.reason, _readings(line, field, error.better)) from None


def _readings(line: Mapping[str, str], field: str, better: str) -> list[str]:
    """What the line could have meant: one field mended, or the interval that no field can say."""
    texts = list({**line, field: better}.values()) if better else []
    for pattern, _, instead in FOREIGN:
        texts = [re.sub(pattern, instead, text, flags=re.IGNORECASE) for text in texts]
    step = re.fullmatch(r"\*/([0-9]+)", line[field])
    return [*([f"every {step[1]} {field}s"] if step else []), " ".join(texts)]


def _nickname(name: str) -> str:
    if name == "@reboot":
        reason = "@reboot has no time: a clock on Heroku restarts every day and on every deploy"
        raise Misread(reason, ["@daily", "@hourly"])
    if every := re.fullmatch(r"@every ([0-9]+)([hms])", name):
        unit = {"h": "hours", "m": "minutes", "s": "seconds"}[every[2]]
        reading = f"every {every[1]} {unit}"
        raise Misread("@every belongs to other programs", [reading])
    if name not in NICKNAMES:
        raise Misread(f"{quote(name)} is not one of {', '.join(NICKNAMES)}", ["@daily", "@hourly"])
    return NICKNAMES[name]


def _check_count(words: list[str]) -> None:
    strange = next((i for i, word in enumerate(words) if not _is_field(word)), len(words))
    if strange < min(5, len(words)):
        reason = f"{NAMES[strange]}: {quote(words[strange])} is not a crontab field"
        # Without quotes the shell turns each * into the names of the files in the folder.
        hint = "Put the line in quotes, so that the shell leaves each * alone."
        raise Misread(reason, hint=hint if any("." in word for word in words[2:]) else "")
    if len(words) < 5 or strange > 7:
        filled = " ".join([*words, *"*****"][:5])
        reason = f"a crontab line has 5 fields ({', '.join(NAMES)}); here are {len(words)}"
        raise Misread(reason, [filled])
    if strange == len(words) > 5:
        reason = f"{len(words)} fields mean seconds first in one program, seconds or years last"
        readings = [" ".join(words[1:6]), " ".join(words[:5])]
        raise Misread(f"{reason} in others; crontab has 5", readings)
    if len(words) > 5:
        rest = quote(" ".join(words[5:]))
        reason = f"after the 5 fields comes {rest}: a job is a Python function, not a command"
        raise Misread(reason, [" ".join(words[:5])])


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
    alternatives = days(line["day"], line["day_of_week"])
    return [_restricted({**whole, **alternative}) for alternative in alternatives]


def _refuse_foreign(name: str, text: str) -> None:
    for pattern, reason, instead in FOREIGN:
        if re.search(pattern, text):
            raise cron_field.FieldError(name, reason, re.sub(pattern, instead, text))


def _restricted(keywords: dict[str, Value]) -> dict[str, Value]:
    """Without the fields that allow everything; the minute stays, the others depend on it."""
    return {
        name: value
        for name, value in keywords.items()
        if name == "minute" or "*" not in str(value).split(",")
    }
