"""One alert to each place, at once and while somebody waits: does it arrive?"""

import threading
from typing import NamedTuple

from clockdyno.telling import alerts, desk
from clockdyno.telling.events import Event

TEXT = "was sent by `python -m clockdyno alert --test`: alerts arrive here"


class Outcome(NamedTuple):
    """What happened at one place."""

    place: str
    sent: bool
    error: str | None = None

    @property
    def line(self) -> str:
        """Say it in one line."""
        return f"{self.place}: " + ("sent." if self.sent else f"not sent: {self.error}.")


def send_to_all() -> list[Outcome]:
    """Send one alert to each place that is configured, and say what happened at each."""
    return [_send(place) for place in alerts.places()]


def _send(place: desk.Place) -> Outcome:
    in_a_hurry = threading.Event()
    in_a_hurry.set()
    try:
        desk.send(place, [Event("test", "This message", TEXT)], in_a_hurry)
    except Exception as error:
        facts = desk.why(place, error)
        told = [str(facts[name]) for name in ("error", "code", "reason") if facts[name] is not None]
        return Outcome(place.name, sent=False, error=", ".join(told))
    return Outcome(place.name, sent=True)
