"""Every reply carries the headers; every absurd question is answered in words."""

import itertools
from typing import Any
from urllib.parse import quote

import pytest
from clockdyno.dashboard import blueprint as dashboard
from support.pages import LOGIN, NOW, ROUTER, Ledger

OWN = {**ROUTER, "Origin": "https://localhost"}
HERE = {"Sec-Fetch-Site": "same-origin"}

# One database is enough where only the door matters.
pytestmark = pytest.mark.parametrize("site", ["sqlite"], indirect=True)


def test_every_reply_carries_the_headers(client: Any, ledger: Ledger, dyno: Any) -> None:
    ledger.job()
    ledger.run(NOW)
    paths = ("", "jobs/report", "runs/1", "runs/9", "metrics", "api/jobs", "health", "nowhere")
    paths += ("static/nothing", "static/clock.css", "/", "runs/" + "9" * 5000)
    replies = [client.get("/clock", headers=OWN), client.get("/clock/", headers={})]
    for login in (None, LOGIN):
        for path, method in itertools.product(paths, ("GET", "HEAD", "POST", "OPTIONS", "TRACE")):
            replies.append(client.open("/clock/" + path, method=method, headers=OWN, auth=login))
    for reply in replies:
        headers, policy = reply.headers, reply.headers["Content-Security-Policy"]

        assert "default-src 'none'" in policy and "unsafe" not in policy and "*" not in policy
        assert "frame-ancestors 'none'" in policy and "form-action 'self'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        is_file = "/static/" in reply.request.path and reply.status_code < 400
        assert is_file or headers["Cache-Control"] == "no-store"
        is_safe = "X-Forwarded-Proto" in reply.request.headers
        assert headers.get("Strict-Transport-Security") == ("max-age=31536000" if is_safe else None)
        reply.close()
    assert {reply.status_code for reply in replies} >= {200, 308, 401, 404, 405}


def test_the_apps_own_replies_are_left_alone(client: Any) -> None:
    for path in ("/", "/nowhere", "/clockwork"):
        assert "Content-Security-Policy" not in client.get(path).headers


def test_also_a_bug_of_ours_is_told_with_the_headers(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.application.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setattr(dashboard.reports, "engine", None)
    reply = client.get("/clock/")

    assert reply.status_code == 500
    assert "Content-Security-Policy" in reply.headers


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("api/runs?limit=0", 400),
        ("api/runs?limit=" + "9" * 5000, 400),
        ("api/runs?limit=\N{ARABIC-INDIC DIGIT FIVE}", 400),
        ("api/runs?limit=\N{SUPERSCRIPT TWO}", 400),
        ("api/runs?before=2026-01-01T00:00:00.0Z_-99999999999999999999", 200),
        ("api/runs?before=2026-01-01T00:00:00.0Z_" + "9" * 5000, 400),
        ("api/runs?before=0001-01-01T00:00:00.0Z_1", 200),
        ("api/runs?before=9999-12-31T23:59:59.9Z_9223372036854775808", 200),
        ("api/runs?before=_", 400),
        ("api/runs?job=%00", 404),
        ("api/runs?job=%ed%a0%80", 200),
        ("jobs/%ff", 404),
        ("runs/" + "9" * 5000, 404),
        ("runs/99999999999999999999", 404),
        ("runs/-1", 404),
    ],
)
def test_an_absurd_question_is_answered_in_words(client: Any, path: str, code: int) -> None:
    assert client.get("/clock/" + path).status_code == code


@pytest.mark.parametrize("job_id", ["/a", "a//b/run", "a\r\nX: y", "%41", "a?b#c", "\\", "\x1b[1m"])
def test_a_job_of_any_name_has_its_page_and_its_buttons(
    client: Any, ledger: Ledger, job_id: str
) -> None:
    ledger.job(job_id)
    path = "/clock/jobs/" + quote(job_id, safe="")

    assert client.get(path).status_code == 200
    reply = client.post(path + "/pause", headers=HERE)
    assert reply.status_code == 303
    assert client.get(reply.location).status_code == 200
