"""The requests of a deployment in their order; an app before its last step, and one after it."""

from loopback.owner import call, push
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
MUTATIONS = [step for step, (method, _) in STEPS.items() if method != "GET"]


def bring_to_scale(owner: Owner) -> App:
    """Do all that comes before the last step, without the tool; return the app."""
    heroku = owner.heroku
    app = heroku.create(App("tick"))
    owner.git("remote", "add", "heroku", f"https://127.0.0.1:{heroku.git.port}/tick.git")
    heroku.provisioning_seconds = 0
    heroku.add(app, "heroku-postgresql:essential-0")
    both = {"SECRET_KEY": "a-secret", "DASHBOARD_PASSWORD": "a-password"}
    call(heroku, "PATCH", "/apps/tick/config-vars", both)
    assert push(heroku, owner.project, "tick").returncode == 0
    return app


def assert_all_is_done(owner: Owner) -> None:
    """All was made, once, and no secret is anywhere."""
    assert list(owner.heroku.apps) == ["tick"]
    app = owner.heroku.app("tick")
    assert [addon.state for addon in app.addons] == ["provisioned"]
    assert {p.type: p.quantity for p in app.formation.values()} == {"web": 1, "clock": 1}
    assert {"SECRET_KEY", "DASHBOARD_PASSWORD", "DATABASE_URL"} <= set(app.config)
    owner.assert_nothing_leaked()
