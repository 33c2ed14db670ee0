"""Commands that read jobs.py: what runs next, in which zone, and what is wrong."""

import argparse
from datetime import UTC, datetime

from clockdyno import procfile, texts
from clockdyno.commands import answers
from clockdyno.schedule import listing
from clockdyno.schedules import command as schedules_command


def zone(options: argparse.Namespace) -> int:
    """Say in which time zone the clock counts."""
    from clockdyno.clock.inspection import loading

    try:
        clock = loading.load()
    except Exception as error:
        return _refuse_jobs(error)
    facts = {"zone": str(clock.timezone), "named": clock.names_its_zone}
    lines = [str(clock.timezone)] if clock.names_its_zone else [f"{clock.timezone}, unnamed"]
    return answers.give(options, facts, lines)


def show_next(options: argparse.Namespace) -> int:
    """Show when each job runs next."""
    from clockdyno.clock.inspection import loading, outlooks

    file = procfile.clock().file
    try:
        clock = loading.load()
    except Exception as error:
        return _refuse_jobs(error)
    try:
        jobs = outlooks.outlooks(clock, options.start, options.n or 5, options.job)
    except ValueError:
        return answers.refuse(f"--from {options.start!r} is no date", "write it as 2027-03-08")
    if options.job and not jobs:
        return answers.refuse(
            f"there is no job {options.job!r} in {file}", "python -m clockdyno next"
        )
    if jobs and not options.job and not options.n:
        program, width = "python -m clockdyno next", listing.width()
        lines = listing.summary([job.line() for job in jobs], datetime.now(UTC), program, width)
    else:
        lines = [line for job in jobs for line in job.lines()] or [f"{file} has no job.", ""]
    for surprise in [] if options.job else outlooks.crowd(clock):
        lines += [f"! {surprise.text}", *listing.instead(surprise.fix)]
    if clock.tasks and not options.job:
        lines += schedules_command.number()
    return answers.give(options, [job.facts() for job in jobs], lines if lines[-1] else lines[:-1])


def check(options: argparse.Namespace) -> int:
    """Say what is wrong with the jobs."""
    from clockdyno.clock.inspection.mistakes import check

    mistakes, notes = check()
    lines = [f"Error: {text}" for text in mistakes] + [f"Note: {text}" for text in notes]
    lines = lines or [f"{procfile.clock().file} is fine."]
    answers.give(options, {"errors": mistakes, "notes": notes}, lines)
    return 2 if mistakes else 0


def _refuse_jobs(error: Exception) -> int:
    text = f"{procfile.clock().file} cannot be read: {texts.message(error)}"
    return answers.refuse(text, "python -m clockdyno check says more")
