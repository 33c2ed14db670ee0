"""The time of day is put forward or back under a clock, as by a suspended laptop or by NTP."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from support.site import Site

LIBRARIES = [*Path("/usr/lib").glob("*/faketime/libfaketime.so.1")]
QUICK = "from clockdyno.clock.process import scheduler\nscheduler.NAP = 1\n"


class FakeTime:
    """A time of day of our own for some processes; what measures spans goes on as it does."""

    def __init__(self, folder: Path) -> None:
        if not LIBRARIES:
            pytest.skip("libfaketime is not installed: apt-get install faketime")
        self._file = folder / "time"
        self.jump(timedelta(0))
        self.env = {
            "LD_PRELOAD": str(LIBRARIES[0]),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def jump(self, span: timedelta) -> None:
        """Put the time so far forward, or back."""
        new = self._file.with_suffix(".new")
        new.write_text(f"{span.total_seconds():+.0f}")
        new.replace(self._file)


@pytest.fixture
def fake_time(tmp_path: Path) -> FakeTime:
    """Give a time of day that can be put."""
    return FakeTime(tmp_path)


def heartbeats(site: Site) -> set[object]:
    return {row.heartbeat_at for row in site.query("SELECT heartbeat_at FROM clockdyno.clocks")}


@pytest.mark.slow
def test_what_a_jump_forward_passed_is_caught_up_or_missed_without_a_long_wait(
    site: Site, fake_time: FakeTime
) -> None:
    site.write(
        QUICK + "@sched.scheduled_job('interval', hours=3)\ndef report():\n    note('report')\n"
    )
    clock = site.start(**fake_time.env)
    # The pulse, which begins last, has done its first round: the scheduler is asleep by now.
    site.until(lambda: site.query("SELECT 1 FROM clockdyno.jobs WHERE described_at IS NOT NULL"))
    fake_time.jump(timedelta(hours=10))
    site.until(lambda: site.rows("state = 'succeeded'"))
    assert site.stop(clock) == 0
    rows = site.rows()
    times = [row.scheduled_at for row in rows]

    assert {later - at for at, later in pairwise(times)} == {timedelta(hours=3)}
    assert {row.reason for row in rows[:-1]} == {"coalesced"}
    assert (rows[-1].state, site.effects()) == ("succeeded", ["report"])


@pytest.mark.slow
def test_after_a_jump_back_nothing_runs_twice_and_the_clocks_stay_up(
    site: Site, fake_time: FakeTime
) -> None:
    site.write(
        QUICK
        + "@sched.scheduled_job('interval', seconds=1)\ndef tick(scheduled_at):\n"
        + "    note(scheduled_at.isoformat())\n"
    )
    clocks = [site.start(**fake_time.env) for _ in range(2)]
    site.until(lambda: len(site.rows("state = 'succeeded'")) > 2)
    fake_time.jump(timedelta(hours=-1))
    for _ in range(2):
        old = heartbeats(site)
        site.until(lambda old=old: not old & heartbeats(site))
    late = site.start(**fake_time.env)
    site.until(lambda: site.log().count("at=start") == 3)
    assert [site.stop(clock) for clock in [*clocks, late]] == [0] * 3

    assert set(Counter(site.effects()).values()) == {1}
    assert "again=" not in site.log()
    assert {row.state for row in site.rows()} <= {"succeeded", "missed", "skipped"}
