"""Everything that `init` would do to an app: read from its files, none of which is ever run."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from clockdyno import procfile

from herokuclock import manifest
from herokuclock.check import python, reach, started
from herokuclock.check.findings import Site
from herokuclock.errors import HerokuclockError
from herokuclock.init import (
    app_place,
    clock_source,
    elsewhere,
    ignored,
    meaning,
    mount,
    processes,
    requirement,
)
from herokuclock.init.app_place import AppPlace
from herokuclock.init.edits import Paste, Plan, pastes, renumbered
from herokuclock.jobs import file as jobs_file
from herokuclock.jobs.anchors import scheduler_name
from herokuclock.jobs.source import parse
from herokuclock.new import bundle
from herokuclock.project import encoding_of, read_text

PROCFILE = "Procfile"
OLDEST = (3, 11)
NEW_NAMES = ("jobs.py", "clock.py", "scheduled.py")
UNKNOWN = "it makes no scheduler of a kind that is known here; the clock's file needs one"
HIDDEN = "this {kind} is made where nobody finds it who looks at the jobs"
PASTED_DASHBOARD = (
    "the dashboard belongs where the one Flask app is made, which is not certain here"
)


@dataclass(frozen=True)
class Program:
    """The clock's file, how it is started, and the type that starts it by now."""

    file: str
    command: str
    type: str | None
    is_new: bool = False


def make(root: Path, zone: str | None) -> Plan:
    """Read the app at `root`, and return what would change."""
    site, plan = Site(root), Plan()
    _refuse_old_python(site)
    lines = manifest.procfile(root)
    program = _program(site, lines)
    place = app_place.find(site)
    others = _other_schedulers(site, program)
    app = place.reference if place and not others else None
    scheduler = _clock(site, program, zone, app, plan)
    for file in others:
        type = _type_of(site, file)
        blocks = elsewhere.kind_of(site, file) == clock_source.BLOCKING
        reason = elsewhere.SECOND if blocks else elsewhere.REASON.replace("{type}", type)
        plan.pastes += elsewhere.pastes(site, file, program.file, scheduler, reason)
        if blocks:
            plan.pastes += _without_process(site, type)
    has_app = app_place.has_flask(site)
    if has_app:
        _dashboard(site, place, plan)
    _procfile(site, lines, program, place, plan)
    requirement.plan(site, "[dashboard]" if has_app else "", plan)
    ignored.plan(site, plan)
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


def _program(site: Site, lines: dict[str, str]) -> Program:
    """Return which file is the clock, or is to be it."""
    if "clock" in lines:
        found = procfile.clock(site.root)
        file = posixpath.normpath(found.file.as_posix())
        if not procfile.CLOCK_LINE.search(f"clock: {lines['clock']}") or not site.has_file(file):
            raise HerokuclockError(
                f"The Procfile's clock line starts no Python file that is here: {lines['clock']}",
                "Write it as `clock: python FILE` or `clock: python -m MODULE`, then run it again.",
            )
        return Program(file, lines["clock"], "clock")
    made = list(_blocking(site))
    for start in started.of(site):
        files = [f for f in reach.first_files(site, start) if f in made]
        if start.type not in ("web", "release") and files:
            return Program(files[0], lines[start.type], start.type)
    if len(made) > 1:
        raise HerokuclockError(
            f"{' and '.join(made)} each make a scheduler that blocks, and one is the clock.",
            f"Say in the Procfile which, and run it again: clock: {_command(site, made[0], lines)}",
        )
    if made:
        return Program(made[0], _command(site, made[0], lines), None)
    name = next((name for name in NEW_NAMES if not site.has_file(name)), None)
    if name is None:
        raise HerokuclockError(
            f"{', '.join(NEW_NAMES)} are all there, and none makes a scheduler that blocks.",
            "Say in the Procfile which is the clock, then run it again: clock: python clock.py",
        )
    return Program(name, _command(site, name, lines), None, is_new=True)


def _without_process(site: Site, type: str) -> Iterator[Paste]:
    """Take out the line of a process that has nothing to do any more."""
    for number, line in enumerate(site.text(PROCFILE).splitlines(), 1):
        if line.startswith(f"{type}:") and type != "web":
            yield Paste(PROCFILE, number, elsewhere.SECOND, (), (line,))


def _other_schedulers(site: Site, program: Program) -> list[str]:
    """Return the files whose schedulers run elsewhere than in the clock."""
    clocks = [s for s in started.of(site) if program.file in reach.first_files(site, s)]
    its_own = {file for start in clocks for file in reach.loaded(site, start)}
    kinds = {file: elsewhere.kind_of(site, file) for file in elsewhere.files(site, program.file)}
    return [
        file
        for file, kind in kinds.items()
        if kind != "Clock" and not (kind == clock_source.BLOCKING and file in its_own)
    ]


def _blocking(site: Site) -> Iterator[str]:
    for file in elsewhere.files(site, None):
        if elsewhere.kind_of(site, file) in (clock_source.BLOCKING, "Clock"):
            yield file


