"""`herokuclock new` stopped at any stage: no half project stands in the target's place."""

import itertools
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from herokuclock.new import scaffold
from support import forks

STAGES = ("bake", "jobs", "check", "commit", "place")
STOPPED = """
import os, sys
from herokuclock import cli
from herokuclock.new import scaffold

stage, number = sys.argv[1], int(sys.argv[2])
make = scaffold.make


def stopped(answers, target):
    return make(answers, target, lambda name: name == stage and os.kill(os.getpid(), number))


scaffold.make = stopped
sys.argv[1:] = ["new", "myapp", "--yes"]
cli.main()
"""

# Else what is imported from then on would leave bytecode cut short, for all who come after.
LIMITED = """
import resource, sys
from herokuclock import cli

sys.dont_write_bytecode = True
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
sys.argv[1:] = ["new", "myapp", "--yes"]
cli.main()
"""


@pytest.mark.parametrize(
    ("stage", "number"),
    [
        *itertools.product(STAGES, [signal.SIGINT, signal.SIGKILL]),
        # One function hears them all.
        ("commit", signal.SIGTERM),
        ("commit", signal.SIGHUP),
    ],
)
def test_a_signal_leaves_nothing_at_the_target(
    lonely: Path, stage: str, number: signal.Signals
) -> None:
    done = forks.run(["-c", STOPPED, stage, str(int(number))])

    assert done.returncode == (-9 if number == signal.SIGKILL else 130)
    assert not (lonely / "myapp").exists()
    if number != signal.SIGKILL:
        assert list(lonely.iterdir()) == []
        assert "nothing was written" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("size", [0, 200, 1000, 3000])
def test_a_full_disk_leaves_nothing_behind(lonely: Path, size: int) -> None:
    """A limit on the size of files stands for the disk: every write beyond it fails."""
    done = forks.run(["-c", LIMITED, str(size)])

    assert done.returncode == 1
    assert "could not make 'myapp'" in done.stderr or "git" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(lonely.iterdir()) == []


def test_a_signal_that_comes_as_the_hidden_folder_is_made_leaves_none(
    lonely: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mkdir = Path.mkdir

    def interrupted(self: Path, **options: int) -> None:
        mkdir(self, **options)
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "mkdir", interrupted)
    with pytest.raises(KeyboardInterrupt):
        scaffold.make({}, lonely / "myapp")

    assert list(lonely.iterdir()) == []


def test_ctrl_c_while_the_program_loads_ends_it_quietly(lonely: Path) -> None:
    program = """
import os, signal, sys
from herokuclock.__main__ import main


class Pressed:
    def find_spec(self, name, *rest):
        if name == "typer":
            os.kill(os.getpid(), signal.SIGINT)


sys.meta_path.insert(0, Pressed())
main()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")


def test_a_signal_to_the_program_and_then_to_its_group_is_one_interrupt() -> None:
    program = """
import os, signal
from herokuclock import interrupts

interrupts.hear(interrupts.interrupt)
try:
    os.kill(os.getpid(), signal.SIGTERM)
except KeyboardInterrupt:
    os.kill(os.getpid(), signal.SIGINT)
    print("cleaned up")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert (done.returncode, done.stdout, done.stderr) == (0, "cleaned up\n", "")
