"""`explain` and `next`: what a schedule means, and when a project's jobs run."""

from datetime import UTC, date, datetime, time
from pathlib import Path

from clockdyno.schedule import zones
from clockdyno.schedule.refusal import Misread
from clockdyno.schedule.typed import understand

from herokuclock import offers, project, screen
from herokuclock.errors import REFUSED, HerokuclockError
from herokuclock.preview import ClockZone, preview, zone_info


def explain(text: str, timezone: str | None, count: int, *, json: bool) -> None:
    """Say what a schedule means; no project is needed."""
    zone = _zone(timezone)
    with offers.shown(zone.name):
        read = understand(text)
    shown = preview(
        read.schedules,
        zone.name,
        datetime.now(UTC),
        count,
        notes=read.notes,
        surprises=zone.surprises,
    )
    if json:
        screen.as_json(shown.to_json())
    else:
        screen.say_lines(shown.lines())


def upcoming_runs(name: str | None, count: int | None, start: str | None, *, json: bool) -> None:
    """Show the next run of each job of a project, or the next ones where they are asked for."""
    from herokuclock.jobs.zone import zone_of
    from herokuclock.show.upcoming import upcoming

    found = project.find()
    begin = _start_of(_day(start), zone_of(found).name or "UTC") if start else None
    now = datetime.now(UTC)
    told = upcoming(found, now, count or 5, name, begin)
    if json:
        screen.as_json(told.to_json())
    else:
        screen.say_lines(told.lines() if name or count else told.lines(now))


def calendar(name: str | None, start: str | None, svg: Path | None, *, json: bool) -> None:
    """Draw a week of a project's jobs, in the terminal or into an SVG file."""
    from dataclasses import replace

    from herokuclock.jobs.zone import zone_of
    from herokuclock.show.project_week import week_of
    from herokuclock.show.upcoming import no_job
    from herokuclock.show.week import text

    if json:
        raise HerokuclockError("--calendar has no --json.", "Take it without: next --json.", code=2)
    found = project.find()
    today = datetime.now(zone_info(zone_of(found).name or "UTC")).date()
    week, notes = week_of(found, _day(start) if start else today)
    if name:
        lanes = [lane for lane in week.lanes if lane.job == name]
        if not lanes:
            raise no_job(found, name, [lane.job for lane in week.lanes])
        week = replace(week, lanes=lanes)
    if svg:
        _write_svg(svg, week)
        screen.say(f"Wrote {svg}.")
    else:
        screen.say_lines(text(week, screen.width()))
    for note in notes:
        screen.note(note)


def _write_svg(path: Path, week: object) -> None:
    from herokuclock.show.week_svg import svg

    try:
        path.write_text(svg(week), encoding="utf-8")  # type: ignore[arg-type]
    except OSError as error:
        raise HerokuclockError(
            f"cannot write {str(path)!r}: {error.strerror}.", "Name a file in a folder of yours."
        ) from None


def _zone(given: str | None) -> ClockZone:
    """Return the zone asked for, else that of the clock we stand beside, else this machine's."""
    if given is not None:
        try:
            return ClockZone(zones.find(given))
        except Misread as misread:
            raise HerokuclockError(f"{misread.reason}.", misread.hint, code=2) from None
    try:
        found = project.find()
        from herokuclock.jobs.zone import zone_of

        return zone_of(found)
    except REFUSED:
        return ClockZone(zones.of_this_machine())


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise HerokuclockError(
            f"--from {text!r} is not a date.", "Write it as 2027-03-08.", code=2
        ) from None


def _start_of(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), zone_info(zone))
