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
OTHERS = {
    "uv": ["init", "made"],
    "copier": ["copy", "--defaults", "copied", "made"],
    "django-admin": ["startproject", "made"],
}


def main(quick: bool = False) -> Iterator[Row]:
    """Yield the rows of these figures."""
    runs = 2 if quick else 10
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        doing("installing the wheels of this checkout")
        ours = installed(here)
        work = here / "work"
        work.mkdir()
        yield from _new(ours, work, runs)
        yield _help(ours, work, runs)
        yield _explain(ours, work, runs)


def _new(bin: Path, here: Path, runs: int) -> Iterator[Row]:
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
    yield _row(f"{OURS} with its commit against {BARE}", ours, bare, runs, 1.0)
    yield _row(f"{OURS} without git against {BARE}", uncommitted, bare, runs)
    for name, words in OTHERS.items():
        told, program = f"{OURS} against `{name} {words[0]}`", shutil.which(name, path=BIN)
        if program:  # These rows have no bar, and are measured less often.
            yield _row(told, ours, Command([program, *words], here, clear), runs // 2)
        else:
            yield Row(told, "-", "not installed: the extra `bench`", None, "", True)


def _help(bin: Path, here: Path, runs: int) -> Row:
    ours = Command([str(bin / "herokuclock"), "--help"], here)
    peer = Command([str(bin / "python"), "-c", "import typer"], here)
    return _row("`herokuclock --help` against `import typer`", ours, peer, runs, 1.1)


def _explain(bin: Path, here: Path, runs: int) -> Row:
    ours = Command([str(bin / "herokuclock"), "explain", "weekdays", "at", "17:00"], here)
    peer = Command([str(bin / "herokuclock"), "--help"], here)
    return _row("`herokuclock explain` against `herokuclock --help`", ours, peer, runs, 1.5)


def _written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def _row(name: str, ours: Command, peer: Command, runs: int, bar: float | None = None) -> Row:
    doing(name)
    a, b, ratio = compare(ours, peer, runs)
    said, kept = ("", True) if bar is None else (f"<= {bar}", ratio <= bar)
    return Row(name, f"{a * 1000:.0f} ms", f"{b * 1000:.0f} ms", ratio, said, kept)
