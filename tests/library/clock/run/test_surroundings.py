"""What a run may do to its process without harm to the others, and without being harmed."""

import os
import subprocess
import sys

# A thread that prints into a full pipe holds the lock of its stream for ever.
FORKS = """
import os, select, sys, threading
from clockdyno.clock.run import calling, surroundings

surroundings.keep()
read, write = os.pipe()
os.dup2(write, 1)
threading.Thread(target=sys.stdout.write, args=("x" * 10**6,), daemon=True).start()
while select.select([], [write], [], 0)[1]:
    pass
if (child := os.fork()) == 0:
    calling._end_fork(SystemExit(7))
os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_fork_ends_though_another_thread_was_just_printing() -> None:
    command, env = [sys.executable, "-c", FORKS], {**os.environ, "PYTHONUNBUFFERED": ""}

    assert subprocess.run(command, env=env, timeout=60).returncode == 7
