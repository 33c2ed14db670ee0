"""An APScheduler BlockingScheduler becomes a Clock, in the text of its file; the rest stays."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from herokuclock.jobs.anchors import is_guard, last_name, scheduler_calls, starting
from herokuclock.jobs.clock_call import one_more
from herokuclock.jobs.literals import Literals
from herokuclock.jobs.reader import names_no_zone
from herokuclock.jobs.source import PythonSource, Span, parse

BLOCKING, BACKGROUND = "BlockingScheduler", "BackgroundScheduler"
MODULES = {
    BLOCKING: "apscheduler.schedulers.blocking",
    BACKGROUND: "apscheduler.schedulers.background",
}
LOOP = "it starts beside a loop that keeps it alive, which a Clock does not need"
GUARD = 'if __name__ == "__main__":'
STORES = ("SQLAlchemyJobStore", "MongoDBJobStore", "RedisJobStore", "ZooKeeperJobStore")
STORE_WORDS = ("sqlalchemy", "mongodb", "redis", "zookeeper")
PICKLED = (
    "its jobs lie pickled in a store, which a Clock refuses: the ledger remembers what ran, and "
    "jobs.py alone says what runs"
)
PROCESSES = "a Clock runs its jobs in threads; one that needs a process of its own says timeout=600"


@dataclass
class Conversion:
    """The new text, and why its owner has to see to it instead of us."""

    text: str
    scheduler: str = ""
    doubts: list[str] = field(default_factory=list)
    had_no_zone: bool = False


def convert(source: str, name: str, zone: str, app: str | None) -> Conversion | None:
    """Make a Clock of the file's BlockingScheduler; None where it has none, or a Clock already."""
    file = parse(source, name)
    hoisted = _hoisted(file)
    file = hoisted or file
    kinds = {kind: [s for s in scheduler_calls(file) if _is(file, s[1], kind)] for kind in MODULES}
    kind = next((kind for kind in MODULES if kinds[kind]), None)
    if kind is None:
        return None
    scheduler, call = kinds[kind][0]
    doubts = list(_doubts(file, call, len(scheduler_calls(file))))
    spans, had_no_zone = _import(file, kind), names_no_zone(file.text)
    if not spans:
        doubts.append(f"how it comes by its {kind} is written in no usual way")
    more = [f'timezone="{zone}"'] * had_no_zone + [f'app="{app}"'] * bool(app)
    if any(reason in doubts for reason in (PICKLED, PROCESSES)):
        kept = [ast.get_source_segment(file.text, k) or "" for k in call.keywords if k.arg in KEPT]
        start, end = file.span(call)
        spans = [span for span in spans if not start <= span[0] < end]
        spans.append((start, end, f"Clock({', '.join([*kept, *more])})"))
    elif more:
        spans.append(one_more(file, call, ", ".join(more)))
    guarded = _guard(file, scheduler) if kind == BLOCKING else _loop(file, scheduler)
    if kind == BACKGROUND and guarded:
        doubts.append(LOOP)
    if guarded is None:
        doubts.append("its start stands among other lines")
    text = file.with_spans([*spans, *(guarded or [])])
    return Conversion(parse(text, name).text, scheduler, doubts, had_no_zone)


# What may be called when the file is only imported: nothing of these asks, waits or works.
DECLARES = frozenset(
    "BlockingScheduler add_job add_listener basicConfig configure getLogger print info setLevel"
    " CronTrigger IntervalTrigger DateTrigger OrTrigger from_crontab timezone ZoneInfo"
    " datetime date timedelta now dict int get".split()
)
KEPT = ("timezone", "job_defaults", "daemon")


def guard(source: str, name: str) -> str | None:
    """Let only the program start its clock; None where that is not certain."""
    file = parse(source, name)
    calls = scheduler_calls(file)
    return source if len(calls) != 1 else guard_of(source, name, calls[0][0])


def guard_of(source: str, name: str, scheduler: str) -> str | None:
    """Do so for a scheduler of this name, wherever it is made."""
    file = parse(source, name)
    spans = _guard(file, scheduler)
    return None if spans is None else parse(file.with_spans(spans), name).text


def _is(file: PythonSource, call: ast.Call, kind: str) -> bool:
    return Literals(file).original(call.func) == kind


def _doubts(file: PythonSource, call: ast.Call, count: int) -> Iterator[str]:
    if count > 1:
        yield f"it makes {count} schedulers, and a clock has one"
    strings = {n.value for n in ast.walk(call) if isinstance(n, ast.Constant)}
    names = {last_name(n) for n in ast.walk(file.tree) if isinstance(n, ast.Name | ast.Attribute)}
    if names & set(STORES) or any(
        isinstance(text, str) and text.startswith(STORE_WORDS) for text in strings
    ):
        yield PICKLED
    if "ProcessPoolExecutor" in names or "processpool" in strings:
        yield PROCESSES


