"""Every so many seconds, minutes or hours: in all of the day or in a part of it."""

from collections.abc import Callable, Iterable, Sequence
from typing import NoReturn

from clockdyno.schedule.dialects.apscheduler import Value
from clockdyno.schedule.dialects.expressions import listed_text, steps_text
from clockdyno.schedule.english.request import Trigger, Wish
from clockdyno.schedule.english.times_of_day import Time
from clockdyno.schedule.refusal import Misread

Fields = dict[str, Value]
DAY = 24 * 60


def triggers(wish: Wish, text: str) -> list[Trigger]:
    """An interval, or cron where only some days or hours are meant."""
    every = wish.each()
    if wish.times:
        _refuse_times(wish, every)
    if not wish.is_bound() and not wish.aligned:
        return [("interval", {f"{wish.unit}s": wish.count})]
    days = wish.day_fields()
    if wish.unit == "second":
        second = _seconds(wish, text)
        return [("cron", {**day, "second": second}) for day in days]
    step = wish.count * (60 if wish.unit == "hour" else 1)
    if wish.minutes and step % 60:
        raise Misread(f"{every} and at {wish.minutes[0]} cannot both be")
    window = wish.window
    fires = _within(wish, window, step) if window else _all_day(wish, step, text)
    clocks = _clock_fields((fire % DAY for fire in fires), steps_text)
    return [("cron", {**day, **clock}) for day in days for clock in clocks]


def _refuse_times(wish: Wish, every: str) -> NoReturn:
    """Refuse 'every 2 hours at 9', which may begin at 9 or name the minute."""
    time, readings = wish.times[0], list[str]()
    if wish.unit == "hour" and not time.minute and not wish.is_bound() and len(wish.times) == 1:
        readings = [f"{every} from {time} to 23:59", f"{every} at :{time.hour:02}"]
    raise Misread(f"{every} and at {time} cannot both be", readings)


def _seconds(wish: Wish, text: str) -> str:
    if wish.window or wish.minutes:
        reason = f"{wish.each()} in a part of the day is said with fields"
        raise Misread(reason, examples=("cron hour=9-16 second=*/10",))
    if 60 % wish.count:
        readings = _near(text, wish.count, 60)
        reason = f"{wish.count} seconds do not divide a minute, so one gap would differ"
        raise Misread(reason, examples=readings)
    return steps_text(range(0, 60, wish.count), 60)


def _near(text: str, count: int, size: int) -> list[str]:
    """The same with the steps next to it that divide evenly."""
    even = sorted((n for n in range(1, size) if size % n == 0), key=lambda n: abs(n - count))
    return [text.replace(str(count), str(n), 1) for n in even[:2]]


def _all_day(wish: Wish, step: int, text: str) -> Iterable[int]:
    if DAY % step:
        reason = f"{wish.count} {wish.unit}s do not divide a day, so one gap would differ"
        raise Misread(reason, examples=_near(text, wish.count, 60 if wish.unit == "minute" else 24))
    return _at_minutes(wish, range(0, DAY, step))


def _within(wish: Wish, window: tuple[Time, Time], step: int) -> Iterable[int]:
    first, last = (time.hour * 60 + time.minute for time in window)
    if any(time.second for time in window):
        raise Misread("a part of the day begins and ends at a full minute")
    if last <= first:
        if wish.weekdays or wish.days or wish.months or wish.season or wish.other_weekdays:
            reason = f"from {window[0]} to {window[1]} ends on the next day"
            raise Misread(f"{reason}, which may not be one of yours")
        last += DAY
    start = first - first % 60 if wish.minutes else first
    fires = _at_minutes(wish, range(start, last + 1, step))
    return (fire for fire in fires if first <= fire <= last)


def _at_minutes(wish: Wish, fires: Iterable[int]) -> Iterable[int]:
    minutes = [int(minute[1:]) for minute in wish.minutes] or [0]
    return (fire + minute for fire in fires for minute in minutes)


def _clock_fields(fires: Iterable[int], write: Callable[[Sequence[int], int], str]) -> list[Fields]:
    """Fires of a day in minutes as hour and minute; hours with the same minutes together."""
    minutes: dict[int, list[int]] = {}
    for fire in sorted(set(fires)):
        minutes.setdefault(fire // 60, []).append(fire % 60)
    hours: dict[tuple[int, ...], list[int]] = {}
    for hour, past in minutes.items():
        hours.setdefault(tuple(past), []).append(hour)
    clocks: list[Fields] = []
    for shared, alike in hours.items():
        fields: Fields = {} if len(alike) == 24 else {"hour": write(alike, 24)}
        clocks.append({**fields, "minute": write(shared, 60)})
    return clocks


def at_times(times: Iterable[Time]) -> list[Fields]:
    """Times of day as hour, minute and, where asked for, second."""
    by_second: dict[int, list[int]] = {}
    for time in sorted(times):
        by_second.setdefault(time.second, []).append(time.hour * 60 + time.minute)
    return [
        {**clock, **({"second": second} if second else {})}
        for second, fires in by_second.items()
        for clock in _clock_fields(fires, listed_text)
    ]
