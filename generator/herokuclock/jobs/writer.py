"""Write jobs into a project's files and take them out: jobs.py and the job's test, both or none.

What is not finished lies beside its target as a hidden file with a fixed name. jobs.py is renamed
into place first and decides: the next run finishes or takes back whatever a killed one left.
"""

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from herokuclock.errors import HerokuclockError
from herokuclock.jobs import file as jobs_file
from herokuclock.jobs.block import Schedule
from herokuclock.project import Project, encoding_of
from herokuclock.project_files import UNFINISHED, hidden, place, write_new


def add_to_project(
    root: Path, name: str, schedules: Sequence[Schedule], doc: str | None = None
) -> list[Path]:
    """Add a job, and its test where the project has tests; return the files that were written."""
    project = Project(root)
    with _editing(project):
        result = jobs_file.add(project.source(), name, schedules, doc, project.jobs_name)
        if not _is_tested(project):
            _replace(project, result)
            return [project.jobs]
        test = root / jobs_file.test_path(name)
        if os.path.lexists(test):
            raise HerokuclockError(
                f"{jobs_file.test_path(name)} exists already.",
                "Move it away, or give the job another name.",
            )
        prints, module = f'print("{name} ran")' in result, project.clock.module
        text = jobs_file.test_source(name, prints=prints, module=module)
        write_new(hidden(test), text.encode())
        _replace(project, result)
        hidden(test).replace(test)
    return [project.jobs, test]


def remove_from_project(root: Path, name: str, *, force: bool = False) -> list[Path]:
    """Remove a job and its test; return the files that were changed."""
    project = Project(root)
    with _editing(project):
        job = next(
            (j for j in jobs_file.read(project.source()) if name in (j.id, j.function)), None
        )
        result = jobs_file.remove(project.source(), name, force=force, filename=project.jobs_name)
        test = root / jobs_file.test_path(job.function if job else name)
        if not test.is_file():
            _replace(project, result)
            return [project.jobs]
        if not force and not _is_ours(project, test, job.function if job else name):
            raise HerokuclockError(
                f"{test.relative_to(root)} has been edited since it was added.",
                "Use --force to remove it, too.",
            )
        test.replace(hidden(test))
        _replace(project, result)
        hidden(test).unlink()
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
    hidden(place(project.root, project.jobs_name)).unlink(missing_ok=True)
    place(project.root, "tests")
    for left in (project.root / "tests").glob(f".test_job_*{UNFINISHED}"):
        test = left.with_name(left.name.removesuffix(UNFINISHED)[1:])
        jobs = {job.function for job in jobs_file.read(project.source())}
        if test.stem.removeprefix("test_job_") in jobs and not os.path.lexists(test):
            left.replace(test)
        else:
            left.unlink()


def _replace(project: Project, text: str) -> None:
    jobs, target = project.jobs, place(project.root, project.jobs_name)
    if not os.access(target, os.W_OK):
        raise HerokuclockError(f"{jobs.name} may not be written.", f"chmod u+w {jobs.name}")
    encoding = encoding_of(target.read_bytes())
    try:
        content = text.encode(encoding)
    except UnicodeEncodeError:
        raise HerokuclockError(
            f"{jobs.name} is {encoding}, which cannot hold this job.", "Save it as UTF-8 first."
        ) from None
    write_new(hidden(target), content, stat.S_IMODE(target.stat().st_mode))
    hidden(target).replace(target)


def _is_tested(project: Project) -> bool:
    """Say whether there are tests, and they can import the jobs from the project's folder."""
    return os.path.lexists(project.root / "tests") and project.clock.folder == project.root


def _is_ours(project: Project, test: Path, name: str) -> bool:
    module = project.clock.module
    ours = [jobs_file.test_source(name, prints=prints, module=module) for prints in (False, True)]
    return test.read_text(encoding="utf-8", errors="replace") in ours
