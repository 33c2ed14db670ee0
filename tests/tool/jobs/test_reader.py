"""Jobs read from a jobs.py in any style of APScheduler, without running a line of it."""

import pytest
from herokuclock.errors import HerokuclockError
from herokuclock.jobs.reader import read, timezone

HEAD = """\
from datetime import date, datetime
from zoneinfo import ZoneInfo

import tasks
from apscheduler.triggers.combining import AndTrigger, OrTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.cron import CronTrigger as Cron
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from clockdyno import Clock

sched = Clock(timezone="Europe/Berlin")
HOURS = "9-17"
nightly = CronTrigger(hour=3)
twice = changed = 1
changed = 2


def tick():
    \"\"\"Tick.

    More.
    \"\"\"


"""


def jobs(text):
    return read(HEAD + text + "\n")


def schedules(text):
    (job,) = jobs(text)
    assert job.unread == []
    return [(found.kind, found.keywords) for found in job.schedules]


def unread(text):
    (job,) = jobs(text)
    assert job.schedules == []
    return job.unread


@pytest.mark.parametrize(
    ("text", "kind", "keywords"),
    [
        ('sched.add_job(tick, "cron", hour=5, minute="*/5")', "cron", {"hour": 5, "minute": "*/5"}),
        ('sched.add_job(func=tick, trigger="interval", minutes=-5)', "interval", {"minutes": -5}),
        ('sched.add_job("jobs:tick", "date", run_date="2027-01-05")', "date", ["2027-01-05"]),
        ('sched.add_job(tick, "date", run_date=date(2027, 1, 5))', "date", ["2027-01-05"]),
        (
            'sched.add_job(tick, "date", run_date=datetime(2027, 1, 5, hour=9))',
            "date",
            ["2027-01-05 09:00:00"],
        ),
        ('sched.add_job(tick, "cron", hour=HOURS)', "cron", {"hour": "9-17"}),
        ('sched.add_job(tick, "cron", hour=5, minute=None)', "cron", {"hour": 5}),
        ("sched.add_job(tick, nightly)", "cron", {"hour": 3}),
        ("sched.add_job(tick, Cron(hour=3))", "cron", {"hour": 3}),
        ("sched.add_job(tick, CronTrigger(2027, 1, hour=3))", "cron", (2027, 1, 3)),
        ("sched.add_job(tick, IntervalTrigger(0, 1))", "interval", {"weeks": 0, "days": 1}),
        ('sched.add_job(tick, DateTrigger("2027-01-05"))', "date", ["2027-01-05"]),
        (
            'sched.add_job(tick, CronTrigger.from_crontab("*/5 9 * * 1-5", "UTC"))',
            "cron",
            {
                "minute": "*/5",
                "hour": "9",
                "day": "*",
                "month": "*",
                "day_of_week": "1-5",
                "timezone": "UTC",
            },
        ),
        (
            'sched.add_job(tick, "cron", hour=1, timezone=ZoneInfo("Asia/Tokyo"))',
            "cron",
            {"hour": 1, "timezone": "Asia/Tokyo"},
        ),
        (
            'sched.add_job(tick, "cron", hour=1, timezone=pytz.utc)',
            "cron",
            {"hour": 1, "timezone": "UTC"},
        ),
        (
            'sched.add_job(tick, "cron", hour=1, args=[x], id="tick", max_instances=2, retries=3)',
            "cron",
            {"hour": 1},
        ),
        ('@sched.scheduled_job("cron", hour=1)\nasync def tick(): ...', "cron", {"hour": 1}),
        ('@sched.scheduled_job(trigger="cron", hour=1)\ndef tick(): ...', "cron", {"hour": 1}),
        ("@sched.scheduled_job(CronTrigger(hour=1))\ndef tick(): ...", "cron", {"hour": 1}),
        ('sched.scheduled_job("cron", hour=1)(tick)', "cron", {"hour": 1}),
        (
            'if x:\n    for y in x:\n        sched.add_job(tick, "cron", hour=1)',
            "cron",
            {"hour": 1},
        ),
        ('def setup(app):\n    app.sched.add_job(tick, "cron", hour=1)', "cron", {"hour": 1}),
    ],
)
def test_every_style_of_apscheduler_is_read(text, kind, keywords):
    if isinstance(keywords, list):
        keywords = {"run_date": keywords[0]}
    if isinstance(keywords, tuple):
        keywords = dict(zip(("year", "month", "hour"), keywords, strict=True))
    assert jobs(text)[0].function == "tick"
    assert schedules(text) == [(kind, keywords)]


