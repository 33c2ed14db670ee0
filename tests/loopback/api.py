"""The Platform API: what each request of the `heroku` command reads and changes."""

import re
import threading
from collections.abc import Callable, Mapping
from email.message import Message
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from loopback import replies
from loopback.failures import (
    QUOTA,
    SECOND_DYNO,
    UNVERIFIED,
    Refusal,
    name_taken,
)
from loopback.state import App, Process, new_id

if TYPE_CHECKING:
    from loopback.heroku import Heroku
    from loopback.web import Request

Headers = Message
Values = dict[str, str]
Handler = Callable[["Heroku", Values, Any, Headers], Any]
ROUTES: list[tuple[str, re.Pattern[str], Handler]] = []
SIZES = {"eco": "Eco", "basic": "Basic", "standard-1x": "Standard-1X", "standard-2x": "Standard-2X"}
MOST_APPS = 100


def route(method: str, pattern: str) -> Callable[[Handler], Handler]:
    """Let the function below answer these requests."""
    regex = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern))

    def register(handler: Handler) -> Handler:
        ROUTES.append((method, regex, handler))
        return handler

    return register


def answer(heroku: "Heroku", request: "Request", headers: Headers) -> tuple[int, Any]:
    """Return status and body; raise Refusal where Heroku refuses."""
    for method, pattern, handler in ROUTES:
        match = pattern.fullmatch(request.path)
        if match and method == request.method:
            values = {name: unquote(value) for name, value in match.groupdict().items()}
            with heroku.lock:
                reply = handler(heroku, values, request.body, headers)
            return (201 if method == "POST" else 200), reply
    raise Refusal(404, "not_found", "The requested API endpoint was not found.")


@route("GET", "/account")
def account(heroku: "Heroku", values: Values, body: Any, headers: Headers) -> Any:
    return replies.account(heroku.account)


@route("GET", "/account/features/{feature}")
def account_feature(heroku: "Heroku", values: Values, body: Any, headers: Headers) -> Any:
    raise Refusal(404, "not_found", "Couldn't find that account feature.")


@route("GET", "/accounts/{id}/actions/get-quota")
def quota(heroku: "Heroku", values: Values, body: Any, headers: Headers) -> Any:
    known = heroku.account
    used = [{"app_uuid": app.id, "quota_used": 0} for app in heroku.apps.values()]
    return {"account_quota": known.quota_seconds, "quota_used": known.used_seconds, "apps": used}


@route("GET", "/apps")
@route("GET", "/users/~/apps")
def apps(heroku: "Heroku", values: Values, body: Any, headers: Headers) -> Any:
    return [_app(heroku, app, headers) for app in heroku.apps.values()]


@route("POST", "/apps")
@route("POST", "/teams/apps")
def create(heroku: "Heroku", values: Values, body: Any, headers: Headers) -> Any:
    name = body.get("name") or f"calm-sea-{len(heroku.requests):05}"
    if not heroku.account.verified:
        raise UNVERIFIED
    if len(heroku.apps) >= MOST_APPS:
        raise QUOTA
    if name in heroku.taken or name in heroku.apps:
        raise name_taken(name)
    app = App(name, body.get("region", "us"), body.get("stack", "heroku-24"), body.get("team"))
    app.tier = heroku.account.tier
    return replies.app(heroku.create(app), heroku.account)


@route("GET", "/apps/{app}")
def info(heroku: "Heroku", values: Values, body: Any, headers: Headers) -> Any:
    return _app(heroku, heroku.app(values["app"]), headers)


def _app(heroku: "Heroku", app: App, headers: Headers) -> Any:
    reply = replies.app(app, heroku.account)
    # The `3.sdk` variant, which `ps` and `logs` ask for, knows more and names some things simpler.
    is_sdk = "3.sdk" in headers.get("Accept", "")
    return {**reply, "generation": "cedar", "process_tier": app.tier} if is_sdk else reply


@route("PATCH", "/apps/{app}")
def change(heroku: "Heroku", values: Values, body: Any, headers: Headers) -> Any:
    app = heroku.app(values["app"])
    app.stack = body.get("build_stack", app.stack)
    app.maintenance = body.get("maintenance", app.maintenance)
    return replies.app(app, heroku.account)


@route("DELETE", "/apps/{app}")
def destroy(heroku: "Heroku", values: Values, body: Any, headers: Headers) -> Any:
    app = heroku.app(values["app"])
    reply = replies.app(app, heroku.account)
    heroku.destroy(app)
    return reply


@route("GET", "/apps/{app}/collaborators")
def collaborators(heroku: "Heroku", values: Values, body: Any, headers: Headers) -> Any:
    return [replies.collaborator(heroku.app(values["app"]), heroku.account)]


