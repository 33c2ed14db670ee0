"""The dashboard at /clock: who may see it, and that it shows your jobs."""

from datetime import UTC, datetime

import pytest

from app import create_app
from clockdyno.ledger import reports
from clockdyno.ledger.tables import jobs

LOGIN = ("anybody", "a long password")
ROUTER = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}


@pytest.fixture
def client(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'ledger.sqlite3'}")
    monkeypatch.delenv("DASHBOARD_PASSWORD", raising=False)
    monkeypatch.delenv("DYNO", raising=False)
    monkeypatch.setattr(reports, "_engines", {})
    yield create_app().test_client()
    for engine in reports._engines.values():
        engine.dispose()


def test_it_is_open_on_your_own_machine_and_names_the_jobs(client):
    row = {"job_id": "hello", "known_since": datetime.now(UTC), "trigger": ""}
    with reports.engine().execution_options(writes=True).begin() as db:
        db.execute(jobs.insert(), row)

    assert "hello" in client.get("/clock/").text


def test_on_heroku_nobody_gets_in_until_there_is_a_password(client, monkeypatch):
    monkeypatch.setenv("DYNO", "web.1")

    reply = client.get("/clock/", headers=ROUTER)

    assert reply.status_code == 403
    assert "heroku config:set DASHBOARD_PASSWORD" in reply.text


def test_on_heroku_the_password_opens_it(client, monkeypatch):
    monkeypatch.setenv("DYNO", "web.1")
    monkeypatch.setenv("DASHBOARD_PASSWORD", LOGIN[1])

    assert client.get("/clock/", headers=ROUTER).status_code == 401
    assert client.get("/clock/", headers=ROUTER, auth=LOGIN).status_code == 200
