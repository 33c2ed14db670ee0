"""Jobs of every kind for chaos to be done to, and when each is due: by arithmetic of our own.

Each run itself says that it begins and that it ends, in a line that is appended to one file.
"""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from support.site import Site

MINUTELY = 30  # jobs, two seconds after each other
DATES, APART = 24, 15  # dates, and the seconds between them
JOBS = """
import asyncio
from datetime import UTC

def say(what, job, at):
    note(what, job, at.astimezone(UTC).isoformat(), os.getpid(), time.time())

def work(job, at, seconds=0):
    say("begin", job, at)
    time.sleep(seconds)
    say("end", job, at)

@sched.scheduled_job("interval", seconds=10)
def tick(scheduled_at):
    work("tick", scheduled_at)

@sched.scheduled_job("interval", seconds=15, coalesce=False, catch_up=3600)
def each(scheduled_at):
    work("each", scheduled_at)

@sched.scheduled_job("interval", seconds=30)
def slow(scheduled_at):
    work("slow", scheduled_at, 0.7)

@sched.scheduled_job("interval", seconds=15, max_instances=3)
def several(scheduled_at):
    work("several", scheduled_at, 0.9)

@sched.scheduled_job("interval", seconds=30, on_lost="rerun")
def again(scheduled_at):
    work("again", scheduled_at, 0.5)

@sched.scheduled_job("interval", minutes=1, retries=2)
def retried(scheduled_at):
    say("begin", "retried", scheduled_at)
    try:
        open(f"{scheduled_at:first-%H-%M-%S}", "x").close()
    except FileExistsError:
        return say("end", "retried", scheduled_at)
    say("fail", "retried", scheduled_at)
    raise RuntimeError("as the first time always does")

@sched.scheduled_job("interval", minutes=1, timeout=20)
def child(scheduled_at):
    work("child", scheduled_at, 0.2)

@sched.scheduled_job("interval", seconds=20)
async def awaited(scheduled_at):
    say("begin", "awaited", scheduled_at)
    await asyncio.sleep(0.3)
    say("end", "awaited", scheduled_at)

@sched.scheduled_job("cron", second="*/15")
def quarter(scheduled_at):
    work("quarter", scheduled_at)

@sched.scheduled_job("cron", minute="*/2", second=30, timezone="Asia/Kathmandu")
def kathmandu(scheduled_at):
    work("kathmandu", scheduled_at)

def once(job, scheduled_at):
    work(job, scheduled_at, 0.3)

for n in range(MINUTELY):
    sched.add_job(once, "cron", [f"minutely{n}"], id=f"minutely{n}", second=n * 60 // MINUTELY)

for n in range(DATES):
    at = datetime.fromtimestamp(BEGINS + n * APART, UTC)
    sched.add_job(once, "date", [f"date{n}"], id=f"date{n}", run_date=at)

@sched.task(catch_up=3600)
def scheduled(key, scheduled_at):
    work(key, scheduled_at)
"""
ON_THE_CLOCK = """
@sched.scheduled_job("interval", seconds=10, executor="clock")
def here(scheduled_at):
    work("here", scheduled_at)
"""
EVERY = {
    "tick": 10,
    "each": 15,
    "slow": 30,
    "several": 15,
    "again": 30,
    "retried": 60,
    "child": 60,
    "awaited": 20,
    "quarter": 15,
}
Is_due = Callable[[datetime], bool]


class Jobs:
    """The jobs that stand in a project's jobs.py."""

    def __init__(self, site: Site, *, quick: bool, twist: str = "") -> None:
        begins = int(time.time()) // APART * APART + 2 * APART
        numbers = f"MINUTELY, DATES, APART, BEGINS = {MINUTELY}, {DATES}, {APART}, {begins}\n"
        has_workers = "workers=True" in site.clock
        site.write(twist + numbers + JOBS + (ON_THE_CLOCK if has_workers else ""), quick)
        every = {**EVERY, "here": 10} if has_workers else EVERY
        self.is_due: dict[str, Is_due] = {job: _on_grid(every[job]) for job in every}
        # Kathmandu is 5 hours and 45 minutes ahead.
        self.is_due["kathmandu"] = lambda at: at.second == 30 and (at.minute + 45) % 2 == 0
        for n in range(MINUTELY):
            self.is_due[f"minutely{n}"] = _at_second(n * 60 // MINUTELY)
        for n in range(DATES):
            self.is_due[f"date{n}"] = _only_at(begins + n * APART)

    def due(self, since: datetime, until: datetime) -> Iterator[tuple[str, datetime]]:
        """Yield each job and time that is due later than one moment and not after another."""
        at = since.astimezone(UTC).replace(microsecond=0)
        while (at := at + timedelta(seconds=1)) <= until:
            yield from ((job, at) for job, is_due in self.is_due.items() if is_due(at))

    def knows(self, job: str, at: datetime) -> bool:
        """Say whether a job is due at a time at all."""
        return not at.microsecond and self.is_due[job](at)


def _on_grid(seconds: int) -> Is_due:
    return lambda at: at.timestamp() % seconds == 0


def _at_second(second: int) -> Is_due:
    return lambda at: at.second == second


def _only_at(moment: int) -> Is_due:
    return lambda at: at.timestamp() == moment
