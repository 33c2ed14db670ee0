"""An APScheduler BlockingScheduler becomes a Clock, in the text of its file; the rest stays."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from herokuclock.init.hoisting import BLOCKING, GUARD, hoisted, is_made_by, line_starts
from herokuclock.jobs.anchors import is_guard, last_name, scheduler_calls, starting
from herokuclock.jobs.clock_call import one_more
from herokuclock.jobs.reader import names_no_zone
from herokuclock.jobs.source import PythonSource, Span, parse

BACKGROUND = "BackgroundScheduler"
MODULES = {
    BLOCKING: "apscheduler.schedulers.blocking",
    BACKGROUND: "apscheduler.schedulers.background",
}
INSIDE = "its scheduler is made in a function, where nobody finds it who looks at the jobs"
LOOP = "it starts beside a loop that keeps it alive, which a Clock does not need"
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
    file, was_inside = hoisted(file) or (file, False)
    calls = scheduler_calls(file)
    kinds = {kind: [c for c in calls if is_made_by(file, c[1], kind)] for kind in MODULES}
    kind = next((kind for kind in MODULES if kinds[kind]), None)
    if kind is None:
        return None
    scheduler, call = kinds[kind][0]
    doubts = list(_doubts(file, call, len(calls)))
    doubts += [INSIDE] if was_inside else []
    spans, had_no_zone = _import(file, kind), names_no_zone(file.text)
    if not spans:
        doubts.append(f"how it comes by its {kind} is written in no usual way")
    more = [f'timezone="{zone}"'] * had_no_zone + [f'app="{app}"'] * bool(app)
    kept_ones = KEPT if PROCESSES in doubts else (*KEPT, "executors")
    if any(reason in doubts for reason in (PICKLED, PROCESSES)):
        kept = [
            ast.get_source_segment(file.text, k) or "" for k in call.keywords if k.arg in kept_ones
        ]
        start, end = file.span(call)
        spans = [span for span in spans if not start <= span[0] < end]
        spans.append((start, end, f"Clock({', '.join([*kept, *more])})"))
        adding = [n for n in file.tree.body if isinstance(n, ast.Expr) and _adds(n.value)]
        spans += [(*file.span(node), "") for node in adding]
    elif more:
        spans.append(one_more(file, call, ", ".join(more)))
    guarded = _guard(file, scheduler) if kind == BLOCKING else _loop(file, scheduler)
    if kind == BACKGROUND and guarded:
        doubts.append(LOOP)
    if guarded is None:
        doubts.append("its start stands among other lines")
    text = file.with_spans([*spans, *(guarded or [])])
    return Conversion(parse(text, name).text, scheduler, doubts, had_no_zone)


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


def _doubts(file: PythonSource, call: ast.Call, count: int) -> Iterator[str]:
    if count > 1:
        yield f"it makes {count} schedulers, and a clock has one"
    told = [call, *(n for n in ast.walk(file.tree) if isinstance(n, ast.Dict) or _adds(n))]
    strings = {n.value for part in told for n in ast.walk(part) if isinstance(n, ast.Constant)}
    names = {last_name(n) for n in ast.walk(file.tree) if isinstance(n, ast.Name | ast.Attribute)}
    if names & set(STORES) or any(
        isinstance(text, str) and text.startswith(STORE_WORDS) for text in strings
    ):
        yield PICKLED
    if "ProcessPoolExecutor" in names or "processpool" in strings:
        yield PROCESSES


def _adds(node: ast.AST) -> bool:
    """Say whether a call gives the scheduler a store or a pool."""
    return isinstance(node, ast.Call) and last_name(node.func) in ("add_jobstore", "add_executor")


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
        (begin, begin, f"{GUARD}{file.newline_at(first)}{file.indent}"),
        *((p, p, file.indent) for p in line_starts(file, first + 1, last, rest)),
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
