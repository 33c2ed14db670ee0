"""What Heroku takes a month for what runs, as far as it is known; and what eco dynos mean."""

from collections.abc import Iterable
from datetime import date, timedelta

from herokuclock.heroku.platform import Process

DYNOS = {"basic": 7, "standard-1x": 25, "standard-2x": 50}
# Flat, for all eco dynos of an account together.
ECO = 5
DATABASES = {"heroku-postgresql:essential-0": 5}
POOL_HOURS = 1000


def is_eco(processes: Iterable[Process]) -> bool:
    """Say whether anything here runs on eco dynos."""
    return any(process.size.lower() == "eco" for process in processes)


def of_process(process: Process) -> int | None:
    """Return dollars a month; None where they are not known here."""
    if process.size.lower() == "eco":
        return ECO if process.quantity else 0
    price = DYNOS.get(process.size.lower())
    return None if price is None else price * process.quantity


def total(processes: Iterable[Process], database: str | None) -> str:
    """Say what all of it costs a month, and what of it costs what."""
    kept = [process for process in processes if process.quantity]
    parts = {p.type: of_process(p) for p in kept if p.size.lower() != "eco"}
    if is_eco(kept):
        parts["all eco dynos together"] = ECO
    if database:
        parts[database] = DATABASES.get(database)
    known = sum(part for part in parts.values() if part is not None)
    shown = [f"{name} {'?' if part is None else f'${part}'}" for name, part in parts.items()]
    return f"${known} a month: {', '.join(shown)}."


def pool_ends(hours_left: int, dynos: int, today: date) -> date | None:
    """Return the day on which the pool of eco hours is used up; None if it lasts the month."""
    days = hours_left / (24 * dynos) if dynos else 31.0
    end = today + timedelta(days=int(days))
    return end if end.month == today.month and end.year == today.year else None


def eco_warning(processes: Iterable[Process]) -> str | None:
    """Say what sleeping means for a clock; None where nothing sleeps."""
    eco = [p for p in processes if p.quantity and p.size.lower() == "eco"]
    if not eco:
        return None
    hours = 744 * sum(process.quantity for process in eco)
    text = ""
    if {"web", "clock"} <= {process.type for process in eco}:
        text = "An eco web dyno sleeps after 30 minutes without a visitor, and its clock with it. "
    if hours > POOL_HOURS:
        text += f"They need {hours:,} hours a month and the pool has {POOL_HOURS:,}. "
    return text and text + "Basic dynos stay awake, $7 a month each: heroku ps:type basic"
