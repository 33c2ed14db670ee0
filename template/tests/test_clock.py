"""The clock itself, in a few examples."""

from datetime import UTC, datetime

import pytest

from clockdyno import Clock


def test_the_function_above_is_the_job_and_stays_a_plain_function():
    sched = Clock(timezone="UTC")

    @sched.scheduled_job("interval", minutes=15)
    def hello():
        return "hello"

    assert [job.id for job in sched.get_jobs()] == ["hello"]
    assert hello() == "hello"


def test_several_decorators_on_one_function_make_one_job():
    sched = Clock(timezone="UTC")

    @sched.scheduled_job("cron", hour=9)
    @sched.scheduled_job("cron", hour="9,17")
    def report():
        pass

    (job,) = sched.get_jobs()
    nine = datetime(2027, 1, 4, 9, tzinfo=UTC)
    assert job.trigger.get_next_fire_time(None, nine) == nine
    assert job.trigger.get_next_fire_time(nine, nine) == nine.replace(hour=17)


def test_intervals_stand_on_a_fixed_grid():
    sched = Clock(timezone="UTC")
    job = sched.add_job(print, "interval", minutes=15)

    noon = datetime(2027, 1, 4, 12, 0, 1, tzinfo=UTC)
    assert job.trigger.get_next_fire_time(None, noon) == noon.replace(minute=15, second=0)


def test_nonsense_is_refused_at_once():
    with pytest.raises(ValueError, match="on_lost"):
        Clock(timezone="UTC").add_job(print, "interval", minutes=1, on_lost="again")
