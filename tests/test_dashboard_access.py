"""Who gets into the dashboard, on every route and method; what another site's page can do."""

from typing import Any

import pytest
from clock import access
from dashboard import LOGIN, NOW, PASSWORD, ROUTER, Ledger

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")
OWN = {**ROUTER, "Origin": "https://localhost"}
HERE = {"Sec-Fetch-Site": "same-origin"}


# One database is enough where only the door matters.
pytestmark = pytest.mark.parametrize("site", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def secret_job(ledger: Ledger) -> None:
    ledger.job("secret-job")
    ledger.run(NOW, "secret-job", error="secret-error")


def routes(client: Any) -> list[tuple[str, str]]:
    """Return an address of every route below /clock that is not open to all, with every method."""
    values = {"job_id": "secret-job", "run_id": 1, "action": "run", "rest": "elsewhere"}
    found = []
    adapter = client.application.url_map.bind("localhost")
    for rule in client.application.url_map.iter_rules():
        if rule.rule.startswith("/clock") and rule.endpoint not in ("clock.health", "clock.static"):
            given = {name: values[name] for name in rule.arguments}
            found += [(method, adapter.build(rule.endpoint, given)) for method in METHODS]
    assert len(found) >= 8 * len(METHODS)
    return found


def test_without_the_password_no_route_and_no_method_does_anything(client: Any, dyno: Any) -> None:
    basic = "Basic Og=="
    for method, path in routes(client):
        for login in (
            {},
            {"auth": ("admin", "wrong")},
            {"auth": (PASSWORD, "")},
            {"headers": {"Authorization": "Bearer " + PASSWORD}},
            {"headers": {"Authorization": basic}},
            {"headers": {"Authorization": "Basic %%%"}},
        ):
            access.throttle.__init__()  # type: ignore[misc]
            headers = {**OWN, **HERE, **login.get("headers", {})}
            reply = client.open(path, method=method, headers=headers, auth=login.get("auth"))

            assert reply.status_code in (401, 405), (method, path, login)
            assert "secret" not in reply.text
            assert reply.status_code == 405 or "WWW-Authenticate" in reply.headers
    runs = client.get("/clock/api/runs", headers=OWN, auth=LOGIN).json["runs"]
    assert [run["state"] for run in runs] == ["succeeded"]


def test_without_a_password_being_set_production_is_closed(client: Any, dyno: Any) -> None:
    dyno.setenv("DASHBOARD_PASSWORD", "")
    for method, path in routes(client):
        reply = client.open(path, method=method, headers={**OWN, **HERE}, auth=("x", ""))

        assert reply.status_code in (403, 405), (method, path)
        assert "secret" not in reply.text
    assert "heroku config:set DASHBOARD_PASSWORD=" in client.get("/clock/", headers=OWN).text


def test_the_password_opens_it_under_any_name(client: Any, dyno: Any) -> None:
    for name in ("", "admin", "ünï"):
        assert client.get("/clock/", headers=OWN, auth=(name, PASSWORD)).status_code == 200


def test_a_password_may_be_any_text(client: Any, dyno: Any) -> None:
    dyno.setenv("DASHBOARD_PASSWORD", "pä:ss wörd ✓")

    assert client.get("/clock/", headers=OWN, auth=("me", "pä:ss wörd ✓")).status_code == 200
    assert client.get("/clock/", headers=OWN, auth=("me", "pä")).status_code == 401


def test_on_a_dyno_plain_http_is_sent_to_https_before_any_password(client: Any, dyno: Any) -> None:
    plain = {"X-Forwarded-Proto": "http"}

    reply = client.get("/clock/jobs/a%20b?state=failed", headers=plain)
    assert reply.status_code == 308
    assert reply.location == "https://localhost/clock/jobs/a%20b?state=failed"
    assert client.get("/clock/").status_code == 308
    reply = client.post("/clock/jobs/secret-job/run", headers={**plain, **HERE}, auth=LOGIN)
    assert reply.status_code == 403


@pytest.mark.parametrize(
    ("host", "peer", "more", "code"),
    [
        ("localhost", "127.0.0.1", {}, 200),
        ("localhost:5000", "127.0.0.1", {}, 200),
        ("127.0.0.1:8000", "127.0.0.1", {}, 200),
        ("[::1]:8000", "::1", {}, 200),
        ("[::1]", "::ffff:127.0.0.1", {}, 200),
        ("evil.example", "127.0.0.1", {}, 403),
        ("evil.example:8000", "127.0.0.1", {}, 403),
        ("localhost.evil.example", "127.0.0.1", {}, 403),
        ("localhost:evil", "127.0.0.1", {}, 403),
        ("", "127.0.0.1", {}, 403),
        ("localhost", "192.0.2.1", {}, 403),
        ("localhost", "", {}, 403),
        ("localhost", "127.0.0.1", {"X-Forwarded-For": "192.0.2.1"}, 403),
    ],
)
def test_without_a_password_only_the_same_machine_gets_in(
    client: Any, host: str, peer: str, more: dict[str, str], code: int
) -> None:
    place = {"REMOTE_ADDR": peer}
    reply = client.get("/clock/", headers={"Host": host, **more}, environ_overrides=place)

    assert reply.status_code == code


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 303),
        ({"Origin": "https://localhost"}, 303),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://localhost"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://localhost"}, 403),
        ({"Origin": "https://localhost:8443"}, 403),
        ({"Origin": "null"}, 403),
        ({"Referer": "https://localhost/clock/"}, 403),
        ({}, 403),
    ],
)
@pytest.mark.parametrize("action", ["run", "pause", "resume"])
def test_only_the_dashboards_own_page_can_press_a_button(
    client: Any,
    dyno: Any,
    action: str,
    headers: dict[str, str],
    code: int,
) -> None:
    path = f"/clock/jobs/secret-job/{action}"
    reply = client.post(path, headers={**ROUTER, **headers}, auth=LOGIN)

    assert reply.status_code == code
    runs = client.get("/clock/api/runs", headers=OWN, auth=LOGIN).json["runs"]
    assert len(runs) == (2 if code == 303 and action == "run" else 1)


