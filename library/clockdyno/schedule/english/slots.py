"""The slots of a wish: each is filled once."""

from typing import NoReturn

from clockdyno.schedule.english.request import Wish
from clockdyno.schedule.english.tokens import Sentence
from clockdyno.schedule.refusal import Misread


class Twice(Misread):
    """A second clause for one slot: after a comma it begins the next schedule."""


def fill(s: Sentence, wish: Wish, slot: str, value: object) -> bool:
    """Put what was just read into its slot, which no second clause may change."""
    if not value:
        return False
    if wish.is_taken(slot, value, after_link=s.after_link):
        raise Twice(f"character {s.peek(-1).start + 1}: it says the {slot} twice")
    setattr(wish, slot, value)
    return True


def lost(s: Sentence) -> NoReturn:
    """End here: what a clause began with does not go on."""
    s.refuse_unknown()
