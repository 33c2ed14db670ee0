"""Each chat gets an alert in its own form, in which nothing of a job is markup."""

from datetime import UTC, datetime

import pytest
from clockdyno.telling import desk, webhooks
from clockdyno.telling.events import Event
from support.receivers import Receiver

DUE = datetime(2027, 3, 1, 9, tzinfo=UTC)
EVIL = Event("failed", "report", "failed: <!channel> *bold* @everyone [a](http://evil)", DUE, 7)


@pytest.fixture(autouse=True)
def address(monkeypatch):
    monkeypatch.setenv("DASHBOARD_URL", "https://app.example/clock/")
    monkeypatch.setenv("HEROKU_APP_NAME", "myapp")


def sent(receiver: Receiver, monkeypatch, form, *events: Event):
    """Send a message to a host that is known to take one form."""
    monkeypatch.setitem(webhooks.FORMS, "127.0.0.1", form)
    place = webhooks.Webhook(receiver.url)
    desk.Desk(place).send_all(list(events))
    (asked,) = receiver.asked
    assert asked.method == "POST" and asked.headers["Content-Type"] == "application/json"
    assert asked.headers["User-Agent"] == "clockdyno"  # Discord refuses Python's own.
    return asked.json


@pytest.mark.parametrize(
    ("url", "form"),
    [
        ("https://hooks.slack.com/services/T/B/x", webhooks.slack),
        ("https://discord.com/api/webhooks/1/x", webhooks.discord),
        ("https://DISCORDAPP.com/api/webhooks/1/x", webhooks.discord),
        ("https://discord.com/api/webhooks/1/x/slack", webhooks.slack),
        ("https://hooks.example/slack", webhooks.plain),
        ("https://hooks.slack.com.evil.example/", webhooks.plain),
        ("https://[", webhooks.plain),
    ],
)
def test_the_form_is_told_by_the_host(url, form):
    assert webhooks.form_of(url) is form


def test_slack_gets_escaped_text_and_a_link_to_the_run(receiver, monkeypatch):
    found = sent(receiver, monkeypatch, webhooks.slack, EVIL)

    assert found.keys() == {"text"}
    assert found["text"].startswith("[myapp] report failed: &lt;!channel&gt; *bold*")
    assert found["text"].endswith(
        "(scheduled at 2027-03-01 09:00:00 UTC) <https://app.example/clock/runs/7|look>"
    )


def test_discord_mentions_nobody_and_reads_no_markdown(receiver, monkeypatch):
    found = sent(receiver, monkeypatch, webhooks.discord, EVIL)

    assert found["allowed_mentions"] == {"parse": []}
    assert r"\<!channel\> \*bold\* \@everyone \[a\]\(http://evil\)" in found["content"]
    assert found["content"].endswith(" <https://app.example/clock/runs/7>")


def test_discord_gets_no_more_than_it_takes(receiver, monkeypatch):
    events = [Event("failed", f"job{n}", "failed: " + "*" * 900, DUE, n) for n in range(30)]
    found = sent(receiver, monkeypatch, webhooks.discord, *events)

    assert len(found["content"]) <= 2000 and found["content"].endswith("…")


def test_any_other_host_gets_the_facts_and_a_text(receiver, monkeypatch):
    lost = Event("lost", "a job/1", "was lost")
    found = sent(receiver, monkeypatch, webhooks.plain, EVIL, lost)

    assert found["app"] == "myapp" and "report failed" in found["text"]
    assert found["events"] == [
        {
            "kind": "failed",
            "job": "report",
            "text": "failed: <!channel> *bold* @everyone [a](http://evil)",
            "scheduled_at": "2027-03-01T09:00:00+00:00",
            "run": 7,
            "link": "https://app.example/clock/runs/7",
        },
        {
            "kind": "lost",
            "job": "a job/1",
            "text": "was lost",
            "scheduled_at": None,
            "run": None,
            "link": "https://app.example/clock/jobs/a%20job/1",
        },
    ]


def test_the_address_comes_from_herokus_metadata_and_is_left_out_where_nothing_says_it(monkeypatch):
    monkeypatch.delenv("DASHBOARD_URL")
    assert EVIL.link is None
    monkeypatch.setenv("HEROKU_APP_DEFAULT_DOMAIN_NAME", "myapp-1234.herokuapp.com")
    assert EVIL.link == "https://myapp-1234.herokuapp.com/clock/runs/7"


def test_an_event_of_no_known_kind_is_refused():
    with pytest.raises(ValueError, match="'fialed' is no kind of event"):
        Event("fialed", "job", "text")
