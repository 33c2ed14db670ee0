"""Checks of the Procfile: what Heroku is told to start is there, and the clock once."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache

from herokuclock import manifest, project
from herokuclock.check import imports, reach, started
from herokuclock.check.findings import Finding, Repair, Site
from herokuclock.check.started import Start

LINES = {"web": "web: gunicorn app:app", "clock": "clock: python jobs.py"}
TYPES = ("web", "clock", "worker", "release")
# What a line may start besides what the requirements bring.
PROGRAMS = (*imports.PROGRAMS, "python", "python3", "node", "npm", "bash", "sh")
NO_SPACE = re.compile(r"^\s*(web|clock|worker|release):(\S.*)$", re.MULTILINE)


def procfile(site: Site) -> Iterator[Finding]:
    """A Procfile with a web and a clock, each starting what it says."""
    if not site.has("Procfile"):
        yield _no_procfile(site)
        return
    types = manifest.procfile(site.root)
    text = site.text("Procfile")
    if broken := [match for match in NO_SPACE.finditer(text) if match[1] not in types]:
        types = {**types, **{match[1]: match[2] for match in broken}}
        yield _no_space(text, broken[0][1])
    if clock_of_another_name(site) == "worker":
        yield _clock_named_worker(text)
        types = {**types, "clock": types["worker"]}
    typos = dict(_typos(types))
    for wrong, right in typos.items():
        mended = re.sub(rf"^{wrong}:", f"{right}:", text, flags=re.MULTILINE)
        yield Finding(
            "procfile",
            f"The Procfile has a type {wrong}, probably meant as {right}.",
            f"sed -i.bak 's/^{wrong}:/{right}:/' Procfile && rm Procfile.bak",
            repairs=(Repair("Procfile", mended),),
        )
    for type, line in LINES.items():
        if type not in types and type not in typos.values() and _is_expected(site, type):
            yield _missing_type(site, type, line)


def _is_expected(site: Site, type: str) -> bool:
    if type == "web":
        return site.has_file("app.py")
    return site.has_file(project.ANSWERS) or (
        site.has_file("jobs.py") and clock_of_another_name(site) is None
    )


@cache
def clock_of_another_name(site: Site) -> str | None:
    """Return the type that starts jobs.py where no type is named clock."""
    starts = started.of(site)
    if any(start.type == "clock" for start in starts):
        return None
    return next((start.type for start in starts if _runs_jobs(site, start)), None)


def _runs_jobs(site: Site, start: Start) -> bool:
    return "jobs.py" in tuple(reach.first_files(site, start))


def _no_space(text: str, type: str) -> Finding:
    mended = NO_SPACE.sub(r"\1: \2", text)
    return Finding(
        "procfile",
        f"The Procfile's line of {type} has no space after its colon, and so is none for Heroku.",
        "sed -i.bak -E 's/^([a-z]+):([^ ])/\\1: \\2/' Procfile && rm Procfile.bak",
        repairs=(Repair("Procfile", mended),),
    )


def _clock_named_worker(text: str) -> Finding:
    return Finding(
        "procfile",
        "The clock is named worker here; herokuclock runs exactly one process of the name clock.",
        "sed -i.bak 's/^worker:/clock:/' Procfile && rm Procfile.bak",
        "warning",
        (Repair("Procfile", re.sub(r"^worker:", "clock:", text, flags=re.MULTILINE)),),
    )


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
    for start in started.of(site):
        script = start.script
        if script and script != "jobs.py" and not site.has(script) and "$" not in script:
            yield Finding(
                "procfile-file",
                f"The Procfile's {start.type} starts {script}, which is not there.",
                "Correct its name, or commit the file.",
            )
        program = start.program
        near = get_close_matches(program, PROGRAMS, 1, 0.8)
        if near and program not in PROGRAMS and not re.fullmatch(r"[a-z]+[\d.]+", program):
            yield Finding(
                "procfile-file",
                f"The Procfile's {start.type} starts {program}, probably meant as {near[0]}.",
                f"sed -i.bak 's/\\b{program}\\b/{near[0]}/' Procfile && rm Procfile.bak",
            )


def one_clock(site: Site) -> Iterator[Finding]:
    """Only the clock dyno starts the clock."""
    starts = started.of(site)
    files = {f for s in starts if s.type == "clock" for f in reach.first_files(site, s)}
    files = {file for file in files if not file.endswith("__init__.py")}
    lines = manifest.procfile(site.root)
    for type in dict.fromkeys(start.type for start in starts):
        own = {
            f for s in starts if s.type == type and not s.object for f in reach.first_files(site, s)
        }
        if type != "clock" and own & files:
            yield Finding(
                "one-clock",
                f"The Procfile's {type} starts the clock, too: {lines[type]}",
                f"Take {min(own & files)} out of the line of {type}.",
            )
