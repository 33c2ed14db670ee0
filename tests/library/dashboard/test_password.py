"""Which passwords open the dashboard, and how many wrong ones are heard."""

from typing import Any

import pytest
from clockdyno.dashboard import throttle
from support.pages import LOGIN, PASSWORD, ROUTER

OWN = {**ROUTER, "Origin": "https://localhost"}

# One database is enough where only the door matters.
pytestmark = pytest.mark.parametrize("site", ["sqlite"], indirect=True)


def test_a_password_may_be_any_text(client: Any, dyno: Any) -> None:
    dyno.setenv("DASHBOARD_PASSWORD", "pä:ss wörd ✓")

    assert client.get("/clock/", headers=OWN, auth=("me", "pä:ss wörd ✓")).status_code == 200
    assert client.get("/clock/", headers=OWN, auth=("me", "pä")).status_code == 401


@pytest.mark.parametrize("password", ["a", "1234567", " " * 20])
@pytest.mark.parametrize("place", ["dyno", "home"])
def test_a_password_that_is_too_short_opens_nothing_and_is_told(
    client: Any, dyno: Any, password: str, place: str
) -> None:
    dyno.setenv("DASHBOARD_PASSWORD", password)
    if place == "home":
        dyno.delenv("DYNO")
    headers = OWN if place == "dyno" else {}

    reply = client.get("/clock/", headers=headers, auth=("me", password))

    assert reply.status_code == 403
    assert "too short" in reply.text and "8 characters" in reply.text


def test_many_wrong_passwords_are_no_longer_heard(client: Any, dyno: Any) -> None:
    now = [1000.0]
    dyno.setattr(throttle.time, "monotonic", lambda: now[0])

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


def test_guesses_from_everywhere_shut_nobody_out(client: Any, dyno: Any) -> None:
    def ask(password: str, address: str) -> int:
        headers = {**ROUTER, "X-Forwarded-For": address}
        return int(client.get("/clock/metrics", headers=headers, auth=("me", password)).status_code)

    assert ask(PASSWORD, "192.0.2.1") == 200
    for n in range(100):
        assert ask(f"no{n}", f"198.51.100.{n % 11}") == 401
    # Whoever has the password gets in, also from a new address; a guess costs an address.
    assert ask(PASSWORD, "203.0.113.9") == 200
    assert [ask(f"no{n}", "203.0.113.10") for n in range(3)] == [401, 429, 429]
    assert [ask(f"no{n}", f"2001:db8::{n}") for n in range(3)] == [401, 429, 429]
    assert [ask(f"no{n}", "192.0.2.1") for n in range(3)] == [401, 401, 401]


def test_the_throttle_remembers_so_many_addresses_and_no_more(client: Any) -> None:
    door = throttle.Throttle()
    for n in range(throttle.ADDRESSES + 10):
        assert door.failed(f"place {n}", b"guess")

    assert len(door._wrong) == throttle.ADDRESSES
    assert door.wait(f"place {n}") and not door.wait("place 0")


def test_a_wrong_guess_leaves_a_line_without_the_guess(
    client: Any, dyno: Any, caplog: pytest.LogCaptureFixture
) -> None:
    for path in ("", "health"):
        for _ in range(2):
            client.get("/clock/" + path, headers=ROUTER, auth=("my name", "guess" + path))

    line = "at=login state=refused address=203.0.113.7"
    assert caplog.messages == [line, line]
