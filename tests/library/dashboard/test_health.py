"""What uptime monitors are told, and what everybody is told when the database is away."""

import contextlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from clockdyno import host
from clockdyno.dashboard import health
from clockdyno.ledger import reports
from herokuclock.heroku import health as reader
from support.pages import LOGIN, NOW, ROUTER, Ledger, web
from support.postgres import Postgres

M, H = timedelta(minutes=1), timedelta(hours=1)


def ask(client: Any) -> tuple[int, dict[str, Any]]:
    """Ask anew, and see that the generator can read it."""
    health.kept = health._Kept()
    reply = client.get("/clock/health")
    found = reader.from_page(reply.data)
    assert found is not None and found.state == reply.json["state"]
    return reply.status_code, reply.json


def test_all_is_well_while_a_clock_beats(client: Any, ledger: Ledger) -> None:
    ledger.job(fires=[(NOW - H).isoformat(), (NOW + H).isoformat()], grace=60.0)
    ledger.run(NOW - M, state="failed")
    ledger.clock()

    code, facts = ask(client)

    assert (code, facts["state"], facts["reason"]) == (200, "up", None)
    assert facts["heartbeat_age"] >= 0
    assert facts["jobs"] == [
        {
            "job": "report",
            "zone": "UTC",
            "last_state": "failed",
            "last_at": (NOW - M).isoformat(),
            "next_at": (NOW + H).isoformat(),
        }
    ]


def test_anybody_may_ask_so_no_error_and_no_docstring_is_told(client: Any, ledger: Ledger) -> None:
    ledger.job(doc="the plan to buy ACME", surprises=[{"code": "x", "text": "hush", "fix": "hush"}])
    ledger.run(NOW - M, state="failed", error="KeyError: 'sk-live-42'", reason="error")
    ledger.clock(dyno="clock.1")

    told = client.get("/clock/health").get_data(as_text=True)

    assert "report" in told
    assert not [mark for mark in ("ACME", "hush", "sk-live", "KeyError") if mark in told]


@pytest.mark.parametrize("fires", [[H], [-H, H]], ids=["well", "overdue"])
def test_which_jobs_there_are_is_told_to_whoever_knows_the_password(
    client: Any, ledger: Ledger, dyno: Any, fires: list[timedelta]
) -> None:
    ledger.clock()
    facts = {"known_since": NOW - 24 * H, "grace": 60.0}
    for n in range(100):
        ledger.job(f"secret-{n}", fires=[(NOW + at).isoformat() for at in fires], **facts)
    ledger.job("secret-paused", paused_at=NOW)
    late = 100 if len(fires) > 1 else 0

    known = client.get("/clock/health", headers=ROUTER, auth=LOGIN)
    assert len(known.json["jobs"]) == 101 and known.json["jobs"][0]["job"] == "secret-0"
    plain = {"X-Forwarded-Proto": "http"}
    for headers, auth in ((ROUTER, None), (ROUTER, ("me", "wrong")), (plain, LOGIN), ({}, LOGIN)):
        reply = client.get("/clock/health", headers=headers, auth=auth)

        assert reply.status_code == known.status_code == (503 if late else 200)
        assert "secret" not in reply.text and len(reply.data) < 300
        assert reply.json["counts"] == {"jobs": 101, "paused": 1, "overdue": late}
        assert reply.json["state"] == known.json["state"] == ("overdue" if late else "up")
        assert reply.json["reason"] == (f"{late} jobs are overdue." if late else None)
        assert reply.json["heartbeat_age"] >= 0


def test_the_health_page_lets_nobody_try_more_passwords_than_any_other(
    client: Any, dyno: Any
) -> None:
    for n in range(10):
        client.get("/clock/health", headers=ROUTER, auth=("me", f"no{n}"))

    assert "jobs" not in client.get("/clock/health", headers=ROUTER, auth=LOGIN).json
    assert client.get("/clock/", headers=ROUTER, auth=LOGIN).status_code == 429


