"""Which jobs are broken is in the ledger: one of several processes learns that it works again."""

from clockdyno.dashboard import metrics
from clockdyno.ledger import clock_status, database, reports
from clockdyno.ledger.claims import Ledger
from prometheus_client.parser import text_string_to_metric_families
from support.runs import FIRE
from support.site import Site


def enter(site: Site) -> Ledger:
    database.set_up(site.engine)
    ledger = Ledger(site.engine)
    ledger.register(paused=False)
    return ledger


def test_a_broken_job_is_mended_once_and_since_its_first_failure(site: Site) -> None:
    one, other = enter(site), enter(site)
    one.arrive({"a": "", "b": "", "c": ""}, FIRE)
    assert one.mend({"a", "b"}, {"c": 1}) == {}
    since = site.query("SELECT failing_since FROM clockdyno.jobs WHERE job_id = 'a'")
    one.mend({"a"}, {})
    assert site.query("SELECT failing_since FROM clockdyno.jobs WHERE job_id = 'a'") == since

    mended = other.mend(set(), {"a": 1, "c": 1})

    assert mended.keys() == {"a"} and str(mended["a"])[:19] == str(since[0][0])[:19]
    assert one.mend(set(), {"a": 1}) == {}
    assert site.query("SELECT job_id FROM clockdyno.jobs WHERE failing_since IS NOT NULL") == [
        ("b",)
    ]


def test_what_all_that_are_up_have_sent_is_counted(site: Site, monkeypatch) -> None:
    monkeypatch.setenv("DATABASE_URL", site.url)
    one, other, gone = enter(site), enter(site), enter(site)
    one.note_told({"pings": {"sent": 3, "failed": 1}})
    other.note_told({"pings": {"sent": 4, "failed": 0}, "alerts": {"sent": 1, "failed": 0}})
    gone.note_told({"pings": {"sent": 90, "failed": 0}})
    gone.leave([])

    with site.engine.connect() as db:
        assert clock_status._told(db) == {
            "pings": {"sent": 7, "failed": 1},
            "alerts": {"sent": 1, "failed": 0},
        }
        scrape = metrics.scrape(reports.status(db), [], {}, FIRE)[0].decode()
    found = {family.name: family for family in text_string_to_metric_families(scrape)}
    assert found["clock_pings_sent"].samples[0].value == 7
    assert found["clock_pings_failed"].samples[0].value == 1
