"""Who gets into the dashboard, on every route and method; what another site's page can do."""

from typing import Any

import pytest
from clockdyno.dashboard import access
from support.pages import LOGIN, NOW, PASSWORD, ROUTER, Ledger

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
    values = {"job_id": "secret-job", "run_id": 1, "action": "run", "deed": "see", "rest": "-"}
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


def test_on_a_dyno_plain_http_is_sent_to_https_before_any_password(client: Any, dyno: Any) -> None:
    plain = {"X-Forwarded-Proto": "http"}

    reply = client.get("/clock/jobs/a%20b?state=failed", headers=plain)
    assert reply.status_code == 308
    assert reply.location == "https://localhost/clock/jobs/a%20b?state=failed"
    assert client.get("/clock/").status_code == 308
    reply = client.post("/clock/jobs/secret-job/run", headers={**plain, **HERE}, auth=LOGIN)
    assert reply.status_code == 403


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


def test_the_address_cannot_lead_to_another_file(client: Any) -> None:
    names = ("../access.py", "%2e%2e/access.py", "..%2faccess.py", "%2fetc%2fpasswd", "..%5c")
    for path in names:
        reply = client.get("/clock/static/" + path)

        assert reply.status_code == 404, path
    with client.get("/clock/static/clock.css") as reply:
        assert reply.status_code == 200


def test_a_button_never_leads_to_another_site(client: Any) -> None:
    path = "/clock/jobs/secret-job/pause"
    evil = ("https://evil.example/clock/", "//evil.example/clock/", "http://localhost//evil")
    for came in (*evil, "http://[", "http://localhost:x:y/clock/", "//\u2100/"):
        reply = client.post(path, headers={**HERE, "Referer": came})
        assert reply.location == "/clock/jobs/secret-job"
    reply = client.post(path, headers={**HERE, "Referer": "http://localhost/clock/?a=b"})
    assert (reply.status_code, reply.location) == (303, "/clock/?a=b")
