"""Make a project: bake, add the jobs, check, commit, and move it into place in one step."""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from clockdyno.schedule.dialects.apscheduler import written

from herokuclock import __version__, record
from herokuclock.errors import HerokuclockError
from herokuclock.jobs import file as jobs_file
from herokuclock.new import bundle, first_commit, library, uv_project
from herokuclock.new.questions import (
    EXAMPLE_JOBS,
    UV,
    WORKER_DYNOS,
    Job,
    check_job,
    check_jobs,
)

Step = Callable[[str], None]
# cookiecutter looks for a folder of this name; hooks/pre_prompt.py makes the same one.
BAKED = "{{cookiecutter.name}}"


def refuse_existing(target: Path) -> None:
    """Raise HerokuclockError if anything stands where the project should go."""
    if os.path.lexists(target):
        kind = "folder" if target.is_dir() and not target.is_symlink() else "file"
        raise HerokuclockError(
            f"the {kind} {target.name!r} already exists.",
            "Pick another name, or move it away: nothing is ever overwritten.",
        )
    if not os.access(target.parent, os.W_OK | os.X_OK):
        raise HerokuclockError(
            f"cannot write to {str(target.parent)!r}.", "Run it in a folder of your own."
        )


def file_names(jobs: tuple[Job, ...], manager: str) -> list[str]:
    """List the files that a project with these jobs will have, sorted."""
    names = {*bundle.template_files(), *library.file_names()}
    if manager == UV:
        names = names - uv_project.OF_PIP | uv_project.FILES
    example = {jobs_file.test_path(name) for name in EXAMPLE_JOBS}
    tests = {jobs_file.test_path(job.name) for job in jobs}
    return sorted(names - example | tests)


def make(answers: Mapping[str, Any], target: Path, step: Step = lambda text: None) -> bool:
    """Make the project of these answers at `target`, whole or not at all.

    Everything happens in a hidden folder beside it, which one rename puts into place. Returns
    False if git had no identity for the first commit; raises HerokuclockError where it cannot.
    """
    first_commit.require_git()
    refuse_existing(target)
    with _stage(target) as stage:
        project = render(answers, stage, step)
        with ThreadPoolExecutor(1) as pool:
            step("check")
            checked = pool.submit(_check, project)
            step("commit")
            # git works in processes of its own, and takes as long as the check does.
            message = f"Start {target.name} with herokuclock {__version__}"
            committed = first_commit.start(project, message)
            checked.result()
        step("place")
        refuse_existing(target)
        project.rename(target)
    return committed


def render(answers: Mapping[str, Any], stage: Path, step: Step = lambda text: None) -> Path:
    """Write the project of these answers into a folder, and return where it lies there."""
    step("bake")
    project = _bake(answers, stage)
    library.put(project)
    on_workers = answers["workers"] == WORKER_DYNOS
    if answers["packages"] == UV:
        uv_project.put(project, answers["name"], workers=on_workers)
    step("jobs")
    _write_jobs(project, answers)
    if on_workers:
        from herokuclock.workers import command as workers

        workers.write(project, workers.plan(project, on=True))
    record.put(project)
    return project


@contextmanager
def _stage(target: Path) -> Iterator[Path]:
    # Its name is known before it is there: a signal that comes as it is made leaves nothing, too.
    stage = target.parent / f".{target.name}.{os.urandom(8).hex()}"
    try:
        stage.mkdir(mode=0o700)
        yield stage
    except OSError as error:
        raise HerokuclockError(
            f"could not make {target.name!r}: {error.strerror or error}.",
            "Nothing was left behind.",
        ) from error
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _bake(answers: Mapping[str, Any], stage: Path) -> Path:
    """Render the template with cookiecutter; no hook process, no user configuration, no replay."""
    from cookiecutter.generate import generate_files, is_copy_only_path

    told = {"cookiecutter": context(answers)}
    paths = bundle.template_files()
    # cookiecutter takes a millisecond or two for a file that it only copies.
    as_they_are = [path for path in paths if is_copy_only_path(path, told)]
    source = stage / "bundle"
    _copy(set(paths).difference(as_they_are), source / BAKED)
    baked = generate_files(source, context=told, output_dir=stage, accept_hooks=False)
    shutil.rmtree(source)
    _copy(as_they_are, Path(baked))
    return Path(baked)


def _copy(paths: Iterable[str], to: Path) -> None:
    for path in paths:
        copy = to / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(bundle.home() / "template" / path, copy)


def context(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the template's text files may use, and which files are copied as they are."""
    import json

    shipped = json.loads((bundle.home() / "cookiecutter.json").read_text(encoding="utf-8"))
    return {
        **{key: answers[key] for key in ("name", "timezone", "python", "packages")},
        "_jobs": {job.name: job.when for job in answers["jobs"]},
        "_workers": answers["workers"] == WORKER_DYNOS,
        "_version": __version__,
        "_copy_without_render": shipped["_copy_without_render"],
    }


def _write_jobs(project: Path, answers: Mapping[str, Any]) -> None:
    """Replace the example by the jobs asked for, by the code behind `add` and `remove`."""
    path = project / "jobs.py"
    source = jobs_file.set_timezone(path.read_text(encoding="utf-8"), answers["timezone"])
    if answers["jobs"] != check_jobs(EXAMPLE_JOBS):
        for name in EXAMPLE_JOBS:
            source = jobs_file.remove(source, name, force=True)
            (project / jobs_file.test_path(name)).unlink()
        for job in answers["jobs"]:
            source = jobs_file.add(source, job.name, job.schedules)
            test = project / jobs_file.test_path(job.name)
            test.write_text(jobs_file.test_source(job.name), encoding="utf-8")
    path.write_text(source, encoding="utf-8")


def _check(project: Path) -> None:
    """Compile every file, and build each trigger that jobs.py now asks for."""
    for path in sorted(project.rglob("*.py")):
        compile(path.read_bytes(), str(path), "exec")
    source = (project / "jobs.py").read_text(encoding="utf-8")
    for job in jobs_file.read(source):
        check_job(job.id, [written(s.kind, s.keywords) for s in job.schedules], set())
