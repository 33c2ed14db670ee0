"""One logfmt line per event, and a plain set-up of logging for the clock process."""

import logging
import os
import sys
from datetime import datetime

log = logging.getLogger("clock")


class Logfmt(logging.Formatter):
    """Print our own events as they are, everything else as level, name and message."""

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        if record.name == log.name and record.exc_info is None:
            return text
        return line(level=record.levelname.lower(), name=record.name, msg=text)


def line(**fields: object) -> str:
    """Lay fields out as logfmt; what is None is left out."""
    return " ".join(f"{k}={_value(v)}" for k, v in fields.items() if v is not None)


def event(at: str, level: int = logging.INFO, **fields: object) -> None:
    """Log one state change, with the dyno and the release that it happened on."""
    here = {"dyno": os.environ.get("DYNO"), "release": os.environ.get("HEROKU_RELEASE_VERSION")}
    log.log(level, "%s", line(at=at, **fields, **here))


def set_up() -> None:
    """Log to standard output, unless the program has set logging up itself."""
    if logging.getLogger().handlers:
        return
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(Logfmt())
    logging.basicConfig(level=os.environ.get("LOG_LEVEL", "INFO").upper(), handlers=[handler])
    logging.getLogger("apscheduler").setLevel(logging.WARNING)


def _value(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:.3f}"
    text = str(value)
    if text and not any(c in text for c in ' "=\n\r\t\\'):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + '"'
