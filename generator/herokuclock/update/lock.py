"""uv's lock of a project, renewed by uv itself, beside the project, before anything is written."""

import shutil
import tempfile
from pathlib import Path

from herokuclock import shell
from herokuclock.errors import HerokuclockError
from herokuclock.update.plan import CONFLICTS, LOCK, RENEWED, Plan, Step, read

PROJECT = "pyproject.toml"
BY_HAND = "uv lock --upgrade-package clockdyno"


def renew(root: Path, plan: Plan, *, every_pin: bool) -> None:
    """Add the new lock to a plan, where it touches what is locked."""
    touched = [s for s in plan.steps if s.path == PROJECT or s.path.startswith("vendor/")]
    old = read(root, LOCK)
    if old is None or not (touched or every_pin):
        return
    if any(step.what == CONFLICTS and step.path == PROJECT for step in touched):
        plan.notes.append(f"{LOCK} is as it was. Once {PROJECT} is whole: {BY_HAND}")
        return
    new = _locked(root, old, plan, every_pin=every_pin)
    if new != old:
        plan.steps.append(Step(LOCK, RENEWED, new, old))


def _locked(root: Path, old: bytes, plan: Plan, *, every_pin: bool) -> bytes:
    uv = shell.find("uv", "Install it: pip install uv")
    which = ["--upgrade"] if every_pin else ["--upgrade-package", "clockdyno"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / LOCK).write_bytes(old)
        for path in (PROJECT, "README.md", ".python-version"):
            if (content := read(root, path)) is not None:
                (folder / path).write_bytes(content)
        if (root / "vendor").is_dir():
            shutil.copytree(root / "vendor", folder / "vendor")
        for step in plan.steps:
            if step.content is not None and (step.path == PROJECT or step in _vendored(plan)):
                (folder / step.path).parent.mkdir(exist_ok=True)
                (folder / step.path).write_bytes(step.content)
        done = shell.run([uv, "lock", *which], cwd=folder, env={"VIRTUAL_ENV": None})
        if not done.ok:
            said = " ".join(done.err.split())[-300:]
            raise HerokuclockError(
                f"uv could not renew {LOCK}: {said}", "Nothing changed. Mend that, then again."
            )
        return (folder / LOCK).read_bytes()


def _vendored(plan: Plan) -> list[Step]:
    return [step for step in plan.steps if step.path.startswith("vendor/")]
