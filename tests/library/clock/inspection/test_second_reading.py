"""Each reading of jobs.py is the same: ids, schedules; and what moves is said."""

import json
import re
import signal
from datetime import UTC, datetime
from pathlib import Path

import pytest
from clockdyno import Clock
from clockdyno.clock.declared import job_row
from clockdyno.clock.declared.ids import of_call
from support.checks import check
from support.site import Site

CITIES = """
def fetch(city): note(city)
for city in CITIES:
    sched.add_job(fetch, "interval", days=1, args=[city])
"""
POOLS = """
import threading
from apscheduler.executors.pool import ThreadPoolExecutor

one = {"type": "threadpool", "max_workers": 1}
sched = Clock(timezone="UTC", executors={"default": ThreadPoolExecutor(3), "one": one})
lock, now, most = threading.Lock(), {}, {}

def work(pool, n):
    with lock:
        now[pool] = now.get(pool, 0) + 1
        most[pool] = max(most.get(pool, 0), now[pool])
    time.sleep(0.3)
    with lock:
        now[pool] -= 1
        note(pool, most[pool])

for n in range(9):
    sched.add_job(work, args=["default", n])
    sched.add_job(work, args=["one", n], executor="one")
"""


def fetch(*_: object, **__: object) -> None: ...


def ids_of(order: list[object]) -> dict[str, object]:
    sched = Clock(timezone="UTC")
    for city in order:
        sched.add_job(fetch, "interval", hours=1, args=[city])
    return {job.id: job.args[0] for job in sched.get_jobs()}


def test_the_id_of_a_job_does_not_depend_on_the_order_in_which_its_like_are_added() -> None:
    cities = ["paris", "New York", 7, "7", None, ("a", 1), b"x"]
    found = ids_of(cities)

    assert found == ids_of(cities[::-1])
    assert set(found.values()) == set(cities) and len(found) == len(cities)
    assert {found["fetch-paris"], found["fetch-7"]} == {"paris", 7}
    assert list(ids_of(["paris"])) == ["fetch"]


def test_arguments_that_no_two_processes_write_alike_are_counted() -> None:
    assert list(ids_of([object(), object(), object()])) == ["fetch", "fetch-2", "fetch-3"]


@pytest.mark.parametrize(
    ("args", "kwargs", "id"),
    [
        (["paris", 5], {}, r"f-paris-5"),
        ([], {"city": "rome"}, r"f-city=rome"),
        ([], {"scheduled_at": None, "n": 2}, r"f-n=2"),
        (["a-b"], {}, r"f-a_b-[0-9a-f]{6}"),
        ([signal.SIGTERM], {}, r"f-SIGTERM-[0-9a-f]{6}"),
        (["x" * 500], {}, r"f-x{58}-[0-9a-f]{6}"),
        ([{"b": 1, "a": {2, 1}}], {}, r"f-[0-9a-f]{6}"),
        ([object()], {}, r"None"),
    ],
)
def test_an_id_says_the_arguments(args: list[object], kwargs: dict[str, object], id: str) -> None:
    assert re.fullmatch(id, str(of_call("f", args, kwargs)))


def test_schedules_that_were_joined_in_another_order_are_the_same_schedule() -> None:
    texts = set()
    for hours in ([8, 12], [12, 8]):
        sched = Clock(timezone="UTC")
        for hour in hours:
            job = sched.add_job(fetch, "cron", hour=hour)
        texts.add(job_row.text_of(sched, job))

    assert len(texts) == 1


@pytest.mark.slow
def test_two_clocks_that_loop_over_a_set_run_each_job_once(on_sqlite: Site) -> None:
    cities = ("paris", "rome", "oslo", "lima")
    body = CITIES.replace("CITIES", repr(set(cities)))
    body = body.replace("days=1", "seconds=1, catch_up=60")
    body = body.replace("args=", "coalesce=False, args=")
    on_sqlite.write(body)
    clocks = [on_sqlite.start(PYTHONHASHSEED=seed) for seed in "12"]
    on_sqlite.until(lambda: on_sqlite.log().count("at=start") == 2)
    begun = len(on_sqlite.rows())
    on_sqlite.until(lambda: len(on_sqlite.rows()) >= begun + 8)
    assert [on_sqlite.stop(clock) for clock in clocks] == [0, 0]

    rows = [row for row in on_sqlite.rows() if row.state == "succeeded"]
    assert sorted(on_sqlite.effects()) == sorted(row.job_id.split("-")[1] for row in rows)
    assert {row.job_id for row in rows} == {f"fetch-{city}" for city in cities}