@pytest.mark.parametrize(
    ("clock", "code", "state"),
    [
        (None, 503, "absent"),
        ({"heartbeat_at": NOW - M}, 503, "silent"),
        ({"heartbeat_at": NOW - M, "stopped_at": NOW - M}, 503, "absent"),
        # A deploy replaces the clock: for a few seconds there may be none.
        ({"stopped_at": NOW}, 200, "absent"),
        ({"paused": True}, 200, "paused"),
    ],
)
def test_what_is_not_well_has_its_reason(
    client: Any, ledger: Ledger, clock: dict[str, Any] | None, code: int, state: str
) -> None:
    if clock is not None:
        ledger.clock(**clock)

    found, facts = ask(client)

    assert (found, facts["state"], bool(facts["reason"])) == (code, state, True)


@pytest.mark.parametrize(
    ("job", "run", "is_late"),
    [
        ({}, None, True),
        ({"grace": 7200.0}, None, False),
        ({"grace": None}, None, False),
        ({"fires": [M]}, None, False),
        ({"paused_at": NOW}, None, False),
        ({"gone_at": NOW}, None, False),
        ({"known_since": NOW - M}, None, False),
        ({}, (-H, {}), False),
        ({}, (-H, {"state": "missed"}), False),
        ({}, (-2 * H, {}), True),
        ({"fires": [-H, -M]}, (-H, {}), False),
        ({"fires": [-H, -3 * M]}, (-H, {}), True),
    ],
)
def test_a_job_is_overdue_when_nobody_has_dealt_with_a_fire_within_its_grace(
    client: Any, ledger: Ledger, job: dict[str, Any], run: tuple[Any, Any] | None, is_late: bool
) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    facts = {"known_since": now - 24 * H, "grace": 60.0, "fires": [-H, H], **job}
    ledger.clock()
    ledger.job(**{**facts, "fires": [(now + after).isoformat() for after in facts["fires"]]})
    if run:
        ledger.run(now + run[0], **run[1])

    code, found = ask(client)

    assert (code, found["state"]) == ((503, "overdue") if is_late else (200, "up"))
    assert found["reason"] == ("Overdue: report." if is_late else None)


def test_however_many_ask_the_ledger_is_read_once_in_two_seconds(
    client: Any, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.clock()
    assert ask(client)[0] == 200
    monkeypatch.setattr(reports, "engine", None)

    assert [client.get("/clock/health").status_code for _ in range(20)] == [200] * 20


def test_a_dyno_without_a_database_names_the_command(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DYNO", "web.1")
    monkeypatch.delenv("DATABASE_URL")

    code, facts = ask(client)

    assert (code, facts["state"]) == (503, "unshared")
    assert facts["reason"] == f"no shared database: {host.ADD_DATABASE}"


def test_without_shared_database_the_generator_reads_the_log(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = reader.Health("unshared", reason="no shared database: x")
    monkeypatch.setattr(reader, "fetch", lambda url, password: page)
    monkeypatch.setattr(reader.platform, "logs", lambda *_: ["at=start jobs=1"])

    found = reader.read("ticker", "https://ticker.example")

    assert (found.state, found.source, found.reason) == ("up", "log", "no shared database: x")


def test_a_database_that_is_away_is_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    with contextlib.closing(Postgres()) as server, web(monkeypatch, server.create()) as client:
        monkeypatch.setenv("DYNO", "web.1")
        monkeypatch.setenv("DASHBOARD_PASSWORD", LOGIN[1])
        Ledger(reports.engine()).job()
        server.kill()

        for path in ("", "jobs/report", "runs/1", "metrics", "api/jobs"):
            reply = client.get("/clock/" + path, headers=ROUTER, auth=LOGIN)

            assert reply.status_code == 503, path
            assert "The database does not answer" in reply.text or reply.json["error"]
            assert not [w for w in ("Traceback", "psycopg", "postgres:", "sock") if w in reply.text]
        here = {**ROUTER, "Sec-Fetch-Site": "same-origin"}
        assert client.post("/clock/jobs/report/run", headers=here, auth=LOGIN).status_code == 503
        code, facts = ask(client)
        assert (code, facts["state"]) == (503, "unknown")
        assert json.dumps(facts).count("postgres") == 0

        server.start()
        assert client.get("/clock/", headers=ROUTER, auth=LOGIN).status_code == 200
        assert datetime.now(UTC) > NOW
