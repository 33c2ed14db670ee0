"""What a deployment has to do: compares what a project asks for with what Heroku has."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from herokuclock import shell
from herokuclock.deploy.inventory import Found, Target
from herokuclock.errors import HerokuclockError
from herokuclock.heroku import platform, remotes
from herokuclock.heroku import repository as app_git
from herokuclock.heroku.platform import Process
from herokuclock.heroku.refusals import Refusal
from herokuclock.manifest import Manifest

Say = Callable[[str], None]
# Enough for a person to type, too.
SECRET_BYTES = {"DASHBOARD_PASSWORD": 15}


@dataclass(frozen=True)
class Step:
    """One thing to do: in words, as the command that a person would type, and as what does it."""

    title: str
    command: str
    run: Callable[[Say], None] = field(compare=False)
    usual: str = ""


def steps(target: Target, wanted: Manifest, found: Found) -> list[Step]:
    """Return what has to be done, in order; nothing where all is as it should be."""
    _refuse_missing(target, wanted, found)
    return [
        *_app(target, wanted, found),
        *_remote(target, found),
        *_database(target, wanted, found),
        *_config(target, wanted, found),
        *_push(target, found),
        *_formation(target, wanted, found),
    ]


def _refuse_missing(target: Target, wanted: Manifest, found: Found) -> None:
    """Raise HerokuclockError where app.json asks for a value that only a person knows."""
    missing = [name for name in wanted.asked if name not in {*found.variables, "DATABASE_URL"}]
    if missing:
        first = "" if found.app else f"heroku apps:create {target.app} && "
        raise HerokuclockError(
            f"app.json asks for {', '.join(missing)}, and gives no value.",
            f'Give one ("value", or "required": false), or: {first}'
            f"heroku config:set {missing[0]}=... --app {target.app}",
        )


def remote_name(target: Target, found: Found) -> str:
    """Return the remote to push to: one named heroku, unless that leads elsewhere."""
    taken = "heroku" in shell.git(target.folder, "remote").out.split()
    return found.remote or (target.app if taken else "heroku")


def _app(target: Target, wanted: Manifest, found: Found) -> list[Step]:
    if found.app:
        return []
    options = {"--region": target.region, "--team": target.team, "--stack": wanted.stack}
    given = [word for flag, value in options.items() if value for word in (flag, value)]
    remote = remote_name(target, found)
    given += [] if remote == "heroku" else ["--remote", remote]

    def run(say: Say) -> None:
        _once(
            lambda: platform.create(target.app, given, target.folder),
            lambda: platform.app(target.app) is not None,
        )
        _lead_to_app(target, remote)

    return [Step("Create the app", " ".join(["heroku apps:create", target.app, *given]), run)]


def _remote(target: Target, found: Found) -> list[Step]:
    if found.remote or not found.app:
        return []
    remote = remote_name(target, found)
    command = f"heroku git:remote --remote {remote}"
    return [Step("Add the git remote", command, lambda say: _lead_to_app(target, remote))]


def _lead_to_app(target: Target, remote: str) -> None:
    # Creating an app makes the remote, but only from the top folder of a repository.
    if remotes.remote_of(target.app, target.folder) is None:
        platform.add_remote(target.app, remote, target.folder)


def _once(create: Callable[[], None], is_there: Callable[[], bool]) -> None:
    """Create something; where that failed, see whether it is there all the same.

    `heroku` sends a request whose line is cut up to five times more, so the first may have been
    done and the last refused; and what it reads afterwards may be what failed.
    """
    for tries_left in (1, 0):
        try:
            return create()
        except Refusal as refused:
            if is_there():
                return None
            if refused.id != "unavailable" or not tries_left:
                raise
    return None


def _databases(app: platform.App | None) -> list[platform.AddOn]:
    return [addon for addon in (app.addons if app else ()) if addon.is_database]


def _database(target: Target, wanted: Manifest, found: Found) -> list[Step]:
    ordered = _databases(found.app)
    is_ready = any(addon.state == "provisioned" for addon in ordered)
    if "DATABASE_URL" in found.variables or is_ready:
        return []
    # A name that only one add-on can have: a request that is sent twice makes one database.
    name = f"{target.app}-db-{secrets.token_hex(3)}"
    order = Step(
        "Add the database",
        f"heroku addons:create {wanted.database} --name {name}",
        lambda say: _once(
            lambda: platform.add_database(target.app, wanted.database, name),
            lambda: bool(_databases(platform.app(target.app))),
        ),
    )
    wait = Step(
        "Wait until the database is ready",
        "heroku addons:wait",
        lambda say: platform.wait_for_addons(target.app),
        "usually a minute or two",
    )
    return [wait] if ordered else [order, wait]


def _config(target: Target, wanted: Manifest, found: Found) -> list[Step]:
    random = [name for name in wanted.secrets if name not in found.variables]
    fixed = {k: v for k, v in wanted.values.items() if k not in found.variables}
    if not (random or fixed):
        return []
    shown = [f"{name}=<generated>" for name in random] + [f"{k}={v}" for k, v in fixed.items()]

    def run(say: Say) -> None:
        # Made here and nowhere kept: only Heroku knows them.
        made = {name: secrets.token_urlsafe(SECRET_BYTES.get(name, 32)) for name in random}
        values = {**made, **fixed}
        _once(
            lambda: platform.set_config(target.app, values),
            lambda: values.keys() <= platform.config_names(target.app),
        )

    number = len(random) + len(fixed)
    title = f"Set {number} config var{'s' if number > 1 else ''}"
    return [Step(title, f"heroku config:set {' '.join(shown)}", run)]


def _push(target: Target, found: Found) -> list[Step]:
    remote = remote_name(target, found)
    if found.pushed == found.commit:
        if found.release and found.release.status == "failed":
            retry = platform.retry_release
            title = f"Run the release command of v{found.release.version} again"
            return [Step(title, "heroku releases:retry", lambda say: retry(target.app))]
        return []
    refs = app_git.refs(found.branch)
    return [
        Step(
            f"Push {found.commit[:7]}",
            f"git push {remote} {refs}",
            lambda say: app_git.push(target.folder, remote, refs, say),
            "the first takes a minute or two",
        )
    ]


def changes(wanted: Manifest, formation: tuple[Process, ...]) -> dict[str, int]:
    """Return what to scale: one clock exactly, one at least of everything else."""
    now = {process.type: process.quantity for process in formation}
    types = [type for type in wanted.processes if type != "release"]
    return {
        type: 1 for type in types if now.get(type) != 1 and (type == "clock" or not now.get(type))
    }


def _formation(target: Target, wanted: Manifest, found: Found) -> list[Step]:
    # The first push starts one web dyno by itself, which changes nothing here.
    new = changes(wanted, found.formation)
    if not new:
        return []
    shown = " ".join(f"{type}={quantity}" for type, quantity in sorted(new.items()))
    scale = platform.scale
    return [Step("Scale", f"heroku ps:scale {shown}", lambda say: scale(target.app, new))]
