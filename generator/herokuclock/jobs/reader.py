"""Read the jobs that a jobs.py defines, in any style of APScheduler, without running it."""

import ast
from dataclasses import dataclass, field

from herokuclock.jobs.anchors import last_name, scheduler_calls, scheduler_name
from herokuclock.jobs.literals import Literals, NotLiteral
from herokuclock.jobs.source import PythonSource, parse

# The order in which a trigger's class takes what it is given without a keyword.
TRIGGERS = {
    "CronTrigger": (
        "cron",
        "year month day week day_of_week hour minute second start_date end_date timezone jitter",
    ),
    "IntervalTrigger": (
        "interval",
        "weeks days hours minutes seconds start_date end_date timezone jitter",
    ),
    "DateTrigger": ("date", "run_date timezone"),
}
Function = ast.FunctionDef | ast.AsyncFunctionDef
KINDS = ("cron", "date", "interval")
CRONTAB = ("minute", "hour", "day", "month", "day_of_week")
TWIN = "the function on line {line} has this id too, and the clock refuses two jobs of one id"
OPTIONS = frozenset(
    "trigger func args kwargs id name misfire_grace_time catch_up coalesce max_instances executor"
    " next_run_time jobstore replace_existing on_lost timeout retries queue ping".split()
)


@dataclass(frozen=True)
class FoundSchedule:
    """One trigger of a job, as plain APScheduler keywords; dates are text in ISO form."""

    kind: str
    keywords: dict[str, object]
    line: int


@dataclass(frozen=True)
class FoundJob:
    """A job of jobs.py; `unread` says which of its schedules could not be read, and why."""

    id: str
    function: str
    line: int
    doc: str | None = None
    schedules: list[FoundSchedule] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def read(source: str, filename: str = "jobs.py") -> list[FoundJob]:
    """Return the jobs in the order of their lines; decorators without an id make one job."""
    file = parse(source, filename)
    return _Reader(file).jobs()


ZONE_KEYS = ("timezone", "apscheduler.timezone")


def timezone(source: str) -> str | None:
    """Return the zone that jobs.py gives its scheduler; None where it has none, or no literal."""
    zones = _zones_of(source)
    zone = zones.pop() if zones and len(zones) == 1 else None
    return zone if isinstance(zone, str) else None


def names_no_zone(source: str) -> bool:
    """Say whether it is plain to see that the scheduler is given no zone."""
    zones = _zones_of(source)
    return zones is not None and zones <= {None}


def _zones_of(source: str) -> set[object] | None:
    """Return what the scheduler is given for its zone; None where only running it could tell."""
    file = parse(source)
    calls = scheduler_calls(file)
    name = scheduler_name(file) if calls else ""
    made = [call for made, call in calls if made == name]
    if len(made) != 1 or any(_is_configured(node, name) for node in ast.walk(file.tree)):
        return None
    literals = Literals(file)
    try:
        return {literals.value(value) for value in _zones(made[0], literals)}
    except (NotLiteral, TypeError):
        return None


def _zones(call: ast.Call, literals: Literals) -> list[ast.expr]:
    """Return what the call says of its zone, in keywords and in dictionaries."""
    found = [keyword.value for keyword in call.keywords if keyword.arg == "timezone"]
    given = [keyword.value for keyword in call.keywords if keyword.arg == "gconfig"]
    loose = [keyword.value for keyword in call.keywords if keyword.arg is None]
    for key, nodes in ((ZONE_KEYS[1], [*call.args, *given]), (ZONE_KEYS[0], loose)):
        for node in map(literals.resolved, nodes):
            if not isinstance(node, ast.Dict) or None in node.keys:
                raise NotLiteral(node, "it is no dictionary that can be read")
            pairs = zip(node.keys, node.values, strict=True)
            found += [value for name, value in pairs if name and literals.value(name) == key]
    return found


def _is_configured(node: ast.AST, scheduler: str) -> bool:
    if not isinstance(node, ast.Attribute) or last_name(node.value) != scheduler:
        return False
    return node.attr == "configure" or (node.attr == "timezone" and isinstance(node.ctx, ast.Store))


