"""What hostile jobs do to Python and to their process: how they end, what they change and start."""

import atexit
import ctypes
import decimal
import gc
import locale
import multiprocessing
import os
import random
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, NoReturn

FORK = multiprocessing.get_context("fork")
os.umask(_mask := os.umask(0))
SETTINGS = (
    *(Path.cwd(), _mask, sys.getrecursionlimit(), gc.isenabled(), socket.getdefaulttimeout()),
)
ENVIRONMENT = dict(os.environ)


def docstring() -> None:
    pass


docstring.__doc__ = "Split at \0 bytes, \ud83d."  # Since Python 3.13 no source may say so.


def exits_well() -> NoReturn:
    sys.exit()


def exits_with_zero() -> NoReturn:
    raise SystemExit(0)


def exits_at_once() -> NoReturn:
    os._exit(3)


def aborts() -> None:
    os.abort()


def reads_nowhere() -> None:
    ctypes.string_at(0)


def forked_exits() -> None:
    for end in (exits_at_once, aborts, reads_nowhere, exits_well, raises):
        if (child := os.fork()) == 0:
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            end()
            raise AssertionError("not reached")
        os.waitpid(child, 0)


def raises() -> NoReturn:
    raise ValueError("in a fork")


def looks_around() -> None:
    """Fail where something of what the others have changed is still so."""
    os.umask(mask := os.umask(0o77))
    now = Path.cwd(), mask, sys.getrecursionlimit(), gc.isenabled(), socket.getdefaulttimeout()
    assert now == SETTINGS
    assert sys.getswitchinterval() < 1
    assert {**os.environ, **ENVIRONMENT} == dict(os.environ)
    print("printed as ever", file=sys.stdout, flush=True)


def changes_folder() -> None:
    os.chdir("/")


def changes_umask() -> None:
    os.umask(0o777)


def clears_environment() -> None:
    os.environ.clear()


def changes_environment() -> None:
    os.environ.update(DATABASE_URL="nonsense://", PATH="", PYTHONHOME="/", DYNO="odd\n\udcff")


def changes_zone() -> None:
    os.environ["TZ"] = "Pacific/Kiritimati"
    time.tzset()


def changes_locale() -> None:
    locale.setlocale(locale.LC_ALL, "C")


def handles_signals() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def sets_alarm() -> None:
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    time.sleep(0.1)


def switches_rarely() -> None:
    sys.setswitchinterval(1000)


def recurses_far() -> None:
    sys.setrecursionlimit(10**5)


def recurses_little() -> None:
    sys.setrecursionlimit(len(_stack()) + 25)


def _stack() -> list[Any]:
    frame, found = sys._getframe(), []
    while frame:
        found.append(frame)
        frame = frame.f_back  # type: ignore[assignment]
    return found


def disables_collection() -> None:
    gc.disable()


def starts_threads() -> None:
    threading.Thread(target=time.sleep, args=(0.2,)).start()
    threading.Thread(target=time.sleep, args=(600,), daemon=True).start()


def fails_in_thread() -> None:
    thread = threading.Thread(target=raises)
    thread.start()
    thread.join()


def registers_at_exit() -> None:
    atexit.register(raises)
    atexit.register(sys.exit, 3)


def runs_a_program() -> None:
    subprocess.run(["/bin/sleep", "0.1"], check=True)
    subprocess.Popen(["/bin/sleep", "2"])


def leaves_a_grandchild() -> None:
    subprocess.Popen(["/bin/sh", "-c", "/bin/sleep 3 & /bin/sleep 3"], start_new_session=True)


def forks() -> None:
    if (child := os.fork()) == 0:
        sys.exit(0)
    os.waitpid(child, 0)


def _square(number: int) -> int:
    return number * number


def has_a_pool() -> None:
    with FORK.Pool(2) as pool:
        assert pool.map(_square, [1, 2]) == [1, 4]


def terminates() -> None:
    process = FORK.Process(target=signal.pause)
    process.start()
    process.terminate()
    process.join()
    assert process.exitcode == -signal.SIGTERM


def counts_in_its_own_way() -> None:
    assert decimal.getcontext().prec == 28
    decimal.getcontext().prec = 2
    random.seed(1)
    socket.setdefaulttimeout(1e-9)


def replaces_time() -> None:
    time.sleep = lambda _: None
    time.time = lambda: 0.0


def remembers(found: list[int] = []) -> None:  # noqa: B006
    found.append(1)


def holds_the_lock() -> None:
    ctypes.PyDLL(None).sleep(1)


def hangs() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(60)


def ends_its_group() -> None:
    os.killpg(0, signal.SIGKILL)


def removes_itself() -> None:
    from jobs import sched

    if sched.get_job("removes_itself"):
        sched.remove_job("removes_itself")


def adds_another() -> None:
    from jobs import sched

    sched.add_job(remembers, id="added", replace_existing=True)
