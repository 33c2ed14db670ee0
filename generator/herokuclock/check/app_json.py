"""Checks of app.json: it names nothing that Heroku does not have."""

import re
from collections.abc import Iterator
from typing import Any

from herokuclock import manifest
from herokuclock.check.findings import Finding, Repair, Site
from herokuclock.errors import HerokuclockError

STACKS = ("heroku-22", "heroku-24", "heroku-26", "container")
SIZES = ("eco", "basic", "standard-1x", "standard-2x")
LARGE = re.compile(r"(performance|private|shield)-[\w-]+")
RETIRED_SIZES = {"free": "basic", "hobby": "basic"}
RETIRED_PLANS = {
    "heroku-postgresql": ("hobby-dev", "hobby-basic", "dev"),
    "heroku-redis": ("hobby-dev",),
}
PLANS = {"heroku-postgresql": manifest.DATABASE, "heroku-redis": "heroku-redis:mini"}


def app_json(site: Site) -> Iterator[Finding]:
    """app.json is JSON, and names nothing that Heroku does not have."""
    try:
        facts = manifest.app_json(site.root)
    except HerokuclockError as error:
        yield Finding("app-json", error.message, error.hint)
        return
    wrong = {"addons": list, "env": dict, "formation": dict, "buildpacks": list}
    for key, kind in wrong.items():
        if not isinstance(facts.get(key, kind()), kind):
            yield _invalid(f"app.json: {key} has to be a{'n object' if kind is dict else ' list'}.")
            return
    yield from _stack(facts)
    yield from _buildpacks(facts)
    yield from _formation(site, facts)
    yield from _plans(site, facts)


def _invalid(
    problem: str, remedy: str = "Its keys: devcenter.heroku.com/articles/app-json-schema."
) -> Finding:
    return Finding("app-json", problem, remedy)


def _stack(facts: dict[str, Any]) -> Iterator[Finding]:
    stack = facts.get("stack", STACKS[1])
    if stack not in STACKS:
        yield _invalid(f"app.json: Heroku has no stack {stack!r}.", 'Write "stack": "heroku-24".')


def _buildpacks(facts: dict[str, Any]) -> Iterator[Finding]:
    listed = [
        each.get("url") if isinstance(each, dict) else each for each in facts.get("buildpacks", [])
    ]
    python = [url for url in listed if "python" in str(url)]
    if len(python) > 1:
        yield _invalid("app.json: the Python buildpack is listed twice.", "Take one of them out.")
    elif listed and not python:
        yield _invalid(
            "app.json: no buildpack is for Python.", 'Add { "url": "heroku/python" } as the last.'
        )


def _formation(site: Site, facts: dict[str, Any]) -> Iterator[Finding]:
    known = manifest.procfile(site.root)
    for type, wanted in facts.get("formation", {}).items():
        size = str(wanted.get("size", "basic")).lower() if isinstance(wanted, dict) else None
        if size is None or not isinstance(wanted.get("quantity", 1), int):
            yield _invalid(f"app.json: formation.{type} needs a quantity, a number, and a size.")
        elif type not in {*known, "web", "clock"}:
            yield _invalid(
                f"app.json: formation has a type {type} that the Procfile lacks.",
                f"Take it out, or add a line `{type}: ...` to the Procfile.",
            )
        elif size in RETIRED_SIZES:
            yield _retired(site, size, RETIRED_SIZES[size])
        elif size not in SIZES and not LARGE.fullmatch(size):
            yield _invalid(f"app.json: Heroku has no dyno size {size!r}.", "Use basic.")
        elif type == "clock" and wanted.get("quantity", 1) != 1:
            problem = f"app.json: formation has {wanted['quantity']} clocks; one is right."
            yield Finding("app-json", problem, 'Write "quantity": 1 there.', "warning")


def _plans(site: Site, facts: dict[str, Any]) -> Iterator[Finding]:
    for addon in facts.get("addons", []):
        plan = addon.get("plan", "") if isinstance(addon, dict) else addon
        name, _, size = str(plan).partition(":")
        if size in RETIRED_PLANS.get(name, ()):
            yield _retired(site, str(plan), PLANS[name])


def _retired(site: Site, old: str, new: str) -> Finding:
    text = re.sub(rf'"{re.escape(old)}"', f'"{new}"', site.text("app.json"), flags=re.IGNORECASE)
    return Finding(
        "app-json",
        f"app.json asks for {old}, which Heroku no longer has.",
        f"Write {new} instead.",
        repairs=(Repair("app.json", text),),
    )
