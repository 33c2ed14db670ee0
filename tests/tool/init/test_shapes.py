"""Apps as people have them: `init` brings the clock in, or says which lines do."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from herokuclock.init import planning
from support import shapes
from support.files import tree
from support.program import Run

# What init does not do by itself, and where it has lines for that.
BY_HAND = {
    "background_in_factory": {"jobs.py", "portal/__init__.py"},
    "background_in_web": {"jobs.py", "app.py"},
    "background_with_a_loop": {"clock.py"},
    "flask_apscheduler": {"jobs.py", "app.py"},
    "flask_apscheduler_config": {"jobs.py", "run.py"},
    "made_in_main": {"worker.py"},
    "pickled_store": {"clock.py"},
    "scheduler_in_a_package": {"desk/extensions.py", "run_clock.py"},
    "several_schedulers": {"clock.py", "mailer.py", "Procfile"},
}
NEVER = ("README", ".python-version", "tests/", ".github")
LOADER = """
import contextlib, io, json, os, sys
from pathlib import Path
from clockdyno import Clock, host, procfile
from clockdyno.clock.inspection import loading
import clockdyno.dashboard
os.environ["PORT"] = "1"
for folder in sys.argv[1:]:
    read, write = os.pipe()
    if not os.fork():
        os.chdir(folder)
        host.project.cache_clear()
        sys.path[:0] = [str(procfile.clock().folder), folder]
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                clock = loading.load()
            told = {"jobs": sorted(job.id for job in clock.get_jobs()), "zone": str(clock.timezone)}
        except BaseException as error:
            told = {"error": repr(error)}
        os.write(write, json.dumps(told).encode())
        os._exit(0)
    os.close(write)
    print(os.read(read, 10_000).decode(), flush=True)
    os.wait()
"""
JOBS = {
    "article": {"timed_job", "scheduled_job", "early_job", "one_day"},
    "background_in_factory": {"sweep", "morning"},
    "background_in_web": {"refresh", "cleanup"},
    "background_with_a_loop": {"ping"},
    "bot": {"tick"},
    "factory": {"work", "report"},
    "flask_apscheduler": {"poll"},
    "flask_apscheduler_config": {"sync", "report"},
    "latin": {"brew"},
    "made_in_main": {"crawl"},
    "made_under_the_guard": {"beat"},
    "named_worker": {"fetch-news", "fetch-weather"},
    "own_context": {"clean"},
    "package_with_factory": {"count"},
    "pickled_store": {"pull"},
    "pinned_clock": {"tick", "nightly"},
    "scheduler_in_a_package": {"dust"},
    "several_schedulers": {"tick", "mail"},
    "without_jobs": set(),
}


@pytest.mark.parametrize("name", shapes.NAMES)
def test_init_changes_what_is_certain_once_and_remove_gives_every_byte_back(
    run: Run, lonely: Path, name: str
) -> None:
    root = shapes.lay_out(name, lonely / name)
    before = tree(root)

    done = run("init", "--yes", "--json", cwd=root)

    assert done.returncode == 0, done.stderr
    told, after = json.loads(done.stdout), tree(root)
    changed = {path for path in after if after[path] != before.get(path)} - {".herokuclock.toml"}
    assert changed == {file["path"] for file in told["files"]}
    assert not any(path.startswith(NEVER) for path in changed)
    assert {each["file"] for each in told["by_hand"]} == BY_HAND.get(name, set())
    again = run("init", "--yes", "--json", cwd=root)
    assert json.loads(again.stdout)["status"] == "unchanged" and tree(root) == after

    removed = run("init", "--remove", "--yes", "--json", cwd=root)

    assert json.loads(removed.stdout)["left"] == []
    assert tree(root) == before


@pytest.mark.slow
def test_every_clock_can_be_looked_at_once_the_lines_are_pasted(lonely: Path, run: Run) -> None:
    roots = [shapes.lay_out(name, lonely / name) for name in shapes.NAMES]
    for root in roots:
        plan = planning.make(root, None)
        assert run("init", "--yes", cwd=root).returncode == 0
        shapes.paste(root, plan.pastes)
        later = planning.make(root, None)
        assert (later.edits, later.pastes) == ([], []), root.name

    done = subprocess.run(
        [sys.executable, "-c", LOADER, *map(str, roots)], capture_output=True, text=True
    )

    told = {
        r.name: json.loads(line) for r, line in zip(roots, done.stdout.splitlines(), strict=True)
    }
    assert {name: set(each.get("jobs", [each.get("error")])) for name, each in told.items()} == JOBS
