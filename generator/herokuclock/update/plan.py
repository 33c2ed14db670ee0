"""What becomes of each file of a project: all of it is known before the first one is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from herokuclock import project_files, record
from herokuclock.errors import HerokuclockError
from herokuclock.record import Record, blob_id
from herokuclock.update import bases, merge, pins

BESIDE = ".herokuclock-new"
LIBRARY = "vendor/clockdyno-*.whl"
ADDED, RENEWED, MERGED, REMOVED = "added", "renewed", "merged", "removed"
CONFLICTS, TOO = "conflicts", "yours to compare"


class Step(NamedTuple):
    """One file's new content (None: it goes), and what that is."""

    path: str
    what: str
    content: bytes | None
    old: bytes | None = None


@dataclass
class Plan:
    """The steps, and what is to be remembered of what the template has by now."""

    steps: list[Step] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    texts: dict[str, bytes] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


class _File(NamedTuple):
    """A file in its three texts; any of them may not be there."""

    path: str
    ours: bytes | None
    base: bytes | None
    theirs: bytes | None
    id: str | None  # of the base, also where its text is gone

    @property
    def is_untouched(self) -> bool:
        return self.ours is not None and self.id in (
            blob_id(self.ours),
            blob_id(merge.plain(self.ours)),
        )


def make(
    root: Path, old: Record, new: Mapping[str, bytes], versions: tuple[str, str], *, every_pin: bool
) -> Plan:
    """Return what brings a project from what the tool wrote to what it writes by now."""
    plan = Plan()
    has_library = any(root.glob(LIBRARY))
    for path in sorted({*old.files, *new} - {record.FILE, record.LOCK}):
        is_library = Path(path).match(LIBRARY)
        if is_library and path in new and not (has_library or path in old.files):
            continue  # Its owner has it from elsewhere.
        file = _File(path, read(root, path), None, new.get(path), old.files.get(path))
        if file.ours is not None and file.is_untouched:
            file = file._replace(base=merge.plain(file.ours))
        elif file.id and not is_library:
            file = file._replace(base=bases.text(root, old, path))
        _settle(plan, file, versions, every_pin)
        if path in old.texts and path not in plan.texts and plan.files.get(path) == file.id:
            plan.texts[path] = old.texts[path]
    return plan


def read(root: Path, path: str) -> bytes | None:
    """Return a file of the project; None where there is none."""
    try:
        return project_files.place(root, path).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise HerokuclockError(
            f"{path} cannot be read: {error.strerror}.", "Mend that and run it again."
        ) from error


def _settle(plan: Plan, file: _File, versions: tuple[str, str], every_pin: bool) -> None:
    if file.theirs is None:
        return _drop(plan, file)
    found = file
    if file.ours is not None and pins.has_pins(file.path):
        ours, base, theirs = pins.moved(file.ours, file.base, file.theirs, every=every_pin)
        found = file._replace(ours=ours, base=file.base and base, theirs=theirs)
        if file.is_untouched:
            found = found._replace(id=blob_id(merge.plain(ours)))
    assert found.theirs is not None
    plan.files[file.path] = blob_id(found.theirs)
    step = _step(plan, found, versions)
    if found.ours != file.ours and (step is None or step.what == TOO):
        plan.steps.append(Step(file.path, RENEWED, found.ours, file.ours))
    if step and step.content != file.ours:
        plan.steps.append(step if step.what == TOO else step._replace(old=file.ours))
    result = step.content if step and step.what != TOO else found.ours
    # What stands in no commit is kept in the record itself.
    differs = result is not None and merge.plain(result) != found.theirs
    if differs and plan.files[file.path] != file.id:
        plan.texts[file.path] = found.theirs
    return None


def _step(plan: Plan, file: _File, versions: tuple[str, str]) -> Step | None:
    path, theirs = file.path, file.theirs
    assert theirs is not None
    if file.ours is None:
        return None if file.id else Step(path, ADDED, theirs)
    new = merge.as_in(theirs, file.ours)
    if blob_id(theirs) == file.id or new == file.ours:
        return None
    if file.is_untouched:
        return Step(path, RENEWED, new)
    base = file.base and merge.as_in(file.base, file.ours)
    merged = base and merge.three_way(file.ours, base, new, versions)
    if not merged:
        gone = "what it was made as is in this repository no more" if file.id else "it is yours"
        plan.notes.append(f"{path} is as it was, as {gone}: the new text lies beside it.")
        return Step(path + BESIDE, TOO, new)
    return Step(path, CONFLICTS if merged.conflicts else MERGED, merged.text)


def _drop(plan: Plan, file: _File) -> None:
    """Take away what the template has no more, unless its owner has made it their own."""
    if file.is_untouched:
        plan.steps.append(Step(file.path, REMOVED, None, file.ours))
    elif file.ours is not None:
        plan.notes.append(f"{file.path} is no part of the template any more, and all yours.")
