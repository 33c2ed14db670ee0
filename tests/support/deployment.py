"""The requests of a deployment in their order; an app before its last step, and one after it."""

from loopback.owner import call, push, until
from loopback.state import App

from support.heroku_project import Owner

STEPS = {
    "create": ("POST", "/apps"),
    "database": ("POST", "/apps/tick/addons"),
    "wait": ("GET", "/apps/tick/addons/[^/]+"),
    "config": ("PATCH", "/apps/tick/config-vars"),
    "connect": ("GET", "/tick.git/info/refs"),
    "push": ("POST", "/tick.git/git-receive-pack"),
    "scale": ("PATCH", "/apps/tick/formation"),
    "verify": ("GET", "/apps/tick/releases"),
}
CLOCK = {"type": "clock", "quantity": "1"}
UP = ["clock.1", "web.1"]
MUTATIONS = [step for step, (method, _) in STEPS.items() if method != "GET"]


def make_app(owner: Owner) -> App:
    """Make an app with its database and its secrets, without the tool; return it."""
    heroku = owner.heroku
    app = heroku.create(App("tick", tier=heroku.account.tier))
    heroku.provisioning_seconds = 0
    heroku.add(app, "heroku-postgresql:essential-0")
    both = {"SECRET_KEY": "a-secret", "DASHBOARD_PASSWORD": "a-password"}
    call(heroku, "PATCH", "/apps/tick/config-vars", both)
    return app


def bring_to_scale(owner: Owner) -> App:
    """Do all that comes before the scaling, without the tool; return the app."""
    app = make_app(owner)
    owner.git("remote", "add", "heroku", f"https://127.0.0.1:{owner.heroku.git.port}/tick.git")
    assert push(owner.heroku, owner.project, "tick").returncode == 0
    return app


def deploy(owner: Owner) -> App:
    """Do all of it without the tool; return the app when it is up."""
    app = bring_to_scale(owner)
    call(owner.heroku, "PATCH", "/apps/tick/formation", {"updates": [CLOCK]})
    dynos = owner.heroku.dynos["tick"]
    until(lambda: sorted(d.name for d in dynos.running() if d.state == "up") == UP, app)
    return app


def assert_all_is_done(owner: Owner) -> None:
    """All was made, once, and no secret is anywhere."""
    assert list(owner.heroku.apps) == ["tick"]
    app = owner.heroku.app("tick")
    assert [addon.state for addon in app.addons] == ["provisioned"]
    assert {p.type: p.quantity for p in app.formation.values()} == {"web": 1, "clock": 1}
    assert {"SECRET_KEY", "DASHBOARD_PASSWORD", "DATABASE_URL"} <= set(app.config)
    owner.assert_nothing_leaked()
