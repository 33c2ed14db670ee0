"""`check --app`: what is wrong with an app on Heroku, one thing at a time."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from herokuclock.check.order import ONLINE
from herokuclock.heroku.health import Health
from herokuclock.heroku.live import Live
from herokuclock.heroku.platform import AddOn, App, Dyno, Process, Quota, Release
from loopback import Heroku
from loopback.owner import call, heroku_program, until
from support.deployment import deploy
from support.heroku_project import Owner, small_project

DYNOS = (Dyno("web.1", "web", "up", 7), Dyno("clock.1", "clock", "up", 7))
APP = App("tick", "https://tick-1.herokuapp.com/", "heroku-24", (), DYNOS)
WEB, CLOCK = Process("web", 1, "Basic"), Process("clock", 1, "Basic")
GOOD = Live(
    "tick",
    APP,
    True,
    (CLOCK, WEB),
    Release(7, "succeeded", "Deploy 1234abcd"),
    frozenset({"DATABASE_URL", "DASHBOARD_PASSWORD"}),
    ("DASHBOARD_PASSWORD",),
    None,
    Health("up", 3.0),
    date(2026, 11, 1),
)
ECO = (Process("web", 1, "Eco"), Process("clock", 1, "Eco"))
WORKERS = (CLOCK, WEB, Process("worker", 7, "Standard-1X"))
DATABASE = AddOn("tick-db", "heroku-postgresql:essential-0", "provisioned")
DOWN = (DYNOS[0], Dyno("clock.1", "clock", "crashed", 7))
BROKEN = {
    "no remote": (replace(GOOD, has_remote=False), [("remote", "warning")]),
    "aging stack": (
        replace(GOOD, app=replace(APP, stack="heroku-22")),
        [("stack", "warning")],
    ),
    "Python buildpack twice": (
        replace(GOOD, buildpacks=("heroku/python", "heroku/python")),
        [("buildpacks", "error")],
    ),
    "no Python buildpack": (
        replace(GOOD, buildpacks=("heroku/nodejs",)),
        [("buildpacks", "error")],
    ),
    "two buildpacks": (replace(GOOD, buildpacks=("heroku/nodejs", "heroku/python")), []),
    "gone stack": (replace(GOOD, app=replace(APP, stack="heroku-20")), [("stack", "error")]),
    "failed release": (
        replace(GOOD, release=Release(8, "failed", "Deploy")),
        [("release", "error")],
    ),
    "nothing pushed": (replace(GOOD, formation=()), [("formation", "error")]),
    "no clock type": (replace(GOOD, formation=(WEB,)), [("formation", "error")]),
    "clock=0": (
        replace(GOOD, formation=(WEB, replace(CLOCK, quantity=0))),
        [("formation", "error")],
    ),
    "clock=2": (
        replace(GOOD, formation=(WEB, replace(CLOCK, quantity=2))),
        [("formation", "warning")],
    ),
    "eco": (
        replace(GOOD, formation=ECO, quota=Quota(990)),
        [("eco-sleep", "warning"), ("eco-pool", "warning")],
    ),
    "eco clock alone": (replace(GOOD, formation=ECO[1:], quota=Quota(990)), []),
    "no database": (
        replace(GOOD, variables=frozenset({"DASHBOARD_PASSWORD"})),
        [("database", "error")],
    ),
    "no password": (
        replace(GOOD, variables=frozenset({"DATABASE_URL"})),
        [("dashboard", "warning")],
    ),
    "crashed clock": (replace(GOOD, app=replace(APP, dynos=DOWN)), [("clock", "error")]),
    "crashed web": (
        replace(GOOD, app=replace(APP, dynos=(Dyno("web.1", "web", "crashed", 7), DYNOS[1]))),
        [("crashes", "error")],
    ),
    "silent clock": (
        replace(GOOD, clock=Health("silent", 600, "No heartbeat for 10 minutes.")),
        [("clock", "error")],
    ),
    "worker=0": (
        replace(GOOD, formation=(CLOCK, WEB, Process("worker", 0, "Basic"))),
        [("workers", "error")],
    ),
    "connections": (
        replace(GOOD, app=replace(APP, addons=(DATABASE,)), formation=WORKERS),
        [("connections", "error")],
    ),
    "connections of a bigger plan": (
        replace(
            GOOD,
            app=replace(APP, addons=(replace(DATABASE, plan="heroku-postgresql:standard-0"),)),
            formation=WORKERS,
        ),
        [],
    ),
    "old heartbeat": (replace(GOOD, clock=Health("up", 61)), [("clock", "error")]),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_what_is_wrong_is_found_and_nothing_else(broken: str) -> None:
    site, expected = BROKEN[broken]

    found = [finding for check in ONLINE for finding in check(site)]

    assert [(finding.check, finding.severity) for finding in found] == expected


def test_a_good_app_has_nothing_wrong() -> None:
    assert [finding for check in ONLINE for finding in check(GOOD)] == []


def test_the_day_on_which_the_pool_ends_is_named() -> None:
    site = replace(GOOD, formation=ECO, quota=Quota(1000))

    found = [finding.problem for check in ONLINE for finding in check(site)]

    assert "1,488 hours a month" in found[1]
    assert "end on 2026-11-21" in found[1]


@pytest.mark.slow
def test_an_app_is_checked_through_the_real_command(heroku: Heroku, lonely: Path) -> None:
    heroku_program()
    heroku.account.tier = "eco"
    # Ten hours are left of the pool: it ends today, whichever day that is.
    heroku.account.used_seconds = heroku.account.quota_seconds - 10 * 3600
    owner = Owner(heroku, small_project(lonely / "tick"))
    app = deploy(owner)
    call(heroku, "PATCH", "/apps/tick/config-vars", {"DASHBOARD_PASSWORD": None})
    until(lambda: [d.state for d in heroku.dynos["tick"].running()] == ["up", "up"], app)

    checked = owner.types("check", "--app", "tick", "--json")

    found = [each["check"] for each in json.loads(checked.stdout)]
    assert found == ["jobs", "eco-sleep", "eco-pool", "dashboard"], checked.stdout + checked.stderr
    assert checked.returncode == 0
    refused = owner.types("check", "--app", "tick", "--json", HEROKU_API_KEY="HRKU-wrong")
    assert json.loads(refused.stdout)[-1]["check"] == "login"
    assert refused.returncode == 1
    owner.assert_nothing_leaked()
