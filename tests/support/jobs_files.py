"""Files of jobs in every form, and ruff's opinion of them."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from support.files import TEMPLATE


@dataclass(frozen=True)
class Schedule:
    """What a job is to be given: a kind of trigger and its keywords."""

    kind: str
    keywords: dict[str, str | int]

    def source(self) -> str:
        """Write it as the arguments of a decorator."""

        def text(value: str | int) -> str:
            return f'"{value}"' if isinstance(value, str) else repr(value)

        pairs = [f"{key}={text(value)}" for key, value in self.keywords.items()]
        return ", ".join([f'"{self.kind}"', *pairs])


EVERY_DAY = [Schedule("cron", {"day_of_week": "mon-fri", "hour": "17"})]


ARTICLE = Schedule(
    "cron",
    {
        "day_of_week": "sat-sun",
        "hour": "12-16",
        "minute": "0-59/15",
        "timezone": "America/New_York",
    },
)


LONG = Schedule(
    "cron",
    {**ARTICLE.keywords, "start_date": "2027-01-01 00:00:00", "end_date": "2027-12-31 00:00:00"},
)


FEW = Schedule("interval", {"minutes": 15})


ONE_LINE = 'from clockdyno import Clock; sched = Clock(timezone="UTC")'


CONFIG = TEMPLATE / "pyproject.toml"


RUFF = Path(sys.executable).with_name("ruff")


# Each is formatted, and each has something of its own where a job goes in or comes out.
FORMATTED = {
    "template": (TEMPLATE / "jobs.py").read_text(),
    "no job yet": """\
import logging

from clockdyno import Clock

log = logging.getLogger("jobs")

sched = Clock(timezone="UTC")


if __name__ == "__main__":
    sched.start()
""",
    "one blank line above the guard": """\
from apscheduler.schedulers.blocking import BlockingScheduler

from tasks import tick

scheduler = BlockingScheduler()
scheduler.add_job(tick, "interval", minutes=5)

if __name__ == "__main__":
    scheduler.start()
""",
    "no guard, no blank line": """\
from apscheduler.schedulers.blocking import BlockingScheduler

from tasks import tick

sched = BlockingScheduler()
sched.add_job(tick, "interval", minutes=5)
sched.start()
""",
    "started by a function": '''\
import logging

from clockdyno import Clock

logger = logging.getLogger(__name__)
sched = Clock(timezone="UTC")


def main():
    """Run."""
    try:
        sched.start()
    finally:
        logger.info("bye")


main()
''',
    "nothing starts it here": """\
import logging

from clockdyno import Clock

sched = Clock(timezone="UTC")
""",
    "comments around": """\
import logging

from clockdyno import Clock

log = logging.getLogger("jobs")
sched = Clock(timezone="UTC")  # UTC is right here

# Jobs


# The first job.
@sched.scheduled_job("interval", minutes=15)  # often
def tick():
    log.info("tick")
    # and that is all


# Not used now:
# @sched.scheduled_job("interval", minutes=1)

# The clock dyno
# starts here.
if __name__ == "__main__":
    sched.start()
# The end.
""",
    "a section comment with room below": """\
from clockdyno import Clock

sched = Clock(timezone="UTC")
# The jobs stand below this line.

if __name__ == "__main__":
    sched.start()
""",
    "a class, a string with lines, a guard with else": '''\
import logging.config

from clockdyno import Clock

sched = Clock(
    timezone="UTC",
)
TEXT = """
if __name__ == "__main__":

"""


class Mailer:
    def report_all(self):
        return TEXT


if "__main__" == __name__:
    sched.start()
else:
    TEXT = ""
''',
    "a job of ours with a blank line in it": '''\
import logging

from clockdyno import Clock

log = logging.getLogger("jobs")
sched = Clock(timezone="UTC")


@sched.scheduled_job("interval", minutes=15)
def tick():
    """Say what this job does; it is shown beside its runs."""

    log.info("tick ran")


if __name__ == "__main__":
    sched.start()
''',
}


ODD = {
    "two spaces": FORMATTED["template"].replace("    ", "  "),
    "tabs": FORMATTED["template"].replace("    ", "\t"),
    "crlf": FORMATTED["template"].replace("\n", "\r\n"),
    "cr": FORMATTED["template"].replace("\n", "\r"),
    "bom": "\ufeff" + FORMATTED["template"],
    "bom on the scheduler's line": "\ufeff" + ONE_LINE,
    "no final newline": FORMATTED["template"].rstrip(),
    "no final newline, no guard": FORMATTED["nothing starts it here"].rstrip(),
    "spaces at the end": FORMATTED["nothing starts it here"] + "\n  \n\t\n   ",
    "no room at all": FORMATTED["template"].replace("\n\n", "\n"),
    "much room": FORMATTED["template"].replace("\n\n", "\n\n\n\n\n"),
    "blank lines with spaces": FORMATTED["no job yet"].replace("\n\n", "\n  \n\t\n"),
    "one blank line with a space": FORMATTED["no guard, no blank line"].replace(
        "sched.start()", " \nsched.start()"
    ),
    "form feed": FORMATTED["template"].replace("\n\n\nif", "\n\f\nif"),
    "lone returns after a newline": "\n" + FORMATTED["no job yet"].replace("\n", "\r"),
    "mixed endings": FORMATTED["template"].replace("\n\n\n", "\r\n\n\r\n"),
    "unicode above": FORMATTED["template"].replace("Your jobs", "Añadir 🚀 \u2028 \x85 jobs"),
    "semicolons": ONE_LINE.replace("; ", "\n") + "\nx = 1; sched.start()\n",
    "a backslash": "from clockdyno import Clock\nsched = Clock(); x = 1 \\\n\nsched.start()",
    "an indented comment": FORMATTED["template"].replace("\n\n\nif", "\n  # what?\nif"),
    "an escape that Python warns of": FORMATTED["template"].replace("Say hello", "Say \\d hello"),
    "a cookie": "# -*- coding: latin-1 -*-\n" + FORMATTED["template"],
}


FILES = FORMATTED | ODD


def ruff(
    command: Sequence[str], *arguments: str | Path, text: str
) -> subprocess.CompletedProcess[bytes]:
    """Run it with the settings of the template on a text."""
    return subprocess.run(
        [RUFF, *command, "--config", CONFIG, *arguments],
        input=text.encode(),
        capture_output=True,
        check=False,
    )


def unformatted(texts: Sequence[str]) -> list[str]:
    """Return those texts that `ruff format` would change: one process looks at all of them."""
    folder = Path("texts")
    folder.mkdir()
    for number, text in enumerate(texts):
        (folder / f"{number}.py").write_bytes(text.encode())
    done = ruff(["format"], folder, text="")
    assert done.returncode == 0, done.stderr
    after = [(folder / f"{number}.py").read_bytes() for number in range(len(texts))]
    shutil.rmtree(folder)
    return [text for text, made in zip(texts, after, strict=True) if text.encode() != made]
