"""Where an app makes its Flask object: the Procfile's web line leads there."""

import ast
import re
from dataclasses import dataclass

from herokuclock.check import reach, started
from herokuclock.check.findings import Site
from herokuclock.check.started import Start
from herokuclock.jobs.anchors import is_guard, last_name
from herokuclock.jobs.source import walk_scope

FACTORIES = (ast.FunctionDef, ast.AsyncFunctionDef)
# What nobody calls the app by who is not asked.
USUAL = ("app", "application", "create_app", "make_app", "server")
NOT_THE_APP = re.compile(
    r"(?:^|/)(?:tests?|migrations|examples?|docs)/|(?:^|/)(?:test_[^/]*|setup)\.py$"
)


@dataclass(frozen=True)
class AppPlace:
    """The one line `name = Flask(...)`; `reference` is how a clock reaches the app, if it can."""

    file: str
    name: str
    statement: ast.Assign
    module: ast.Module
    reference: str | None = None


def find(site: Site) -> AppPlace | None:
    """Return the one certain place; None where there is no app, or it could be several."""
    webs = [s for s in started.of(site) if s.type == "web" and (s.module or s.script)]
    if not webs:
        return _only_one(site)
    start = webs[0]
    if start.script:
        return _of_script(site, start)
    files = [f for f in reach.files_of(site, start.roots, start.module) if f.endswith(".py")]
    if not files:
        return None
    told = start.object or ("application" if start.program == "gunicorn" else "")
    name, _, arguments = told.partition("(")
    found = None
    for each in [name] if name else USUAL:
        found = found or _resolved(site, start, files[-1], each, 0)
        name = name or (each if found else "")
    is_plain = not start.root and arguments in ("", ")")
    if found is None or not is_plain or _serves_at_once(found.module):
        return found
    return _with(found, f"{start.module}:{name}")


def has_flask(site: Site) -> bool:
    """Say whether any file of the project makes a Flask app."""
    return bool(_makers(site))


def _makers(site: Site) -> list[str]:
    files = sorted(f for f in site.files if f.endswith(".py") and not NOT_THE_APP.search(f))
    return [
        file
        for file in files
        if b"Flask" in site.content(file)
        and (module := reach.parsed(site, file))
        and any(_is_flask(node) for node in ast.walk(module))
    ]


def _only_one(site: Site) -> AppPlace | None:
    """Return the place in an app without a web line, where only one file makes a Flask app."""
    files = _makers(site)
    if len(files) != 1:
        return None
    module = reach.parsed(site, files[0])
    assert module
    outside = [n for n in module.body if _made_by(n)]
    factories = [n for n in module.body if isinstance(n, FACTORIES) and _inside(n)]
    if len(outside) + len(factories) != 1:
        return None
    statement = outside[0] if outside else _inside(factories[0])
    assert isinstance(statement, ast.Assign)
    place = AppPlace(files[0], last_name(statement.targets[0]), statement, module)
    if _serves_at_once(module) or (factories and _needs_arguments(factories[0])):
        return place
    name = place.name if outside else factories[0].name
    dotted = files[0].removesuffix("/__init__.py").removesuffix(".py").replace("/", ".")
    return _with(place, f"{dotted}:{name}")


def _of_script(site: Site, start: Start) -> AppPlace | None:
    module = reach.parsed(site, start.script)
    if module is None:
        return None
    served = {
        last_name(node.func.value)
        for node in ast.walk(module)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("run", "serve_forever")
    }
    names = [name for name in (*USUAL, *sorted(served)) if name in served] or list(USUAL)
    for name in names:
        found = _resolved(site, start, start.script, name, 0)
        if found:
            at_once = _serves_at_once(module) or _serves_at_once(found.module)
            dotted = start.script.removesuffix(".py").replace("/", ".")
            is_bound = any(_binds(node, name) for node in module.body)
            return found if at_once or not is_bound else _with(found, f"{dotted}:{name}")
    return None


