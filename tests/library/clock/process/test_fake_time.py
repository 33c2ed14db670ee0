"""The clock on a time of our own: a year of it, with restarts and both DST changes, in seconds."""

import random
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from clockdyno.clock.declared import first_run
from clockdyno.ledger import tables
from clockdyno.schedule import at_start
from support.fake_time import DAY, MINUTE, World, differences, world

__all__ = ["world"]

ZONES = """
Australia/Lord_Howe Africa/Casablanca
""".split()
MORE_ZONES = """
America/New_York America/Santiago Europe/Berlin Europe/London Australia/Sydney America/Havana
Asia/Beirut Africa/Cairo Asia/Kolkata UTC
""".split()


def changes(zone: ZoneInfo, year: int) -> list[date]:
    """Return the days of a year on which the zone's offset changes."""
    noons = [datetime(year, 1, 1, 12, tzinfo=zone) + n * DAY for n in range(366)]
    return [b.date() for a, b in pairwise(noons) if a.utcoffset() != b.utcoffset()]


def oracle(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """Return the first minute of a day on which a clock on the wall shows a time, or more."""
    minute = datetime.combine(day, time(0), UTC) - DAY
    while (here := minute.astimezone(zone)).date() < day or here.time() < wall:
        minute += MINUTE
    return minute


@pytest.mark.parametrize("name", ZONES)
def test_each_job_of_the_night_runs_once_a_day_around_each_change(
    world: World, name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hours = (23, *range(5), 12)  # All changes of today are between 23:00 and 04:00.
    around_each_change(world, ZoneInfo(name), hours, monkeypatch, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*ZONES, *MORE_ZONES])
def test_each_daily_job_runs_once_a_day_around_each_change(
    world: World, name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    around_each_change(world, ZoneInfo(name), range(24), monkeypatch, tmp_path)


def around_each_change(
    world: World,
    zone: ZoneInfo,
    hours: Iterable[int],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Let daily jobs live for some days around each change, and compare with what was due."""
    walls = [time(hour, minute) for hour in hours for minute in (0, 30)]
    jobs = {
        f"{wall:%H%M}": {
            "trigger": "cron",
            "hour": wall.hour,
            "minute": wall.minute,
            "timezone": zone,
        }
        for wall in walls
    }
    for change in changes(zone, 2026) or [date(2026, 6, 1)]:
        world.effects.clear()
        monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / f'{change}.sqlite3'}")
        days = [change + n * DAY for n in range(-1, 3)]
        world.now = datetime.combine(days[0], time(0), zone).astimezone(UTC) - MINUTE
        clock = world.start(jobs)
        world.pass_until(datetime.combine(days[-1] + DAY, time(0), zone).astimezone(UTC) - MINUTE)
        world.stop(clock)
        due = Counter((f"{w:%H%M}", oracle(d, w, zone)) for w in walls for d in days)
        assert differences(world.effects, due) == []


def mixed() -> dict[str, dict[str, Any]]:
    """Return twenty jobs of every kind."""
    new_york, berlin = ZoneInfo("America/New_York"), ZoneInfo("Europe/Berlin")
    cron = [
        {"minute": "*/30", "hour": "9-17"},
        {"hour": "*", "minute": 0},
        {"hour": "*/2", "minute": 15},
        {"hour": 0, "minute": 0, "timezone": new_york},
        {"hour": 1, "minute": 30, "timezone": new_york},
        {"hour": 2, "minute": 30, "timezone": new_york},
        {"hour": 2, "minute": 30, "timezone": berlin},
        {"day_of_week": "mon-fri", "hour": 17, "timezone": berlin},
        {"day_of_week": "sun-wed", "hour": 4},
        {"day_of_week": "sat,sun", "hour": "12-16", "minute": "0-59/15", "timezone": new_york},
        {"day_of_week": "mon", "hour": 0, "timezone": new_york},
        {"day": "1st mon", "hour": 9},
        {"day": "last", "hour": 23},
        {"day": "1,15", "hour": 6, "minute": 45, "timezone": berlin},
        {"month": "nov-feb", "hour": "22-2"},
    ]
    interval = [{"hours": 36}, {"days": 3}, {"weeks": 1}, {"minutes": 100}]
    jobs = {f"cron{n}": {"trigger": "cron", **keywords} for n, keywords in enumerate(cron)}
    jobs |= {f"every{n}": {"trigger": "interval", **keys} for n, keys in enumerate(interval)}
    return {**jobs, "once": {"trigger": "date", "run_date": "2026-03-20 09:00:00"}}


def life(world: World, days: int) -> None:
    """Let twenty jobs live for some days, with a restart a day, and compare with what was due."""
    whim, jobs = random.Random(4), mixed()
    start, end = world.now, world.now + days * DAY
    clock = world.start(jobs)
    triggers = {job.id: job.trigger for job in clock.get_jobs()}
    while world.now < end:
        world.pass_until(min(end, world.now + whim.uniform(24, 27) * 60 * MINUTE))
        successor = world.start(jobs)
        world.pass_until(world.now + timedelta(seconds=30))
        world.stop(clock)
        clock = successor
    due = Counter[tuple[str, datetime]]()
    for name, trigger in triggers.items():
        fire = trigger.get_next_fire_time(None, start + timedelta(seconds=1))
        while fire and fire < world.now:
            due[name, fire.astimezone(UTC)] += 1
            fire = trigger.get_next_fire_time(fire, fire)
    assert len(jobs) == 20 and len(due) > 60 * days
    assert differences(world.effects, due) == []
    with clock.ledger.engine.connect() as db:
        rows = db.execute(tables.runs.select()).all()
    assert differences(Counter((row.job_id, row.scheduled_at) for row in rows), due) == []
    assert {row.state for row in rows} == {"succeeded"}


@pytest.mark.slow
def test_twenty_jobs_with_daily_restarts_run_each_due_run_once(world: World) -> None:
    world.now = datetime(2026, 3, 7, 12, tzinfo=UTC)
    life(world, 23)  # with both spring changes


def test_a_date_runs_once_though_a_clock_starts_just_after_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (at_start, first_run):
        monkeypatch.setattr(module, "now", lambda: world.now)
    at = world.now + MINUTE
    jobs = {"once": {"trigger": "date", "run_date": at}}
    first = world.start(jobs)
    world.pass_until(at + timedelta(seconds=0.2))
    world.start(jobs)
    world.stop(first)
    world.start({**jobs, "at_start": {"trigger": "date", "run_date": world.now}})
    world.pass_until(world.now + MINUTE)

    assert world.effects == {("once", at): 1, ("at_start", at + timedelta(seconds=0.2)): 1}


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_same_in_autumn_and_over_the_turn_of_a_year(world: World) -> None:
    world.now = datetime(2026, 10, 20, 12, tzinfo=UTC)
    life(world, 80)  # with both autumn changes
