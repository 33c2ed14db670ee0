"""Checks of the web line: its server finds the app, and listens where Heroku's router asks."""

import ast
import re
from collections.abc import Iterator

from herokuclock.check import reach, started
from herokuclock.check.findings import Finding, Site
from herokuclock.check.started import Start

# How each server is told where to listen, and whether it listens to the outside by itself.
BINDS = {
    "uvicorn": ("--host 0.0.0.0 --port $PORT", False),
    "hypercorn": ("--bind 0.0.0.0:$PORT", False),
    "daphne": ("-b 0.0.0.0 -p $PORT", False),
    "granian": ("--host 0.0.0.0 --port $PORT", False),
    "waitress-serve": ("--port=$PORT", True),
    "waitress": ("--port=$PORT", True),
    "flask": ("--host=0.0.0.0 --port=$PORT", False),
    "streamlit": ("--server.port $PORT", True),
}
OUTSIDE = re.compile(r"0\.0\.0\.0|\[::\]|(?<![\w.])::|\*:|(?<=[\s=]):\$")
INSIDE = re.compile(r"\b(?:127\.0\.0\.1|localhost)\b")


def listens(site: Site) -> Iterator[Finding]:
    """What web starts listens on $PORT, for everybody."""
    for start in started.of(site):
        if start.type == "web" and (wrong := _unheard(site, start)):
            yield Finding("port", f"Heroku's router does not reach web: {wrong[0]}.", wrong[1])


def _unheard(site: Site, start: Start) -> tuple[str, str] | None:
    line, program = " ".join(start.words), start.program
    if program == "gunicorn":
        return _gunicorn(start)
    if program == "flask" and "run" not in start.words:
        return None
    if program in BINDS:
        how, is_open = BINDS[program]
        remedy = f"Write {program} ... {how} in the Procfile."
        if "PORT" not in line:
            return f"{program} does not listen on $PORT", remedy
        if INSIDE.search(line) or not (is_open or OUTSIDE.search(line)):
            return f"{program} listens to this dyno alone", remedy
    if start.script:
        return _script(site, start)
    return None


def _gunicorn(start: Start) -> tuple[str, str] | None:
    given = started.options(start)
    bind = given.get("--bind", given.get("-b"))
    remedy = "Take --bind out: gunicorn listens on $PORT by itself."
    if bind is None or bind.startswith(("unix:", "fd:")):
        return None
    if "PORT" not in bind:
        return f"gunicorn listens on {bind}, not on $PORT", remedy
    return (f"gunicorn listens on {bind}, this dyno alone", remedy) if INSIDE.search(bind) else None


def _script(site: Site, start: Start) -> tuple[str, str] | None:
    """Say what is wrong with `app.run()` of a script that serves by itself."""
    for file in reach.loaded(site, start):
        module = reach.parsed(site, file)
        for node in ast.walk(module) if module else ():
            if not (isinstance(node, ast.Call) and _is_run(node)) or file != start.script:
                continue
            given = {each.arg: each.value for each in node.keywords}
            text = site.text(file) + " ".join(start.words)
            remedy = "Serve it by gunicorn: web: gunicorn app:app"
            if None in given or node.args:
                return None
            if "PORT" not in text or isinstance(given.get("port"), ast.Constant):
                return f"{file}:{node.lineno} does not listen on $PORT", remedy
            host = given.get("host")
            if host is None or (isinstance(host, ast.Constant) and INSIDE.search(str(host.value))):
                return f"{file}:{node.lineno} listens to this dyno alone", remedy
    return None


def _is_run(node: ast.Call) -> bool:
    return (
        isinstance(node.func, ast.Attribute)
        and node.func.attr == "run"
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in ("app", "application", "server", "socketio")
    )


def served(site: Site) -> Iterator[Finding]:
    """The module that a server loads is there, and the app in it."""
    for start in started.of(site):
        if start.program not in started.SERVERS or not start.module:
            continue
        files = [f for f in reach.files_of(site, start.roots, start.module) if f.endswith(".py")]
        top = start.module.split(".")[0]
        last = start.module.split(".")[-1]
        own = reach.is_own(site, start, top)
        if files and files[-1].removesuffix("/__init__.py").removesuffix(".py").endswith(last):
            yield from _object(site, start, files[-1])
        elif not own or files:
            where = f"{start.root}/" if start.root else ""
            path = where + start.module.replace(".", "/")
            yield Finding(
                "procfile-file",
                f"The Procfile's {start.type} loads {start.module}, and there is no {path}.py.",
                "Correct its name, or commit the file.",
            )


def _object(site: Site, start: Start, file: str) -> Iterator[Finding]:
    name = re.split(r"[.(\[]", start.object or "application")[0]
    module = reach.parsed(site, file)
    known = bound(module) if module else None
    default = start.program == "gunicorn" or start.object
    if known is not None and default and name not in known:
        like = next((each for each in ("app", "application", "create_app") if each in known), None)
        call = "()" if like == "create_app" else ""
        instead = f"'{start.module}:{like}{call}'" if call else f"{start.module}:{like}"
        remedy = f"Write {instead} in the Procfile." if like else f"Write the name that {file} has."
        problem = f"The Procfile's {start.type} serves {name} of {file}, which has no {name}."
        yield Finding("procfile-file", problem, remedy)


def bound(module: ast.Module) -> set[str] | None:
    """Return the names that a module has; None where only running it would tell."""
    names: set[str] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom) and any(a.name == "*" for a in node.names):
            return None
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(a.asname or a.name).split(".")[0] for a in node.names}
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if node.name == "__getattr__":
                return None
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.Name) and node.id in ("globals", "exec", "vars"):
            return None
    return names
