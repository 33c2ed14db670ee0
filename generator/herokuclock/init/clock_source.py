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
INSIDE = "its scheduler is made in a function, where nobody finds it who looks at the jobs"
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
    file, was_inside = hoisted or (file, False)
    kinds = {kind: [s for s in scheduler_calls(file) if _is(file, s[1], kind)] for kind in MODULES}
    kind = next((kind for kind in MODULES if kinds[kind]), None)
    if kind is None:
        return None
    scheduler, call = kinds[kind][0]
    doubts = list(_doubts(file, call, len(scheduler_calls(file))))
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


def _hoisted(file: PythonSource) -> tuple[PythonSource, bool] | None:
    """Return the file with its scheduler at the top level; True where a function made it.

    Who looks at the jobs imports the file, and finds only what stands outside functions and guards.
    """
    body = file.tree.body
    for block in body:
        if not (is_guard(block) or isinstance(block, ast.FunctionDef)):
            continue
        assert isinstance(block, ast.If | ast.FunctionDef)
        inner = block.body
        makes = [i for i, node in enumerate(inner) if _makes(file, node)]
        starts = [i for i, node in enumerate(inner) if _starts(node)]
        if not makes or not starts or starts[0] <= makes[0] or block.lineno == inner[0].lineno:
            continue
        if not all(_declares(node) for node in inner[: starts[0]]):
            return None
        if isinstance(block, ast.If):
            is_last = block is body[-1] and not block.orelse
            head = file.lines[block.lineno - 1]
            return (_lifted(file, block, starts[0], head, []), False) if is_last else None
        calls = [node for node in body[body.index(block) + 1 :] if _only_calls(node, block.name)]
        if len(calls) != 1 or calls[0] is not body[-1] or block is not body[-2]:
            return None
        head = GUARD + file.newline_at(block.lineno)
        return _lifted(file, block, starts[0], head, calls), True
    return None


def _lifted(
    file: PythonSource, block: ast.stmt, start: int, head: str, without: list[ast.stmt]
) -> PythonSource:
    """Take the statements of a block out of it, up to those that start the clock."""
    inner: list[ast.stmt] = getattr(block, "body", [])
    top, low = block.lineno - 1, inner[start].lineno - 1
    first = inner[0]
    indent = file.lines[first.lineno - 1].encode()[: first.col_offset].decode()
    begins = set(_line_starts(file, top + 1, low, inner[:start]))
    spans: list[Span] = [(file.offset(top + 1, 0), file.offset(top + 2, 0), "")]
    spans += [(p, p + len(indent), "") for p in begins if file.text[p:].startswith(indent)]
    at = file.offset(low + 1, 0)
    spans.append((at, at, head))
    for node in without:
        before = inner[-1].end_lineno or 0
        spans.append((file.offset(before, 0) + len(file.lines[before - 1]), file.span(node)[1], ""))
    return parse(file.with_spans(spans), file.name)


def _only_calls(node: ast.stmt, function: str) -> bool:
    """Say whether a statement does nothing but call a function, be it under the guard."""
    body = node.body if isinstance(node, ast.If) and is_guard(node) and not node.orelse else [node]
    return len(body) == 1 and any(
        isinstance(n, ast.Call) and last_name(n.func) == function and not (n.args or n.keywords)
        for n in [getattr(body[0], "value", None)]
    )


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
