"""How long the program takes to make a project, and to answer --help."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.commands import Command, compare
from benchmarks.progress import doing
from benchmarks.table import Row

BIN = Path(sys.executable).parent


def main(quick: bool = False) -> Iterator[Row]:
    """Yield the rows of all figures."""
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        for measure in (_new, _help, _explain):
            doing("commands in turns")
            yield measure(here)


def _new(here: Path) -> Row:
    template = here / "one-file"
    (template / "{{cookiecutter.name}}").mkdir(parents=True)
    (template / "{{cookiecutter.name}}" / "README.md").write_text("# {{cookiecutter.name}}\n")
    (template / "cookiecutter.json").write_text('{"name": "plain"}\n')
    ours = Command(
        [str(BIN / "herokuclock"), "new", "made", "--yes"],
        here,
        lambda: shutil.rmtree(here / "made", ignore_errors=True),
    )
    peer = Command(
        [str(BIN / "cookiecutter"), "--no-input", str(template)],
        here,
        lambda: shutil.rmtree(here / "plain", ignore_errors=True),
    )
    return _row("`herokuclock new x --yes` against `cookiecutter --no-input`", ours, peer, 1.2)


def _help(here: Path) -> Row:
    ours = Command([str(BIN / "herokuclock"), "--help"], here)
    peer = Command([sys.executable, "-c", "import typer"], here)
    return _row("`herokuclock --help` against `import typer`", ours, peer, 1.2)


def _explain(here: Path) -> Row:
    ours = Command([str(BIN / "herokuclock"), "explain", "weekdays", "at", "17:00"], here)
    peer = Command([str(BIN / "herokuclock"), "--help"], here)
    return _row("`herokuclock explain` against `herokuclock --help`", ours, peer, 2.0)


def _row(name: str, ours: Command, peer: Command, bar: float) -> Row:
    a, b, ratio = compare(ours, peer)
    return Row(name, f"{a * 1000:.0f} ms", f"{b * 1000:.0f} ms", ratio, f"<= {bar}", ratio <= bar)
