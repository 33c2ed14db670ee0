"""A clock that was away over fires: what still runs, what is missed, what was never owed."""

from datetime import UTC, datetime, timedelta

from support.site import Site, Webhook


def daily(name: str, at: datetime) -> str:
    """Write a job that runs once a day, at the time of day of a moment."""
    return f"""
@sched.scheduled_job("cron", hour={at.hour}, minute={at.minute})
def {name}(scheduled_at):
    note("{name}", scheduled_at.isoformat())
"""


def away(site: Site, *, since: datetime, webhook: Webhook | None = None) -> None:
    """Let a clock learn its jobs, make it long ago that it ran, and start it again."""
    first = site.start()
    site.until(lambda: "at=start" in site.log())
    assert site.stop(first) == 0
    site.execute("DELETE FROM clockdyno.runs")
    site.execute("UPDATE clockdyno.jobs SET known_since = :since", since=stored(site, since))
    again(site, webhook, owed=True)


def again(site: Site, webhook: Webhook | None = None, *, owed: bool = False) -> None:
    """Start a clock; a job that asks for it at once says when it has taken up its jobs.

    A run that is `owed` may take longer to find its row: thousands of fires are looked at.
    """
    before = len(site.effects())
    clock = site.start(**({"ALERT_WEBHOOK_URL": webhook.url} if webhook else {}))
    site.until(lambda: site.effects()[before:].count("settled") and settled(site, owed))
    assert site.stop(clock) == 0


def settled(site: Site, owed: bool) -> bool:
    rows = site.rows("job_id <> 'settled'")
    under_way = [row for row in rows if row.state in ("running", "requested")]
    return not under_way and (bool(rows) or not owed)


SETTLED = """
@sched.scheduled_job("interval", days=365, next_run_time=datetime.now())
def settled():
    note("settled")
"""


def stored(site: Site, moment: datetime) -> str | datetime:
    """Return a moment as raw SQL needs it."""
    if site.url.startswith("sqlite"):
        return moment.replace(tzinfo=None).isoformat(" ", timespec="microseconds")
    return moment


def whole_minute(ago: timedelta) -> datetime:
    return (datetime.now(UTC) - ago).replace(second=0, microsecond=0)


def test_a_fire_inside_its_grace_runs_once_with_its_own_time(site: Site) -> None:
    due = whole_minute(ago=timedelta(minutes=2))
    site.write(daily("report", due) + SETTLED)
    away(site, since=due - timedelta(hours=1))
    again(site)

    assert [effect for effect in site.effects() if effect != "settled"] == [
        f"report {due.isoformat()}"
    ]
    (row,) = site.rows("job_id = 'report'")
    assert (row.state, row.scheduled_at) == ("succeeded", due)


def test_a_fire_outside_its_grace_is_missed_and_told_once(site: Site, webhook: Webhook) -> None:
    due = whole_minute(ago=timedelta(hours=7))
    site.write(daily("report", due) + SETTLED)
    away(site, since=due - timedelta(hours=1), webhook=webhook)
    again(site, webhook)

    (row,) = site.rows("job_id = 'report'")
    assert (row.state, row.reason, row.scheduled_at) == ("missed", "late", due)
    assert len(webhook.posts) == 1 and "report missed 1" in webhook.posts[0]
    assert set(site.effects()) == {"settled"}


def test_sixty_missed_minutes_are_one_run_fifty_nine_rows_and_one_alert(
    site: Site, webhook: Webhook
) -> None:
    site.write(
        """
@sched.scheduled_job("interval", minutes=1)
def minutely(scheduled_at):
    note("minutely", scheduled_at.isoformat())
"""
        + SETTLED
    )
    start = whole_minute(ago=timedelta(0))
    away(site, since=start - timedelta(minutes=60), webhook=webhook)

    rows = site.rows("job_id = 'minutely'")
    ran = [row for row in rows if row.state == "succeeded"]
    missed = [row for row in rows if row.state == "missed"]
    # The sixtieth may come during the test.
    assert ran[0].scheduled_at in (start, start + timedelta(minutes=1))
    assert [row.scheduled_at for row in rows[:60]] == [
        start - timedelta(minutes=59 - n) for n in range(60)
    ]
    assert {row.reason for row in missed} == {"coalesced"} and len(missed) in (59, 60)
    assert len(webhook.posts) == 1 and "minutely missed" in webhook.posts[0]


def test_more_than_a_thousand_missed_fires_share_one_row_for_the_older_ones(site: Site) -> None:
    site.write(
        """
@sched.scheduled_job("interval", seconds=1)
def secondly():
    pass
"""
        + SETTLED
    )
    start = datetime.now(UTC).replace(microsecond=0)
    away(site, since=start - timedelta(seconds=3000))

    rows = site.rows("job_id = 'secondly'")
    many = [row for row in rows if row.count > 1]
    assert len(many) == 1 and many[0].scheduled_at == start - timedelta(seconds=2999)
    times = {row.scheduled_at for row in rows if row.count == 1}
    newest, oldest = max(times), min(times)
    assert len(times) == (newest - oldest).total_seconds() + 1
    assert many[0].count == (oldest - many[0].scheduled_at).total_seconds()


def test_a_job_new_in_this_deploy_and_an_edited_one_do_not_fire_backwards(site: Site) -> None:
    passed = whole_minute(ago=timedelta(minutes=2))
    site.write(daily("edited", passed + timedelta(hours=8)) + SETTLED)
    away(site, since=passed - timedelta(days=20))
    before = len(site.rows("job_id = 'edited'"))
    site.write(daily("edited", passed) + daily("new", passed) + SETTLED)
    again(site)

    assert before > 0
    assert len(site.rows("job_id = 'edited'")) == before
    assert site.rows("job_id = 'new'") == []


def test_a_trigger_of_ones_own_is_not_an_edited_one_after_each_restart(site: Site) -> None:
    due = whole_minute(ago=timedelta(minutes=2))
    own = """
from apscheduler.triggers.base import BaseTrigger

class Own(BaseTrigger):
    def get_next_fire_time(self, previous, now):
        at = datetime.fromisoformat("{at}")
        return at if (previous or now) < at or not previous and now == at else None

@sched.scheduled_job(Own())
def report():
    note("report")
"""
    site.write(own.format(at=due.isoformat()) + SETTLED)
    away(site, since=due - timedelta(hours=1))

    assert site.effects().count("report") == 1


def test_a_removed_job_keeps_its_history_and_owes_nothing_when_it_comes_back(site: Site) -> None:
    passed = whole_minute(ago=timedelta(minutes=2))
    site.write(daily("report", passed) + SETTLED)
    away(site, since=passed - timedelta(hours=1))
    history = site.rows("job_id = 'report'")
    site.write(SETTLED)
    again(site)
    assert site.rows("job_id = 'report'") == history and history
    assert "gone=report" in site.log()

    longer = stored(site, passed - timedelta(days=9))
    site.execute("UPDATE clockdyno.jobs SET known_since = :x", x=longer)
    site.execute("UPDATE clockdyno.runs SET scheduled_at = :x WHERE job_id = 'report'", x=longer)
    site.write(daily("report", passed) + SETTLED)
    again(site)
    assert len(site.rows("job_id = 'report'")) == 1
