"""Checks of the Procfile and of app.json: what Heroku is told to start, and to set up."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from herokuclock import manifest
from herokuclock.check.findings import Finding, Repair, Site
from herokuclock.errors import HerokuclockError

LINES = {"web": "web: gunicorn app:app", "clock": "clock: python jobs.py"}
TYPES = ("web", "clock", "worker", "release")
STACKS = ("heroku-22", "heroku-24", "heroku-26", "container")
PYTHON = "heroku/python"
SIZES = ("eco", "basic", "standard-1x", "standard-2x")
LARGE = re.compile(r"(performance|private|shield)-[\w-]+")
RETIRED_SIZES = {"free": "basic", "hobby": "basic"}
RETIRED_PLANS = ("hobby-dev", "hobby-basic", "dev")


def procfile(site: Site) -> Iterator[Finding]:
    """A Procfile with a web and a clock, each starting what it says."""
    if not site.has("Procfile"):
        yield _no_procfile(site)
        return
    types = manifest.procfile(site.root)
    typos = dict(_typos(types))
    for wrong, right in typos.items():
        text = re.sub(rf"^{wrong}:", f"{right}:", site.text("Procfile"), flags=re.MULTILINE)
        yield Finding(
            "procfile",
            f"The Procfile has a type {wrong}, probably meant as {right}.",
            f"Write `{right}:` in that line.",
            repairs=(Repair("Procfile", text),),
        )
    for type, line in LINES.items():
        if type not in types and type not in typos.values():
            yield _missing_type(site, type, line)


def _typos(types: dict[str, str]) -> Iterator[tuple[str, str]]:
    for type in types:
        near = get_close_matches(type.lower(), TYPES, 1, 0.66)
        if near and type not in TYPES and near[0] not in types:
            yield type, near[0]


def _no_procfile(site: Site) -> Finding:
    wrong = next((name for name in sorted(site.files) if _is_like_procfile(name)), None)
    if wrong:
        change = (Repair(wrong), Repair("Procfile", site.text(wrong)))
        problem = f"{wrong} is no Procfile: Heroku wants exactly that name."
        return Finding("procfile", problem, f"mv {wrong} Procfile", repairs=change)
    lines = "".join(f"{line}\n" for line in LINES.values())
    return Finding(
        "procfile",
        "There is no Procfile, so Heroku starts nothing.",
        " && ".join(f"echo '{line}' >> Procfile" for line in LINES.values()),
        repairs=(Repair("Procfile", lines),) if site.has("app.py") and site.has("jobs.py") else (),
    )


def _is_like_procfile(name: str) -> bool:
    return name.lower() in ("procfile", "procfile.txt", "procfile.yml", "profile")


def _missing_type(site: Site, type: str, line: str) -> Finding:
    module = "app.py" if type == "web" else "jobs.py"
    return Finding(
        "procfile",
        f"The Procfile has no {type}: "
        + ("nobody will see a page." if type == "web" else "no job will run."),
        site.append("Procfile", line),
        "warning" if type == "web" else "error",
        (Repair("Procfile", site.with_line("Procfile", line)),) if site.has(module) else (),
    )


def started_files(site: Site) -> Iterator[Finding]:
    """What the Procfile starts is there."""
    for type, command in manifest.procfile(site.root).items():
        for script in re.findall(r"\bpython3?\s+(?:-u\s+)?([\w./-]+\.py)\b", command):
            if script != "jobs.py" and not site.has(script.removeprefix("./")):
                yield Finding(
                    "procfile-file",
                    f"The Procfile's {type} starts {script}, which is not there.",
                    "Correct its name, or commit the file.",
                )


def served_module(site: Site) -> Iterator[Finding]:
    """The module that gunicorn loads is there."""
    for type, command in manifest.procfile(site.root).items():
        match = re.search(r"\bgunicorn\b.*?\s([a-z_]\w*)((?:\.\w+)*):\w+", command, re.IGNORECASE)
        if match and not any(site.has(f"{match[1]}{end}") for end in (".py", "/__init__.py", "")):
            yield Finding(
                "procfile-file",
                f"The Procfile's {type} loads {match[1]}{match[2]}, and there is no {match[1]}.py.",
                "Correct its name, or commit the file.",
            )


def one_clock(site: Site) -> Iterator[Finding]:
    """Only the clock dyno starts the clock."""
    types = manifest.procfile(site.root)
    scripts = re.findall(r"[\w./-]+\.py\b", types.get("clock", ""))
    for type, command in types.items():
        if type != "clock" and any(script in command.split() for script in scripts):
            yield Finding(
                "one-clock",
                f"The Procfile's {type} starts the clock, too: {command}",
                f"Take {scripts[0]} out of the line of {type}.",
            )


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
    if listed.count(PYTHON) > 1:
        yield _invalid(f"app.json: {PYTHON} is listed twice.", "Take one of them out.")


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


def _plans(site: Site, facts: dict[str, Any]) -> Iterator[Finding]:
    for addon in facts.get("addons", []):
        plan = addon.get("plan", "") if isinstance(addon, dict) else addon
        name, _, size = str(plan).partition(":")
        if name == "heroku-postgresql" and size in RETIRED_PLANS:
            yield _retired(site, plan, manifest.DATABASE)


def _retired(site: Site, old: str, new: str) -> Finding:
    text = re.sub(rf'"{re.escape(old)}"', f'"{new}"', site.text("app.json"), flags=re.IGNORECASE)
    return Finding(
        "app-json",
        f"app.json asks for {old}, which Heroku no longer has.",
        f"Write {new} instead.",
        repairs=(Repair("app.json", text),),
    )