def test_many_wrong_passwords_are_no_longer_heard(client: Any, dyno: Any) -> None:
    now = [1000.0]
    dyno.setattr(access.time, "monotonic", lambda: now[0])

    def guess(password: str, address: str = "203.0.113.7") -> Any:
        # Whoever asks can put what they like before the address that the router adds.
        headers = {**ROUTER, "X-Forwarded-For": f"{password}, {address}"}
        return client.get("/clock/metrics", headers=headers, auth=("me", password))

    assert [guess(f"no{n}").status_code for n in range(12)] == [401] * 10 + [429] * 2
    reply = guess(PASSWORD)
    assert (reply.status_code, reply.headers["Retry-After"]) == (429, "301")
    assert guess(PASSWORD, "198.51.100.1").status_code == 200
    now[0] += 301
    assert guess(PASSWORD).status_code == 200


def test_one_old_password_over_and_over_locks_nobody_out(client: Any, dyno: Any) -> None:
    for _ in range(50):
        reply = client.get("/clock/metrics", headers=ROUTER, auth=("scraper", "old"))
        assert reply.status_code == 401
    assert client.get("/clock/metrics", headers=ROUTER, auth=LOGIN).status_code == 200


def test_guesses_from_everywhere_lock_out_only_strangers(client: Any, dyno: Any) -> None:
    def ask(password: str, address: str) -> int:
        headers = {**ROUTER, "X-Forwarded-For": address}
        return int(client.get("/clock/metrics", headers=headers, auth=("me", password)).status_code)

    assert ask(PASSWORD, "192.0.2.1") == 200
    for n in range(100):
        assert ask(f"no{n}", f"198.51.100.{n}") == 401
    assert ask("no", "203.0.113.9") == 429
    assert ask(PASSWORD, "192.0.2.1") == 200


def test_every_reply_carries_the_headers(client: Any, dyno: Any) -> None:
    paths = ("", "jobs/secret-job", "runs/1", "runs/9", "metrics", "api/jobs", "health", "nowhere")
    for login in (None, LOGIN):
        for path in paths:
            headers = client.get("/clock/" + path, headers=OWN, auth=login).headers
            policy = headers["Content-Security-Policy"]

            assert "default-src 'none'" in policy and "unsafe" not in policy and "*" not in policy
            assert "frame-ancestors 'none'" in policy and "form-action 'self'" in policy
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Referrer-Policy"] == "same-origin"
            assert headers["Cache-Control"] == "no-store"


def test_the_address_cannot_lead_to_another_file(client: Any) -> None:
    names = ("../reading.py", "%2e%2e/reading.py", "..%2freading.py", "%2fetc%2fpasswd", "..%5c")
    for path in names:
        reply = client.get("/clock/static/" + path)

        assert reply.status_code == 404, path
    with client.get("/clock/static/clock.css") as reply:
        assert reply.status_code == 200


def test_a_button_never_leads_to_another_site(client: Any) -> None:
    path = "/clock/jobs/secret-job/pause"
    for came in ("https://evil.example/clock/", "//evil.example/clock/", "http://localhost//evil"):
        reply = client.post(path, headers={**HERE, "Referer": came})
        assert reply.location == "/clock/jobs/secret-job"
    reply = client.post(path, headers={**HERE, "Referer": "http://localhost/clock/?a=b"})
    assert (reply.status_code, reply.location) == (303, "/clock/?a=b")
