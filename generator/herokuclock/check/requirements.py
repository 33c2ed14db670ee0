"""Checks of the requirements: every version pinned, and everything there that the code imports."""

import ast
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from posixpath import dirname, join, normpath

from herokuclock import manifest, shell
from herokuclock.check.build import lock
from herokuclock.check.findings import Finding, Site
from herokuclock.jobs.anchors import last_name
from herokuclock.jobs.source import tree
from herokuclock.project import Project

NAME = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(\[[^\]]*\])?")
# What is imported under another name than it is installed under, where no environment tells.
KNOWN = {
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "dotenv": "python-dotenv",
    "google": "google-api-python-client",
    "jwt": "pyjwt",
    "PIL": "pillow",
    "psycopg2": "psycopg2-binary",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
}
PROGRAMS = ("celery", "flask", "gunicorn", "uvicorn")
LIST_PACKAGES = (
    "import importlib.metadata as m, json; print(json.dumps(dict(m.packages_distributions())))"
)


def pinned(site: Site) -> Iterator[Finding]:
    """An unpinned requirement is another program at the next build."""
    for line in _requirements(site, "requirements.txt"):
        if not re.search(r"===?|\s@\s|^\S+://", line):
            yield Finding(
                "pinned",
                f"requirements.txt does not pin {line}: each build may install another version.",
                lock(site),
                "warning",
            )


def locked(site: Site) -> Iterator[Finding]:
    """Everything that requirements.in asks for stands in requirements.txt."""
    if not site.has("requirements.txt"):
        return
    have = set(map(_name, _requirements(site, "requirements.txt")))
    for wanted in map(_name, _requirements(site, "requirements.in")):
        if wanted not in have:
            yield Finding(
                "locked",
                f"requirements.in asks for {wanted}, which requirements.txt does not have.",
                lock(site),
            )


def covered(site: Site) -> Iterator[Finding]:
    """Everything that the code imports gets installed."""
    if not site.has("requirements.txt"):
        return
    have = set(map(_name, _requirements(site, "requirements.txt")))
    foreign = {k: place for k, place in _imported(site).items() if _normal(k) not in have}
    packages = _installed(Project(site.root).python()) if foreign else {}
    for module, place in sorted(foreign.items()):
        names = {_normal(name) for name in packages.get(module, [KNOWN.get(module, module)])}
        if not names & have:
            name = min(names)
            yield Finding(
                "imports",
                f"{place} {'starts' if place == 'Procfile' else 'imports'} {module}, "
                "which requirements.txt does not install.",
                lock(site, name),
            )


def _requirements(site: Site, file: str, seen: set[str] | None = None) -> list[str]:
    """Return the requirements of a file, without comments and options; those it includes, too."""
    seen = {file} if seen is None else seen
    lines: list[str] = []
    for raw in site.text(file).replace("\\\n", " ").splitlines():
        line = re.sub(r"(^|\s)#.*", "", raw).strip()
        if included := re.match(r"(?:-r|--requirement)[\s=]+(\S+)", line):
            other = normpath(join(dirname(file), included[1]))
            # What is not in the project is not on Heroku either.
            if other in site.files and other not in seen:
                seen.add(other)
                lines += _requirements(site, other, seen)
        elif line and not line.startswith("-"):
            lines.append(re.split(r"\s--hash|;", line)[0].strip())
    return lines


def _name(requirement: str) -> str:
    match = NAME.match(requirement)
    return _normal(match[1]) if match else requirement


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _installed(python: Path | None) -> Mapping[str, list[str]]:
    """Return which packages bring which modules, as the project's own environment knows it."""
    if python is None:
        return {}
    done = shell.run([python, "-I", "-c", LIST_PACKAGES])
    return dict(json.loads(done.out)) if done.ok else {}


def _imported(site: Site) -> dict[str, str]:
    """Return the foreign modules that the code needs, each with a file that imports it."""
    sources = [name for name in sorted(site.files) if name.endswith(".py")]
    own = {name.split("/")[0].removesuffix(".py") for name in sources}
    commands = manifest.procfile(site.root).values()
    started = {command.split()[0] for command in commands}
    found = {program: "Procfile" for program in PROGRAMS if program in started}
    for name in sources:
        if not name.startswith("tests/") and "/tests/" not in name:
            for module in imports(site.text(name)):
                top = module.split(".")[0]
                if top not in own and top not in sys.stdlib_module_names:
                    found.setdefault(top, name)
    return found


def imports(source: str) -> set[str]:
    """Return what a file imports whatever happens: not what it tries, nor what only types need."""
    found: set[str] = set()
    waiting: list[ast.AST] = list(filter(None, [tree(source)]))
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(node.module or "")
        elif isinstance(node, ast.Try) or (
            isinstance(node, ast.If) and last_name(node.test) == "TYPE_CHECKING"
        ):
            waiting += node.orelse
        else:
            waiting += ast.iter_child_nodes(node)
    return found - {""}
