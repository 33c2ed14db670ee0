"""Text from outside made fit: for both databases, for a terminal, for a log of lines.

What is escaped: NUL and lone surrogates, which no database takes, and whatever steers a terminal
or ends a line; a line end stays where a text may have several lines.
"""

import contextlib
import re
import traceback

from clockdyno import masks
from clockdyno.errors import RunError

MOST = 8000
BRIEF = 300
FRAMES = 1000  # of a traceback are looked at, the last ones
UNFIT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"  # bidi controls, too
)

# As Python itself reads them, whatever the class of an exception says of itself.
frames = BaseException.__dict__["__traceback__"].__get__
_cause = BaseException.__dict__["__cause__"].__get__
_kind = type.__dict__["__name__"].__get__


def fit(text: str, most: int = MOST) -> str:
    """Return the beginning of a text, of several lines perhaps, as every database takes it."""
    return _plain(text[:most])[:most]


def line(text: str) -> str:
    """Return a text as a single line that does nothing to a terminal."""
    return _plain(text).replace("\n", "\\n").replace("\t", "\\t")


def of(error: BaseException) -> str:
    """Return the end of an exception's traceback, which says most, without secrets."""
    text = error.text if type(error) is RunError else _traceback(error)
    whole = len(text) <= 2 * MOST
    # What is left of a secret that the cut went through goes, too.
    text = masks.masked(text[-2 * MOST :])[0 if whole else masks.longest() :]
    return _plain(text).strip()[-MOST:]


def brief(error: BaseException) -> str:
    """Return in one line how an exception's text begins."""
    return line(_masked(error).partition("\n")[0][:BRIEF])


def message(error: BaseException) -> str:
    """Return in one line all that an exception says."""
    return line(" ".join(_masked(error).split()))[:MOST]


def quoted(text: str) -> str:
    """Return a text of several lines none of which can be taken for a line of the log."""
    return "\n".join(f"| {one}" for one in text.split("\n"))


def _traceback(error: BaseException) -> str:
    message = _message(error)
    if len(message) <= 2 * MOST:  # Python takes seconds to indent megabytes.
        # Anything that is asked of it may be the job's own code.
        with contextlib.suppress(BaseException):
            return "".join(traceback.format_exception(type(error), error, frames(error), -FRAMES))
    lines = traceback.format_tb(frames(error), -FRAMES)
    told = f"{_kind(type(error))}: {message[-2 * MOST :]}"
    return "".join(["Traceback (most recent call last):\n", *lines, told])


def _masked(error: BaseException) -> str:
    # A driver's error in another one's wrapping may be said by that alone.
    text = _message(error).strip() or _message(_cause(error)).strip()
    return masks.masked(text[: 2 * MOST]) or _kind(type(error))


def _message(error: BaseException | None) -> str:
    try:
        return "" if error is None else str(error)
    except BaseException:
        return "its text cannot be read"


def _plain(text: str) -> str:
    return UNFIT.sub(_escaped, text.replace("\r\n", "\n"))


def _escaped(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode()
