"""How long the program takes to make a project, to answer --help and to explain a schedule."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.commands import Command, compare, installed
from benchmarks.progress import doing
from benchmarks.table import Row

BIN = Path(sys.executable).parent
OURS, BARE = "`herokuclock new x --yes`", "`cookiecutter --no-input` of one file"
Pair = tuple[str, Command, Command, float | None]
OTHERS = {
    "uv": ["init", "made"],
    "copier": ["copy", "--defaults", "copied", "made"],
    "django-admin": ["startproject", "made"],
}


def main(quick: bool = False) -> Iterator[Row]:
    """Yield the rows of these figures."""
    runs = 5 if quick else 15
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        doing("installing the program from its wheels")
        ours = installed(here)
        work = here / "work"
        work.mkdir()
        for name, one, other, bar in (*_new(ours, work), _help(ours, work), _explain(ours, work)):
            doing(f"{name}, {runs} times in turns")
            yield _row(name, compare(one, other, runs), bar)


def _new(bin: Path, here: Path) -> Iterator[Pair]:
    template = here / "one-file"
    _written(template / "cookiecutter.json", '{"name": "made"}\n')
    _written(template / "{{cookiecutter.name}}/README.md", "# {{cookiecutter.name}}\n")
    _written(here / "copied/README.md.jinja", "# made\n")
    no_git = _written(here / "without/git", "#!/bin/sh\n")
    no_git.chmod(0o755)

    def clear() -> None:
        shutil.rmtree(here / "made", ignore_errors=True)

    args = [str(bin / "herokuclock"), "new", "made", "--yes"]
    ours = Command(args, here, clear)
    uncommitted = Command(args, here, clear, no_git.parent)
    bare = Command([str(BIN / "cookiecutter"), "--no-input", str(template)], here, clear)
    yield f"{OURS} with its commit against {BARE}", ours, bare, 1.0
    yield f"{OURS} without git against {BARE}", uncommitted, bare, None
    for name, words in OTHERS.items():
        if program := shutil.which(name, path=BIN) or shutil.which(name):
            yield (
                f"{OURS} against `{name} {words[0]}`",
                ours,
                Command([program, *words], here, clear),
                None,
            )


def _help(bin: Path, here: Path) -> Pair:
    ours = Command([str(bin / "herokuclock"), "--help"], here)
    peer = Command([str(bin / "python"), "-c", "import typer"], here)
    return "`herokuclock --help` against `import typer`", ours, peer, 1.1


def _explain(bin: Path, here: Path) -> Pair:
    ours = Command([str(bin / "herokuclock"), "explain", "weekdays", "at", "17:00"], here)
    peer = Command([str(bin / "herokuclock"), "--help"], here)
    return "`herokuclock explain` against `herokuclock --help`", ours, peer, 1.5


def _written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def _row(name: str, found: tuple[float, float, float], bar: float | None) -> Row:
    ours, peer, ratio = found
    bound = "" if bar is None else f"<= {bar:g} times"
    kept = bar is None or ratio <= bar
    return Row(name, f"{ours * 1000:.0f} ms", f"{peer * 1000:.0f} ms", ratio, bound, kept)
