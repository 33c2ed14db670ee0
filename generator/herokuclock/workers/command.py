"""`herokuclock workers on|off`: where a project's jobs run, its clock dyno or worker dynos.

Every edit may be repeated: what a killed run left half done, the next one finishes.
"""

from collections.abc import Iterator
from pathlib import Path

from herokuclock import packages, project, project_files, screen
from herokuclock.errors import HerokuclockError
from herokuclock.jobs.clock_call import set_workers
from herokuclock.packages import CHANGED_BY_UV, UV
from herokuclock.workers import edits

Changes = dict[str, bytes]
WITH_QUEUE = "clockdyno[dashboard,workers]"
NEXT_ON = (
    'git add -A && git commit -m "Run jobs on worker dynos"',
    "herokuclock deploy                      # or: git push heroku main",
    "heroku ps:scale worker=1",
)
NEXT_OFF = (
    'git add -A && git commit -m "Run jobs on the clock dyno"',
    "heroku ps:scale worker=0                # before the push; what waits runs on the clock",
    "herokuclock deploy                      # or: git push heroku main",
)


def run(on: bool, *, dry_run: bool, json: bool) -> None:
    """Switch the project that we stand in, and say what comes next."""
    from herokuclock.workers import by_uv  # `new` plans, too, and does without what this loads.

    root = project.find().root
    changes = plan(root, on)
    told = by_uv.commands(root, on) if packages.of(root) is UV else []
    names = sorted({*changes, *(CHANGED_BY_UV if told else ())})
    if not dry_run:
        _refuse_links(root, changes)
        packages.let_uv(root, told)
        write(root, changes)
    if json:
        return screen.as_json({"workers": on, "files": names, "written": not dry_run})
    for name in names:
        screen.say(f"  write  {name}")
    where = "worker dynos" if on else "the clock dyno"
    if not names:
        return screen.say(f"Jobs run on {where} already: nothing to change.")
    if dry_run:
        return screen.say("Nothing was written.")
    screen.say(f"Jobs run on {where} from the next deploy on.", "green")
    screen.say()
    for line in (*_install(root), *NEXT_ON) if on else NEXT_OFF:
        screen.say(f"  {line}")
    for line in _left(root, on):
        screen.tell(f"Note: {line}")


def _install(root: Path) -> list[str]:
    """Return what brings the queue into the project's environment here, if it has one."""
    here, manager = project.Project(root), packages.of(root)
    command = manager.set_up
    if manager.name == "pip":
        if not here.python():  # `run` makes it, with all that is asked for.
            return []
        command = f"{here.pip()} install -r requirements-test.txt"
    return [f"{command:<39} # Procrastinate"]


def _with_queue(root: Path) -> str:
    """Return what to ask for: the wheel in the project where there is one, as no index has it."""
    wheel = next((root / "vendor").glob("clockdyno-*.whl"), None)
    return f"./vendor/{wheel.name}[dashboard,workers]" if wheel else WITH_QUEUE


def _left(root: Path, on: bool) -> Iterator[str]:
    """Say what its owner has to do by hand, as the file is no longer the one that was written."""
    from herokuclock.workers import by_uv

    texts = {n: (_read(root / n) or b"").decode(errors="replace") for n in EDITED}
    manager = packages.of(root)
    if manager is UV and by_uv.asks(root) != on:
        word = "does not ask for" if on else "still asks for"
        yield f"pyproject.toml {word} the queue, the extra {edits.EXTRA} of clockdyno."
    if on and not texts["requirements.txt"] and manager is not UV:
        yield f"{manager.lock} does not have the queue yet: {manager.adding(_with_queue(root))}"
    if on and '"clock"' in texts["app.json"] and '"worker"' not in texts["app.json"]:
        yield "app.json's formation was left as it is: add a worker beside its clock."


def plan(root: Path, on: bool) -> Changes:
    """Return what changes, file by file."""
    changes = {name: new for name, new in _edits(root, on).items() if new != _read(root / name)}
    # Which pins were added is written down before they are, and forgotten after they went.
    order = sorted(changes, key=lambda name: ((name == project.ANSWERS) != on, name == "Procfile"))
    return {name: changes[name] for name in order}


def write(root: Path, changes: Changes) -> None:
    """Put every new file in place, in this order, each in one step."""
    _refuse_links(root, changes)
    for name, content in changes.items():
        project_files.write(root, name, content)


def _refuse_links(root: Path, changes: Changes) -> None:
    for name in changes:
        project_files.place(root, name)


def _edits(root: Path, on: bool) -> Changes:
    clock = project.Project(root).jobs_name
    found = {name: _read(root / name) or b"" for name in (clock, *EDITED)}
    texts = {n: _plain(raw).decode(errors="surrogateescape") for n, raw in found.items()}
    # Python says itself in which encoding it is.
    jobs = set_workers(project.Project(root).source(), on, clock)
    asked, pinned = texts["requirements.in"], texts["requirements.txt"]
    pins = edits.added(texts[project.ANSWERS])
    if pins is None:
        pins = edits.missing(pinned) if on else edits.unrecorded(asked, pinned)
    new = {
        "Procfile": edits.procfile(texts["Procfile"], on),
        "requirements.in": edits.requirements_in(asked, on),
        "requirements.txt": edits.requirements_txt(pinned, pins, on),
        "app.json": edits.app_json(texts["app.json"], on),
        project.ANSWERS: edits.answers(texts[project.ANSWERS], pins, on and bool(pinned)),
    }
    # A file that the project does not have stays away, but for the Procfile.
    return {
        clock: jobs.encode(project.encoding_of(found[clock])),
        **{
            name: _as_found(text.encode(errors="surrogateescape"), found[name])
            for name, text in new.items()
            if texts[name] or name == "Procfile"
        },
    }


EDITED = (
    *("Procfile", "requirements.in", "requirements.txt", "app.json"),
    project.ANSWERS,
)


def _plain(raw: bytes | None) -> bytes:
    return (raw or b"").replace(b"\r\n", b"\n")


def _as_found(new: bytes, raw: bytes) -> bytes:
    """Return new content with the line ends that the file has."""
    if new == _plain(raw):
        return raw
    return new.replace(b"\n", b"\r\n") if b"\r\n" in raw else new


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise HerokuclockError(
            f"{path.name} cannot be read: {error.strerror}.", "Mend that and run it again."
        ) from error
