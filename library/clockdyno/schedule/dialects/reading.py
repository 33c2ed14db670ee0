"""What a text means in its dialect: its triggers, and what somebody from elsewhere should know."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from clockdyno.schedule.dialects.apscheduler import Trigger, Value, check, written
from clockdyno.schedule.dialects.cron_field import FieldError
from clockdyno.schedule.refusal import Misread

UTC_ELSEWHERE = "AWS counts in UTC where nothing else is said; here it is the zone of the clock."


class Reading(NamedTuple):
    """The triggers of a text; the notes say by whose rules it was read, and what differs here."""

    triggers: list[Trigger]
    notes: tuple[str, ...] = ()

    def text(self) -> str:
        """The same schedule in words that have no other reading."""
        checked = ((kind, check(kind, keywords)) for kind, keywords in self.triggers)
        return "; ".join(written(kind, keywords) for kind, keywords in checked)


def cron(alternatives: Iterable[Mapping[str, Value]]) -> list[Trigger]:
    """Cron triggers without the fields that allow everything; the minute stays for the others."""
    return [("cron", restricted(fields)) for fields in alternatives]


def restricted(fields: Mapping[str, Value]) -> dict[str, Value]:
    """Only what limits; a second of 0 needs no word where the minute has one."""
    return {
        name: value
        for name, value in fields.items()
        if name == "minute"
        or (
            ("*" not in str(value).split(",") or name == "second")
            and not (name == "second" and str(value) in ("0", "00"))
        )
    }


def only_certain(reason: str, readers: Sequence[Callable[[], Reading]]) -> Reading:
    """The one reading that there is; where programs differ, nothing is chosen."""
    found: list[Reading] = []
    refusals: list[Misread] = []
    for read in readers:
        try:
            reading = read()
        except Misread as misread:
            refusals.append(misread)
            continue
        if all(reading.triggers != other.triggers for other in found):
            found.append(reading)
    if not found:
        raise refusals[0]
    if len(found) == 1:
        return found[0]
    raise Unclear(reason, found)


class Unclear(Misread):
    """Two dialects read the text in two ways: each is shown, and none is chosen."""

    def __init__(self, reason: str, found: Sequence[Reading]) -> None:
        super().__init__(reason, [reading.text() for reading in found])


def mended(error: FieldError, line: Mapping[str, str], shape: str = "{}") -> Misread:
    """The refusal of one field, with the whole line in which that field is right."""
    better = {**line, error.field: error.better}
    return Misread(error.reason, [shape.format(" ".join(better.values()))] if error.better else [])
