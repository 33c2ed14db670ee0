"""What was seen of Heroku's Python buildpack, case by case: the change, and what came of it.

An error where the build is refused or a process crashes, a warning where the buildpack warns,
nothing where it builds and runs.
"""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

Change = Callable[[Path], object]
Rows = dict[str, tuple[Change, str]]
ERROR, WARNING, NOTHING = "error", "warning", "nothing"


def put(name: str, content: str | bytes) -> Change:
    def change(folder: Path) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        raw = content if isinstance(content, bytes) else content.encode()
        (folder / name).write_bytes(raw)

    return change


def without(*names: str) -> Change:
    def change(folder: Path) -> None:
        for name in names:
            (folder / name).unlink()

    return change


def renamed(old: str, new: str) -> Change:
    def change(folder: Path) -> None:
        (folder / new).parent.mkdir(parents=True, exist_ok=True)
        (folder / old).rename(folder / new)

    return change


def both(*changes: Change) -> Change:
    return lambda folder: [change(folder) for change in changes]


def line(text: str, name: str = "requirements.txt") -> Change:
    def change(folder: Path) -> None:
        with (folder / name).open("a") as file:
            file.write(text + "\n")

    return change


def recoded(name: str, how: Callable[[bytes], bytes]) -> Change:
    def change(folder: Path) -> None:
        (folder / name).write_bytes(how((folder / name).read_bytes()))

    return change


def crlf(raw: bytes) -> bytes:
    return raw.replace(b"\n", b"\r\n")


def utf_16(raw: bytes) -> bytes:
    return raw.decode().encode("utf-16")


def utf_16_bare(raw: bytes) -> bytes:
    return raw.decode().encode("utf-16-le")


def bom(raw: bytes) -> bytes:
    return b"\xef\xbb\xbf" + raw


def replaced(name: str, old: str, new: str) -> Change:
    def change(folder: Path) -> None:
        text = (folder / name).read_text()
        assert old in text, (name, old)
        (folder / name).write_text(text.replace(old, new))

    return change


def stack(name: str) -> Change:
    def change(folder: Path) -> None:
        facts = json.loads((folder / "app.json").read_text())
        (folder / "app.json").write_text(json.dumps({**facts, "stack": name}))

    return change


def committed(folder: Path) -> None:
    """Commit all there is."""
    subprocess.run(["git", "add", "--all"], cwd=folder, check=True)
    subprocess.run(["git", "commit", "-qm", "Change", "--allow-empty"], cwd=folder, check=True)


def submodule(folder: Path) -> None:
    other = folder.parent / "other"
    other.mkdir()
    put("thing.py", "VALUE = 1\n")(other)
    put("__init__.py", "")(other)
    subprocess.run(["git", "init", "-qb", "main"], cwd=other, check=True)
    committed(other)
    add = ["git", "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other)]
    subprocess.run([*add, "shared"], cwd=folder, check=True, capture_output=True)
    line("import shared.thing", "jobs.py")(folder)


def link_outside(folder: Path) -> None:
    shutil.move(folder / "requirements.txt", folder.parent / "outside.txt")
    (folder / "requirements.txt").symlink_to(folder.parent / "outside.txt")


def subfolder(folder: Path) -> None:
    shutil.rmtree(folder / ".git")
    subprocess.run(["git", "init", "-qb", "main"], cwd=folder.parent, check=True)


def only_in_the_folder(name: str, good: str | None, bad: str | None) -> Change:
    """Commit a project with something bad, and mend that in the folder alone."""

    def change(folder: Path) -> None:
        kept = good or (folder / name).read_text()
        (folder / name).unlink() if bad is None else (folder / name).write_text(bad)
        committed(folder)
        (folder / name).write_text(kept)

    change.commits = False  # type: ignore[attr-defined]
    return change


def ignored_folder(folder: Path) -> None:
    put("clock/__init__.py", "")(folder)
    line("clock/", ".gitignore")(folder)
    line("import clock", "jobs.py")(folder)


def untracked_jobs(folder: Path) -> None:
    line("jobs.py", ".gitignore")(folder)
    subprocess.run(["git", "rm", "-q", "--cached", "jobs.py"], cwd=folder, check=True)


UV_PROJECT = """[project]
name = "tick"
version = "0"
requires-python = ">=3.11"
dependencies = [%s]
"""


def uv(
    asked: tuple[str, ...] = ("clockdyno", "flask", "gunicorn"),
    locked: tuple[str, ...] | None = None,
    python: str = ">=3.11",
) -> Change:
    """Make it a uv project whose lock holds the packages that are asked for, and clockdyno's."""

    def change(folder: Path) -> None:
        for name in ("requirements.txt", "requirements.in", "requirements-test.txt"):
            (folder / name).unlink()
        listed = ", ".join(f'"{name}"' for name in asked)
        text = (UV_PROJECT % listed).replace(">=3.11", python)
        (folder / "pyproject.toml").write_text(text)
        (folder / "uv.lock").write_text(lock(locked or asked, python))

    return change


def lock(names: tuple[str, ...], python: str = ">=3.11") -> str:
    rows = [f'{{ name = "{name}" }}' for name in names]
    text = f'version = 1\nrevision = 3\nrequires-python = "{python}"\n'
    for name in (*names, "apscheduler"):
        text += f'\n[[package]]\nname = "{name}"\nversion = "1.0"\n'
        text += 'source = { registry = "https://pypi.org/simple" }\n'
    text += '\n[[package]]\nname = "tick"\nversion = "0"\nsource = { virtual = "." }\n'
    text += f"dependencies = [{', '.join([*rows])}]\n"
    return text + f"\n[package.metadata]\nrequires-dist = [{', '.join(rows)}]\n"
