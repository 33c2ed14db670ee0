"""The clock's own file: its scheduler becomes a Clock, or it is written anew."""

from herokuclock import manifest
from herokuclock.check import reach, started
from herokuclock.check.findings import Site
from herokuclock.init import clock_source, elsewhere, meaning
from herokuclock.init.edits import Paste, Plan, pastes
from herokuclock.init.hoisting import BLOCKING, GUARD
from herokuclock.init.program import Program
from herokuclock.jobs import file as jobs_file
from herokuclock.jobs.anchors import scheduler_name
from herokuclock.jobs.source import parse
from herokuclock.new import bundle
from herokuclock.project import encoding_of, read_text

UNKNOWN = "it makes no scheduler of a kind that is known here; the clock's file needs one"
HIDDEN = "this {kind} is made where nobody finds it who looks at the jobs"


def plan(site: Site, program: Program, zone: str | None, app: str | None, to: Plan) -> str:
    """Plan the clock's file; return the name of its scheduler."""
    told = manifest.read(site.root).values.get("TZ")
    zone_now = zone or told or "UTC"
    if program.is_new:
        source = _new_file(zone_now, app).replace("`python jobs.py`", f"`{program.command}`")
        to.edit(program.file, None, source.encode(), "the clock: your jobs go here")
        if app:
            to.meanings.append(meaning.CONTEXT.format(app=app))
        return "sched"
    source = read_text(site.root / program.file)
    own = None if "app_context" in source else app
    done = clock_source.convert(source, program.file, zone_now, own)
    if done is None:
        return _already(site, program, source, to)
    if done.doubts:
        reason = "; ".join(done.doubts)
        to.pastes += pastes(program.file, source, done.text, reason)
    else:
        content = site.content(program.file)
        new = done.text.encode(encoding_of(content))
        to.edit(program.file, content, new, "its scheduler becomes a Clock")
    if done.had_no_zone:
        why = "" if zone else meaning.OF_APP_JSON if told else meaning.SERVERS
        to.meanings.append(meaning.ZONE.format(zone=zone_now, why=why))
    to.meanings += meaning.of_jobs(program.file, done.text)
    if own:
        to.meanings.append(meaning.CONTEXT.format(app=own))
    return done.scheduler


def _already(site: Site, program: Program, source: str, to: Plan) -> str:
    """Plan what a file lacks that has a Clock already, or none of its own."""
    file = parse(source, program.file)
    imported = reach.imports(site, program.file)
    if any(each.module.split(".")[0] == "clockdyno" for each in imported):
        guarded = clock_source.guard(source, program.file)
        if guarded is None:
            reason = "what starts the clock belongs under a guard, and stands among other lines"
            start = GUARD
            to.pastes.append(Paste(program.file, None, reason, (start, "    sched.start()")))
        elif guarded != source:
            content = site.content(program.file)
            new = guarded.encode(encoding_of(content))
            to.edit(program.file, content, new, "only the program starts its clock")
        return scheduler_name(file)
    return _imported(site, program, source, to)


def _imported(site: Site, program: Program, source: str, to: Plan) -> str:
    """Tell what to do where the clock's file makes no scheduler that is known here."""
    names = {name for each in reach.imports(site, program.file) for name in each.names}
    start = next((s for s in started.of(site) if program.file in reach.first_files(site, s)), None)
    loaded = reach.loaded(site, start) if start else ()
    if any(elsewhere.kind_of(site, file) == "Clock" for file in loaded):
        return next(iter(names & {"sched", "scheduler", "clock"}), "sched")
    for file in loaded:
        if file == program.file or elsewhere.kind_of(site, file) != BLOCKING:
            continue
        text = read_text(site.root / file)
        done = clock_source.convert(text, file, "UTC", None)
        if done and done.scheduler in names:
            reason = f"the scheduler of {program.file} is made here, and others may use it"
            to.pastes += pastes(file, text, done.text, reason)
            guarded = clock_source.guard_of(source, program.file, done.scheduler)
            to.pastes += pastes(
                program.file, source, guarded or source, "only the program starts it"
            )
            return done.scheduler
    made = ("from clockdyno import Clock", "", 'sched = Clock(timezone="UTC")')
    begun = ("", GUARD, "    sched.start()")
    if elsewhere.kind_of(site, program.file):
        found = elsewhere.pastes(
            site, program.file, program.file, "sched", HIDDEN, around=(made, begun)
        )
        to.pastes += found
    else:
        to.pastes.append(Paste(program.file, None, UNKNOWN, (*made, *begun)))
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
