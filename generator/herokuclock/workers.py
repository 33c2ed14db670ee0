"""`herokuclock workers on|off`: where a project's jobs run, its clock dyno or worker dynos.

Every edit may be repeated: what a killed run left half done, the next one finishes.
"""

import os
from pathlib import Path

from herokuclock import bundle, project, screen, worker_edits
from herokuclock.errors import HerokuclockError
from herokuclock.project_jobs import UNFINISHED

Changes = dict[str, bytes | None]  # None: delete
NEXT_ON = (
    "pip install -r requirements-test.txt    # Procrastinate",
    'git add -A && git commit -m "Run jobs on worker dynos"',
    "herokuclock deploy                      # or: git push heroku main",
    "heroku ps:scale worker=1",
)
NEXT_OFF = (
    'git add -A && git commit -m "Run jobs on the clock dyno"',
    "heroku ps:scale worker=0                # before the push, once nothing waits",
    "herokuclock deploy                      # or: git push heroku main",
)


def run(on: bool, *, force: bool, dry_run: bool, json: bool) -> None:
    """Switch the project that we stand in, and say what comes next."""
    root = project.find().root
    changes = plan(root, on, force=force)
    if not dry_run:
        write(root, changes)
    if json:
        return screen.as_json({"workers": on, "files": sorted(changes), "written": not dry_run})
    for name in sorted(changes):
        screen.say(f"  {'delete' if changes[name] is None else 'write'}  {name}")
    where = "worker dynos" if on else "the clock dyno"
    if not changes:
        return screen.say(f"Jobs run on {where} already: nothing to change.")
    if dry_run:
        return screen.say("Nothing was written.")
    screen.say(f"Jobs run on {where} from the next deploy on.", "green")
    screen.say()
    for line in NEXT_ON if on else NEXT_OFF:
        screen.say(f"  {line}")


def plan(root: Path, on: bool, *, force: bool = False) -> Changes:
    """Return what changes, file by file; refuse to overwrite what its owner has edited."""
    wanted: Changes = {**_files(root, on, force=force), **_edits(root, on)}
    return {name: new for name, new in wanted.items() if new != _read(root / name)}


def write(root: Path, changes: Changes) -> None:
    """Put every new file in place, each in one step, the Procfile last."""
    for name in sorted(changes, key=lambda name: (name == "Procfile", name)):
        path, content = root / name, changes[name]
        if content is None:
            path.unlink(missing_ok=True)
            continue
        hidden = path.with_name(f".{path.name}{UNFINISHED}")
        try:
            hidden.write_bytes(content)
            os.replace(hidden, path)
        except OSError as error:
            hidden.unlink(missing_ok=True)
            raise HerokuclockError(
                f"{name} could not be written: {error.strerror}.", "Mend that and run it again."
            ) from error


def _files(root: Path, on: bool, *, force: bool) -> Changes:
    plain, overlay = bundle.home() / "template", bundle.home() / "workers"
    changes: Changes = {}
    for name in bundle.worker_files():
        here, ours, theirs = _read(root / name), _read(overlay / name), _read(plain / name)
        if here not in (ours, theirs, None) and not force:
            raise HerokuclockError(
                f"{name} has been edited since it was written.",
                "Keep your copy elsewhere and say --force to replace it.",
            )
        changes[name] = ours if on else theirs
    return changes


def _edits(root: Path, on: bool) -> Changes:
    texts = {name: (_read(root / name) or b"").decode() for name in EDITED}
    pins = worker_edits.added(texts[project.ANSWERS])
    if on and not pins:
        pins = worker_edits.missing(texts["requirements.txt"])
    new = {
        "Procfile": worker_edits.procfile(texts["Procfile"], on),
        "requirements.in": worker_edits.requirements_in(texts["requirements.in"], on),
        "requirements.txt": worker_edits.requirements_txt(
            texts["requirements.txt"],
            [p for p in pins if not on or p in worker_edits.missing(texts["requirements.txt"])],
            on,
        ),
        "app.json": worker_edits.app_json(texts["app.json"], on),
        "README.md": worker_edits.readme(texts["README.md"], on),
        project.ANSWERS: worker_edits.answers(texts[project.ANSWERS], pins, on),
    }
    # A file that the project does not have stays away, but for the Procfile.
    return {n: text.encode() for n, text in new.items() if texts[n] or n == "Procfile"}


EDITED = (
    *("Procfile", "requirements.in", "requirements.txt", "app.json", "README.md"),
    project.ANSWERS,
)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
