"""uv's lock of a project, renewed by uv itself, beside the project, before anything is written."""

import re
import shutil
import tempfile
from hashlib import sha256
from pathlib import Path

from herokuclock import shell
from herokuclock.errors import HerokuclockError
from herokuclock.record import LOCK
from herokuclock.update.pins import LIBRARY, PYPROJECT, WHEEL
from herokuclock.update.plan import CONFLICTS, RENEWED, Plan, Step, read

VENDOR = "vendor"
ITS_VERSION = re.compile(rf'(?<=\nname = "{LIBRARY}"\nversion = )"[^"\n]+"')
ITS_HASH = re.compile(rf'({WHEEL.pattern}", hash = "sha256:)[0-9a-f]+')
BY_HAND = "uv lock"


def renew(root: Path, plan: Plan, *, every_pin: bool) -> None:
    """Add the new lock to a plan, where that touches what is locked."""
    touched = [step for step in plan.steps if step.path == PYPROJECT or _is_vendored(step)]
    old = read(root, LOCK)
    if old is None or not (touched or every_pin):
        return
    if any(step.what == CONFLICTS for step in touched):
        plan.notes.append(f"{LOCK} is as it was. Once {PYPROJECT} is whole: {BY_HAND}")
        return
    with tempfile.TemporaryDirectory() as name:
        new = _locked(root, Path(name), old, touched, every_pin=every_pin)
    if new != old:
        plan.steps.append(Step(LOCK, RENEWED, new, old))


def _locked(root: Path, folder: Path, old: bytes, touched: list[Step], *, every_pin: bool) -> bytes:
    uv = shell.find("uv", "Install it: pip install uv")
    for path in (PYPROJECT, "README.md", ".python-version"):
        if (content := read(root, path)) is not None:
            (folder / path).write_bytes(content)
    if (root / VENDOR).is_dir():
        shutil.copytree(root / VENDOR, folder / VENDOR)
    for step in touched:
        if step.content is not None:
            (folder / step.path).write_bytes(step.content)
    wheels = [step for step in touched if step.content is not None and _is_vendored(step)]
    (folder / LOCK).write_bytes(_pointed(old, wheels))
    which = ["--upgrade"] if every_pin else []
    done = shell.run([uv, "lock", *which], cwd=folder, env={"VIRTUAL_ENV": None})
    if not done.ok:
        said = " ".join(done.err.split())[-300:]
        raise HerokuclockError(
            f"uv could not renew {LOCK}: {said}", "Nothing was changed. Mend that, then again."
        )
    return (folder / LOCK).read_bytes()


def _pointed(lock: bytes, wheels: list[Step]) -> bytes:
    """Let a lock name the new wheel: where that asks for the same, uv needs no index."""
    text = lock.decode("utf-8", "surrogateescape")
    for wheel in wheels:
        name = Path(wheel.path).name
        digest = sha256(wheel.content or b"").hexdigest()
        text = ITS_VERSION.sub(f'"{name.split("-")[1]}"', text)
        text = ITS_HASH.sub(rf"\g<1>{digest}", text)
        text = WHEEL.sub(name, text)
    return text.encode("utf-8", "surrogateescape")


def _is_vendored(step: Step) -> bool:
    return step.path.startswith(f"{VENDOR}/")
