"""One logfmt line per event, and a plain set-up of logging for the clock process."""

import contextlib
import logging
import os
import re
import sys
from datetime import datetime

from clockdyno import host, masks, texts

log = logging.getLogger("clockdyno")
LINE = re.compile(
    r'level=([a-z]+) name=(?:"(?:[^"\\]|\\.)*"|\S+) msg=(?:("(?:[^"\\]|\\.)*")|(\S*))'
)
ESCAPE = re.compile(r"\\(.)")


class Logfmt(logging.Formatter):
    """Print our own events as they are, everything else as level, name and message."""

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        if record.name == log.name:
            return text
        return line(level=record.levelname.lower(), name=record.name, msg=masks.masked(text))


def line(**fields: object) -> str:
    """Lay fields out as logfmt; what is None is left out."""
    return " ".join(f"{k}={_value(v)}" for k, v in fields.items() if v is not None)


def read(text: str) -> tuple[str, str] | None:
    """Return the level and the message of a line that Logfmt has made, if it is one."""
    found = LINE.fullmatch(text)
    if not found:
        return None
    quoted = found[2] and ESCAPE.sub(_plain, found[2][1:-1])
    return found[1], found[3] if quoted is None else quoted


def event(at: str, raised: BaseException | None = None, **fields: object) -> None:
    """Log one state change, with the dyno and the release that it happened on."""
    here = {"dyno": host.dyno(), "release": host.release()}
    # A tuple, since an exception may say of itself that it is false.
    how = None if raised is None else (type(raised), raised, texts.frames(raised))
    level = logging.INFO if raised is None else logging.ERROR
    if level < log.getEffectiveLevel():
        return
    # Not log.log(): the defaults of logging.config disable every logger that was there before, and
    # logging.disable() in a job is not meant for us.
    log.disabled = False
    args = (line(at=at, **fields, **here),)
    with contextlib.suppress(BaseException):  # Handlers are the owner's.
        log.handle(log.makeRecord(log.name, level, __file__, 0, "%s", args, how, "event"))


def failure(error: BaseException, **fields: object) -> None:
    """Log that the clock itself failed, at what and how."""
    told = {"error": texts.brief(error), "msg": "the clock itself failed"}
    event("clock", error, **fields, **told)


def set_up() -> None:
    """Log to standard output, unless the program has set logging up itself."""
    if logging.getLogger().handlers:
        return
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(Logfmt())
    logging.basicConfig(level=os.environ.get("LOG_LEVEL", "INFO").upper(), handlers=[handler])
    logging.getLogger("apscheduler").setLevel(logging.WARNING)


def _write_out(record: logging.LogRecord) -> bool:
    """Write an exception out before a formatter does: that prints it as it is."""
    if record.exc_info and record.exc_info[1] is not None:
        record.exc_text = texts.quoted(texts.of(record.exc_info[1]))
    return True


def _plain(escape: re.Match[str]) -> str:
    return {"n": "\n", "t": "\t", "\\": "\\", '"': '"'}.get(escape[1], escape[0])


def _value(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:.3f}"
    text = str(value)
    if text.isprintable() and text and not any(c in text for c in ' "=\\'):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{texts.line(escaped)}"'


log.addFilter(_write_out)
