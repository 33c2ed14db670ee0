"""The version of a build of the library: the one in clockdyno/__init__.py, marked until a release.

The mark is one of its contents. pip keeps an installed wheel of the same version, so that an app on
Heroku would go on with the old code without a word; and an index takes no version with a mark, so
that nobody else's package of this name can ever be taken for it.
"""

import re
from hashlib import sha256
from pathlib import Path

IS_RELEASED = False
HERE = Path(__file__).parent
FILES = ("pyproject.toml", "README.md", "LICENSE")


def version() -> str:
    """Return the version of what lies here."""
    text = (HERE / "clockdyno" / "__init__.py").read_text(encoding="utf-8")
    (number,) = re.findall(r'^__version__ = "(.+)"$', text, re.MULTILINE)
    return number if IS_RELEASED else f"{number}+{mark()}"


def mark() -> str:
    """Return a mark of all that goes into the wheel."""
    found = sha256()
    inside = (path for path in (HERE / "clockdyno").rglob("*") if path.is_file())
    for path in [*(HERE / name for name in FILES), *sorted(inside)]:
        if "__pycache__" not in path.parts:
            # Alike in a checkout with the line ends of Windows.
            content = path.read_bytes().replace(b"\r\n", b"\n")
            found.update(b"%s\0%s\0" % (path.relative_to(HERE).as_posix().encode(), content))
    return found.hexdigest()[:8]


__version__ = version()
