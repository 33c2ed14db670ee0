"""One clock, real time: what it runs, what it writes down, what it makes of a restart."""

from datetime import timedelta

from support.site import Site

EVERY_SECOND = """
@sched.scheduled_job("interval", seconds=1)
def tick(scheduled_at):
    note("tick", scheduled_at.isoformat())
"""


def test_an_every_second_job_has_one_row_and_one_effect_a_second(site: Site) -> None:
    site.write(EVERY_SECOND)
    clock = site.start()
    site.until(lambda: len(site.effects()) >= 3)
    assert site.stop(clock) == 0

    rows = site.rows()
    times = [row.scheduled_at for row in rows]
    assert times == [times[0] + timedelta(seconds=n) for n in range(len(times))]
    assert {row.state for row in rows} == {"succeeded"}
    assert [line.split()[1] for line in site.effects()] == [time.isoformat() for time in times]