@pytest.mark.parametrize(
    "text",
    [
        "sched.add_job(tick, OrTrigger([CronTrigger(hour=1), nightly]))",
        '@sched.scheduled_job("cron", hour=1)\n@sched.scheduled_job(nightly)\ndef tick(): ...',
        "x = OrTrigger([CronTrigger(hour=1), OrTrigger([nightly])])\nsched.add_job(tick, x)",
    ],
)
def test_several_triggers_make_one_job(text):
    assert schedules(text) == [("cron", {"hour": 1}), ("cron", {"hour": 3})]


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        ('"cron", hour=tasks.HOUR', "line 27: hour is not a literal"),
        ('"cron", hour=f"{x}"', "line 27: hour is not a literal"),
        ('"cron", hour=changed', "line 27: hour is not a literal"),
        ('"cron", hour=[1, 2]', "line 27: hour is not a literal"),
        ('"cron", hour=__import__("os").system("true")', "line 27: hour is not a literal"),
        ('"cron", **settings', "line 27: ** cannot be read"),
        (
            '"cron", hour=1, timezone=get_localzone()',
            "line 27: timezone is not a literal",
        ),
        ('"date", run_date=datetime.now()', "line 27: run_date is not a literal"),
        (
            '"date", run_date=datetime(2027, 1, 5, tzinfo=ZoneInfo("UTC"))',
            "line 27: run_date is not a literal",
        ),
        ('"date", run_date=datetime(2027, 13, 5)', "line 27: run_date is not a literal"),
        ("kind, hour=1", "line 27: the trigger is not a literal"),
        ('"weekly", hour=1', "line 27: 'weekly' is no kind of trigger that is known here"),
        ("AndTrigger([nightly])", "line 27: AndTrigger cannot be read without running it"),
        ("OrTrigger(triggers)", "line 27: OrTrigger cannot be read without running it"),
        ("make()", "line 27: make cannot be read without running it"),
        ("make()()", "line 27: this trigger cannot be read without running it"),
        ("CronTrigger(*fields)", "line 27: these arguments cannot be read"),
        ("CronTrigger.from_crontab(LINE)", "line 27: the crontab line is not a literal"),
        ("hour=1", "line 27: no trigger: it runs once, when the clock starts"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line_and_reason(call, reason):
    (found,) = unread(f"sched.add_job(tick, {call})")
    assert found.startswith(reason)


def test_one_unread_trigger_does_not_hide_the_others():
    text = '@sched.scheduled_job("cron", hour=X)\n@sched.scheduled_job("cron", hour=3)\n'
    (job,) = jobs(f"{text}def tick(): ...")
    assert [found.keywords for found in job.schedules] == [{"hour": 3}]
    assert job.unread == ["line 27: hour is not a literal"]


def test_a_job_is_told_by_id_function_docstring_and_line():
    (job,) = jobs('sched.add_job(tick, "cron", id="ticker", hour=1)')
    assert (job.id, job.function, job.doc, job.line) == ("ticker", "tick", "Tick.\n\nMore.", 27)
    (job,) = jobs('@sched.scheduled_job("cron", hour=1)\n# note\ndef tock():\n    pass')
    assert (job.id, job.function, job.doc, job.line) == ("tock", "tock", None, 29)


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("tasks.mail.send", "send"),
        ('"tasks.mail:send"', "send"),
        ("lambda: 1", "<lambda>"),
        ("partial(tick, 1)", "<lambda>"),
    ],
)
def test_a_job_need_not_be_a_function_of_the_file(target, name):
    (job,) = jobs(f'sched.add_job({target}, "cron", hour=1)')
    assert (job.function, job.doc) == (name, None)


def test_a_job_whose_id_is_made_while_it_runs_is_not_taken_for_another():
    text = 'sched.add_job(tick, "cron", hour=1)\nsched.add_job(tick, "cron", hour=2, id=f"x{1}")'
    plain, made = jobs(text)
    assert (plain.id, len(plain.schedules), plain.unread) == ("tick", 1, [])
    line = made.line
    assert (made.id, len(made.schedules)) == (f"tick:{line}", 1)
    assert made.unread == [f"line {line}: its id is not a literal"]


def test_jobs_come_in_the_order_of_their_lines():
    text = 'sched.add_job(b, "cron", hour=1)\n@sched.scheduled_job("cron")\ndef a(): ...\n'
    assert [job.id for job in jobs(text)] == ["b", "a"]
    assert jobs("") == []


@pytest.mark.parametrize(
    ("line", "zone"),
    [
        ('sched = Clock(timezone="Asia/Tokyo")', "Asia/Tokyo"),
        ('sched = Clock(timezone=ZoneInfo("Asia/Tokyo"))', "Asia/Tokyo"),
        ("sched = Clock(timezone=datetime.UTC)", "UTC"),
        ("ZONE = 'UTC'\nsched = BlockingScheduler(timezone=ZONE)", "UTC"),
        ("sched = Clock(timezone=os.environ['TZ'])", None),
        ("sched = Clock()", None),
        ("sched = Clock(timezone=None)", None),
        ("from x import sched\nsched.add_job(print)", None),
        ("print()", None),
    ],
)
def test_the_projects_time_zone_is_read(line, zone):
    assert timezone(line) == zone


@pytest.mark.parametrize(
    "text",
    [
        "a = OrTrigger([a])\nsched.add_job(tick, a)",
        "a = b\nb = a\nsched.add_job(tick, a)",
        "a = date(a)\nsched.add_job(tick, 'date', run_date=a)",
        "\n".join(f"a{i} = OrTrigger([a{i + 1}, a{i + 1}])" for i in range(60))
        + "\na60 = CronTrigger()\nsched.add_job(tick, a0)",
        "\n".join(f"a{i} = date(a{i + 1}, a{i + 1})" for i in range(60))
        + "\na60 = 1\nsched.add_job(tick, 'date', run_date=a0)",
        "sched.add_job(tick, 'cron', hour=" + "-" * 80 + "1)",
    ],
)
def test_names_that_go_round_or_multiply_end_soon(text):
    (job,) = jobs(text)
    assert len(job.unread) + len(job.schedules) == 1


def test_a_file_that_does_not_parse_is_refused():
    with pytest.raises(HerokuclockError, match="jobs.py does not parse: line 1"):
        read("def")