@route("GET", "/apps/{app}/pipeline-couplings")
def pipeline(heroku: "Heroku", values: Values, body: Any, headers: Headers) -> Any:
    raise Refusal(404, "not_found", "Couldn't find that pipeline coupling.")


@route("GET", "/apps/{app}/buildpack-installations")
def buildpacks(heroku: "Heroku", values: Values, body: Any, headers: Headers) -> Any:
    names = heroku.app(values["app"]).buildpacks
    return [replies.buildpack(name, number) for number, name in enumerate(names)]


@route("PUT", "/apps/{app}/buildpack-installations")
def set_buildpacks(heroku: "Heroku", values: Values, body: Any, headers: Headers) -> Any:
    heroku.app(values["app"]).buildpacks = [update["buildpack"] for update in body["updates"]]
    return buildpacks(heroku, values, body, headers)


@route("GET", "/apps/{app}/formation")
def formation(heroku: "Heroku", values: Values, body: Any, headers: Headers) -> Any:
    app = heroku.app(values["app"])
    return [replies.process(app, app.formation[type]) for type in sorted(app.formation)]


@route("PATCH", "/apps/{app}/formation")
def scale(heroku: "Heroku", values: Values, body: Any, headers: Headers) -> Any:
    app = heroku.app(values["app"])
    wanted = [(_process(app, update["type"]), update) for update in body["updates"]]
    new = [(process, _quantity(process, u), _size(process, u)) for process, u in wanted]
    for process, quantity, size in new:
        if quantity > 1 and size in ("Eco", "Basic"):
            raise Refusal(422, "invalid_params", SECOND_DYNO.message.replace("Basic", size))
        process.quantity, process.size = quantity, size
    threading.Thread(target=heroku.dynos[app.name].reconcile, daemon=True).start()
    return formation(heroku, values, body, headers)


def _process(app: App, type: str) -> Process:
    if type not in app.formation:
        raise Refusal(404, "not_found", f"Couldn't find that process type ({type}).")
    return app.formation[type]


def _quantity(process: Process, update: Mapping[str, Any]) -> int:
    """Read "1", "+1" and "-1": the command sends strings where the schema says integer."""
    wanted = str(update.get("quantity", process.quantity))
    quantity = process.quantity + int(wanted) if wanted[0] in "+-" else int(wanted)
    return max(quantity, 0)


def _size(process: Process, update: Mapping[str, Any]) -> str:
    wanted = update.get("size", process.size)
    if wanted.lower() not in SIZES:
        raise Refusal(422, "invalid_params", f"No such size as {wanted}.")
    return SIZES[wanted.lower()]


@route("GET", "/apps/{app}/dynos")
def dynos(heroku: "Heroku", values: Values, body: Any, headers: Headers) -> Any:
    app = heroku.app(values["app"])
    return [replies.dyno(app, dyno) for dyno in heroku.dynos[app.name].running()]


@route("POST", "/apps/{app}/dynos")
def run(heroku: "Heroku", values: Values, body: Any, headers: Headers) -> Any:
    app = heroku.app(values["app"])
    if app.slug is None:
        raise Refusal(422, "invalid_params", "Cannot run a process: the app has no build.")
    dyno = heroku.dynos[app.name].run(body["command"], body.get("env", {}))
    return replies.dyno(app, dyno)


@route("DELETE", "/apps/{app}/dynos")
@route("DELETE", "/apps/{app}/dynos/{dyno}")
@route("DELETE", "/apps/{app}/formations/{type}")
@route("POST", "/apps/{app}/dynos/{dyno}/actions/stop")
@route("POST", "/apps/{app}/formations/{type}/actions/stop")
def restart(heroku: "Heroku", values: Values, body: Any, headers: Headers) -> Any:
    # Stopping a dyno of the formation restarts it, too.
    app = heroku.app(values["app"])
    heroku.dynos[app.name].restart(values.get("dyno"), values.get("type"))
    return {}


@route("GET", "/apps/{app}/config-vars")
def config(heroku: "Heroku", values: Values, body: Any, headers: Headers) -> Any:
    return replies.config(heroku.app(values["app"]).config)


@route("PATCH", "/apps/{app}/config-vars")
def set_config(heroku: "Heroku", values: Values, body: Any, headers: Headers) -> Any:
    app = heroku.app(values["app"])
    heroku.change_config(app, body)
    return replies.config(app.config)


