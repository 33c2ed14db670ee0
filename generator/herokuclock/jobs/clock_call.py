"""The call in jobs.py that makes the clock: its time zone, and whether its jobs run on workers."""

import ast
import io
import re
import tokenize
from itertools import pairwise

from herokuclock.errors import HerokuclockError
from herokuclock.jobs.anchors import imported_as, last_name, scheduler_calls, scheduler_name
from herokuclock.jobs.source import PythonSource, Span, parse
from herokuclock.names import shown

FLAG, FLAG_BEGINS = "workers=True", ("workers", "=")
SPACE = {tokenize.NL, tokenize.NEWLINE, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT}
Spot = tuple[str, int, int]  # a token's text, its start and its end in the file


def set_timezone(source: str, zone: str, filename: str = "jobs.py") -> str:
    """Write another zone into `Clock(timezone="...")`."""
    if not re.fullmatch(r"[A-Za-z0-9_+\-]+(/[A-Za-z0-9_+\-]+)*", zone):
        raise HerokuclockError(f"{shown(zone)} is no time zone.", "Use a name as Europe/Berlin.")
    file = parse(source, filename)
    scheduler = scheduler_name(file)
    for name, call in scheduler_calls(file):
        for keyword in call.keywords:
            value = keyword.value
            if name == scheduler and keyword.arg == "timezone" and _is_text(value):
                start, end = file.span(value)
                return _checked(f'{source[:start]}"{zone}"{source[end:]}')
    raise HerokuclockError(
        f"{scheduler} has no time zone that can be replaced in {filename}.",
        f'It needs one in quotes, as in: {scheduler} = Clock(timezone="{zone}")',
    )


def has_workers(source: str) -> bool:
    """Say whether the clock hands its runs to worker dynos."""
    return _flag(_clock(parse(source))) is not None


def refuse_without(source: str, filename: str = "jobs.py") -> None:
    """Raise HerokuclockError where the scheduler is one of APScheduler's own."""
    file = parse(source, filename)
    calls = scheduler_calls(file)
    if calls and not any(_is_clock(file, call) for _, call in calls):
        kind = last_name(calls[0][1].func)
        raise HerokuclockError(
            f"{filename} has a {kind}, which keeps no record of its runs and is no Clock.",
            "`herokuclock init` makes a Clock of it, and shows before what that changes.",
        )


def set_workers(source: str, on: bool, filename: str = "jobs.py") -> str:
    """Let the clock hand its runs to worker dynos, or no longer; off takes out what on put in."""
    file = parse(source, filename)
    call = _clock(file)
    if (_flag(call) is not None) == on:
        return source
    if on:
        start, end, text = one_more(file, call, FLAG)
        return _checked(source[:start] + text + source[end:])
    return _checked(_without(source, _spots(file, call)))


def _clock(file: PythonSource) -> ast.Call:
    for _, call in scheduler_calls(file):
        if _is_clock(file, call):
            return call
    raise HerokuclockError(
        f"{file.name} makes no Clock, so it cannot hand runs to worker dynos.",
        "`herokuclock init` makes one of an APScheduler scheduler.",
    )


def one_more(file: PythonSource, call: ast.Call, argument: str) -> Span:
    """Return the place in a call, and the text, that give it one more argument."""
    text, _, end = _spots(file, call)[-2]
    return end, end, {"(": argument, ",": f" {argument},"}.get(text, f", {argument}")


def _is_clock(file: PythonSource, call: ast.Call) -> bool:
    kind = last_name(call.func)
    return imported_as(file).get(kind, kind) == "Clock"


def _flag(call: ast.Call) -> ast.keyword | None:
    found = (keyword for keyword in call.keywords if keyword.arg == "workers")
    return next((k for k in found if getattr(k.value, "value", None) is True), None)


def _without(source: str, spots: list[Spot]) -> str:
    at = next(i for i, (one, two) in enumerate(pairwise(spots)) if (one[0], two[0]) == FLAG_BEGINS)
    before, after = spots[at - 1], spots[at + 3]
    if before[0] == "(":
        end = spots[at + 4][1] if after[0] == "," else after[1]
        return source[: before[2]] + source[end:]
    if after[0] == ",":
        return source[: before[2]] + source[after[2] :]
    return source[: before[1]] + source[spots[at + 2][2] :]


def _spots(file: PythonSource, call: ast.Call) -> list[Spot]:
    """Return the tokens of a call, from its opening bracket to its closing one."""
    begin = file.offset(call.func.end_lineno or 0, call.func.end_col_offset or 0)
    _, end = file.span(call)
    text = file.text[begin:end]
    starts = [0]
    for line in io.StringIO(text, newline=""):
        starts.append(starts[-1] + len(line))
    return [
        (token.string, begin + starts[row - 1] + column, begin + starts[until - 1] + last)
        for token in tokenize.generate_tokens(io.StringIO(text, newline="").readline)
        for (row, column), (until, last) in [(token.start, token.end)]
        if token.type not in SPACE and token.string
    ]


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _checked(result: str) -> str:
    parse(result)
    return result