def _resolved(site: Site, start: Start, file: str, name: str, depth: int) -> AppPlace | None:
    """Follow a name of a module to the line that makes the app."""
    module = reach.parsed(site, file)
    if module is None or depth > 8:
        return None
    bound = [node for node in module.body if _binds(node, name)]
    # A script makes its app where it is run.
    bound = bound or [
        inner
        for node in module.body
        if is_guard(node)
        for inner in walk_scope(node)
        if isinstance(inner, ast.stmt) and inner is not node and _binds(inner, name)
    ]
    if len(bound) != 1:
        return None
    node = bound[0]
    if isinstance(node, FACTORIES):
        statement = _inside(node)
        if statement is None:
            return None
        return AppPlace(file, last_name(statement.targets[0]), statement, module)
    if isinstance(node, ast.ImportFrom):
        return _imported(site, start, file, node, name, depth)
    if not isinstance(node, ast.Assign):
        return None
    if _made_by(node):
        return AppPlace(file, name, node, module)
    value = node.value.func if isinstance(node.value, ast.Call) else node.value
    if isinstance(value, ast.Name):
        return _resolved(site, start, file, value.id, depth + 1)
    if isinstance(value, ast.Attribute) and isinstance(value.value, ast.Name):
        return _attribute(site, start, module, value, depth)
    return None


def _imported(
    site: Site, start: Start, file: str, node: ast.ImportFrom, name: str, depth: int
) -> AppPlace | None:
    original = next(a.name for a in node.names if (a.asname or a.name) == name)
    roots = ("/".join(file.split("/")[: -node.level]),) if node.level else start.roots
    if node.module:
        files = reach.files_of(site, roots, node.module)
    else:
        files = [f for f in (f"{roots[0]}/__init__.py",) if site.has_file(f)]
    return _resolved(site, start, files[-1], original, depth + 1) if files else None


def _attribute(
    site: Site, start: Start, module: ast.Module, value: ast.Attribute, depth: int
) -> AppPlace | None:
    """Follow `package.create_app` where the file says `import package`."""
    top = last_name(value.value)
    named = {
        a.name
        for n in module.body
        if isinstance(n, ast.Import)
        for a in n.names
        if (a.asname or a.name) == top
    }
    files = [f for each in named for f in reach.files_of(site, start.roots, each)]
    return _resolved(site, start, files[-1], value.attr, depth + 1) if files else None


def _binds(node: ast.stmt, name: str) -> bool:
    if isinstance(node, FACTORIES):
        return node.name == name
    if isinstance(node, ast.ImportFrom):
        return any((alias.asname or alias.name) == name for alias in node.names)
    if isinstance(node, ast.Assign):
        return any(isinstance(t, ast.Name) and t.id == name for t in node.targets)
    return isinstance(node, ast.If | ast.Try | ast.With) and any(
        _binds(inner, name) for inner in ast.iter_child_nodes(node) if isinstance(inner, ast.stmt)
    )


def _inside(function: ast.stmt) -> ast.Assign | None:
    """Return the one line of a function that makes the app."""
    made = [node for node in getattr(function, "body", []) if _made_by(node)]
    every = [node for node in ast.walk(function) if _is_flask(node)]
    return made[0] if len(made) == 1 == len(every) and isinstance(made[0], ast.Assign) else None


def _made_by(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Assign)
        and len(node.targets) == 1
        and isinstance(node.targets[0], ast.Name)
        and _is_flask(node.value)
    )


def _is_flask(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and last_name(node.func) == "Flask"


def _needs_arguments(function: ast.stmt) -> bool:
    arguments = getattr(function, "args", None)
    assert isinstance(arguments, ast.arguments)
    places = [*arguments.posonlyargs, *arguments.args]
    named = [d for d in arguments.kw_defaults if d is None]
    return len(places) > len(arguments.defaults) or bool(named)


def _serves_at_once(module: ast.Module) -> bool:
    """Say whether importing the module would serve: its `app.run()` stands under no guard."""
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "run"
        and last_name(node.func.value) in (*USUAL, "socketio")
        for statement in module.body
        if not is_guard(statement)
        for node in walk_scope(statement)
    )


def _with(place: AppPlace, reference: str) -> AppPlace:
    return AppPlace(place.file, place.name, place.statement, place.module, reference)
