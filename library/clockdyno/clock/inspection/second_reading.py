"""jobs.py as it will be read by other processes: on another day, its sets in another order."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from clockdyno import procfile

SHIFT = 86_400 + 3_600 + 60 + 1  # seconds: another day, hour, minute and second
SECONDS = 60  # longer than anybody reads jobs.py
MOVES = (
    "{job} has another schedule each time {file} is read ({words}): a restart, one a day at "
    "least, begins it anew, so it may never fire. Write a date instead of counting from now."
)
ORDER = (
    "{job} is another job each time {file} is read: its id depends on an order that changes, as a "
    "set's does. Give it an id= that says what it is for."
)
Told = dict[str, dict[str, Any]]


class Readings:
    """Two more processes that read jobs.py; what they do not manage to read, they do not tell."""

    def __init__(self, folder: str) -> None:
        self._files = [Path(folder) / str(n) for n in range(2)]
        self._processes = [self._read(n, file) for n, file in enumerate(self._files)]

    def _read(self, number: int, file: Path) -> subprocess.Popen[bytes]:
        path = os.pathsep.join(filter(None, [*sys.path]))
        env = {**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": str(number + 1)}
        command = [sys.executable, "-m", __name__, str(number * SHIFT), str(file)]
        none = subprocess.DEVNULL
        return subprocess.Popen(command, env=env, stdin=none, stdout=none, stderr=none)

    def notes(self, here: Told) -> list[str]:
        """Return what differs from what is read here."""
        found: dict[str, str] = {}
        for there in filter(None, map(self._told, range(2))):
            for job in here:
                if note := _difference(job, here, there):
                    found.setdefault(job, note)
        return list(found.values())

    def _told(self, number: int) -> Told:
        try:
            self._processes[number].wait(SECONDS)
            told: Told = json.loads(self._files[number].read_text())
        except (subprocess.TimeoutExpired, OSError, ValueError):
            return {}
        return told

    def close(self) -> None:
        """End those that read still."""
        for process in self._processes:
            process.kill()
            process.wait()


@contextmanager
def reading() -> Iterator[Readings]:
    """Begin to read jobs.py elsewhere."""
    with tempfile.TemporaryDirectory() as folder:
        readings = Readings(folder)
        try:
            yield readings
        finally:
            readings.close()


def told(clock: Any) -> Told:
    """Return what must be alike in every reading: when each job fires, and what it calls."""
    from clockdyno.clock.declared import ids, job_row
    from clockdyno.schedule import description

    return {
        job.id: {
            "trigger": job_row.text_of(clock, job),
            "call": ids.written([job.func, list(job.args), dict(job.kwargs)]),
            "words": description.describe(job.trigger),
        }
        for job in clock.get_jobs()
    }


def _difference(job: str, here: Told, there: Told) -> str | None:
    names = {"job": job, "file": procfile.clock().file}
    if job not in there:
        return ORDER.format(**names)
    one, other = here[job], there[job]
    elsewhere = {facts["call"] for name, facts in here.items() if name != job}
    if one["call"] != other["call"] and other["call"] in elsewhere:
        return ORDER.format(**names)
    if one["trigger"] != other["trigger"]:
        words = "; ".join(dict.fromkeys([one["words"], other["words"]]))
        return MOVES.format(**names, words=words)
    return None


def _shift(seconds: float) -> None:
    """Let this process believe that it is later, before anything of it asks what time it is."""
    import datetime
    import time

    real, clock = datetime.datetime, time.time
    later = datetime.timedelta(seconds=seconds)

    class Alike(type):
        def __instancecheck__(cls, value: object) -> bool:
            return isinstance(value, cls.__mro__[1])

    class Datetime(datetime.datetime, metaclass=Alike):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return real.now(datetime.UTC).__add__(later).astimezone(tz) if tz else cls._naive()

        @classmethod
        def _naive(cls) -> Any:
            return real.now() + later

        @classmethod
        def utcnow(cls) -> Any:
            return real.now(datetime.UTC).replace(tzinfo=None) + later

        @classmethod
        def today(cls) -> Any:
            return cls._naive()

    class Date(datetime.date, metaclass=Alike):
        @classmethod
        def today(cls) -> Any:
            return (real.now() + later).date()

    time.time = lambda: clock() + seconds
    datetime.datetime, datetime.date = Datetime, Date  # type: ignore[misc]


def main() -> None:
    """Read jobs.py so many seconds later, and write down what it says."""
    seconds, file = float(sys.argv[1]), Path(sys.argv[2])
    if seconds:
        _shift(seconds)
    from clockdyno.clock.inspection import loading

    file.write_text(json.dumps(told(loading.load())))


if __name__ == "__main__":
    main()
