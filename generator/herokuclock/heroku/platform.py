"""The only module that runs `heroku`; one function per verb."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from herokuclock import shell
from herokuclock.heroku.refusals import Refusal, refusal
from herokuclock.heroku.retries import tried

# Twice may be one too many: two apps, two databases, two releases.
NOT_TWICE = {"apps:create", "addons:create", "config:set", "releases:retry", "apps:destroy"}
INSTALL_HINT = "Install it (https://devcenter.heroku.com/articles/heroku-cli), then `heroku login`."


@dataclass(frozen=True)
class Process:
    """A process type of the formation."""

    type: str
    quantity: int
    size: str


@dataclass(frozen=True)
class AddOn:
    """An add-on, such as a database."""

    name: str
    plan: str
    state: str

    @property
    def is_database(self) -> bool:
        return self.plan.startswith("heroku-postgresql:")


@dataclass(frozen=True)
class Dyno:
    """A dyno as it is now."""

    name: str
    type: str
    state: str
    release: int


@dataclass(frozen=True)
class Release:
    """A release, by its number."""

    version: int
    status: str
    description: str


@dataclass(frozen=True)
class App:
    """An app as `apps:info` shows it."""

    name: str
    url: str
    stack: str
    addons: tuple[AddOn, ...]
    dynos: tuple[Dyno, ...]


@dataclass(frozen=True)
class Quota:
    """What is left of the month's pool of eco hours."""

    hours_left: int


def version() -> tuple[int, ...]:
    """Return the version of the `heroku` command."""
    match = re.search(r"heroku/(\d+)\.(\d+)\.(\d+)", _heroku("--version"))
    return tuple(map(int, match.groups())) if match else (0,)


def app(name: str) -> App | None:
    """Return an app, None where there is none of this name."""
    try:
        facts = json.loads(_heroku("apps:info", "--json", app=name))
    except Refusal as error:
        if error.id == "not_found":
            return None
        raise
    return App(
        facts["app"]["name"],
        facts["app"]["web_url"],
        facts["app"]["stack"]["name"],
        tuple(_addon(each) for each in facts["addons"]),
        tuple(_dyno(each) for each in facts["dynos"]),
    )


def _dyno(facts: Mapping[str, Any]) -> Dyno:
    return Dyno(facts["name"], facts["type"], facts["state"], facts["release"]["version"])


def _addon(facts: Mapping[str, Any]) -> AddOn:
    return AddOn(facts["name"], facts["plan"]["name"], facts["state"])


def create(name: str, options: Sequence[str], folder: Path) -> None:
    """Create an app, and its remote in the repository of `folder`."""
    _heroku("apps:create", name, *options, cwd=folder)


def add_remote(name: str, remote: str, folder: Path) -> None:
    """Let a git remote of the repository lead to the app."""
    _heroku("git:remote", "--remote", remote, app=name, cwd=folder)


def formation(name: str) -> tuple[Process, ...]:
    """Return the process types that are dynos, which `release` is not; none before a push."""
    try:
        text = _heroku("ps:scale", app=name)
    except Refusal as error:
        if error.id == "no_process_type":
            return ()
        raise
    found = re.findall(r"([\w-]+)=(\d+):([\w-]+)", text)
    return tuple(
        Process(type, int(quantity), size) for type, quantity, size in found if type != "release"
    )


def scale(name: str, changes: Mapping[str, int], say: Callable[[str], None] | None = None) -> None:
    """Set how many dynos of some types run; exit 0 of the command is no proof that they do."""
    wanted = [f"{type}={quantity}" for type, quantity in changes.items()]
    _heroku("ps:scale", *wanted, app=name, say=say)


def config_names(name: str) -> frozenset[str]:
    """Return the names of the config vars; their values stay where they are."""
    return config_names_and(name, "")[0]


def config_names_and(name: str, variable: str) -> tuple[frozenset[str], str]:
    """Return the names of the config vars, and one value for our own use: never print it."""
    values = json.loads(_heroku("config", "--json", app=name))
    return frozenset(values), str(values.get(variable, ""))


def config(name: str, variable: str) -> str:
    """Return one config var, for our own use: never print it."""
    return _heroku("config:get", variable, app=name).rstrip("\n")


def set_config(name: str, values: Mapping[str, str]) -> None:
    """Set config vars in one call, so in one release; what the command prints is dropped."""
    _heroku("config:set", *(f"{key}={value}" for key, value in values.items()), app=name)


def add_database(name: str, plan: str, addon: str) -> None:
    """Order a database under a name of its own; it is there when `wait_for_addons` returns."""
    _heroku("addons:create", plan, "--name", addon, app=name)


def wait_for_addons(name: str) -> None:
    """Wait until every add-on of the app is there."""
    _heroku("addons:wait", "--wait-interval", "1", app=name)


def releases(name: str, most: int = 1) -> tuple[Release, ...]:
    """Return the newest releases, the newest first."""
    facts = json.loads(_heroku("releases", "--json", "--num", str(most), app=name))
    return tuple(Release(each["version"], each["status"], each["description"]) for each in facts)


def buildpacks(name: str) -> tuple[str, ...]:
    """Return the buildpacks that were set; there are none where Heroku finds out by itself."""
    facts = json.loads(_heroku("buildpacks", "--json", app=name))
    return tuple(each["buildpack"]["url"] for each in facts)


def retry_release(name: str) -> None:
    """Run the release command of the newest release again."""
    _heroku("releases:retry", app=name)


def quota(name: str) -> Quota | None:
    """Return what is left of the eco pool; None for an app that is not eco."""
    match = re.search(r"quota remaining this month: (\d+)h", _heroku("ps", app=name))
    return Quota(int(match[1])) if match else None


def logs(name: str, type: str | None, lines: int = 500) -> list[str]:
    """Return the newest log lines, of one process type or of all, the newest last."""
    text = _heroku("logs", "--num", str(lines), *_of(type), app=name)
    return text.splitlines()


def follow_logs(name: str, type: str | None, say: Callable[[str], None]) -> None:
    """Hand on each line of the log as it comes, for as long as nobody ends it."""
    program = shell.find("heroku", INSTALL_HINT)
    command = [program, "logs", "--tail", *_of(type), "--app", name]
    done = shell.stream(command, say, env={"NO_COLOR": "1"})
    if not done.ok:
        raise refusal(done.out, "heroku logs")


def _of(type: str | None) -> list[str]:
    return ["--dyno-name", type] if type else []


def destroy(name: str) -> None:
    """Destroy an app with its add-ons, and the git remotes of this folder that lead to it."""
    _heroku("apps:destroy", "--confirm", name, app=name)


def _heroku(
    *args: str,
    app: str | None = None,
    cwd: Path | None = None,
    say: Callable[[str], None] | None = None,
) -> str:
    """Run the user's own `heroku` and return what it printed; raise Refusal if it could not."""
    program = shell.find("heroku", INSTALL_HINT)
    command = [program, *args, *(["--app", app] if app else [])]
    again = args[0] not in NOT_TWICE
    done = tried(lambda: shell.run(command, cwd=cwd, env={"NO_COLOR": "1"}), again)
    if not done.ok:
        raise refusal(done.err, f"heroku {args[0]}")
    if say:
        for line in (done.err + done.out).splitlines():
            say(line)
    return done.out
