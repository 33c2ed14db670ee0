"""The files for other hosts: each starts what the Procfile starts, and both secrets are set."""

import json
import tomllib

import yaml
from herokuclock import manifest
from support.doc_blocks import DOCS, blocks
from support.files import REPOSITORY

COMMANDS = manifest.procfile(REPOSITORY / "template")
FOUND = {
    language: [b.text for b in blocks(DOCS / "hosts.md") if b.language == language]
    for language in ("yaml", "json", "toml", "procfile", "console")
}


def test_render_builds_both_and_lets_the_clock_end() -> None:
    (text,) = FOUND["yaml"]
    told = yaml.safe_load(text)
    web, clock = told["services"]

    assert (web["type"], clock["type"]) == ("web", "worker")
    assert web["startCommand"] == COMMANDS["web"]
    assert web["preDeployCommand"] == COMMANDS["release"]
    assert clock["startCommand"] == COMMANDS["clock"]
    assert clock["maxShutdownDelaySeconds"] >= 30
    assert web["buildCommand"] == clock["buildCommand"]
    (database,) = told["databases"]
    for service in (web, clock):
        (url,) = [each for each in service["envVars"] if each["key"] == "DATABASE_URL"]
        assert url["fromDatabase"]["name"] == database["name"]
    made = {each["key"] for each in web["envVars"] if each.get("generateValue")}
    assert made == {"SECRET_KEY", "DASHBOARD_PASSWORD"}


def test_railway_has_a_file_for_each_service() -> None:
    web, clock = (json.loads(text)["deploy"] for text in FOUND["json"])

    assert web["startCommand"] == COMMANDS["web"]
    assert web["preDeployCommand"] == [COMMANDS["release"]]
    assert clock["startCommand"] == COMMANDS["clock"]
    # Its parser takes a number, and no text.
    assert web["drainingSeconds"] == clock["drainingSeconds"] == 30


def test_fly_runs_both_and_stops_only_the_web_process() -> None:
    (text,) = FOUND["toml"]
    told = tomllib.loads(text)

    assert told["processes"] == {name: COMMANDS[name] for name in ("web", "clock")}
    assert told["deploy"]["release_command"] == COMMANDS["release"]
    assert told["http_service"]["processes"] == ["web"]
    assert told["http_service"]["internal_port"] == int(told["env"]["PORT"])
    assert (told["kill_signal"], told["kill_timeout"]) == ("SIGTERM", 30)


def test_what_scalingo_runs_after_a_deploy_is_the_release_command() -> None:
    (text,) = FOUND["procfile"]

    assert text == f"postdeploy: {COMMANDS['release']}\n"


def test_who_makes_no_secrets_is_told_to_set_both() -> None:
    typed = "".join(FOUND["console"])

    for command in ("scalingo --app myapp env-set", "fly secrets set"):
        assert f"$ {command} SECRET_KEY=... DASHBOARD_PASSWORD=..." in typed
