"""The platform's objects as the API shows them, each checked against Heroku's own schema."""

import functools
import json
import uuid
from pathlib import Path
from typing import Any

from jsonschema import Draft4Validator

from loopback.dynos import Dyno
from loopback.state import Account, AddOn, App, Process, Release, now

Reply = dict[str, Any]
PRICES = {"essential-0": 500, "essential-1": 900, "mini": 300}


@functools.cache
def _validator(kind: str) -> Draft4Validator:
    schema = json.loads((Path(__file__).parent / "schema.json").read_text())
    return Draft4Validator(schema[kind], format_checker=Draft4Validator.FORMAT_CHECKER)


def valid(kind: str, reply: Reply) -> Reply:
    """Return the reply; raise if Heroku could not have sent it."""
    _validator(kind).validate(reply)
    return reply


def fixed_id(name: str) -> str:
    """Return the same id for the same name: regions, stacks, sizes and plans have no state."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, name))


def named(name: str) -> Reply:
    return {"id": fixed_id(name), "name": name}


def brief(app: App) -> Reply:
    return {"id": app.id, "name": app.name}


def app(app: App, owner: Account) -> Reply:
    team = named(app.team) if app.team else None
    reply = {
        "acm": False,
        "archived_at": None,
        "build_stack": named(app.stack),
        "buildpack_provided_description": "Python" if app.slug else None,
        "created_at": app.created_at,
        "generation": named("cedar"),
        "git_url": f"https://git.heroku.com/{app.name}.git",
        "id": app.id,
        "internal_routing": None,
        "maintenance": app.maintenance,
        "name": app.name,
        "organization": team,
        "owner": {"email": owner.email, "id": owner.id},
        "region": named(app.region),
        "released_at": app.releases[-1].created_at,
        "repo_size": 0,
        "slug_size": 0,
        "space": None,
        "stack": named(app.stack),
        "team": team,
        "updated_at": app.created_at,
        "web_url": f"https://{app.name}-1234567890ab.herokuapp.com/",
    }
    # The one thing that Heroku would not send: there the address would lead out of this machine.
    return {**valid("app", reply), "web_url": app.web_url}


def account(account: Account) -> Reply:
    reply = {
        "allow_tracking": False,
        "beta": False,
        "country_of_residence": None,
        "created_at": account.created_at,
        "default_organization": None,
        "default_team": None,
        "delinquent_at": None,
        "email": account.email,
        "federated": False,
        "id": account.id,
        "identity_provider": None,
        "last_login": account.created_at,
        "name": None,
        "sms_number": None,
        "suspended_at": None,
        "two_factor_authentication": False,
        "updated_at": account.created_at,
        "verified": account.verified,
    }
    return valid("account", reply)


def process(app: App, process: Process) -> Reply:
    reply = {
        "app": brief(app),
        "command": process.command,
        "created_at": process.created_at,
        "dyno_size": named(process.size),
        "id": process.id,
        "quantity": process.quantity,
        "size": process.size,
        "type": process.type,
        "updated_at": process.created_at,
    }
    return valid("formation", reply)


def addon(app: App, addon: AddOn) -> Reply:
    reply = {
        "actions": [],
        "addon_service": named(addon.service),
        "app": brief(app),
        "billed_price": _price(addon),
        "billing_entity": {**brief(app), "type": "app"},
        "config_vars": [addon.variable] if addon.state == "provisioned" else [],
        "created_at": addon.created_at,
        "id": addon.id,
        "name": addon.name,
        "plan": named(addon.plan),
        "provider_id": addon.id,
        "provision_message": "Database should be available soon",
        "state": addon.state,
        "updated_at": addon.created_at,
        "web_url": None,
    }
    return valid("add-on", reply)


def expanded(app: App, one: AddOn) -> Reply:
    """Return the add-on as `Accept-Expansion: plan` asks for it."""
    reply = addon(app, one)
    return {**reply, "plan": {**reply["plan"], "price": _price(one)}}


def _price(addon: AddOn) -> Reply:
    cents = PRICES.get(addon.plan.partition(":")[2], 0)
    return {"cents": cents, "contract": False, "unit": "month"}


def attachment(app: App, addon: AddOn) -> Reply:
    reply = {
        "addon": {"id": addon.id, "name": addon.name, "app": brief(app)},
        "app": brief(app),
        "created_at": addon.created_at,
        "id": fixed_id(addon.id),
        "log_input_url": None,
        "name": addon.attachment,
        "namespace": None,
        "updated_at": addon.created_at,
        "web_url": None,
    }
    return valid("add-on-attachment", reply)


def release(app: App, release: Release, owner: Account) -> Reply:
    reply = {
        "addon_plan_names": [addon.plan for addon in app.addons],
        "app": brief(app),
        "artifacts": [],
        "created_at": release.created_at,
        "current": release is app.current,
        "description": release.description,
        "eligible_for_rollback": release.slug is not None,
        "id": release.id,
        "output_stream_url": None,
        "slug": {"id": release.slug.id} if release.slug else None,
        "status": release.status,
        "updated_at": release.created_at,
        "user": {"email": owner.email, "id": owner.id},
        "version": release.version,
    }
    return valid("release", reply)


def dyno(app: App, dyno: Dyno) -> Reply:
    reply = {
        "app": brief(app),
        "attach_url": None,
        "command": dyno.command,
        "created_at": dyno.created_at,
        "id": dyno.id,
        "name": dyno.name,
        "release": {"id": dyno.release.id, "version": dyno.release.version},
        "size": dyno.size,
        "state": dyno.state,
        "type": dyno.type,
        "updated_at": dyno.updated_at,
    }
    return valid("dyno", reply)


def log_session(id: str, url: str) -> Reply:
    reply = {"created_at": now(), "id": id, "logplex_url": url, "updated_at": now()}
    return valid("log-session", reply)


def collaborator(app: App, owner: Account) -> Reply:
    reply = {
        "app": brief(app),
        "created_at": app.created_at,
        "id": fixed_id(app.id),
        "permissions": [],
        "role": "owner",
        "updated_at": app.created_at,
        "user": {"email": owner.email, "federated": False, "id": owner.id},
    }
    return valid("collaborator", reply)


def buildpack(name: str, ordinal: int) -> Reply:
    reply = {"buildpack": {"name": name, "url": name}, "ordinal": ordinal}
    return valid("buildpack-installation", reply)


def config(values: dict[str, str]) -> Reply:
    return valid("config-vars", dict(values))
