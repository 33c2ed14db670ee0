"""Alerts arrive as they are meant: a herd in one message, not elsewhere, later where it is busy."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.error import HTTPError

import pytest
from clockdyno.telling import alerts, desk, pings, web
from clockdyno.telling.events import Event
from clockdyno.telling.webhooks import Webhook
from support.receivers import Receiver


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "PAUSE", 0.01)


def failed(text: str, job: str = "job", run: int = 0) -> Event:
    return Event("failed", job, text, None, run)


def send(receiver: Receiver, *texts: str) -> alerts.Alerts:
    """Send alerts in a message each, to its end: posted, or given up."""
    sender = alerts.Alerts([Webhook(receiver.url)])
    for text in texts:
        sender._desks[0].send_all([failed(text)])
    return sender


def posts(receiver: Receiver) -> list[str]:
    return [one.json["text"] for one in receiver.asked]


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_is_said(receiver, caplog, code) -> None:
    receiver.answers = [(code, {"Location": "/elsewhere"})]
    with caplog.at_level("INFO"):
        sender = send(receiver, "failed")

    assert receiver.lines == ["POST /hook"] and (sender.sent, sender.failed) == (0, 1)
    assert f"code={code}" in caplog.text and "redirected, which is not followed" in caplog.text


def test_a_text_is_one_line_and_not_endless(receiver) -> None:
    send(receiver, "failed: <!channel>\nat=run \x1b[2J" + "x" * 9000)

    (post,) = posts(receiver)
    assert "&lt;!channel&gt;\\nat=run \\x1b[2J" in post
    assert len(post) < 2000 and post.isprintable()


@pytest.mark.parametrize("code", [429, 500, 503])
def test_an_alert_is_posted_again_where_there_is_too_much_to_do(receiver, code) -> None:
    receiver.answers = [(code, {}), (code, {"Retry-After": "0"})]
    send(receiver, "first", "second")

    assert [post.split()[-1] for post in posts(receiver)] == ["first", "first", "first", "second"]


@pytest.mark.parametrize(("code", "asked"), [(429, 4), (503, 4), (404, 1), (400, 1)])
def test_an_alert_is_given_up_after_a_few_tries_or_at_once_and_the_next_one_is_sent(
    receiver, caplog, code, asked
) -> None:
    receiver.answers = [(code, {})] * asked
    with caplog.at_level("INFO"):
        sender = send(receiver, "first", "second")

    assert len(receiver.asked) == asked + 1 and posts(receiver)[-1] == "[clock] job second"
    assert caplog.text.count("at=alert state=failed") == 1 and f"code={code}" in caplog.text
    assert receiver.url not in caplog.text and (sender.sent, sender.failed) == (1, 1)


def test_whoever_asks_for_an_hour_or_never_answers_holds_up_no_stop(receiver, caplog) -> None:
    receiver.answers = [(429, {"Retry-After": "3600"})]
    sender = alerts.Alerts([Webhook(receiver.url)])
    sender.tell(failed("first"))
    with caplog.at_level("INFO"):
        pings.close(sender, seconds=60)

    assert len(receiver.asked) == 1 and "at=alert state=failed" in caplog.text
    receiver.gate.clear()
    sender.tell(failed("second"))
    pings.close(sender, seconds=0)  # The thread is a daemon: it is left behind.
    receiver.gate.set()


def test_a_herd_is_one_message_that_names_some_and_counts_all(receiver) -> None:
    sender = alerts.Alerts([Webhook(receiver.url)])
    sender._desks[0].box._gather = lambda closing: closing.wait()  # until we have told of all
    for number in range(25):
        sender.tell(failed("failed: ValueError", f"job{number}", number))
    sender.tell(Event("lost", "other", "was lost"))
    pings.close(sender, seconds=60)

    (post,) = posts(receiver)
    head, *lines = post.splitlines()
    assert head == "[clock] 25 failed, 1 lost (26 jobs)"
    assert lines[0] == "job0 failed: ValueError" and lines[-1] == "and 16 more"
    assert len(receiver.asked[0].json["events"]) == 10


def test_in_a_storm_the_messages_become_rare_and_after_it_they_are_prompt_again(
    receiver, monkeypatch
) -> None:
    now, waited = [0.0], []
    monkeypatch.setattr(desk.time, "monotonic", lambda: now[0])
    one = desk.Desk(Webhook(receiver.url))

    class Closing:
        def wait(self, seconds):
            waited.append(seconds)
            now[0] += seconds

    def one_more():
        one.gather(Closing())
        one.send_all([failed("failed")])

    for _ in range(10):
        one_more()
    assert waited[:4] == [3, 6, 12, 24] and waited[-1] == desk.GATHER_MOST
    now[0] += desk.GATHER_MOST + 1
    one_more()
    assert waited[-1] == desk.GATHER


def test_a_place_that_hangs_keeps_no_other_from_hearing(receiver, monkeypatch) -> None:
    monkeypatch.setattr(desk, "GATHER", 0)
    monkeypatch.setattr(web, "SECONDS", 1000)
    hangs = Receiver()
    hangs.gate.clear()
    sender = alerts.Alerts([Webhook(hangs.url), Webhook(receiver.url)])
    sender.tell(failed("first"))

    assert hangs.came.acquire(timeout=60) and receiver.came.acquire(timeout=60)
    pings.close(sender, seconds=0)
    hangs.close()


def test_what_is_too_much_is_dropped_and_said_and_no_run_waits(receiver, caplog) -> None:
    sender = alerts.Alerts([Webhook(receiver.url)])
    sender._desks[0].box._begin = lambda: None
    with caplog.at_level("INFO"):
        for number in range(desk.WAITING + 1):
            sender.tell(failed("failed", f"job{number}"))

    assert caplog.text.count("state=dropped") == 1


def test_where_there_is_no_place_nothing_is_queued_and_no_thread_is_started(monkeypatch) -> None:
    sender = alerts.Alerts()
    sender.tell(failed("failed"))
    sender.worked("job", datetime.now(UTC), 1)

    assert not (sender or sender._desks or sender._broken or sender._worked)


def test_both_forms_of_retry_after_are_understood() -> None:
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)

    def asked(text: str | None) -> float:
        error = HTTPError("http://x", 429, "", {"Retry-After": text} if text else {}, None)
        with error:
            return web.pause_asked(error)

    assert asked("7") == 7 and 90 < asked(at) <= 100
    assert [asked(text) for text in (None, "", "soon", "-5", "nan", "inf")] == [0] * 6


class Book:
    """A ledger that remembers which jobs are broken, or is away."""

    def __init__(self) -> None:
        self.broken, self.is_away = {}, False

    def mend(self, broken, worked):
        if self.is_away:
            raise ConnectionError
        self.broken |= {job: datetime(2027, 1, 1, tzinfo=UTC) for job in broken}
        return {job: self.broken.pop(job) for job in list(worked) if job in self.broken}


def test_it_is_told_once_that_a_job_works_again_also_by_the_process_that_mends_it(receiver):
    book, due = Book(), datetime(2027, 1, 1, 9, tzinfo=UTC)
    old, new = (alerts.Alerts([Webhook(receiver.url)]) for _ in "12")
    for sender in (old, new):
        sender._desks[0].box._gather = lambda closing: closing.wait()
    old.tell(failed("failed"))
    old.settle(book)
    for run in (2, 3):
        new.worked("job", due, run)
        new.worked("another", due, run)
        new.settle(book)
    pings.close(old, seconds=60)
    pings.close(new, seconds=60)

    assert posts(receiver) == [
        "[clock] job failed",
        "[clock] job works again; it had failed since 2027-01-01 00:00 UTC"
        " (scheduled at 2027-01-01 09:00:00 UTC)",
    ]


def test_a_ledger_that_is_away_is_told_later_what_it_missed(receiver):
    book, due = Book(), datetime(2027, 1, 1, 9, tzinfo=UTC)
    sender, book.is_away = alerts.Alerts([Webhook(receiver.url)]), True
    sender._desks[0].box._begin = lambda: None
    sender.tell(failed("failed"))
    with pytest.raises(ConnectionError):
        sender.settle(book)
    sender.worked("job", due, 2)
    with pytest.raises(ConnectionError):
        sender.settle(book)
    book.is_away = False
    sender.settle(book)

    assert [sender._desks[0].box._queue.get_nowait().kind for _ in "12"] == ["failed", "recovered"]
