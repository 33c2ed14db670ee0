"""Schedulers that do not run in the clock: what to take out, and what to put there, as lines."""

import ast
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass, field

from herokuclock.check import reach
from herokuclock.check.findings import Site
from herokuclock.init.app_place import NOT_THE_APP
from herokuclock.init.edits import Paste
from herokuclock.init.taken_out import KINDS, Function, is_on, kind, names, schedules, spans
from herokuclock.jobs.anchors import last_name
from herokuclock.jobs.literals import Literals
from herokuclock.jobs.source import PythonSource, parse
from herokuclock.project import read_text

REASON = "each process of {type} would run the jobs of this {kind} once more; the clock has them"
SECOND = "a second scheduler beside the clock; one clock runs all jobs, and keeps a record of them"
MOVE = "here belong the jobs of {file}"
Around = tuple[tuple[str, ...], tuple[str, ...]]


@dataclass
class Elsewhere:
    """A file with schedulers: their names, and the lines that the clock gets."""

    source: PythonSource
    kind: str
    names: set[str]
    imports: dict[str, None] = field(default_factory=dict)
    jobs: list[str] = field(default_factory=list)


def files(site: Site, clock: str | None) -> list[str]:
    """Return the project's files that make a scheduler, but for the clock's own."""
    found = sorted(f for f in site.files if f.endswith(".py") and not NOT_THE_APP.search(f))
    return [f for f in found if f != clock and kind(reach.parsed(site, f))]


def kind_of(site: Site, file: str) -> str | None:
    """Return the class of the scheduler that a file makes."""
    return kind(reach.parsed(site, file))


def zone(site: Site, file: str) -> str | None:
    """Return the zone that a file names for its scheduler."""
    source = parse(read_text(site.root / file), file)
    literals = Literals(source)
    for node in ast.walk(source.tree):
        named: list[ast.expr] = []
        if isinstance(node, ast.Call) and literals.original(node.func).endswith(KINDS):
            named = [keyword.value for keyword in node.keywords if keyword.arg == "timezone"]
        elif isinstance(node, ast.Assign) and last_name(node.targets[0]) == "SCHEDULER_TIMEZONE":
            named = [node.value]
        for value in named:
            if found := literals.text(value):
                return found
    return None


def pastes(
    site: Site, file: str, clock: str, scheduler: str, reason: str, around: Around = ((), ())
) -> list[Paste]:
    """Return the lines that bring a file's jobs into the clock, `around` them what they need."""
    source = parse(read_text(site.root / file), file)
    found = Elsewhere(source, kind(source.tree) or "", names(source.tree))
    for node in ast.walk(source.tree):
        if isinstance(node, Function):
            _decorated(found, node, scheduler)
        elif isinstance(node, ast.Call) and is_on(node, "add_job", found.names):
            _added(found, node, scheduler)
        elif isinstance(node, ast.Assign) and last_name(node.targets[0]) == "JOBS":
            _configured(found, node, scheduler)
    reason = reason.format(kind=found.kind)
    lines = source.lines
    out = [
        Paste(
            file,
            start + 1,
            reason,
            (instead,) if instead else (),
            tuple(line.rstrip("\r\n") for line in lines[start:end]),
        )
        for start, end, instead in spans(source.tree)
    ]
    imports = [] if file == clock else [*found.imports]
    new = (*imports, *around[0], *found.jobs, *around[1])
    return [*([Paste(clock, None, MOVE.format(file=file), new)] if new else []), *out]


def _decorated(found: Elsewhere, node: ast.stmt, scheduler: str) -> None:
    assert isinstance(node, Function)
    mine = list(schedules(node, found.names))
    top = node in found.source.tree.body
    for call in mine:
        arguments = _arguments(found, call.args, call.keywords)
        if top:
            _ask(found, node.name)
            found.jobs.append(f"{scheduler}.add_job({', '.join([node.name, *arguments])})")
        else:
            found.jobs += ["", "", f"@{scheduler}.scheduled_job({', '.join(arguments)})"]
    if mine and not top:
        lines = found.source.lines[node.lineno - 1 : node.end_lineno]
        found.jobs += textwrap.dedent("".join(lines)).splitlines()


def _added(found: Elsewhere, node: ast.Call, scheduler: str) -> None:
    arguments = _arguments(found, node.args, node.keywords)
    found.jobs.append(f"{scheduler}.add_job({', '.join(arguments)})")


def _configured(found: Elsewhere, node: ast.Assign, scheduler: str) -> None:
    """Read Flask-APScheduler's JOBS: a dictionary for each job."""
    for entry in getattr(node.value, "elts", []):
        if not isinstance(entry, ast.Dict):
            continue
        told = {
            str(getattr(k, "value", "")): v for k, v in zip(entry.keys, entry.values, strict=True)
        }
        trigger = told.get("trigger")
        if isinstance(trigger, ast.Dict):
            del told["trigger"]
            for k, v in zip(trigger.keys, trigger.values, strict=True):
                name = str(getattr(k, "value", ""))
                told["trigger" if name == "type" else name] = v
        keywords = [ast.keyword(name, value) for name, value in told.items()]
        found.jobs.append(f"{scheduler}.add_job({', '.join(_arguments(found, [], keywords))})")


def _arguments(
    found: Elsewhere, args: Iterable[ast.expr], keywords: Iterable[ast.keyword]
) -> list[str]:
    texts = []
    for name, value in [*((None, a) for a in args), *((k.arg, k.value) for k in keywords)]:
        for inner in ast.walk(value):
            if isinstance(inner, ast.Name):
                _ask(found, inner.id)
        text = " ".join((ast.get_source_segment(found.source.text, value) or "").split())
        text = text.replace("__main__:", f"{_dotted(found.source.name)}:")
        texts.append(f"{name}={text}" if name else text)
    return texts


def _ask(found: Elsewhere, name: str) -> None:
    """Let the clock's file import what a job needs."""
    for node in ast.walk(found.source.tree):
        if isinstance(node, ast.Import) and any((a.asname or a.name) == name for a in node.names):
            found.imports.setdefault(ast.unparse(node))
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if (alias.asname or alias.name) == name:
                    module = _absolute(found.source.name, node)
                    text = f"from {module} import {alias.name}"
                    found.imports.setdefault(text + (f" as {name}" if alias.asname else ""))
    if any(_defines(node, name) for node in found.source.tree.body):
        found.imports.setdefault(f"from {_dotted(found.source.name)} import {name}")


def _defines(node: ast.stmt, name: str) -> bool:
    if isinstance(node, Function | ast.ClassDef):
        return node.name == name
    return isinstance(node, ast.Assign) and any(last_name(t) == name for t in node.targets)


def _dotted(file: str) -> str:
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _absolute(file: str, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = file.split("/")[: -node.level]
    return ".".join([*package, *([node.module] if node.module else [])])
