"""Everything that `init` would do to an app: read from its files, none of which is ever run."""

from collections.abc import Iterator
from pathlib import Path

from herokuclock import manifest
from herokuclock.check import python, reach, started
from herokuclock.check.findings import Site
from herokuclock.errors import HerokuclockError
from herokuclock.init import (
    app_place,
    clock_file,
    elsewhere,
    ignored,
    meaning,
    mount,
    processes,
    program,
    requirement,
)
from herokuclock.init.app_place import AppPlace
from herokuclock.init.edits import Paste, Plan, renumbered
from herokuclock.init.hoisting import BLOCKING
from herokuclock.init.program import Program
from herokuclock.project import encoding_of, read_text

PROCFILE = "Procfile"
OLDEST = (3, 11)
PASTED_DASHBOARD = (
    "the dashboard belongs where the one Flask app is made, which is not certain here"
)


def make(root: Path, zone: str | None) -> Plan:
    """Read the app at `root`, and return what would change."""
    site, plan = Site(root), Plan()
    _refuse_old_python(site)
    lines = manifest.procfile(root)
    the_clock = program.find(site, lines)
    place = app_place.find(site)
    others = _other_schedulers(site, the_clock)
    app = place.reference if place and not others else None
    if the_clock.is_new and zone is None:
        zone = next(filter(None, (elsewhere.zone(site, file) for file in others)), None)
    scheduler = clock_file.plan(site, the_clock, zone, app, plan)
    for file in others:
        type = _type_of(site, file)
        blocks = elsewhere.kind_of(site, file) == BLOCKING
        reason = elsewhere.SECOND if blocks else elsewhere.REASON.replace("{type}", type)
        plan.pastes += elsewhere.pastes(site, file, the_clock.file, scheduler, reason)
        plan.meanings += meaning.of_jobs(file, read_text(site.root / file))
        if blocks:
            plan.pastes += _without_process(site, type)
    has_app = app_place.has_flask(site)
    if has_app:
        _dashboard(site, place, plan)
    _procfile(site, lines, the_clock, place, plan)
    requirement.plan(site, "[dashboard]" if has_app else "", plan)
    ignored.plan(site, plan)
    plan.meanings = list(dict.fromkeys(plan.meanings))
    edits = {edit.path: edit for edit in plan.edits}
    plan.pastes = [
        renumbered(p, edits[p.file]) if p.line and p.file in edits else p for p in plan.pastes
    ]
    return plan


def _refuse_old_python(site: Site) -> None:
    version = python.target(site)
    if tuple(map(int, version.split(".")[:2])) < OLDEST:
        raise HerokuclockError(
            f"The app runs on Python {version}, and the clock needs 3.11 or newer.",
            "Raise it first, and see that the app still works: echo 3.13 > .python-version",
        )


def _without_process(site: Site, type: str) -> Iterator[Paste]:
    """Take out the line of a process that has nothing to do any more."""
    for number, line in enumerate(site.text(PROCFILE).splitlines(), 1):
        if line.startswith(f"{type}:") and type != "web":
            yield Paste(PROCFILE, number, elsewhere.SECOND, (), (line,))


def _other_schedulers(site: Site, the_clock: Program) -> list[str]:
    """Return the files whose schedulers run elsewhere than in the clock."""
    clocks = [s for s in started.of(site) if the_clock.file in reach.first_files(site, s)]
    its_own = {file for start in clocks for file in reach.loaded(site, start)}
    kinds = {file: elsewhere.kind_of(site, file) for file in elsewhere.files(site, the_clock.file)}
    return [
        file
        for file, kind in kinds.items()
        if kind != "Clock" and not (kind == BLOCKING and file in its_own)
    ]


def _type_of(site: Site, file: str) -> str:
    for start in started.of(site):
        if file in reach.loaded(site, start):
            return start.type
    return "web"


def _dashboard(site: Site, place: AppPlace | None, plan: Plan) -> None:
    webs = [s for s in started.of(site) if s.type == "web"]
    files = {f for s in webs for f in reach.loaded(site, s)} | ({place.file} if place else set())
    if mount.is_there(site, files):
        plan.has_dashboard = True
        return
    doubt = mount.doubt(site, sorted(files))
    source = read_text(site.root / place.file) if place else ""
    new = mount.mounted(source, place) if place else None
    if place is None or new is None:
        lines = (mount.IMPORT, "", "app.register_blueprint(dashboard)")
        web = next((f for s in webs for f in reach.first_files(site, s)), "the web app's file")
        plan.pastes.append(Paste(web, None, PASTED_DASHBOARD, lines))
    elif doubt:
        line = f'{place.name}.register_blueprint(dashboard, name="runs", url_prefix="/runs")'
        reason = f"{doubt}, so the dashboard needs another"
        at = place.statement.end_lineno or 0
        plan.pastes.append(Paste(place.file, at + 1, reason, (mount.IMPORT, line)))
    else:
        content = site.content(place.file)
        plan.edit(place.file, content, new.encode(encoding_of(content)), "the dashboard, at /clock")
        plan.has_dashboard = True
        _forms(site, files, place, plan)


def _forms(site: Site, files: set[str], place: AppPlace, plan: Plan) -> None:
    name = mount.guards_forms(site, sorted(files))
    if name:
        reason = "CSRFProtect would refuse the dashboard's buttons, which have a check of their own"
        lines = (f"{name}.exempt(dashboard)",)
        plan.pastes.append(Paste(place.file, None, reason, lines))


def _procfile(
    site: Site, lines: dict[str, str], the_clock: Program, place: AppPlace | None, plan: Plan
) -> None:
    content = site.content(PROCFILE) if site.has_file(PROCFILE) else None
    text = (content or b"").decode("utf-8", "surrogateescape")
    if the_clock.type not in ("clock", None):
        text = processes.renamed(text, str(the_clock.type))
        plan.meanings.append(meaning.RENAMED.format(type=the_clock.type))
    elif the_clock.type is None:
        text = processes.with_clock(text, the_clock.command)
    if content is None and place and place.reference:
        module, _, name = place.reference.partition(":")
        call = f"'{module}:{name}()'" if _is_factory(place, name) else place.reference
        text = f"web: gunicorn {call}\n{text}"
    with_setup = processes.with_setup(text, lines.get("release"))
    if with_setup is None:
        reason = "its line goes on in a way that nothing can be added to for certain"
        plan.pastes.append(Paste(PROCFILE, None, reason, (f"... && {processes.SETUP}",)))
    new = text if with_setup is None else with_setup
    if any("alembic" in name for name in site.files):
        plan.meanings.append(meaning.TABLES)
    plan.edit(PROCFILE, content, new.encode("utf-8", "surrogateescape"), "clock and release")


def _is_factory(place: AppPlace, name: str) -> bool:
    return name != place.name
