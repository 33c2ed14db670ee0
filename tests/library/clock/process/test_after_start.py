"""What a program does around `start()`, and at its own end."""

import re
import signal

import pytest
from support.calls import ONCE
from support.site import Site


@pytest.mark.parametrize(
    "after",
    [
        "    while True: time.sleep(1)",
        "    try:\n        while True: time.sleep(1)\n    except SystemExit:\n        pass",
    ],
)
def test_a_loop_after_start_does_not_keep_the_process(on_sqlite: Site, after: str) -> None:
    on_sqlite.write("import atexit\natexit.register(note, 'at exit')\n")
    with (on_sqlite.folder / "jobs.py").open("a") as file:
        file.write(after)
    clock = on_sqlite.start()
    on_sqlite.until(lambda: "at=start" in on_sqlite.log())
    assert on_sqlite.stop(clock) == 0

    assert on_sqlite.effects() == ["at exit"]
    assert "in time" not in on_sqlite.log()


def test_start_may_stand_in_the_try_of_apscheduler_s_examples(on_sqlite: Site) -> None:
    on_sqlite.write("")
    file = on_sqlite.folder / "jobs.py"
    tried = "try:\n        sched.start()\n    except (KeyboardInterrupt, SystemExit):\n"
    text = file.read_text().replace("sched.start()", f"{tried}        sched.shutdown()")
    file.write_text(text)
    clock = on_sqlite.start()
    on_sqlite.until(lambda: "at=start" in on_sqlite.log())

    assert on_sqlite.stop(clock) == 0
    assert "Traceback" not in on_sqlite.log()


SHUTS_DOWN = """
@once
def ends_it():
    sched.shutdown()
    time.sleep(0.5)
"""


def test_after_shutdown_start_returns_and_a_signal_is_the_program_s_again(on_sqlite: Site) -> None:
    on_sqlite.write(ONCE + SHUTS_DOWN)
    with (on_sqlite.folder / "jobs.py").open("a") as file:
        file.write("    note('returned')\n    time.sleep(1000)\n")
    clock = on_sqlite.start()
    on_sqlite.until(lambda: on_sqlite.effects() == ["returned"])

    assert on_sqlite.stop(clock) == -signal.SIGTERM
    assert [row.state for row in on_sqlite.rows()] == ["succeeded"]


def test_a_program_that_takes_its_time_at_the_end_is_ended_with_true_words(
    on_sqlite: Site,
) -> None:
    on_sqlite.write("import atexit\natexit.register(time.sleep, 1000)\n")
    file = on_sqlite.folder / "jobs.py"
    file.write_text(
        "from clockdyno.clock.process import lifecycle\nlifecycle.LAST_SECOND = 2\n"
        + file.read_text()
    )
    clock = on_sqlite.start()
    on_sqlite.until(lambda: "at=start" in on_sqlite.log())

    assert on_sqlite.stop(clock) == 0
    assert re.search("at=stop .*no run is lost", on_sqlite.log())
