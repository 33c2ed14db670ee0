"""Which config vars a start needs: those that are read, without a default, as it is imported."""

import ast
from collections.abc import Iterator

from herokuclock import manifest
from herokuclock.check import reach, started
from herokuclock.check.findings import Finding, Site
from herokuclock.errors import HerokuclockError
from herokuclock.jobs.anchors import last_name
from herokuclock.jobs.source import walk_scope

# What every dyno of an app with a database has.
GIVEN = {"DATABASE_URL", "PORT", "DYNO", "HOME", "PATH", "WEB_CONCURRENCY", "PWD", "USER", "TZ"}
MADE_UP = {"DATABASE_URL": "postgres://made:up@127.0.0.1:1/made_up"}


def needed(site: Site) -> Iterator[Finding]:
    """Each config var that a start needs is named, so that it can be set."""
    known = GIVEN | _declared(site)
    seen: set[str] = set()
    for file in reach.everything(site):
        for name, line in read_at_import(site, file):
            if name not in known | seen:
                seen.add(name)
                yield Finding(
                    "config-vars",
                    f"{file}:{line} does not start without the config var {name}.",
                    f"heroku config:set {name}=...",
                    "note",
                )


def made_up(site: Site) -> dict[str, str]:
    """Return a value for each config var that is read at import, to try the project with."""
    clock = [s for s in started.of(site) if site.clock in reach.first_files(site, s)]
    files = reach.loaded(site, clock[0]) if clock else (site.clock,)
    names = {name for file in files for name, _ in read_at_import(site, file)}
    return {name: MADE_UP.get(name, "1") for name in sorted(names - {"PATH", "HOME"})}


def read_at_import(site: Site, file: str) -> Iterator[tuple[str, int]]:
    """Yield the config vars without which a file cannot be imported, each with its line."""
    module = reach.parsed(site, file)
    for statement in module.body if module else ():
        if isinstance(statement, ast.Try):
            continue
        for node in walk_scope(statement):
            if (
                isinstance(node, ast.Subscript)
                and isinstance(node.ctx, ast.Load)
                and last_name(node.value) == "environ"
                and isinstance(node.slice, ast.Constant)
                and isinstance(node.slice.value, str)
            ):
                yield node.slice.value, node.lineno


def _declared(site: Site) -> set[str]:
    try:
        env = manifest.app_json(site.root).get("env")
    except HerokuclockError:
        return set()
    return set(env) if isinstance(env, dict) else set()