def _import(file: PythonSource, kind: str) -> list[Span]:
    """Return what imports Clock instead; nothing where it is not imported in the usual way."""
    found = [
        node
        for node in ast.walk(file.tree)
        if isinstance(node, ast.ImportFrom) and any(alias.name == kind for alias in node.names)
    ]
    if len(found) != 1 or found[0].module != MODULES[kind] or len(found[0].names) != 1:
        return []
    alias = found[0].names[0].asname or (kind if "Clock" in file.names else None)
    start, end = file.span(found[0])
    spans = [(start, end, "from clockdyno import Clock" + (f" as {alias}" if alias else ""))]
    if alias is None:
        names = [n for n in ast.walk(file.tree) if isinstance(n, ast.Name) and n.id == kind]
        spans += [(*file.span(node), "Clock") for node in names]
    return spans


def _guard(file: PythonSource, scheduler: str) -> list[Span] | None:
    """Return what lets only the program start the clock; None where that is not certain."""
    body, at = file.tree.body, starting(file, scheduler)
    if at is None or is_guard(body[at]):
        return []
    rest = body[at:]
    first, last = rest[0].lineno - 1, rest[-1].end_lineno or 0
    shares = at and (body[at - 1].end_lineno or 0) > first
    if shares or any(isinstance(n, ast.FunctionDef | ast.ClassDef | ast.Import) for n in rest):
        return None
    begin = file.offset(first + 1, 0)
    return [
        (begin, begin, f"{GUARD}{file.newline_at(first + 1)}{file.indent}"),
        *((p, p, file.indent) for p in _line_starts(file, first + 1, last, rest)),
    ]


def _loop(file: PythonSource, scheduler: str) -> list[Span] | None:
    """Return what starts the clock instead of a loop that waits beside it."""
    at = starting(file, scheduler)
    rest = file.tree.body[at:] if at is not None else []
    if not any(isinstance(node, ast.While) for part in rest for node in ast.walk(part)):
        return None
    begin, end = file.span(rest[0])[0], file.span(rest[-1])[1]
    newline = file.newline_at(rest[0].lineno)
    return [(begin, end, f"{GUARD}{newline}{file.indent}{scheduler}.start()")]


def _line_starts(file: PythonSource, first: int, last: int, nodes: list[ast.stmt]) -> Iterator[int]:
    """Yield where the lines begin that an indentation concerns: none inside a text, none blank."""
    inside = {
        row
        for node in nodes
        for text in ast.walk(node)
        if isinstance(text, ast.Constant | ast.JoinedStr) and isinstance(text, ast.expr)
        for row in range(text.lineno, text.end_lineno or 0)
    }
    for row in range(first, last):
        if row not in inside and not file.is_blank(row):
            yield file.offset(row + 1, 0)


def _hoisted(file: PythonSource) -> PythonSource | None:
    """Return the file with its guard moved down to the start, where it makes the scheduler itself.

    Who looks at the jobs imports the file, and finds only what stands outside the guard.
    """
    guards = [node for node in file.tree.body if isinstance(node, ast.If) and is_guard(node)]
    if len(guards) != 1 or guards[0] is not file.tree.body[-1] or guards[0].orelse:
        return None
    inner = guards[0].body
    makes = [i for i, node in enumerate(inner) if _makes(file, node)]
    starts = [i for i, node in enumerate(inner) if _starts(node)]
    if (
        len(makes) != 1
        or not starts
        or starts[0] <= makes[0]
        or guards[0].lineno == inner[0].lineno
    ):
        return None
    if any(not _declares(node) for node in inner[: starts[0]]):
        return None
    top, low = guards[0].lineno - 1, inner[starts[0]].lineno - 1
    indent = file.lines[inner[0].lineno - 1].encode()[: inner[0].col_offset].decode()
    begins = set(_line_starts(file, top + 1, low, inner[: starts[0]]))
    spans: list[Span] = [(file.offset(top + 1, 0), file.offset(top + 2, 0), "")]
    spans += [(p, p + len(indent), "") for p in begins if file.text[p:].startswith(indent)]
    at = file.offset(low + 1, 0)
    spans.append((at, at, file.lines[top]))
    return parse(file.with_spans(spans), file.name)


def _makes(file: PythonSource, node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and _is(file, node.value, BLOCKING)
    )


def _starts(node: ast.stmt) -> bool:
    return any(isinstance(n, ast.Attribute) and n.attr == "start" for n in ast.walk(node))


def _declares(node: ast.stmt) -> bool:
    """Say whether a statement only tells the scheduler something, or sets logging up."""
    if not isinstance(node, ast.Assign | ast.AnnAssign | ast.Expr) or node.value is None:
        return False
    called = {last_name(n.func) for n in ast.walk(node.value) if isinstance(n, ast.Call)}
    return called <= DECLARES