QUIET = """
sched = Clock()
for city in {'paris', 'rome', 'oslo', 'lima', 'bonn', 'kiel'}:
    sched.add_job(note, 'interval', days=1, args=[[city]])
sched.add_job(note, 'interval', days=1, id='daily')
sched.add_job(print, 'cron', hour=8, kwargs={'end': datetime.now()})
"""
NOTED = """
from datetime import date

@sched.scheduled_job("interval", days=3, start_date=datetime.now())
def f(): pass

for n, city in enumerate({'paris', 'rome', 'oslo', 'lima', 'bonn', 'kiel'}):
    sched.add_job(note, 'interval', days=1, args=[city], id=f'city{n}')
for name, schedule in {
    "day": dict(trigger='interval', days=3, start_date=date.today()),
    "once": {},
    "today": dict(trigger='date'),
    "now": dict(trigger='date', run_date=datetime.now()),
    "soon": dict(trigger='interval', days=1, next_run_time=datetime.now()),
}.items():
    sched.add_job(note, id=name, **schedule)
sched.add_job(note, 'interval', days=1, id="off").pause()
sched.add_job(note, 'interval', executor='pool', days=1, id="nowhere")
"""
NOTES = [
    "f has another schedule each time jobs.py is read",
    "day has another schedule each time jobs.py is read",
    "is another job each time jobs.py is read",
    "once: It runs at each start of the clock",
    "today: It runs at each start of the clock",
    "now: It runs at each start of the clock",
    'caught up without that. Instead: "interval", days=1',
    "off: It is paused in jobs.py",
]


@pytest.mark.slow
def test_check_says_what_moves_and_what_runs_at_each_start(tmp_path: Path) -> None:
    quiet, noted = check(tmp_path, QUIET, NOTED, again=True)

    assert (quiet.code, quiet.errors) == (0, [])
    (told,) = [text for text in quiet.notes if "start together" not in text]
    assert "Clock() names no time zone, so it follows this machine: UTC" in told
    assert [note for note in NOTES if not any(note in text for text in noted.notes)] == []
    assert len(noted.errors) == 1 and "no executor 'pool'" in noted.errors[0]


def test_next_shows_no_run_of_a_paused_job_and_says_why(on_sqlite: Site) -> None:
    on_sqlite.write("sched.add_job(note, 'interval', days=1).pause()")
    (shown,) = json.loads(on_sqlite.command("next", "--json").stdout)

    assert shown["next"] == []
    assert [surprise["code"] for surprise in shown["remarks"]] == ["paused"]


def test_a_schedule_that_moves_is_told_at_the_second_start_and_an_edit_is_not(
    on_sqlite: Site,
) -> None:
    body = "sched.add_job(note, 'interval', days=3, start_date=START, id='moves')\n"
    body += "sched.add_job(note, 'interval', days=int(os.environ['DAYS']), id='edited')"
    on_sqlite.write(
        body.replace("START", "datetime.now() + timedelta(days=int(os.environ['DAYS']))")
    )
    for days in ("1", "2"):
        clock = on_sqlite.start(DAYS=days)
        on_sqlite.until(lambda n=int(days): on_sqlite.log().count("at=job job=moves") == n)
        on_sqlite.stop(clock)

    told = [line for line in on_sqlite.log().splitlines() if "at=warning" in line]
    assert [line.split()[1] for line in told] == ["job=moves"]
    assert "zone=UTC" in on_sqlite.log()


def test_a_paused_job_leaves_no_rows_and_what_passed_is_not_caught_up(on_sqlite: Site) -> None:
    body = "job = sched.add_job(note, 'interval', ['ran'], seconds=1, id='off', catch_up=60)\n"
    body += (
        "if 'OFF' in os.environ: job.pause()\nsched.add_job(note, 'interval', seconds=1, id='on')"
    )
    on_sqlite.write(body)
    first = on_sqlite.start(OFF="1")
    on_sqlite.until(lambda: len(on_sqlite.rows("job_id = 'on'")) >= 2)
    on_sqlite.stop(first)
    begin = datetime.now(UTC)
    on_sqlite.start()
    on_sqlite.until(lambda: on_sqlite.rows("job_id = 'off'"))

    assert min(row.scheduled_at for row in on_sqlite.rows("job_id = 'off'")) > begin


def test_a_job_that_is_rescheduled_while_the_clock_runs_has_a_new_row(on_sqlite: Site) -> None:
    on_sqlite.write(
        "sched.add_job(note, 'interval', days=300, id='slow')\n"
        "change = lambda: sched.reschedule_job('slow', trigger='interval', minutes=30)\n"
        "sched.add_job(change, id='change')"
    )
    on_sqlite.start()

    question = "SELECT trigger FROM clockdyno.jobs WHERE job_id = 'slow' AND words LIKE '%30 min%'"
    ((trigger,),) = on_sqlite.until(lambda: on_sqlite.query(question))

    assert "seconds=1800" in trigger


def test_a_clock_runs_as_many_jobs_at_once_as_its_pool_is_large(on_sqlite: Site) -> None:
    on_sqlite.write(POOLS)
    on_sqlite.start()
    on_sqlite.until(lambda: len(on_sqlite.rows("state = 'succeeded'")) == 18)

    assert {int(line.split()[1]) for line in on_sqlite.effects() if "one" in line} == {1}
    assert max(int(line.split()[1]) for line in on_sqlite.effects() if "default" in line) == 3
