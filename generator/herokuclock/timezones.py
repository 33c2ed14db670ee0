"""Time zones by their IANA names: this machine's, all of them, the nearest to a typo."""

from difflib import get_close_matches
from functools import cache
from importlib.resources import files

UTC_ALIASES = {"Etc/UTC", "Etc/Universal", "Etc/Zulu", "Universal", "Zulu", "Etc/UCT", "UCT"}


@cache
def known() -> frozenset[str]:
    """Return every IANA name, the same on every machine: those of the tzdata package."""
    names = files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()
    return frozenset(names) - {"Factory"}


def of_this_machine() -> str:
    """Return the machine's own IANA zone, or "UTC" where it has none that is known."""
    import tzlocal

    try:
        name = tzlocal.get_localzone_name()
    except (LookupError, ValueError, OSError):
        return "UTC"
    plain = "UTC" if name in UTC_ALIASES else name
    return plain if plain in known() else "UTC"


def problem(name: str) -> str | None:
    """Say why `name` is no time zone, or None if it is one."""
    if name in known():
        return None
    return f"{name!r} is not a time zone." if name else "a time zone is needed."


def nearest(name: str) -> list[str]:
    """Return up to three zones that `name` may have meant: "new york" is America/New_York."""
    wanted = name.strip().replace(" ", "_").casefold()
    by_city: dict[str, str] = {}
    for zone in sorted(known(), key=lambda zone: (zone.count("/") != 1, zone)):
        by_city.setdefault(zone.rsplit("/", 1)[-1].casefold(), zone)
        by_city.setdefault(zone.casefold(), zone)
    close = [wanted] if wanted in by_city else get_close_matches(wanted, by_city, n=3, cutoff=0.6)
    return list(dict.fromkeys(by_city[key] for key in close))
