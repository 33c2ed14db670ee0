"""Time zones by their name, or by their city, as people type them."""

import re
from contextlib import suppress
from datetime import tzinfo
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from unicodedata import combining, normalize

from clockdyno.schedule.refusal import Misread, closest, quote

# What these letters mean depends on who writes them, or on the time of the year.
ABBREVIATIONS = {
    **dict.fromkeys(("est", "edt", "et"), "America/New_York"),
    **dict.fromkeys(("cst", "cdt", "ct"), "America/Chicago"),
    **dict.fromkeys(("mst", "mdt", "mt"), "America/Denver"),
    **dict.fromkeys(("pst", "pdt", "pt"), "America/Los_Angeles"),
    **dict.fromkeys(("cet", "cest", "met"), "Europe/Berlin"),
    **dict.fromkeys(("eet", "eest"), "Europe/Helsinki"),
    **dict.fromkeys(("wet", "west"), "Europe/Lisbon"),
    **dict.fromkeys(("aest", "aedt"), "Australia/Sydney"),
    "hst": "Pacific/Honolulu",
    "bst": "Europe/London",
    "ist": "Asia/Kolkata",
    "jst": "Asia/Tokyo",
    "msk": "Europe/Moscow",
}
UTC_ALIASES = {"Etc/UTC", "Etc/Universal", "Etc/Zulu", "Universal", "Zulu", "Etc/UCT", "UCT"}
# tzdata lists these, but the first two name no place and the third is the server's own zone.
NOT_PLACES = {"factory", "posixrules", "localtime"}


class UnknownZone(Misread):
    """No time zone has this name; the search for the closest waits until it is asked for."""

    def __init__(self, name: str, text: str) -> None:
        abbreviation = is_abbreviation(text)
        what = (
            "an abbreviation, not the time zone of a place" if abbreviation else "not a time zone"
        )
        super().__init__(f"{name}: {quote(text)} is {what}")
        self.key = _key(text)

    @property
    def hint(self) -> str:
        """The zones whose names look most like it."""
        table = _table()
        near = closest(self.key, tuple(table), 2, 0.6)
        found = [ABBREVIATIONS[self.key]] if self.key in ABBREVIATIONS else map(table.get, near)
        zones = " or ".join(f'"{zone}"' for zone in dict.fromkeys(found))
        return f"Did you mean {zones}?" if zones else 'Name it as in "America/New_York" or "UTC".'


def find(text: str, *, name: str = "timezone") -> str:
    """The zone of this name or city; refuses what it does not know with the closest."""
    zone = known(text)
    if zone is None:
        raise UnknownZone(name, text)
    return zone


def known(text: str) -> str | None:
    """The zone of this name or city, if there is one."""
    key = _key(text)
    return None if key in ABBREVIATIONS else _table().get(key)


def of_this_machine() -> str:
    """The machine's own zone, or "UTC" where it has none that has a name."""
    import tzlocal

    try:
        name = tzlocal.get_localzone_name()
    except (LookupError, ValueError, OSError):
        return "UTC"
    return "UTC" if name in UTC_ALIASES else known(name) or "UTC"


def everywhere() -> list[str]:
    """All names, sorted."""
    return sorted(set(_table().values()))


def is_abbreviation(text: str) -> bool:
    """Whether these are letters such as EST."""
    return _key(text) in ABBREVIATIONS


def _key(text: str) -> str:
    plain = "".join(c for c in normalize("NFKD", text) if not combining(c))
    return re.sub(r"[ _]+", "_", plain.strip().lower())


@cache
def _table() -> dict[str, str]:
    # zoneinfo.available_timezones() opens a thousand files; tzdata ships the same names as a list.
    names = _tzdata("zones").split()
    places = _tzdata("zoneinfo/zone.tab").splitlines()
    canonical = [line.split("\t")[2] for line in places if line and line[0] != "#"]
    cities = {_key(zone.rpartition("/")[2]): zone for zone in canonical}
    return {_key(zone): zone for zone in names if zone.lower() not in NOT_PLACES} | cities


def _tzdata(name: str) -> str:
    spec = find_spec("tzdata")
    assert spec is not None
    assert spec.origin is not None
    return (Path(spec.origin).parent / name).read_text(encoding="utf-8")


def without_zone(schedule: str, zone: str) -> str:
    """Return a schedule in words without its zone, for where that stands beside it."""
    from zoneinfo import ZoneInfo

    with suppress(ValueError, OSError, LookupError):
        return schedule.removesuffix(f", {words(ZoneInfo(zone))}")
    return schedule


def words(zone: tzinfo) -> str:
    """Name a zone as people do: "New York time"."""
    key = getattr(zone, "key", None) or str(zone)
    name = key.rsplit("/", 1)[-1].replace("_", " ")
    if match := re.fullmatch(r"GMT([+-])(\d+)", name):
        # Etc/GMT+5 is five hours behind, not ahead.
        return f"UTC{'-' if match[1] == '+' else '+'}{match[2]}"
    return name if key.startswith("Etc/") or "/" not in key else f"{name} time"