def _command(site: Site, file: str, lines: dict[str, str]) -> str:
    folder = posixpath.dirname(file)
    how = processes.python_of(lines)
    if folder and site.has_file(f"{folder}/__init__.py"):
        return f"{how} -m {file.removesuffix('.py').replace('/', '.')}"
    return f"{how} {file}"


def _clock(site: Site, program: Program, zone: str | None, app: str | None, plan: Plan) -> str:
    """Plan the clock's file; return the name of its scheduler."""
    told = manifest.read(site.root).values.get("TZ")
    zone_now = zone or told or "UTC"
    if program.is_new:
        source = _new_file(zone_now, app).replace("`python jobs.py`", f"`{program.command}`")
        plan.edit(program.file, None, source.encode(), "the clock: your jobs go here")
        if app:
            plan.meanings.append(meaning.CONTEXT.format(app=app))
        return "sched"
    source = read_text(site.root / program.file)
    own = None if "app_context" in source else app
    done = clock_source.convert(source, program.file, zone_now, own)
    if done is None:
        return _already(site, program, source, plan)
    if done.doubts:
        reason = "; ".join(done.doubts)
        plan.pastes += pastes(program.file, source, done.text, reason)
    else:
        content = site.content(program.file)
        new = done.text.encode(encoding_of(content))
        plan.edit(program.file, content, new, "its scheduler becomes a Clock")
    if done.had_no_zone:
        why = "" if zone else meaning.OF_APP_JSON if told else meaning.SERVERS
        plan.meanings.append(meaning.ZONE.format(zone=zone_now, why=why))
    plan.meanings += meaning.of_jobs(program.file, done.text)
    if own:
        plan.meanings.append(meaning.CONTEXT.format(app=own))
    return done.scheduler


def _already(site: Site, program: Program, source: str, plan: Plan) -> str:
    """Plan what a file lacks that has a Clock already, or none of its own."""
    file = parse(source, program.file)
    imported = reach.imports(site, program.file)
    if any(each.module.split(".")[0] == "clockdyno" for each in imported):
        guarded = clock_source.guard(source, program.file)
        if guarded is None:
            reason = "what starts the clock belongs under a guard, and stands among other lines"
            start = clock_source.GUARD
            plan.pastes.append(Paste(program.file, None, reason, (start, "    sched.start()")))
        elif guarded != source:
            content = site.content(program.file)
            new = guarded.encode(encoding_of(content))
            plan.edit(program.file, content, new, "only the program starts its clock")
        return scheduler_name(file)
    return _imported(site, program, source, plan)


def _imported(site: Site, program: Program, source: str, plan: Plan) -> str:
    """Tell what to do where the clock's file makes no scheduler that is known here."""
    names = {name for each in reach.imports(site, program.file) for name in each.names}
    start = next((s for s in started.of(site) if program.file in reach.first_files(site, s)), None)
    loaded = reach.loaded(site, start) if start else ()
    if any(elsewhere.kind_of(site, file) == "Clock" for file in loaded):
        return next(iter(names & {"sched", "scheduler", "clock"}), "sched")
    for file in loaded:
        if file == program.file or elsewhere.kind_of(site, file) != clock_source.BLOCKING:
            continue
        text = read_text(site.root / file)
        done = clock_source.convert(text, file, "UTC", None)
        if done and done.scheduler in names:
            reason = f"the scheduler of {program.file} is made here, and others may use it"
            plan.pastes += pastes(file, text, done.text, reason)
            guarded = clock_source.guard_of(source, program.file, done.scheduler)
            plan.pastes += pastes(
                program.file, source, guarded or source, "only the program starts it"
            )
            return done.scheduler
    made = ("from clockdyno import Clock", "", 'sched = Clock(timezone="UTC")')
    begun = ("", clock_source.GUARD, "    sched.start()")
    if elsewhere.kind_of(site, program.file):
        found = elsewhere.pastes(
            site, program.file, program.file, "sched", HIDDEN, around=(made, begun)
        )
        plan.pastes += found
    else:
        plan.pastes.append(Paste(program.file, None, UNKNOWN, (*made, *begun)))
    return "sched"


def _new_file(zone: str, app: str | None) -> str:
    """Return the template's jobs.py without its example."""
    text = (bundle.home() / "template" / "jobs.py").read_text(encoding="utf-8")
    text = jobs_file.remove(text, "hello", force=True)
    text = jobs_file.set_timezone(text, zone)
    return (
        text.replace(f'Clock(timezone="{zone}")', f'Clock(timezone="{zone}", app="{app}")')
        if app
        else text
    )


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
    site: Site, lines: dict[str, str], program: Program, place: AppPlace | None, plan: Plan
) -> None:
    content = site.content(PROCFILE) if site.has_file(PROCFILE) else None
    text = (content or b"").decode("utf-8", "surrogateescape")
    if program.type not in ("clock", None):
        text = processes.renamed(text, str(program.type))
        plan.meanings.append(meaning.RENAMED.format(type=program.type))
    elif program.type is None:
        text = processes.with_clock(text, program.command)
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
