"""What a command says, to people or as JSON, and with which exit code it ends."""

import argparse
import contextlib
import json
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from clockdyno import texts
from clockdyno.ledger import database


def give(options: argparse.Namespace, data: Any, lines: Sequence[str]) -> int:
    """Print an answer; return 0."""
    text = json.dumps(data, indent=2, default=_plain) if options.json else ""
    print(text or "\n".join(map(texts.line, lines)))
    return 0


def refuse(what: str, hint: str) -> int:
    """Say what is wrong and what to do; return 2."""
    print(f"Error: {texts.line(what)}.\nHint: {texts.line(hint)}.", file=sys.stderr)
    return 2


@contextlib.contextmanager
def ledger() -> Iterator[sa.Engine]:
    """Give the ledger with its tables in place, and leave no connection open."""
    engine = database.connect()
    try:
        database.set_up(engine)
        yield engine
    finally:
        engine.dispose()


def _plain(value: Any) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)
