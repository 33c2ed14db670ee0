"""Pings say to each service what it understands; what is slow or down there holds nothing up."""

import pytest
from clockdyno import masks
from clockdyno.clock.declared.options import Options
from clockdyno.telling import pings, web
from support.receivers import Receiver

RUN = "0b8cf0b8-5e0f-5f3e-a6f2-6d1c0f4f5a11"
CHECK = "6fbb5c04-3c8a-4f4e-9a8e-0c7a2d1e9f10"
ERROR = "Traceback\nValueError: no luck & more"


@pytest.fixture
def clock(receiver, monkeypatch):
    monkeypatch.setenv("PING_URL", receiver.url)
    monkeypatch.setattr(pings, "PAUSE", 0)
    return pings.Pings()


@pytest.mark.parametrize(
    ("url", "state", "asked"),
    [
        (f"https://hc-ping.com/{CHECK}", "start", f"https://hc-ping.com/{CHECK}/start?rid={RUN}"),
        (f"https://hc-ping.com/{CHECK}/", "success", f"https://hc-ping.com/{CHECK}?rid={RUN}"),
        (
            "https://hc-ping.com/1234567890123456789012/job?create=1",
            "fail",
            f"https://hc-ping.com/1234567890123456789012/job/fail?create=1&rid={RUN}",
        ),
        (
            f"https://checks.example/ping/{CHECK}",
            "start",
            f"https://checks.example/ping/{CHECK}/start?rid={RUN}",
        ),
        (
            "https://cronitor.link/p/key/job?env=prod",
            "start",
            f"https://cronitor.link/p/key/job?env=prod&state=run&series={RUN}",
        ),
        (
            "https://cronitor.link/p/key/job",
            "success",
            f"https://cronitor.link/p/key/job?state=complete&series={RUN}",
        ),
        (
            "https://cronitor.link/p/key/job",
            "fail",
            f"https://cronitor.link/p/key/job?state=fail&series={RUN}"
            "&message=Traceback%0AValueError%3A%20no%20luck%20%26%20more",
        ),
        ("https://nosnch.in/c2354d53d2", "start", None),
        ("https://nosnch.in/c2354d53d2", "success", "https://nosnch.in/c2354d53d2"),
        (
            "https://nosnch.in/c2354d53d2",
            "fail",
            "https://nosnch.in/c2354d53d2?s=1&m=Traceback%0AValueError%3A%20no%20luck%20%26%20more",
        ),
        ("https://any.example/x?a=b", "success", "https://any.example/x?a=b"),
        ("https://any.example/x", "fail", None),
        ("https://hc-ping.com.evil.example/x", "start", None),
    ],
)
def test_each_service_is_asked_in_its_own_form(url, state, asked):
    error = ERROR if state == "fail" else ""
    found = pings.of_run(url, state, RUN, error)

    assert (found and found.url) == asked
    is_healthchecks = "hc-ping.com/" in url or "/ping/" in url
    assert (found and found.body) == (ERROR.encode() if error and is_healthchecks else None)


def test_the_end_of_a_long_error_is_what_arrives():
    error = "x" * 20_000 + "the end"
    body = pings.of_run(f"https://hc-ping.com/{CHECK}", "fail", RUN, error).body
    message = pings.of_run("https://cronitor.link/p/key/job", "fail", RUN, error).url

    assert len(body) == pings.BODY and body.endswith(b"the end")
    assert len(message) < 2000 and message.endswith("the%20end")


def test_a_run_is_told_in_order_and_the_error_is_the_body(receiver):
    sender, url = pings.Pings(), f"{receiver.root}/ping/{CHECK}"
    sender.run(url, "job", "start", RUN)
    sender.run(url, "job", "fail", RUN, ERROR)
    sender.run(None, "job", "start", RUN)
    pings.close(sender, seconds=60)

    assert receiver.lines == [
        f"GET /ping/{CHECK}/start?rid={RUN}",
        f"POST /ping/{CHECK}/fail?rid={RUN}",
    ]
    assert receiver.asked[1].body == ERROR.encode() and (sender.sent, sender.failed) == (2, 0)


def test_the_clock_says_every_minute_that_it_lives(receiver, clock):
    for now in (1000, 1002, 1059.9, 1060, 1061):
        clock.live(now)
        if now in (1000, 1060):
            receiver.came.acquire()
    pings.close(clock, seconds=60)

    assert receiver.lines == ["GET /hook"] * 2


def test_where_a_job_pings_may_hang_and_the_clocks_sign_of_life_still_arrives(
    receiver, clock, monkeypatch
):
    monkeypatch.setattr(web, "SECONDS", 1000)
    hangs = Receiver()
    hangs.gate.clear()
    clock.run(hangs.url, "job", "success", RUN)
    hangs.came.acquire()
    clock.live(1000)

    assert receiver.came.acquire(timeout=60)
    pings.close(clock, seconds=0)  # The stop does not wait either.
    hangs.close()


@pytest.mark.parametrize(
    ("codes", "asked", "sent"),
    [((503,), 2, 1), ((503, 503), 2, 0), ((429,), 1, 0), ((404,), 1, 0), ((302,), 1, 0)],
)
def test_a_ping_is_tried_twice_where_that_may_help(receiver, clock, caplog, codes, asked, sent):
    caplog.set_level("INFO")
    receiver.answers = [(code, {"Location": "/elsewhere"}) for code in codes]
    clock.run(receiver.url, "job", "success", RUN)
    clock._jobs.put(None)
    clock._jobs._thread.join()

    assert receiver.lines == ["GET /hook"] * asked
    assert (clock.sent, clock.failed) == (sent, 1 - sent)
    assert ("at=ping job=job state=failed" in caplog.text) == (not sent)
    assert receiver.url not in caplog.text


def test_nobody_is_there_and_that_is_said_without_the_address(clock, caplog):
    caplog.set_level("INFO")
    clock.run("http://127.0.0.1:9/hush-hush", "job", "success", RUN)
    pings.close(clock, seconds=60)

    assert "error=URLError" in caplog.text and "hush" not in caplog.text and clock.failed == 1


def test_too_many_pings_are_dropped_and_counted_and_no_run_waits(clock, receiver):
    clock._jobs._begin = lambda: None
    for _ in range(pings.WAITING + 3):
        clock.run(receiver.url, "job", "success", RUN)

    assert clock.failed == 3


@pytest.mark.parametrize("url", ["hush.example", "ftp://hush", "https://", "https://a b", 5])
def test_a_job_with_no_address_to_ping_is_refused_without_showing_it(url):
    with pytest.raises(ValueError, match="ping: what is given is no address") as raised:
        Options(ping=url)
    assert "hush" not in str(raised.value)


def test_an_address_that_is_no_config_var_is_masked_too():
    url = "https://hc-ping.com/7c1d8a0a-secret"

    assert url not in repr(Options(ping=url))
    assert masks.masked(f"cannot open {url}") == "cannot open ***"


def test_a_ping_url_that_is_none_is_said_and_not_used(monkeypatch, caplog):
    caplog.set_level("INFO")
    monkeypatch.setenv("PING_URL", "hush.example/x")
    sender = pings.Pings()
    sender.live(1000)

    assert "PING_URL is no address" in caplog.text and "hush" not in caplog.text
    assert sender._clocks._thread is None
