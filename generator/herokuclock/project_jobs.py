"""Write jobs into a project's files and take them out: jobs.py and the job's test, both or none.

What is not finished lies beside its target as a hidden file with a fixed name. jobs.py is renamed
into place first and decides: the next run finishes or takes back whatever a killed one left.
"""

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from herokuclock import jobs_file
from herokuclock.errors import HerokuclockError
from herokuclock.job_block import Schedule
from herokuclock.project import Project, encoding_of

UNFINISHED = ".herokuclock-unfinished"


def add_to_project(
    root: Path, name: str, schedules: Sequence[Schedule], doc: str | None = None
) -> list[Path]:
    """Add a job and its test; return the files that were written."""
    project = Project(root)
    with _editing(project):
        result = jobs_file.add(project.source(), name, schedules, doc)
        test = root / jobs_file.test_path(name)
        if os.path.lexists(test):
            raise HerokuclockError(
                f"{jobs_file.test_path(name)} exists already.",
                "Move it away, or give the job another name.",
            )
        text = jobs_file.test_source(name, prints=f'print("{name} ran")' in result)
        test.parent.mkdir(exist_ok=True)
        _write(_hidden(test), text.encode())
        _replace(project.jobs, result)
        os.replace(_hidden(test), test)
    return [project.jobs, test]


def remove_from_project(root: Path, name: str, *, force: bool = False) -> list[Path]:
    """Remove a job and its test; return the files that were changed."""
    project = Project(root)
    with _editing(project):
        job = next(
            (j for j in jobs_file.read(project.source()) if name in (j.id, j.function)), None
        )
        result = jobs_file.remove(project.source(), name, force=force)
        test = root / jobs_file.test_path(job.function if job else name)
        if not test.is_file():
            _replace(project.jobs, result)
            return [project.jobs]
        if not force and not _is_ours(test, job.function if job else name):
            raise HerokuclockError(
                f"{test.relative_to(root)} has been edited since it was added.",
                "Use --force to remove it, too.",
            )
        os.replace(test, _hidden(test))
        _replace(project.jobs, result)
        _hidden(test).unlink()
    return [project.jobs, test]


@contextmanager
def _editing(project: Project) -> Iterator[None]:
    """Let one run at a time edit the project, and leave nothing half done."""
    try:
        with _locked(project.root):
            _recover(project)
            try:
                yield
            finally:
                _recover(project)
    except OSError as error:
        raise HerokuclockError(
            f"{project.jobs.name} could not be changed: {error.strerror or error}.",
            "Mend that and run it again; nothing is left half done.",
        ) from error


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    folder = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _recover(project: Project) -> None:
    """Finish or take back what is unfinished: a test stays if jobs.py has its job."""
    _hidden(_target(project.jobs)).unlink(missing_ok=True)
    for hidden in (project.root / "tests").glob(f".test_job_*{UNFINISHED}"):
        test = hidden.with_name(hidden.name.removesuffix(UNFINISHED)[1:])
        jobs = {job.function for job in jobs_file.read(project.source())}
        if test.stem.removeprefix("test_job_") in jobs and not os.path.lexists(test):
            os.replace(hidden, test)
        else:
            hidden.unlink()


def _replace(jobs: Path, text: str) -> None:
    target = _target(jobs)
    if not os.access(target, os.W_OK):
        raise HerokuclockError(f"{jobs.name} may not be written.", f"chmod u+w {jobs.name}")
    encoding = encoding_of(target.read_bytes())
    try:
        content = text.encode(encoding)
    except UnicodeEncodeError:
        raise HerokuclockError(
            f"{jobs.name} is {encoding}, which cannot hold this job.", "Save it as UTF-8 first."
        ) from None
    _write(_hidden(target), content, stat.S_IMODE(target.stat().st_mode))
    os.replace(_hidden(target), target)


def _write(path: Path, content: bytes, mode: int | None = None) -> None:
    with suppress(FileNotFoundError):
        path.unlink()
    with open(path, "xb") as file:
        if mode is not None:
            os.chmod(path, mode)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _target(jobs: Path) -> Path:
    # Where jobs.py is a link, the file that it leads to is the one to be replaced.
    return Path(os.path.realpath(jobs))


def _hidden(path: Path) -> Path:
    return path.with_name(f".{path.name}{UNFINISHED}")


def _is_ours(test: Path, name: str) -> bool:
    ours = [jobs_file.test_source(name, prints=prints) for prints in (False, True)]
    return test.read_text(encoding="utf-8", errors="replace") in ours
