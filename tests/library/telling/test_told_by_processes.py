"""A real clock tells those outside: of its life, of its jobs' runs, of children's exceptions."""

import gzip
import json

import pytest
from support.receivers import Receiver
from support.workers import WorkerSite

JOBS = """
import logging
import sentry_sdk

sentry_sdk.init(os.environ["SENTRY_DSN"])
NOW = dict(next_run_time=datetime.now())

@sched.scheduled_job("interval", days=1, ping=os.environ["PING_GOOD"], **NOW)
def good():
    note("good")

@sched.scheduled_job("interval", days=1, ping=os.environ["PING_BAD"], timeout=60, **NOW)
def bad():
    if os.environ.get("IS_BROKEN"):
        raise ValueError("no luck in a child")
"""
CHECK = "6fbb5c04-3c8a-4f4e-9a8e-0c7a2d1e9f10"


def envelopes(receiver: Receiver, kind: str) -> list[dict]:
    """Return what Sentry's own SDK has sent there of a kind."""
    found = []
    for asked in receiver.asked:
        if asked.path.startswith("/api/1/envelope"):
            is_packed = asked.headers.get("Content-Encoding") == "gzip"
            lines = (gzip.decompress(asked.body) if is_packed else asked.body).splitlines()
            for head, body in zip(lines[1::2], lines[2::2], strict=False):
                if json.loads(head)["type"] == kind:
                    found.append(json.loads(body))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("where", ["on_sqlite", "workers"], ids=["clock", "worker"])
def test_a_clock_its_jobs_and_their_children_are_heard_outside(
    request: pytest.FixtureRequest, receiver: Receiver, where: str
) -> None:
    site, root = request.getfixturevalue(where), receiver.root
    site.write(JOBS)
    env = {
        "PING_URL": f"{root}/alive",
        "PING_GOOD": f"{root}/good",
        "PING_BAD": f"{root}/ping/{CHECK}",
        "ALERT_WEBHOOK_URL": f"{root}/hook",
        "DASHBOARD_URL": "https://app.example/clock",
        "SENTRY_DSN": root.replace("//", "//key@") + "/1",
    }

    def start(**more: str) -> list:
        starts = [site.start, site.work] if isinstance(site, WorkerSite) else [site.start]
        return [each(**env, **more) for each in starts]

    def asked(path: str) -> list:
        return [one for one in receiver.asked if one.path.startswith(path)]

    broken = start(IS_BROKEN="1")
    site.until(lambda: asked(f"/ping/{CHECK}/fail") and asked("/hook") and asked("/alive"))
    site.until(lambda: asked("/good") and envelopes(receiver, "event"))
    assert [site.stop(one) for one in broken] == [0] * len(broken)
    mended = start()
    site.until(lambda: len(asked("/hook")) > 1)
    assert [site.stop(one) for one in mended] == [0] * len(mended)

    begun, fail = asked(f"/ping/{CHECK}/")[:2]
    assert begun.path.replace("/start", "") == fail.path.replace("/fail", "")
    assert b'raise ValueError("no luck in a child")' in fail.body
    failed, again = [one.json for one in asked("/hook")]
    assert "bad failed: ValueError: no luck in a child" in failed["text"]
    assert "bad works again; it had failed since" in again["text"]
    (event,) = envelopes(receiver, "event")
    frame = event["exception"]["values"][0]["stacktrace"]["frames"][-1]
    assert (frame["function"], event["tags"]["clock.job"]) == ("bad", "bad")
    assert event["contexts"]["run"]["link"] == failed["events"][0]["link"]
    states = [
        one["status"] for one in envelopes(receiver, "check_in") if one["monitor_slug"] == "bad"
    ]
    assert states == ["in_progress", "error", "in_progress", "ok"]
    assert root not in site.log()  # Each of these addresses is a secret.
