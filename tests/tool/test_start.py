"""How little the program loads: each command only what it uses, so that it starts at once."""

import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest
from herokuclock.new import library
from support.program import Run
from typer import main

# Prints what is loaded, and how often Python looked for garbage, as the program ends.
SPY = """
import atexit, gc, sys
from herokuclock.__main__ import main
looked = []
gc.callbacks.append(lambda phase, info: looked.append(phase))
atexit.register(lambda: print(*sys.modules, f"looked={len(looked)}", file=sys.stderr))
main()
"""
FOREIGN = {
    "asyncio", "charset_normalizer", "click", "email", "importlib.metadata", "prompt_toolkit",
    "pydantic", "questionary", "requests", "socket", "sqlalchemy", "ssl", "yaml",
}  # fmt: skip
RENDERING = {"cookiecutter", "jinja2", "rich", "hashlib", "slugify"}
SCHEDULES = {"apscheduler", "zoneinfo", "tzlocal"}


def loaded(*words: str) -> set[str]:
    """Run the program in a process of its own; return its modules, and what the spy counted."""
    library.wheel()  # In a checkout the first who needs it builds it.
    done = subprocess.run([sys.executable, "-c", SPY, *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize(
    ("words", "spared"),
    [
        (["--help"], FOREIGN | RENDERING | SCHEDULES | {"json", "logging"}),
        (["explain", "weekdays", "at", "17:00"], FOREIGN | RENDERING | {"json"}),
        (["new", "myapp", "--yes"], FOREIGN | {"arrow.api", "cookiecutter.main", "jinja2_time"}),
    ],
    ids=lambda words: words[0] if isinstance(words, list) else "",
)
def test_a_command_loads_nothing_that_it_does_not_use(words: list[str], spared: set[str]) -> None:
    found = loaded(*words)

    assert "typer" in found
    assert spared & found == set()


def test_nobody_looks_for_garbage_while_a_short_command_loads_or_ends() -> None:
    assert "looked=0" in loaded("explain", "weekdays", "at", "17:00")


def test_only_the_options_of_the_command_that_is_asked_for_are_looked_at(run: Run) -> None:
    with mock.patch.object(main, "get_command_from_info", wraps=main.get_command_from_info) as made:
        assert run("explain", "noon").returncode == 0
    (looked_at,) = made.call_args_list
    assert looked_at.kwargs["command_info"].callback.__name__ == "explain"


def test_what_is_late_is_whole_as_soon_as_somebody_asks() -> None:
    code = """
from herokuclock import late
late.arrange()
import apscheduler.util, cookiecutter.generate, sys
print("asyncio" in sys.modules, "importlib.metadata" in sys.modules)
from apscheduler import version
from cookiecutter import __version__, utils
import arrow, asyncio, importlib.metadata as installed
async def five(): return 5
print(installed.version("apscheduler") == version, installed.version("cookiecutter") == __version__)
print(utils.__name__, arrow.get(0).year, asyncio.run(five()), asyncio.coroutines.__name__)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "False False",
        "True True",
        "cookiecutter.utils 1970 5 asyncio.coroutines",
    ]


def test_a_version_that_wants_more_of_asyncio_gets_it(tmp_path: Path) -> None:
    (tmp_path / "wanting.py").write_text("from asyncio import iscoroutinefunction, run\n")
    code = """
from herokuclock import late
late.LOADERS["wanting"] = late.LOADERS["apscheduler.util"]
late.arrange()
import wanting, asyncio
print(wanting.run is asyncio.run)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True
    )

    assert (done.stdout, done.stderr) == ("True\n", "")
