"""A job's schedule is told to Sentry as a crontab or an interval, or not at all; never wrongly."""

from datetime import UTC, datetime, timedelta
from itertools import islice

import cronsim
import pytest
from clockdyno.schedule import triggers
from clockdyno.telling import monitors

BERLIN = triggers.arguments.zone("Europe/Berlin")


def schedule(kind, **keywords):
    trigger = triggers.make(kind, keywords, BERLIN)
    found = monitors.config(trigger, UTC, None, None)
    return found and {key: found["schedule"][key] for key in found["schedule"]}


@pytest.mark.parametrize(
    ("keywords", "crontab"),
    [
        ({"hour": 9}, "0 9 * * *"),
        ({"minute": "*/15"}, "*/15 * * * *"),
        ({"minute": "0-59/15", "hour": "16–23"}, "*/15 16-23 * * *"),
        ({"day_of_week": "mon-fri", "hour": "17", "minute": 30}, "30 17 * * 1-5"),
        ({"day_of_week": "sun-wed", "hour": "22-2"}, "0 0-2,22,23 * * 0-3"),
        ({"day_of_week": "0,6", "hour": 1}, "0 1 * * 0,1"),
        ({"day": "1,15", "month": "nov-feb"}, "0 0 1,15 1,2,11,12 *"),
        ({"hour": "*/5"}, "0 */5 * * *"),
        ({"hour": 9, "minute": 0, "second": 30}, "0 9 * * *"),
        ({"hour": 9, "day": 13, "day_of_week": "fri"}, None),  # crontab: either of them
        ({"day": "last"}, None),
        ({"day": "1st mon"}, None),
        ({"second": "*/10"}, None),
        ({"year": 2027}, None),
        ({"week": "*/2"}, None),
        ({"hour": 9, "end_date": "2027-05-01"}, None),
    ],
)
def test_a_cron_trigger_is_a_crontab_that_fires_alike(keywords, crontab):
    assert schedule("cron", **keywords) == (crontab and {"type": "crontab", "value": crontab})
    if crontab:
        start = datetime(2027, 2, 1, 12, 1, tzinfo=BERLIN)
        trigger, ours = triggers.make("cron", keywords, BERLIN), []
        while len(ours) < 40:
            ours.append(trigger.get_next_fire_time(*[(ours or [None])[-1]], start))
        theirs = list(islice(cronsim.CronSim(crontab, start), 40))
        assert [fire.replace(second=0) for fire in ours] == theirs


@pytest.mark.parametrize(
    ("keywords", "value", "unit"),
    [
        ({"minutes": 15}, 15, "minute"),
        ({"minutes": 120}, 2, "hour"),
        ({"seconds": 60}, 1, "minute"),
        ({"hours": 36}, 36, "hour"),
        ({"days": 3}, 3, "day"),
        ({"weeks": 2}, 2, "week"),
        ({"seconds": 90}, None, None),
        ({"seconds": 10}, None, None),
    ],
)
def test_an_interval_is_told_in_its_largest_unit(keywords, value, unit):
    told = value and {"type": "interval", "value": value, "unit": unit}
    assert schedule("interval", **keywords) == told


def test_a_date_has_no_monitor_nor_have_several_schedules():
    date = triggers.make("date", {"run_date": "2027-05-01 09:00"}, BERLIN)
    cron = triggers.make("cron", {"hour": 9}, BERLIN)
    for trigger in (date, triggers.AnyOf([cron, cron]), triggers.AllOf([cron, cron])):
        assert monitors.config(trigger, UTC, None, None) is None


def test_zone_margin_and_longest_run_are_told_in_whole_minutes():
    trigger = triggers.make("cron", {"hour": 9}, BERLIN)

    assert monitors.config(trigger, UTC, timedelta(seconds=61), 0.5) == {
        "schedule": {"type": "crontab", "value": "0 9 * * *"},
        "timezone": "Europe/Berlin",
        "checkin_margin": 2,
        "max_runtime": 1,
    }
    assert monitors.config(trigger, UTC, timedelta(days=99), None)["checkin_margin"] == 40_320


@pytest.mark.parametrize("job", ["report", "sync_users-2"])
def test_a_plain_id_is_the_slug(job):
    assert monitors.slug(job) == job


def test_any_other_id_gets_a_slug_that_no_other_job_has():
    ids = ["Report", "re port", "re/port", "é", "x" * 51, "x" * 52, "\udcff", "report-"]
    slugs = [monitors.slug(job) for job in ids]

    assert len(set(slugs)) == len(ids)
    assert all(
        0 < len(slug) <= 50 and set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789_-")
        for slug in slugs
    )