class _Reader:
    def __init__(self, file: PythonSource) -> None:
        self.file = file
        self.literals = Literals(file)
        self.defined = [n for n in ast.walk(file.tree) if isinstance(n, Function)]
        self.functions = {node.name: node for node in self.defined}

    def jobs(self) -> list[FoundJob]:
        found: dict[str, FoundJob] = {}
        for call, function, defined in sorted(self._calls(), key=lambda one: one[0].lineno):
            options = {k.arg: k.value for k in call.keywords}
            said = options.get("id")
            job_id = self.literals.text(said) or function
            is_unread = said is not None and job_id == function and not self.literals.text(said)
            if is_unread:
                job_id = f"{function}:{call.lineno}"
            node = defined or self.functions.get(function)
            line = defined.lineno if defined else call.lineno
            doc = ast.get_docstring(node) if node else None
            twin = defined and found.get(job_id)
            if twin and twin.line != line:
                job_id = f"{job_id}:{line}"
            job = found.setdefault(job_id, FoundJob(job_id, function, line, doc))
            if twin and twin.line != line and not job.unread:
                job.unread.append(f"line {line}: {TWIN.format(line=twin.line)}")
            self._read_trigger(call, job)
            if is_unread:
                job.unread.append(f"line {call.lineno}: its id is not a literal")
        return list(found.values())

    def _calls(self) -> list[tuple[ast.Call, str, Function | None]]:
        """Return each call that makes a job, the name of its function, and what it decorates."""
        found: list[tuple[ast.expr, str, Function | None]] = []
        for node in self.defined:
            found += [(d, node.name, node) for d in node.decorator_list if _is(d, "scheduled_job")]
        for call in ast.walk(self.file.tree):
            if isinstance(call, ast.Call) and _is(call, "add_job"):
                found.append((call, self._target(call), None))
            elif isinstance(call, ast.Call) and _is(call.func, "scheduled_job") and call.args:
                found.append((call.func, last_name(call.args[0]) or "<lambda>", None))
        return [(call, name, node) for call, name, node in found if isinstance(call, ast.Call)]

    def _target(self, call: ast.Call) -> str:
        named = [k.value for k in call.keywords if k.arg == "func"]
        node = next(iter([*call.args, *named]), None)
        text = self.literals.text(node)
        if text:
            return text.rpartition(":")[2].rpartition(".")[2]
        return (last_name(node) if node else "") or "<lambda>"

    def _read_trigger(self, call: ast.Call, job: FoundJob) -> None:
        place = 1 if _is(call, "add_job") else 0
        given = [k.value for k in call.keywords if k.arg == "trigger"]
        node = next(iter([*call.args[place : place + 1], *given]), None)
        try:
            if node is None:
                raise NotLiteral(call, "no trigger: it runs once, when the clock starts")
            rest = [k for k in call.keywords if k.arg not in OPTIONS]
            job.schedules.extend(self._schedules(self.literals.resolved(node), rest))
        except RecursionError:
            job.unread.append(f"line {call.lineno}: its triggers go round in a circle")
        except NotLiteral as problem:
            job.unread.append(f"line {problem.line}: {problem}")

    def _schedules(self, node: ast.expr, rest: list[ast.keyword]) -> list[FoundSchedule]:
        if not isinstance(node, ast.Call):
            kind = self.literals.value(node, "the trigger")
            if kind not in KINDS:
                raise NotLiteral(node, f"{kind!r} is no kind of trigger that is known here")
            return [FoundSchedule(str(kind), self.literals.keywords(rest), node.lineno)]
        name = self.literals.original(node.func)
        if name == "from_crontab":
            return [self._crontab(node)]
        if name == "OrTrigger" and node.args:
            parts = self.literals.resolved(node.args[0])
            if isinstance(parts, ast.List | ast.Tuple):
                inner = [self.literals.resolved(part) for part in parts.elts]
                return [found for part in inner for found in self._schedules(part, [])]
        if name not in TRIGGERS:
            raise NotLiteral(node, f"{name or 'this trigger'} cannot be read without running it")
        kind, order = TRIGGERS[name]
        return [FoundSchedule(kind, self._arguments(node, order.split()), node.lineno)]

    def _arguments(self, node: ast.Call, order: list[str]) -> dict[str, object]:
        if len(node.args) > len(order) or any(isinstance(a, ast.Starred) for a in node.args):
            raise NotLiteral(node, "these arguments cannot be read")
        placed = [ast.keyword(name, arg) for name, arg in zip(order, node.args, strict=False)]
        return self.literals.keywords([*placed, *node.keywords])

    def _crontab(self, node: ast.Call) -> FoundSchedule:
        line = next(iter(node.args), None)
        fields = (self.literals.text(line) or "").split()
        if len(fields) != len(CRONTAB):
            raise NotLiteral(node, "the crontab line is not a literal of five fields")
        zone = [ast.keyword("timezone", arg) for arg in node.args[1:2]]
        keywords = self.literals.keywords([*zone, *node.keywords])
        return FoundSchedule(
            "cron", dict(zip(CRONTAB, fields, strict=True)) | keywords, node.lineno
        )


def _is(node: ast.AST, method: str) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == method
    )
