"""Jobs into and out of a project's folder, when the writing ends half-way or meets another."""

import os
import signal

import pytest
from clockdyno.schedule.typed import parse
from herokuclock.errors import HerokuclockError
from herokuclock.jobs import file as jobs_file
from herokuclock.jobs.writer import UNFINISHED, add_to_project, remove_from_project
from support import forks
from support.files import tree
from support.rows import rows

WEEKDAYS = parse("weekdays at 17:00")
# Ends the process by a signal at its n-th file operation.
DEADLY = """
import os, sys
from pathlib import Path
from clockdyno.schedule.typed import parse
from herokuclock import project_files
from herokuclock.jobs import writer

left, number = int(sys.argv[2]), int(sys.argv[3])


def deadly(function):
    def call(*args, **keywords):
        global left
        left -= 1
        if not left:
            os.kill(os.getpid(), number)
        return function(*args, **keywords)

    return call


os.replace, os.fsync, Path.unlink = map(deadly, (os.replace, os.fsync, Path.unlink))
project_files.open = deadly(open)
"""
ADDING = DEADLY + 'writer.add_to_project(Path(sys.argv[1]), "report", parse("@daily"))'
REMOVING = DEADLY + 'writer.remove_from_project(Path(sys.argv[1]), "report")'
LAST = 9  # Both have ended at this one.
CALLS = rows(range(1, LAST + 1), (1, 3, 5, 7, LAST))


# Else what is imported from now on would leave bytecode cut short, for all who come after.
LIMITED = """
import resource, signal, sys
sys.dont_write_bytecode = True
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]), int(sys.argv[4])))
"""


@pytest.mark.parametrize("size", [0, 100, 400])
def test_a_full_disk_changes_nothing(root, size):
    before = tree(root)
    done = forks.run(["-c", LIMITED + ADDING, root, "0", "0", str(size)])
    assert "jobs.py could not be changed: File too large" in done.stderr
    assert tree(root) == before


def end_at(code, root, call, number):
    return forks.run(["-c", code, root, str(call), str(int(number))]).returncode


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("code", [ADDING, REMOVING], ids=["add", "remove"])
def test_killed_at_any_call_it_is_whole_after_the_next_run(root, code, call):
    without = tree(root)
    add_to_project(root, "report", parse("@daily"))
    full = tree(root)
    if code is ADDING:
        remove_from_project(root, "report")
    ended = end_at(code, root, call, signal.SIGKILL)
    assert ended == 0 or (ended == -signal.SIGKILL and call < LAST)
    assert (root / "jobs.py").read_bytes() in (without["jobs.py"], full["jobs.py"])
    # The next run puts it right, even one that is refused.
    with pytest.raises(HerokuclockError, match="'hello' is taken"):
        add_to_project(root, "hello", WEEKDAYS)
    assert tree(root) in (without, full)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("code", [ADDING, REMOVING], ids=["add", "remove"])
def test_interrupted_at_any_call_it_is_whole_at_once(root, code, call):
    without = tree(root)
    add_to_project(root, "report", parse("@daily"))
    full = tree(root)
    if code is ADDING:
        remove_from_project(root, "report")
    end_at(code, root, call, signal.SIGINT)
    left = {path: content for path, content in tree(root).items() if UNFINISHED not in path}
    assert left in (without, full)


def test_two_at_once_both_arrive(root):
    code = (
        "import sys; from pathlib import Path; from clockdyno.schedule.typed import parse;"
        "from herokuclock.jobs.writer import add_to_project;"
        "add_to_project(Path(sys.argv[1]), sys.argv[2], parse('hourly'))"
    )
    names = [f"job{n}" for n in range(6)]
    running = [forks.Brief(["-c", code, root, name]) for name in names]
    assert [process.wait() for process in running] == [0] * 6
    found = {job.id for job in jobs_file.read((root / "jobs.py").read_text())}
    assert found == {"hello", *names}
    assert len(os.listdir(root / "tests")) == 7
