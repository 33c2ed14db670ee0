"""An app's log in words: what the clock's events mean, and where the last deploy begins."""

from zoneinfo import ZoneInfo

import pytest
from herokuclock.heroku import log_words

BERLIN = ZoneInfo("Europe/Berlin")
AT = "2026-11-27T16:00:02.500000+00:00"


def words(text: str, process: str = "clock.1") -> str:
    said = log_words.read(f"{AT} app[{process}]: {text}")
    assert said is not None
    return said.words(BERLIN)


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ("at=start jobs=3 zone=UTC", "the clock started: 3 jobs, times in UTC"),
        ("at=stop", "the clock stopped"),
        (
            "at=job job=report next=2026-11-27T16:00:00+00:00",
            "report runs next Fri 27 Nov 17:00 CET",
        ),
        (
            "at=run job=report scheduled_at=2026-11-27T16:00:00+00:00 attempt=1 state=succeeded"
            " took=2.125",
            "report succeeded in 2.12 s (due Fri 27 Nov 17:00 CET)",
        ),
        (
            "at=run job=report scheduled_at=2026-11-27T16:00:00+00:00 attempt=2 state=failed"
            ' took=0.004 error="ValueError: no rows" due_at=2026-11-27T16:00:30+00:00',
            "report failed in 0.004 s, attempt 2 (due Fri 27 Nov 17:00 CET): ValueError: no rows;"
            " again at Fri 27 Nov 17:00:30 CET",
        ),
        (
            "at=missed job=report scheduled_at=2026-11-27T14:00:00+00:00"
            " until=2026-11-27T15:00:00+00:00 count=2 reason=late",
            "report missed Fri 27 Nov 15:00 CET to Fri 27 Nov 16:00 CET: late",
        ),
        ("at=start jobs=1 zone=UTC", "the clock started: 1 job, times in UTC"),
        ('level=info name=jobs msg="report ran"', "report ran"),
        ('level=warning name=jobs msg="no rows"', "warning: no rows"),
        ("at=run job=report", "at=run job=report"),
        *[(f"at=run job=x state=done scheduled_at=y took={took}",) * 2 for took in ("never", "")],
        ("at=start jobs=3", "at=start jobs=3"),
        ("at=job job=x next=never", "x runs next never"),
        ("what the job itself printed", "what the job itself printed"),
        ('an unclosed " quote', 'an unclosed " quote'),
    ],
)
def test_an_event_of_the_clock_is_told_in_words_and_the_projects_zone(
    event: str, told: str
) -> None:
    assert words(event) == f"17:00:02  clock.1    {told}"


def test_what_gunicorn_says_twice_is_said_once() -> None:
    said = words("[2026-11-27 16:00:02 +0000] [42] [INFO] Booting worker with pid: 43", "web.1")

    assert said == "17:00:02  web.1      Booting worker with pid: 43"


@pytest.mark.parametrize("line", ["", "hello", "x app[clock.1]: at=start"])
def test_what_is_no_line_of_a_log_is_passed_over(line: str) -> None:
    assert log_words.read(line) is None


def test_the_log_begins_at_the_last_deploy_and_not_at_a_later_config_change() -> None:
    lines = [
        f"{AT} app[clock.1]: old",
        f"{AT} app[api]: Deploy 1a2b3c4d by user a@example.com",
        f"{AT} app[api]: Release v5 created by user a@example.com",
        f"{AT} app[clock.1]: new",
        f"{AT} app[api]: Release v6 created by user a@example.com",
        f"{AT} app[clock.1]: newest",
    ]
    said = [one for one in map(log_words.read, lines) if one]

    assert len(log_words.since_the_last_deploy(said)) == 5
    without = [one for one in said if not one.text.startswith("Deploy")]
    assert log_words.since_the_last_deploy(without)[-1].text == "newest"
    assert len(log_words.since_the_last_deploy(without)) == 2
    assert log_words.since_the_last_deploy(said[:1]) == said[:1]
