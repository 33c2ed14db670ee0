"""What could have been meant, each with the times at which it would run, so that one can choose."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from clockdyno.schedule.typed import parse

from herokuclock.errors import HerokuclockError, ScheduleError
from herokuclock.preview import Preview, preview

# So many next runs tell two readings apart.
COUNT = 3


@contextmanager
def shown(zone: str | None) -> Iterator[None]:
    """Add the next runs of each reading to a refusal that offers several."""
    try:
        yield
    except ScheduleError as error:
        if len(error.readings) < 2:
            raise
        now = datetime.now(UTC)
        found = [(text, preview(parse(text), zone, now, COUNT)) for text in error.readings]
        lines = [line for text, told in found for line in _lines(text, told)]
        raise Unclear(error, lines, [_facts(text, told) for text, told in found]) from None


class Unclear(HerokuclockError):
    """A schedule with several readings, of which none is chosen."""

    def __init__(
        self, error: ScheduleError, lines: list[str], readings: list[dict[str, object]]
    ) -> None:
        super().__init__(error.message, error.hint, code=error.code)
        self.lines = lines
        self.readings = readings


def _lines(text: str, told: Preview) -> list[str]:
    return [text, *told.lines("  ")[:1], *(f"  {line}" for line in told.times())]


def _facts(text: str, told: Preview) -> dict[str, object]:
    return {"text": text, **told.to_json()}
