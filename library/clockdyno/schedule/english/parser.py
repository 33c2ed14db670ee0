"""English sentences about time: clauses in any order, each of which fills one slot of a wish.

every N UNIT | every DAYS | on DAYS | on the PLACES of the month | on DATE | in MONTHS
at TIMES | at :MM | from TIME to TIME | from DAY to DAY | starting DATE | until DATE | in ZONE
except DAYS; and after a comma or an 'and', where a slot would be filled twice, the next schedule.
"""

import re
from collections.abc import Callable

from clockdyno.schedule.dialects import dates
from clockdyno.schedule.dialects.reading import Reading
from clockdyno.schedule.english import clauses
from clockdyno.schedule.english.request import Wish
from clockdyno.schedule.english.slots import Twice
from clockdyno.schedule.english.tokens import Sentence
from clockdyno.schedule.english.translation import MOST_TRIGGERS, schedules
from clockdyno.schedule.refusal import Misread, quote

SLASHED = re.compile(r"\b([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})\b")
LINKS = (",", "and", "&")
# What an end of a sentence may say of one part of it or of all.
LIMITS = {
    "zone": "time zone",
    "starting": "begin",
    "until": "end",
    "months": "month",
    "season": "part of the year",
    "window": "part of the day",
    **dict.fromkeys(("other_weekdays", "other_days", "other_months"), "exception"),
}


def read(text: str) -> Reading:
    """The triggers that the sentence needs; where it is said in other words, in ours."""
    try:
        return _read(text)
    except Misread as misread:
        from clockdyno.schedule.english import sayings

        said = sayings.plain(text)
        if said == text:
            raise
        try:
            return _read(said)
        except Misread:
            raise misread from None


def _read(text: str) -> Reading:
    if dates.ISO.fullmatch(text):
        return Reading([("date", {"run_date": dates.read("date", text)})])
    _refuse_slashed(text)
    s = Sentence(text.rstrip(" ."))
    wishes = _wishes(s)
    if len(wishes) == 1:
        return Reading(schedules(wishes[0], s.text), tuple(wishes[0].notes))
    _share(wishes)
    triggers = []
    for wish in wishes:
        if not wish.is_whole():
            raise Misread("each of its parts has to say on which days, and when")
        try:
            triggers += schedules(wish, s.text)
        except Misread as misread:
            # An offer for a part of the sentence would not be one for the whole.
            raise Misread(misread.reason) from None
    if len(triggers) > MOST_TRIGGERS:
        raise Misread(f"that takes {len(triggers)} triggers, more than {MOST_TRIGGERS}")
    return Reading(triggers, tuple(dict.fromkeys(note for wish in wishes for note in wish.notes)))


def _wishes(s: Sentence) -> list[Wish]:
    """One wish, or several with a comma or an 'and' between them."""
    wishes = [Wish()]
    while s.peek().kind != "end":
        while s.take(*LINKS):
            s.after_link = True
        if s.peek().kind == "end":
            if s.peek(-1).text != ",":
                s.refuse_unknown()
            break
        before, saved = s.at, vars(wishes[-1]).copy()
        try:
            _clause(s, wishes[-1])
        except Twice:
            if not s.after_link:
                raise
            vars(wishes[-1]).update(saved)
            s.at, s.after_link = before, False
            wishes.append(Wish())
            saved = vars(wishes[-1]).copy()
            _clause(s, wishes[-1])
        s.after_link = False
        if before == 0 or s.peek().kind == "end":
            changed = {slot for slot, value in vars(wishes[-1]).items() if saved[slot] != value}
            wishes[-1].at_an_end = changed
    return wishes


def _clause(s: Sentence, wish: Wish) -> None:
    is_clause: Callable[[Sentence, Wish], bool]
    for is_clause in clauses.CLAUSES:
        if is_clause(s, wish):
            return
    s.refuse_unknown()


def _share(wishes: list[Wish]) -> None:
    """A zone that is said once, at an end of the sentence, is for all; the rest is unclear."""
    zoned = [wish for wish in wishes if wish.zone]
    if len(zoned) == 1 and "zone" in zoned[0].at_an_end:
        for wish in wishes:
            wish.zone = zoned[0].zone
    for slot, words in LIMITS.items():
        said = [wish for wish in wishes if getattr(wish, slot)]
        own = "days" in said[0].at_an_end if said else False
        if len(said) == 1 and not own and (slot == "zone" or slot in said[0].at_an_end):
            reason = f"the {words} is said once: for the other days, too?"
            raise Misread(reason, hint="Divide the schedules by a semicolon, and say it for each.")


def _refuse_slashed(text: str) -> None:
    if slashed := SLASHED.search(text):
        first, second, year = slashed.groups()
        days = (f"{year}-{first:0>2}-{second:0>2}", f"{year}-{second:0>2}-{first:0>2}")
        readings = [text.replace(slashed[0], day) for day in dict.fromkeys(days)]
        reason = f"{quote(slashed[0])} could begin with the day or with the month"
        raise Misread(f"character {slashed.start() + 1}: {reason}", readings)
