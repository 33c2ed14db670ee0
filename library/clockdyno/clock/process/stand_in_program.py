"""Beats for a clock or a worker whose interpreter is held; see stand_in.py. It imports little.

Only when nothing has come from there for longer than a heartbeat, although that process lives and
is not stopped, does this one beat in its name. It ends when that one does.
"""

import _signal as signal  # type: ignore[import-not-found]  # Without enums, which take a megabyte.
import os
import select
import sys
import time

FROZEN = ("T", "t")  # stopped by a signal, or by a debugger: as good as dead to the others
SECONDS = 8  # for one heartbeat; a database that hangs must hold nothing up


def main(clock: int, beat: float) -> None:
    """Wait beside a clock, and beat for it while its interpreter is held."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, signal.SIG_IGN)  # Heroku tells every process to stop.
    if os.fork():
        os._exit(0)  # So it is no child of the clock's, whose jobs may wait for all they have.
    os.setsid()
    began, facts, rest = _look(clock)[1], list[bytes](), b""
    heard, beaten = time.monotonic(), -beat
    while True:
        if select.select([0], [], [], beat / 5)[0]:
            said = os.read(0, 65536)
            if not said:
                break
            *lines, rest = (rest + said).split(b"\n")
            facts += filter(None, lines)
            del facts[2:-1]
            heard = time.monotonic()
            continue
        state, since = _look(clock)
        if since != began:
            break  # The pipe is open in a child of the clock's, which itself is gone.
        now = time.monotonic()
        if min(now - heard - beat / 5, now - beaten) >= beat and state not in FROZEN:
            beaten = now
            if len(facts) == 3 and not os.fork():
                _beat_once(*facts)
    os.killpg(0, signal.SIGKILL)


def _look(clock: int) -> tuple[str, str]:
    """Return the state of a process and when it began; two empty texts if it is gone."""
    try:
        with open(f"/proc/{clock}/stat") as file:  # noqa: PTH123, pathlib takes memory
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return "", ""
    return ("", "") if fields[0] in ("Z", "X") else (fields[0], fields[19])


def _beat_once(library: bytes, address: bytes, order: bytes) -> None:
    """Beat, in a process of its own that leaves no memory behind."""
    signal.alarm(SECONDS)
    try:
        if library == b"sqlite3":
            import sqlite3

            database = sqlite3.connect(":memory:", uri=True, isolation_level=None)
            database.execute("ATTACH ? AS clockdyno", [address.decode()])
            database.execute(order.decode())
        else:
            import ctypes

            libpq = ctypes.CDLL(library.decode())
            libpq.PQconnectdb.restype = ctypes.c_void_p
            connection = ctypes.c_void_p(libpq.PQconnectdb(address))
            libpq.PQexec(connection, order)
            libpq.PQfinish(connection)
    finally:
        os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
