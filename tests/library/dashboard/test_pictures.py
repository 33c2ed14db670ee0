"""The pictures and the words of the dashboard, from runs that are made up."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from clockdyno.dashboard import formats
from clockdyno.dashboard.pictures import recent_runs, timeline
from clockdyno.dashboard.pictures.axis import axis
from clockdyno.dashboard.pictures.span import SPANS
from clockdyno.dashboard.pictures.timeline import View
from clockdyno.ledger import tables

NOW = datetime(2027, 3, 10, 12, 30, tzinfo=UTC)
HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
BASE = "/clock/"
VIEW = View(SPANS["24h"], NOW, BASE)


def a_run(id=1, at=NOW - HOUR, state="succeeded", seconds=5.0, job="tidy", count=1, reason=None):
    begun = state in ("succeeded", "failed", "running", "lost")
    ended = begun and state not in ("running", "lost")
    return SimpleNamespace(
        id=id,
        job_id=job,
        scheduled_at=at,
        kind="scheduled",
        state=state,
        reason=reason,
        count=count,
        started_at=at if begun else None,
        finished_at=at + seconds * SECOND if ended else None,
        took=seconds * SECOND if ended else None,
    )


def a_job(job_id="tidy", zone="UTC", fires=(), paused_at=None, gone_at=None, last=(), usual=None):
    return SimpleNamespace(
        job_id=job_id,
        zone=zone,
        fires=list(fires),
        paused_at=paused_at,
        gone_at=gone_at,
        last=list(last),
        usual=usual,
    )


def lane(job, runs, now=NOW, span=SPANS["24h"]):
    ((_, svg),) = timeline.lanes([job], runs, View(span, now, BASE))
    return ElementTree.fromstring(svg)


def marks(svg):
    return [
        (a.get("href"), a.findtext("title"), [e.tag for e in a][1:]) for a in svg.findall("g/a")
    ]


def test_a_run_stands_where_its_time_is():
    svg = lane(a_job(), [a_run(7, NOW - 12 * HOUR, seconds=3600)])

    (bar,) = svg.iter("rect")
    assert bar.get("x") == "25.00%"
    assert float(bar.get("width")[:-1]) == pytest.approx(50 / 24, abs=0.01)
    assert marks(svg)[0][:2] == ("/clock/runs/7", "succeeded, 00:30, 1 h 0 min")


def test_a_run_without_length_is_still_drawn():
    (bar,) = lane(a_job(), [a_run(seconds=0)]).iter("rect")

    assert float(bar.get("width")[:-1]) > 0


@pytest.mark.parametrize("state", [state for state in formats.STATES if state != "succeeded"])
def test_every_other_state_has_a_shape_beside_its_colour(state):
    svg = lane(a_job(), [a_run(state=state)])

    (sign,) = svg.iter("use")
    assert sign.get("href") == f"#mark-{state}"
    assert state in svg.findtext("title")


def test_a_busy_job_is_one_band_with_a_count():
    runs = [a_run(n, NOW - n * MINUTE) for n in range(1, 1440)]

    svg = lane(a_job(), runs)

    assert len(marks(svg)) == 1
    assert svg.findtext(".//text[@class='count']") == "1,439"
    assert marks(svg)[0][0] == "/clock/jobs/tidy?state=succeeded"


def test_a_failure_in_a_busy_job_is_drawn_above_its_band():
    runs = [a_run(n, NOW - n * MINUTE) for n in range(1, 1440)]
    runs[700] = a_run(700, NOW - 701 * MINUTE, "failed")

    found = marks(lane(a_job(), runs))

    assert [title.split(",")[0] for _, title, _ in found[-1:]] == ["failed"]
    assert found[-1][0] == "/clock/runs/700"


def test_the_picture_stays_small_whatever_ran():
    states = [state for state in formats.STATES if state not in ("running", "requested")]
    runs = [a_run(n, NOW - n * 10 * SECOND, states[n % 5]) for n in range(8640)]
    jobs = [a_job(f"job{n}", fires=[NOW + n * MINUTE for n in range(200)]) for n in range(50)]
    sparse = [a_run(n, NOW - n * 31 * MINUTE, job=f"job{j}") for j in range(50) for n in range(46)]

    assert len(lane(a_job(), runs).findall("g/a")) <= 5
    assert sum(len(svg) for _, svg in timeline.lanes(jobs, sparse, VIEW)) < 500_000


def test_what_will_fire_is_ticks_and_what_fires_often_a_line():
    hourly = lane(a_job(fires=[NOW + n * HOUR for n in range(1, 30)]), [])
    often = lane(a_job(fires=[NOW + n * MINUTE for n in range(1, 200)]), [])

    assert len(hourly.findall("g/line[@class='fire']")) == 23
    assert not often.findall("g/line[@class='fire']")
    (line,) = often.findall("g/line[@class='often']")
    assert float(line.get("x1")[:-1]) > 50


@pytest.mark.parametrize("change", [{"paused_at": NOW}, {"gone_at": NOW}])
def test_a_job_that_does_not_fire_has_no_ticks(change):
    svg = lane(a_job(fires=[NOW + HOUR], **change), [])

    assert not svg.findall("g/line[@class='fire']")
    assert ("paused" in "".join(svg.itertext())) is ("paused_at" in change)


def test_markup_in_a_jobs_name_stays_text():
    name = '"><script>alert(1)</script>'
    job = a_job(name, last=[a_run(job=name)])

    for svg in (
        timeline.lanes([job], [a_run(job=name)], VIEW)[0][1],
        recent_runs.strip(job, NOW, BASE),
    ):
        assert "<script" not in svg
        assert name in ElementTree.fromstring(svg).findtext("title")


def test_hours_and_days_are_those_of_the_zone():
    svg = ElementTree.fromstring(axis(NOW, "Asia/Kolkata", SPANS["24h"]))

    hours = [
        text.text for text in svg.findall("text") if text.get("class").split()[0] in ("odd", "even")
    ]
    assert hours[:3] == ["21:00", "00:00", "03:00"]
    days = [text.text for text in svg.findall("text[@class='date']")]
    assert days == ["Wed 10", "Thu 11"]
    # 18:30 in UTC is midnight there: 18 hours ago.
    assert svg.find("line[@class='day']").get("x1") == "12.50%"


@pytest.mark.parametrize(
    ("zone", "now", "hours"),
    [
        ("Europe/Berlin", datetime(2027, 3, 28, 12, tzinfo=UTC), 47),
        ("Europe/Berlin", datetime(2027, 10, 31, 12, tzinfo=UTC), 49),
        ("Australia/Lord_Howe", datetime(2027, 4, 4, 2, tzinfo=UTC), 48),
        ("Asia/Kathmandu", NOW, 48),
    ],
)
def test_the_axis_follows_the_clocks_changes(zone, now, hours):
    svg = ElementTree.fromstring(axis(now, zone, SPANS["24h"]))

    lines = [line for line in svg.findall("line") if line.get("class") in ("day", "odd", "even")]
    assert abs(len(lines) - hours / 3) <= 1.1
    assert len(svg.findall("line[@class='day']")) == 2


def test_the_strip_is_oldest_first_and_as_high_as_the_run_was_long():
    last = [a_run(3, NOW - HOUR, seconds=10), a_run(2, NOW - 2 * HOUR, seconds=5), a_run(1)]
    svg = ElementTree.fromstring(recent_runs.strip(a_job(last=last), NOW, BASE))

    assert [href for href, _, _ in marks(svg)] == [f"/clock/runs/{n}" for n in (1, 2, 3)]
    heights = [float(bar.get("height")) for bar in svg.iter("rect")]
    assert heights[2] == pytest.approx(2 * heights[1])
    assert svg.findtext("title") == "Last 3 runs of tidy: 3 succeeded"


def test_durations_leave_out_what_never_began():
    runs = [a_run(2, seconds=4), a_run(1, state="missed"), a_run(0, state="failed", seconds=8)]
    svg = ElementTree.fromstring(recent_runs.durations(a_job(usual=4.0), runs, NOW, BASE))

    assert [href for href, _, _ in marks(svg)] == ["/clock/runs/0", "/clock/runs/2"]
    assert "usually 4.0 s, at most 8.0 s" in svg.findtext("title")
    assert svg.find("g/line[@class='usual']") is not None


def test_no_runs_are_pictures_too():
    assert "Last 0 runs" in recent_runs.strip(a_job(), NOW, BASE)
    assert ElementTree.fromstring(recent_runs.durations(a_job(), [], NOW, BASE)) is not None
    assert "no run in the last 24 hours; no fire ahead" in lane(a_job(), []).findtext("title")


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (NOW, "13:30"),
        (NOW + timedelta(hours=10, minutes=30), "tomorrow 00:00"),
        (NOW - timedelta(hours=13, minutes=30, seconds=1), "yesterday 23:59:59"),
        (NOW + timedelta(days=19), "Mon 29 Mar 14:30"),
        (NOW + timedelta(days=365), "Thu 9 Mar 2028 13:30"),
    ],
)
def test_a_time_is_written_in_the_jobs_zone(at, words):
    assert formats.moment(at, "Europe/Berlin", NOW) == words


def test_an_unknown_zone_is_utc():
    for name in (
        None,
        "",
        "Nowhere/Else",
        "../../etc/passwd",
        "/etc/passwd",
        "UTC+02:00",
        "x" * 5000,
    ):
        assert formats.moment(NOW, name, NOW) == "12:30"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "now"),
        (-4, "4 s ago"),
        (99, "in 99 s"),
        (100, "in 1 min"),
        (-5999, "99 min ago"),
        (6900, "in 1 h 55 min"),
        (-36_000, "10 h ago"),
        (129_599, "in 36 h"),
        (-129_600, "2 days ago"),
    ],
)
def test_a_relative_time_says_as_much_as_one_wants_to_know(seconds, words):
    assert formats.relative(NOW + seconds * SECOND, NOW) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "–"),
        (0, "0 ms"),
        (0.9996, "1.0 s"),
        (timedelta(milliseconds=240), "240 ms"),
        (59.96, "1 min"),
        (64.2, "1 min 4 s"),
        (3599.7, "1 h 0 min"),
        (7380, "2 h 3 min"),
    ],
)
def test_a_duration_has_the_digits_that_matter(value, words):
    assert formats.duration(value) == words


def test_a_share_is_never_rounded_up_to_all():
    assert [formats.percent(rate) for rate in (None, 0.0, 0.9999, 1.0)] == [
        "–",
        "0 %",
        "99.9 %",
        "100 %",
    ]


def test_the_projects_zone_is_the_one_that_most_jobs_have():
    zones = ["UTC", "Europe/Berlin", "Europe/Berlin", None]

    assert formats.common_zone(a_job(zone=zone) for zone in zones) == "Europe/Berlin"
    assert formats.common_zone([]) == "UTC"


def test_what_fires_next_names_each_job_once():
    often = a_job("often", fires=[NOW + n * MINUTE for n in range(9)])
    late = a_job("late", fires=[NOW - HOUR, NOW + HOUR])
    paused = a_job("paused", fires=[NOW + MINUTE], paused_at=NOW)

    soon = formats.soonest([late, often, paused], NOW + SECOND, 5)
    assert [(fire, job.job_id) for fire, job in soon] == [
        (NOW + MINUTE, "often"),
        (NOW + HOUR, "late"),
    ]


def test_every_state_and_reason_of_the_ledger_has_a_meaning():
    doc = " ".join((tables.__doc__ or "").split())
    reasons = re.search(r"reason: (.*?)\. attempt", doc)
    for names, state in re.findall(r"([\w, ]+?) \((\w+)\)", reasons[1].replace(";", ",")):
        for name in filter(None, re.split(r",\s*", names.strip(", "))):
            assert f"{state} {name}" in formats.MEANINGS
    assert Counter(key.split()[0] for key in formats.MEANINGS).keys() == set(formats.STATES)


def test_a_time_in_another_zone_than_the_pages_names_it():
    told = [formats.moment(NOW, "America/New_York", NOW, home) for home in (None, "Europe/Berlin")]

    assert told in (["08:30", "08:30 EDT"], ["07:30", "07:30 EST"])
    assert formats.moment(NOW, "Europe/Paris", NOW, "Europe/Berlin") == "13:30"
    assert formats.abbreviation(NOW, "America/Sao_Paulo") == "UTC-03"


def test_fires_that_go_on_beyond_what_was_told_end_in_dots():
    many = [NOW + n * MINUTE for n in range(tables.MOST_TOLD)]

    assert "…" in "".join(lane(a_job(fires=many), []).itertext())
    assert "…" not in "".join(lane(a_job(fires=many[:-1]), []).itertext())