@route("GET", "/apps/{app}/releases")
def releases(heroku: "Heroku", values: Values, body: Any, headers: Headers) -> Any:
    app = heroku.app(values["app"])
    wanted = headers.get("Range", "")
    most = re.search(r"max=(\d+)", wanted)
    ordered = app.releases[::-1] if "order=desc" in wanted else app.releases
    some = ordered[: int(most[1])] if most else ordered
    return [replies.release(app, release, heroku.account) for release in some]


@route("GET", "/apps/{app}/releases/{version}")
def release(heroku: "Heroku", values: Values, body: Any, headers: Headers) -> Any:
    app = heroku.app(values["app"])
    for release in app.releases:
        if values["version"] in (str(release.version), release.id):
            return replies.release(app, release, heroku.account)
    raise Refusal(404, "not_found", "Couldn't find that release.")


@route("POST", "/apps/{app}/releases")
def new_release(heroku: "Heroku", values: Values, body: Any, headers: Headers) -> Any:
    """Roll back to a release, or release a slug again: `releases:rollback`, `releases:retry`."""
    app = heroku.app(values["app"])
    if "release" in body:
        target = next(release for release in app.releases if release.id == body["release"])
        app.config = dict(target.config)
        made = heroku.release(app, f"Rollback to v{target.version}", target.slug)
    else:
        slugs = [release.slug for release in app.releases if release.slug]
        slug = next(slug for slug in slugs if slug.id == body["slug"])
        made = heroku.release(app, body["description"], slug)
    return replies.release(app, made, heroku.account)


@route("GET", "/apps/{app}/addons")
def addons(heroku: "Heroku", values: Values, body: Any, headers: Headers) -> Any:
    app = heroku.app(values["app"])
    return [_addon(app, addon, headers) for addon in app.addons]


def _addon(app: App, addon: Any, headers: Headers) -> Any:
    wide = "plan" in headers.get("Accept-Expansion", "")
    return replies.expanded(app, addon) if wide else replies.addon(app, addon)


@route("POST", "/apps/{app}/addons")
def add(heroku: "Heroku", values: Values, body: Any, headers: Headers) -> Any:
    app = heroku.app(values["app"])
    plan = body["plan"]["name"] if isinstance(body["plan"], dict) else body["plan"]
    addon = heroku.add(app, plan, (body.get("attachment") or {}).get("name"), body.get("name"))
    return _addon(app, addon, headers)


@route("GET", "/apps/{app}/addons/{addon}")
def one_addon(heroku: "Heroku", values: Values, body: Any, headers: Headers) -> Any:
    app = heroku.app(values["app"])
    return _addon(app, _find_addon([app], values["addon"])[1], headers)


@route("DELETE", "/apps/{app}/addons/{addon}")
def remove(heroku: "Heroku", values: Values, body: Any, headers: Headers) -> Any:
    app = heroku.app(values["app"])
    addon = _find_addon([app], values["addon"])[1]
    app.addons.remove(addon)
    heroku.change_config(app, {addon.variable: None})
    return {**replies.addon(app, addon), "state": "deprovisioned"}


@route("POST", "/actions/addons/resolve")
def resolve(heroku: "Heroku", values: Values, body: Any, headers: Headers) -> Any:
    app, addon = _find_addon(list(heroku.apps.values()), body["addon"])
    return [_addon(app, addon, headers)]


def _find_addon(apps: list[App], name: str) -> tuple[App, Any]:
    for app in apps:
        for addon in app.addons:
            if name in (addon.name, addon.id):
                return app, addon
    raise Refusal(404, "not_found", "Couldn't find that add-on.")


@route("GET", "/addon-attachments")
def all_attachments(heroku: "Heroku", values: Values, body: Any, headers: Headers) -> Any:
    known = heroku.apps.values()
    return [replies.attachment(app, addon) for app in known for addon in app.addons]


@route("GET", "/apps/{app}/addon-attachments")
def attachments(heroku: "Heroku", values: Values, body: Any, headers: Headers) -> Any:
    app = heroku.app(values["app"])
    return [replies.attachment(app, addon) for addon in app.addons]


@route("GET", "/addons/{addon}/addon-attachments")
def attachments_of(heroku: "Heroku", values: Values, body: Any, headers: Headers) -> Any:
    app, addon = _find_addon(list(heroku.apps.values()), values["addon"])
    return [replies.attachment(app, addon)]


@route("POST", "/apps/{app}/log-sessions")
def log_session(heroku: "Heroku", values: Values, body: Any, headers: Headers) -> Any:
    app = heroku.app(values["app"])
    dyno = body.get("dyno") or body.get("dyno_name")
    id = heroku.log_session(app, body.get("lines", 100), dyno, body.get("source"))
    return replies.log_session(new_id(), f"{heroku.url}/logs/{id}")
