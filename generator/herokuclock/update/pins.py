"""Versions of packages in what a project asks for: which move with an update, and which stay."""

import re
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath

LIBRARY = "clockdyno"
PIN = re.compile(
    r"^(?P<before>[ \t]*\"?)(?P<name>[A-Za-z][\w.-]*)(?P<extras>\[[^\]\n]*\])?"
    r"(?P<asked>[ \t]*(?:[=~!]=|[<>])[^\n\"#;]*?)(?P<after>\"?,?[ \t]*\r?)$",
    re.MULTILINE,
)
WHEEL = re.compile(rf"{LIBRARY}-[\w.+!]+-py3-none-any\.whl")
Texts = tuple[bytes, bytes, bytes]


def has_pins(path: str) -> bool:
    """Say whether a file is one in which packages are asked for."""
    name = PurePosixPath(path)
    return name.match("requirements*.txt") or name.match("requirements*.in") or path == PYPROJECT


PYPROJECT = "pyproject.toml"


def moved(ours: bytes, base: bytes | None, theirs: bytes, *, every: bool) -> Texts:
    """Return the three texts, in which only what else differs is left to be merged.

    The library's version moves in all of them; the other packages' only if `every` is to move,
    and where the owner has not chosen one.
    """
    texts = [text.decode("utf-8", "surrogateescape") for text in (ours, base or b"", theirs)]
    mine, old, new = map(_pins, texts)
    target = new if every else {**new, **{name: old[name] for name in old.keys() & new.keys()}}
    if LIBRARY in new:
        target[LIBRARY] = new[LIBRARY]
    untouched = {n: v for n, v in target.items() if n == LIBRARY or mine.get(n) == old.get(n)}
    wheel = WHEEL.search(texts[2])
    done = [
        _with(text, asked, wheel and wheel[0])
        for text, asked in zip(texts, (untouched, target, target), strict=True)
    ]
    first, second, third = (text.encode("utf-8", "surrogateescape") for text in done)
    return first, second, third


def _pins(text: str) -> dict[str, str]:
    return {_plain(pin["name"]): pin["asked"] for pin in PIN.finditer(text)}


def _with(text: str, asked: Mapping[str, str], wheel: str | None) -> str:
    put: Callable[[re.Match[str]], str] = lambda pin: (  # noqa: E731
        pin["before"]
        + pin["name"]
        + (pin["extras"] or "")
        + asked.get(_plain(pin["name"]), pin["asked"])
        + pin["after"]
    )
    text = PIN.sub(put, text)
    return WHEEL.sub(wheel, text) if wheel else text


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
