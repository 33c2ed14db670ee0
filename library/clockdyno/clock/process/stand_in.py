"""Lets somebody beat for this process while its interpreter is held.

A job in C code may keep Python's lock for minutes, and no thread can beat meanwhile. So the
heartbeat starts a small program beside it and tells it every two seconds that all is well. There is
one on Linux only.
"""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

PROGRAM = Path(__file__).with_name("stand_in_program.py")


class StandIn:
    """The stand-in as its process sees it: a pipe, and what was last said through it."""

    def __init__(self, beat: float) -> None:
        self._beat, self._pipe, self._order = beat, -1, ""
        self._can_be = sys.platform == "linux" and bool(sys.executable)

    def tell(self, ledger: Any) -> None:
        """Say that all is well, and how to beat for the clock if that changes."""
        if self._pipe < 0 and self._can_be:
            self._start(ledger.engine)
        if self._pipe < 0:
            return
        order, self._order = self._order, ledger.beat_as_text()
        news = "" if order == self._order else self._order
        try:
            os.write(self._pipe, f"{news}\n".encode())
        except BlockingIOError:
            self._order = order  # It sleeps, and has much to read when it wakes up.
        except OSError:
            self.close()  # It was killed; the next time there is another one.

    def close(self) -> None:
        """Let it end."""
        if self._pipe >= 0:
            os.close(self._pipe)
        self._pipe, self._order = -1, ""

    def _start(self, engine: Any) -> None:
        program = [sys.executable, "-I", "-S", str(PROGRAM), str(os.getpid())]
        program.append(str(self._beat))
        reads, self._pipe = os.pipe()
        quiet = subprocess.DEVNULL
        try:
            subprocess.run(program, stdin=reads, stdout=quiet, stderr=quiet, check=True)
            os.write(self._pipe, "\n".join([*_way(engine), ""]).encode())
            os.set_blocking(self._pipe, False)
        except (OSError, subprocess.SubprocessError):
            self.close()
            self._can_be = False
        finally:
            os.close(reads)


def _way(engine: Any) -> tuple[str, str]:
    """Say how to reach the database without what makes Python big: by which library, and where."""
    if engine.dialect.name == "sqlite":
        return "sqlite3", Path(engine.url.database or "").absolute().as_uri() + "?mode=rw"
    url = engine.url.set(drivername="postgresql").update_query_dict({"connect_timeout": "5"})
    maps = Path("/proc/self/maps").read_text()
    loaded = re.search(r"/\S.*/libpq[.-][^/\n]*$", maps, re.MULTILINE)
    if not loaded:
        raise OSError("there is no libpq")
    return loaded[0], url.render_as_string(hide_password=False)
