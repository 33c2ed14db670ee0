"""What a job or a program does in its own way is done as in plain APScheduler, in a process."""

from typing import Any

import pytest
from clockdyno import Clock
from support.site import Site

# Each ends with what the job leaves: its lines in `effects`, and how its rows end.
IN_A_PROCESS = {
    "3 a thread of a job with a timeout": (
        """
import threading
def send(): time.sleep(0.5); note("sent")
def remind(): threading.Thread(target=send).start()
sched.add_job(remind, timeout=30)
""",
        ["sent"],
        "succeeded",
    ),
    "4 a function that returns a coroutine": (
        """
async def fetch(): note("fetched")
sched.add_job(lambda: fetch(), id="fetch")
""",
        ["fetched"],
        "succeeded",
    ),
    "8 a process pool in a job": (
        """
import multiprocessing
def crunch():
    with multiprocessing.Pool(2) as pool: note(*pool.map(abs, [-1, 2, -3]))
sched.add_job(crunch)
""",
        ["1 2 3"],
        "succeeded",
    ),
    "11 sys.exit(0)": (
        "def done(): note('done'); sys.exit(0)\nsched.add_job(done, retries=2)",
        ["done"],
        "succeeded",
    ),
    "11 sys.exit(1)": ("sched.add_job(sys.exit, args=[1], id='bad')", [], "failed"),
}


@pytest.mark.parametrize("form", IN_A_PROCESS)
def test_what_a_job_does_in_its_own_way_is_done_as_in_plain_apscheduler(
    on_sqlite: Site, form: str
) -> None:
    body, effects, state = IN_A_PROCESS[form]
    on_sqlite.write(body)
    clock = on_sqlite.start()
    (row,) = on_sqlite.until(lambda: on_sqlite.rows("finished_at IS NOT NULL"))

    assert (row.state, on_sqlite.effects()) == (state, effects)
    assert on_sqlite.stop(clock) == 0
    assert "not all could be written in time" not in on_sqlite.log()


@pytest.mark.parametrize("kind", ["def", "async def"])
def test_a_generator_is_refused_as_it_would_do_nothing(kind: str) -> None:
    found: dict[str, Any] = {}
    exec(f"{kind} work():\n    yield 1", found)

    with pytest.raises((TypeError, ValueError), match="yield|generator"):
        Clock().add_job(found["work"], "interval", minutes=5)


def test_the_log_of_the_clock_survives_dictconfig(on_sqlite: Site) -> None:
    on_sqlite.write(
        "import logging.config\nlogging.config.dictConfig({'version': 1, 'root': {'level': 'INFO',"
        " 'handlers': ['h']}, 'handlers': {'h': {'class': 'logging.StreamHandler'}}})\n"
        "sched.add_job(note, args=['ran'])"
    )
    on_sqlite.start()
    on_sqlite.until(lambda: on_sqlite.rows("state = 'succeeded'"))

    on_sqlite.until(lambda: "state=succeeded" in on_sqlite.log())


def test_a_handler_of_logs_sees_the_exception_of_a_job(on_sqlite: Site) -> None:
    on_sqlite.write(
        "import logging\nclass See(logging.Handler):\n"
        "    def emit(self, record):\n"
        "        if record.exc_info: note(record.exc_info[0].__name__)\n"
        "logging.getLogger().addHandler(See())\n"
        "def bad(): raise KeyError('x')\nsched.add_job(bad)"
    )
    on_sqlite.start()

    assert on_sqlite.until(on_sqlite.effects) == ["KeyError"]


def test_a_loop_after_start_does_not_keep_the_clock_from_ending(on_sqlite: Site) -> None:
    on_sqlite.write(
        "import signal\nsignal.signal(signal.SIGTERM, lambda *_: note('cleaned'))\n"
        "sched.add_job(note, args=['ran'])\n"
        "if __name__ == '__main__':\n    sched.start()\n    while True: time.sleep(0.1)"
    )
    clock = on_sqlite.start()
    on_sqlite.until(lambda: on_sqlite.rows("state = 'succeeded'"))

    assert on_sqlite.stop(clock) == 0
    assert on_sqlite.effects() == ["ran", "cleaned"]
    assert "not all could be written in time" not in on_sqlite.log()
