"""A deployment whose every step is refused in each way before it is done."""

import threading
from collections.abc import Callable

import pytest
from herokuclock import manifest
from herokuclock.deploy import inventory, plan
from herokuclock.deploy.inventory import Target
from herokuclock.deploy.plan import Say
from herokuclock.deploy.verify import verify
from herokuclock.errors import HerokuclockError
from herokuclock.heroku import retries
from loopback import failures
from loopback.failures import Failure
from loopback.owner import heroku_env, until
from support.deployment import MUTATIONS, STEPS, assert_all_is_done
from support.heroku_project import Owner

# More often than a step asks: git asks a second time after a 401, `heroku` six times and we three.
ALWAYS = 99
REFUSED = {
    "unauthorized": failures.UNAUTHORIZED,
    "not found": failures.NO_APP,
    "unavailable": failures.UNAVAILABLE,
    "cut line": None,
}
# What changes something meets the others where Heroku has done it all the same.
FINAL = ("unauthorized", "not found")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_what_is_refused_has_changed_nothing_and_is_done_when_it_is_tried_again(
    owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in heroku_env(owner.heroku, owner.home).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(retries, "BACK_OFF", (0, 0, 0, 0, 0))
    owner.heroku.provisioning_seconds = 3600
    target = Target("tick", owner.project)
    wanted = manifest.read(owner.project)
    # To connect is the first half of the push.
    create, database, wait, config, push, scale = (
        step.run for step in plan.steps(target, wanted, inventory.read(target))
    )

    def check(say: Say) -> None:
        verify(target.app, say)

    runs = dict(zip(STEPS, (create, database, wait, config, push, push, scale, check), strict=True))
    for step, run in runs.items():
        for trouble in FINAL if step in MUTATIONS else REFUSED:
            refuse(owner, step, run, trouble)
        if step != "connect":
            be_patient(owner, step, run)

    assert plan.steps(target, wanted, inventory.read(target)) == []
    assert_all_is_done(owner)


def refuse(owner: Owner, step: str, run: Callable[[Say], None], trouble: str) -> None:
    """Have a step refused: it says why and what to do, and all is as before."""
    before = state(owner)
    failure = owner.heroku.fail(*STEPS[step], REFUSED[trouble], ALWAYS)

    with pytest.raises(HerokuclockError) as refused:
        run(lambda line: None)

    assert failure.times < ALWAYS, f"the {step} was never asked for"
    failure.times = 0
    assert refused.value.message and refused.value.hint
    owner.output += f"{refused.value.message}\n{refused.value.hint}\n"
    assert state(owner) == before, f"{step}: {trouble}"


def be_patient(owner: Owner, step: str, run: Callable[[Say], None]) -> None:
    """Do a step that meets the rate limit: git fails, all else tries again by itself."""
    failure = owner.heroku.fail(*STEPS[step], failures.RATE_LIMIT)
    if step == "push":
        before = state(owner)
        with pytest.raises(HerokuclockError):
            run(lambda line: None)
        assert state(owner) == before
    if step == "wait":
        threading.Thread(target=make_ready, args=(owner, failure)).start()
    run(lambda line: None)
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
