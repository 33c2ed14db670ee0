"""The id of a job that was given none: its function's name, and what tells it from its like."""

import re
from collections.abc import Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from hashlib import sha256
from typing import Any
from uuid import UUID

from clockdyno import masks

LONGEST = 60
PLAIN = (str, bytes, int, float, complex, Decimal, date, time, timedelta, UUID, type(None))
READS_AS_ITSELF = re.compile(r"[^\W\d]\w*")


def of_call(name: str, args: Any, kwargs: Mapping[str, Any]) -> str | None:
    """Return an id that says the arguments; None where no two processes would write them alike."""
    kwargs = {key: value for key, value in kwargs.items() if key != "scheduled_at"}
    exact = written([list(args), kwargs])
    if exact is None:
        return None
    words = [_word(value) for value in args]
    words += [f"{key}={_word(value)}" for key, value in sorted(kwargs.items())]
    clean = [re.sub(r"[^\w.=+]+", "_", word).strip("_") for word in words]
    told = "-".join([name, *filter(None, clean)])[:LONGEST]
    if masks.masked(" ".join(words)) != " ".join(words):
        told = name  # An id is shown to everybody; a key among the arguments is not.
    values = [*args, *kwargs.values()]
    is_exact = name != told and len(told) < LONGEST and all(map(_reads_as_itself, values))
    # What was shortened, or could be read as something else, is told apart by a mark.
    return told if is_exact else f"{told}-{sha256(exact.encode()).hexdigest()[:6]}"


def written(value: Any) -> str | None:
    """Write a value in the same way in every process; None where that cannot be known."""
    if isinstance(value, Enum):
        return f"{type(value).__qualname__}.{value.name}"
    if isinstance(value, PLAIN):
        return f"{type(value).__name__} {value!r}"
    if isinstance(value, (list, tuple)):
        found = [written(each) for each in value]
    elif isinstance(value, (set, frozenset)):
        found = sorted((written(each) for each in value), key=str)
    elif isinstance(value, Mapping):
        pairs = sorted(value.items(), key=lambda pair: str(pair[0]))
        found = [written(each) for pair in pairs for each in pair]
    elif hasattr(value, "__module__") and hasattr(value, "__qualname__"):
        return f"{value.__module__}.{value.__qualname__}"  # A function or a class.
    else:
        return None
    known = [each for each in found if each is not None]
    return f"{type(value).__name__}({', '.join(known)})" if len(known) == len(found) else None


def _word(value: Any) -> str:
    """Return what people call a value; nothing where that has an order of its own."""
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, (list, tuple)):
        return "_".join(map(_word, value))
    return "" if isinstance(value, (set, frozenset, Mapping)) else _name(value)


def _name(value: Any) -> str:
    return str(getattr(value, "__qualname__", value))


def _reads_as_itself(value: Any) -> bool:
    if isinstance(value, str):
        return bool(READS_AS_ITSELF.fullmatch(value)) and value not in ("None", "True", "False")
    return value is None or (type(value) in (bool, int) and value >= 0)
