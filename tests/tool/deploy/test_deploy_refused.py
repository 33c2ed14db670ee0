"""A deployment whose every step is refused in each way before it is done."""

import re
import threading

import pytest
from herokuclock.deploy import command, inventory, plan
from herokuclock.deploy.inventory import Target
from herokuclock.deploy.plan import Step
from herokuclock.errors import HerokuclockError
from herokuclock.heroku import retries
from herokuclock.manifest import read
from loopback import failures
from loopback.failures import Failure, Refusal
from loopback.owner import until
from support import deploy_steps
from support.deployment import STEPS, assert_all_is_done
from support.heroku_project import Owner
from support.program import Run

# More often than a step asks: git asks a second time after a 401, `heroku` six times and we three.
ALWAYS = 99
# What changes something meets the others where Heroku has done it all the same.
FINAL = (failures.UNAUTHORIZED, failures.NO_APP)
# What only reads meets the others, too. What is said hangs on the way alone: each, once, is enough.
READS = {
    "wait": (failures.UNAUTHORIZED, failures.UNAVAILABLE),
    "connect": (*FINAL, failures.UNAVAILABLE, None),
    "verify": (failures.NO_APP, None),
}
KNOWN = {
    "create": {
        failures.UNAUTHORIZED: ["The key in HEROKU_API_KEY is not valid."],
        failures.name_taken("tick"): [
            "Somebody else has an app named tick.",
            "herokuclock deploy --app NAME",
        ],
        failures.UNVERIFIED: ["https://heroku.com/verify"],
        failures.QUOTA: ["limit of 100 apps"],
    },
    "scale": {failures.SECOND_DYNO: ["Basic dynos come one for each process type"]},
}


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_what_is_refused_has_changed_nothing_and_is_done_when_it_is_tried_again(
    here: Owner, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, steps = here, deploy_steps.read(here.project)
    monkeypatch.setattr(retries, "BACK_OFF", (0, 0, 0, 0, 0))
    owner.heroku.provisioning_seconds = 3600
    for name, step in steps.items():
        monkeypatch.setattr(command, "run", deploy_steps.deploying(steps, name))
        words = KNOWN.get(name, {})
        for refusal in dict.fromkeys([*READS.get(name, FINAL), *words]):
            said = refused(owner, run, name, refusal)
            assert [word for word in words.get(refusal, ()) if word not in said] == []
        if name != "connect":
            be_patient(owner, name, step)

    target = Target("tick", owner.project)
    assert plan.steps(target, read(owner.project), inventory.read(target)) == []
    assert_all_is_done(owner)


def refused(owner: Owner, run: Run, name: str, refusal: Refusal | None) -> str:
    """Have a step refused, with all as before; return why, what to do and what is left."""
    before = state(owner)
    failure = owner.heroku.fail(*STEPS[name], refusal, ALWAYS)

    done = run("deploy", "--yes")

    assert failure.times < ALWAYS, f"the {name} was never asked for"
    failure.times = 0
    owner.output += done.stdout + done.stderr
    assert done.returncode == 1, done.stderr
    assert re.search(r"^Error: \S.+", done.stderr, re.MULTILINE), done.stderr
    assert re.search(r"^Hint: \S", done.stderr, re.MULTILINE), done.stderr
    assert f"Done so far: nothing. Left: {LEFT[name]}" in done.stderr, done.stderr
    assert state(owner) == before, f"{name}: {refusal}"
    return done.stderr


LEFT = {
    "create": "create the app, add the database, wait until the database is ready, set 2",
    "database": "add the database, wait until the database is ready, set 2 config vars, push",
    "wait": "wait until the database is ready, set 2 config vars, push",
    "config": "set 2 config vars, push",
    "connect": "push",
    "push": "push",
    "scale": "scale, verify.",
    "verify": "verify.",
}


def be_patient(owner: Owner, name: str, step: Step) -> None:
    """Do a step that meets the rate limit: git fails, all else tries again by itself."""
    failure = owner.heroku.fail(*STEPS[name], failures.RATE_LIMIT)
    if name == "push":
        before = state(owner)
        with pytest.raises(HerokuclockError):
            step.run(lambda line: None)
        assert state(owner) == before
    if name == "wait":
        threading.Thread(target=make_ready, args=(owner, failure)).start()
    step.run(lambda line: None)
    assert failure.times == 0


def make_ready(owner: Owner, failure: Failure) -> None:
    """Let the database be ready as soon as somebody has waited for it."""
    (app,) = owner.heroku.apps.values()
    until(lambda: failure.times == 0, app, 600)
    owner.heroku.provision(app, app.addons[0], 0)


def state(owner: Owner) -> object:
    """All that a deployment changes."""
    return [
        (
            app.name,
            [(addon.name, addon.state) for addon in app.addons],
            dict(app.config),
            [(release.version, release.status) for release in app.releases],
            {process.type: process.quantity for process in app.formation.values()},
        )
        for app in owner.heroku.apps.values()
    ]
