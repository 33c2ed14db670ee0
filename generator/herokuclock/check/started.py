"""What each line of the Procfile starts: a program, and the module or script that it loads."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from posixpath import dirname, normpath

from herokuclock import manifest
from herokuclock.check.findings import Site

WRAPPERS = {
    *("exec", "env", "nohup", "time", "command", "ddtrace-run", "opentelemetry-instrument"),
    *("newrelic-admin", "run-program", "scout-apm", "bin/start-pgbouncer", "bin/start-stunnel"),
    *("bin/start-nginx", "bin/start-nginx-solo", "bin/qgtunnel", "dumb-init", "--"),
}
RUNNERS = ("poetry", "pipenv", "uv")
SERVERS = {
    *("gunicorn", "uvicorn", "hypercorn", "daphne", "waitress-serve", "waitress", "granian"),
    "chaussette",
}
# Options that take no value; of all others the next word is the value.
FLAGS = {
    *("--preload", "--reload", "--daemon", "-D", "--no-sendfile", "--capture-output", "--call"),
    *("--check-config", "--proxy-headers", "--no-access-log", "--factory", "--spew", "-R"),
    *("--enable-stdio-inheritance", "--no-control-socket", "--debug", "-v", "--verbose"),
    *("--no-use-colors", "--no-server-header", "--reuse-port", "--expose-tracebacks"),
}


@dataclass(frozen=True)
class Start:
    """One program of a line; `root` is where it stands, `target` a module or a script's path."""

    type: str
    words: tuple[str, ...]
    root: str = ""
    program: str = ""
    module: str = ""
    script: str = ""
    object: str = ""
    code: str = ""

    @property
    def roots(self) -> tuple[str, ...]:
        """The folders in which its imports are looked for."""
        first = normpath(dirname(self.script)) if self.script else self.root
        return tuple(dict.fromkeys((first if first != "." else "", "")))


@cache
def of(site: Site) -> tuple[Start, ...]:
    """Return what all lines of the Procfile start."""
    lines = manifest.procfile(site.root)
    return tuple(each for type, text in lines.items() for each in _starts(type, text))


def _starts(type: str, command: str) -> Iterator[Start]:
    root = ""
    for words in _simple_commands(command):
        if words[0] == "cd" and len(words) > 1:
            root = _below(root, words[1])
            continue
        found = _read(Start(type, tuple(words), root))
        if found:
            yield from [found] if found.program != "sh -c" else _starts(type, found.code)


def _simple_commands(command: str) -> Iterator[list[str]]:
    """Yield the words of each command of a shell line."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars=";&|")
    lexer.whitespace_split, lexer.commenters = True, ""
    try:
        words = list(lexer)
    except ValueError:
        words = command.split()
    now: list[str] = []
    for word in [*words, ";"]:
        if word and set(word) <= set(";&|"):
            if now:
                yield now
            now = []
        else:
            now.append(word)


def _below(root: str, folder: str) -> str:
    path = normpath(f"{root}/{folder}" if root else folder).removeprefix("/app/")
    return "" if path in (".", "/app") else path


def _read(start: Start) -> Start | None:
    words = list(start.words)
    while words and (words[0] in WRAPPERS or re.match(r"[A-Za-z_]\w*=", words[0])):
        words.pop(0)
    if len(words) > 2 and words[0] in RUNNERS and words[1] == "run":
        words = words[2:]
    if not words:
        return None
    program = words[0].removeprefix("./") if "/" in words[0] else words[0]
    start = replace(start, words=tuple(words), program=program)
    rest = words[1:]
    if program in ("sh", "bash") and len(rest) > 1 and rest[0] in ("-c", "-lc"):
        return replace(start, program="sh -c", code=rest[1])
    if re.fullmatch(r"python[\d.]*", program):
        return _python(start, rest)
    return _program(start, program, rest)


def _python(start: Start, rest: list[str]) -> Start:
    while rest and rest[0].startswith("-") and rest[0] not in ("-m", "-c"):
        rest = rest[2:] if rest[0] in ("-W", "-X") else rest[1:]
    if len(rest) > 1 and rest[0] == "-c":
        return replace(start, program="python", code=rest[1])
    if len(rest) > 1 and rest[0] == "-m":
        if rest[1].partition(".")[0] in (*SERVERS, "flask", "celery"):
            return _program(replace(start, program=rest[1]), rest[1], rest[2:])
        return replace(start, program="python", module=rest[1])
    script = normpath(f"{start.root}/{rest[0]}" if start.root else rest[0]) if rest else ""
    return replace(start, program="python", script=script.removeprefix("/app/"))


def _program(start: Start, program: str, rest: list[str]) -> Start:
    options, positional = _options(rest)
    for name in ("--chdir", "--app-dir"):
        start = replace(start, root=_below(start.root, options.get(name, ".")))
    if program in SERVERS:
        return _target(start, next(iter(positional), ""))
    if program in ("celery", "flask"):
        app = options.get("-A", options.get("--app", ""))
        return _target(start, app.removesuffix(".py")) if app else start
    if program == "streamlit" and len(positional) > 1:
        return replace(start, script=positional[1])
    return start


def _target(start: Start, text: str) -> Start:
    match = re.fullmatch(r"([A-Za-z_]\w*(?:\.\w+)*)(?::(.+))?", text)
    return replace(start, module=match[1], object=match[2] or "") if match else start


def _options(words: list[str]) -> tuple[dict[str, str], list[str]]:
    options: dict[str, str] = {}
    positional: list[str] = []
    waiting = list(words)
    while waiting:
        word = waiting.pop(0)
        name, equals, value = word.partition("=")
        if not word.startswith("-") or word == "-":
            positional.append(word)
        elif equals or word in FLAGS:
            options[name] = value
        elif len(word) > 2 and not word.startswith("--"):
            options[word[:2]] = word[2:]
        else:
            options[word] = waiting.pop(0) if waiting else ""
    return options, positional


def options(start: Start) -> dict[str, str]:
    """Return a program's options with their values."""
    words = list(start.words)
    at = 3 if words[1:2] == ["-m"] else 1
    return _options(words[at:])[0]
