"""What a process knows of the machine that it runs on, and what it makes of that."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from clockdyno import host
from support.site import Site

ELSEWHERE = {
    "RENDER": "true",
    "FLY_APP_NAME": "shop",
    "RAILWAY_ENVIRONMENT_NAME": "production",
    "CONTAINER_VERSION": "8a3c1f",
    "K_SERVICE": "shop",
    "CLOUD_RUN_WORKER_POOL": "clock",
    "KUBERNETES_SERVICE_HOST": "10.0.0.1",
    "WEBSITE_INSTANCE_ID": "0a1b",
    "ECS_CONTAINER_METADATA_URI_V4": "http://169.254.170.2/v4/1",
}


@pytest.fixture(autouse=True)
def alone(lonely: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Be on somebody's own machine, in an empty folder."""
    for name in (*host.HOSTS, "DATABASE_URL", "CLOCK_STOP_SECONDS"):
        monkeypatch.delenv(name, raising=False)
    host.project.cache_clear()
    yield
    host.project.cache_clear()


def test_every_host_that_is_known_is_told_by_a_variable_of_its_own() -> None:
    assert set(host.HOSTS) == {"DYNO", *ELSEWHERE}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_on_another_host_a_missing_database_is_not_shared_and_heroku_is_not_named(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert host.has_shared_database()
    monkeypatch.setenv(name, ELSEWHERE[name])

    assert not host.has_shared_database() and not host.is_dyno()
    assert "heroku" not in host.add_database() and "DATABASE_URL" in host.add_database()
    monkeypatch.setenv("DATABASE_URL", "postgres://somewhere/else")
    assert host.has_shared_database()


def test_on_a_dyno_heroku_s_command_mends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DYNO", "clock.1")

    assert not host.has_shared_database()
    assert host.add_database() == "heroku addons:create heroku-postgresql:essential-0"


@pytest.mark.parametrize("name", ELSEWHERE)
def test_what_is_set_to_nothing_is_no_host(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "")

    assert host.has_shared_database()


@pytest.mark.parametrize(
    ("said", "seconds", "for_runs"),
    [
        *[("", 30, 24), ("60", 60, 54), ("10", 10, 4), ("7.5", 7.5, 3), ("5", 5, 2)],
        *[("0", 5, 2), ("-1", 5, 2), ("nan", 5, 2), ("inf", 3600, 3594), ("1e9", 3600, 3594)],
        *[("soon", 30, 24), ("30s", 30, 24)],
    ],
)
def test_the_seconds_between_the_signals_are_what_the_host_gives(
    said: str, seconds: float, for_runs: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOCK_STOP_SECONDS", said)

    assert (host.stop_seconds(), host.run_seconds()) == (seconds, for_runs)


STOPS = """
from clockdyno.clock.process import executor, lifecycle
note("for runs", executor.STOP_SECONDS, "for all", lifecycle.LAST_SECOND)

@sched.scheduled_job("interval", days=365, next_run_time=datetime.now())
def long():
    note("begun")
    time.sleep(1000)
"""


def test_on_a_host_that_gives_five_seconds_a_clock_signs_off_in_them(on_sqlite: Site) -> None:
    on_sqlite.write(STOPS)
    clock = on_sqlite.start(CLOCK_STOP_SECONDS="5")
    on_sqlite.until(lambda: "begun" in on_sqlite.effects())

    assert on_sqlite.stop(clock) == 0
    assert on_sqlite.effects() == ["for runs 2.0 for all 3", "begun"]
    assert [(row.state, row.reason) for row in on_sqlite.rows()] == [("lost", "stopped")]
