"""Ask other programs when their own schedules fire, and keep what they say: by hand, not in CI.

pip install celery==5.7.0 aws-croniter==2.1.1, then: PYTHONPATH=tests python -m support.oracles
systemd's answers need `systemd-analyze` on the machine (252 was asked). Of 200 of its lines 7 were
left out by hand: after the turn of a day or a month it passes the first value of a step such as
9/13 by, though not on other days.
"""

import hashlib
import random
import signal
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

from support.cases import CASES

ANSWERS = CASES.parent / "oracles"
START, END = datetime(2027, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC)
MOST = 100
DAYS = "SUN MON TUE WED THU FRI SAT".split()


def systemd(text: str) -> list[datetime]:
    """Ask systemd-analyze, from an hour before: of 23:59:59 it passes the first step by."""
    base = (START - timedelta(hours=1)).strftime("%Y-%m-%d %H:%M:%S UTC")
    count = f"--iterations={MOST + 60}"
    command = ["systemd-analyze", "calendar", count, f"--base-time={base}", text]
    done = subprocess.run(command, capture_output=True, text=True, env={"TZ": "UTC", "LANG": "C"})
    lines = [line for line in done.stdout.splitlines() if " UTC" in line and "Original" not in line]
    times = [line.partition(": ")[2].split(" ", 1)[1] for line in lines if ": " in line]
    found = [datetime.strptime(time, "%Y-%m-%d %H:%M:%S %Z").replace(tzinfo=UTC) for time in times]
    return [fire for fire in found if fire >= START]


def aws(text: str) -> list[datetime]:
    """Ask aws-croniter, which reads the six fields of EventBridge."""
    from aws_croniter import AwsCroniter  # type: ignore[import-not-found]

    cron, at, found = AwsCroniter(text), START - timedelta(minutes=1), list[datetime]()
    for _ in range(MOST // 20):
        following = [fire for fire in cron.get_next(at, 20) if fire < END]
        found += following
        if len(following) < 20:
            break
        at = following[-1]
    return found


def celery(text: str) -> list[datetime]:
    """Ask celery's own crontab how long it waits after each of its runs."""
    from celery.schedules import crontab  # type: ignore[import-not-found]

    at, found = START - timedelta(minutes=1), list[datetime]()
    schedule = eval(text, {"crontab": crontab})
    schedule.nowfun = lambda: at
    schedule.tz = UTC
    while len(found) < MOST:
        start, ends_in, _ = schedule.remaining_delta(at)
        at = (start + ends_in).replace(second=0, microsecond=0)
        if at >= END:
            break
        found.append(at)
    return found


def digest(fires: list[datetime]) -> str:
    """Return how many there are within two years, the first ones, and a print of all of them."""
    shown = [f"{fire:%Y-%m-%dT%H:%M:%S}" for fire in fires if fire < END][:MOST]
    whole = hashlib.sha256(" ".join(shown).encode()).hexdigest()[:16]
    return " ".join([str(len(shown)), whole, *shown[:3]])


def item(chance: random.Random, low: int, high: int, dash: str, *, star_step: bool) -> str:
    first, last = sorted(chance.sample(range(low, high + 1), 2))
    step = chance.randint(1, max(1, (last - first) // 2))
    steps = [f"{first}/{chance.randint(1, max(1, high - first))}"] if first < high else []
    stars = [f"*/{chance.randint(2, max(2, (high - low) // 2))}"] if star_step else []
    return chance.choice([str(first), str(last), f"{first}{dash}{last}", *steps, *stars]) or str(
        step
    )


def field(
    chance: random.Random, low: int, high: int, dash: str = "-", *, star_step: bool = True
) -> str:
    if chance.random() < 0.3:
        return "*"
    return ",".join(
        item(chance, low, high, dash, star_step=star_step) for _ in range(chance.choice((1, 1, 2)))
    )


def aws_text(chance: random.Random, quartz: bool = False) -> str:
    span = chance.sample(range(1, 8), 2)
    names = "-".join(DAYS[n - 1] for n in sorted(span))
    numbers = "-".join(map(str, sorted(span)))
    place = f"{span[0]}#{chance.randint(1, 4)}"
    listed = ",".join(map(str, sorted(span)))
    weekday = chance.choice([names, numbers, place, listed, f"{span[0]}L", str(span[0])])
    day = chance.choice([field(chance, 1, 28), "L", str(chance.randint(1, 31))])
    days = ("?", weekday) if chance.random() < 0.6 else (day, "?")
    year = chance.choice(["*", "*", "*", "2027", "2028", "2027-2028"])
    clock = f"{field(chance, 0, 59)} {field(chance, 0, 23)}"
    return f"cron({clock} {days[0]} {field(chance, 1, 12)} {days[1]} {year})"


def systemd_text(chance: random.Random) -> str:
    first, last = sorted(chance.sample(range(7), 2))
    week = [name.title() for name in [*DAYS[1:], DAYS[0]]]
    days = [
        f"{week[first]}..{week[last]} ",
        f"{week[first]},{week[last]} ",
        f"{week[first]} ",
        "",
        "",
    ]
    dots = partial(field, dash="..", star_step=False)
    day = chance.choice([dots(chance, 1, 28), dots(chance, 1, 28), "*"])
    date = chance.choice(["", f"*-{dots(chance, 1, 12)}-{day} ", f"2028-*-{day} "])
    second = chance.choice(["", "", f":{chance.randint(0, 59)}"])
    clock = f"{dots(chance, 0, 23)}:{dots(chance, 0, 59)}"
    return f"OnCalendar={chance.choice(days)}{date}{clock}{second}"


def celery_text(chance: random.Random) -> str:
    first, last = sorted(chance.sample(range(7), 2))
    names = f"{DAYS[first].lower()}-{DAYS[last].lower()}"
    weekday = chance.choice([f"{first}-{last}", names, f"{first},{last}", str(first), "*/2", "*"])
    given = {
        "minute": field(chance, 0, 59),
        "hour": field(chance, 0, 23),
        "day_of_week": weekday,
        "day_of_month": chance.choice(["*", "*", field(chance, 1, 28)]),
        "month_of_year": chance.choice(["*", "*", field(chance, 1, 12)]),
    }
    # Celery knows no step without an end.
    shown = {name: text for name, text in given.items() if text != "*" or name == "minute"}
    return "crontab(" + ", ".join(f"{name}='{text}'" for name, text in shown.items()) + ")"


def record(
    name: str,
    ask: Callable[[str], list[datetime]],
    make: Callable[[random.Random], str],
    count: int,
    asked: Callable[[str], str] = str,
) -> None:
    chance, lines = random.Random(name), dict[str, str]()
    while len(lines) < count:
        text = make(chance)
        # Some look for days that never come.
        signal.alarm(1)
        try:
            fires = ask(asked(text))
            signal.alarm(0)
        except Exception as error:
            print(f"{name} refuses {text}: {error}")
            continue
        if fires:
            lines[text] = digest(fires)
    told = [f"{text} => {fires}" for text, fires in lines.items()]
    (ANSWERS / f"{name}.txt").write_text("\n".join(told) + "\n", "utf-8")


def _quartz_text(chance: random.Random) -> str:
    inner = aws_text(chance).removeprefix("cron(").removesuffix(")")
    return f"0 {inner}" if chance.random() < 0.6 else f"0 {inner}".removesuffix(" *")


def _as_aws(text: str) -> str:
    words = text.split()[1:]
    return " ".join([*words, "*"][:6])


def _inner(text: str) -> str:
    return text.removeprefix("cron(").removesuffix(")")


def _give_up(*_: object) -> None:
    raise TimeoutError("it takes too long")


if __name__ == "__main__":
    signal.signal(signal.SIGALRM, _give_up)
    record("systemd", systemd, systemd_text, 200, lambda text: text.removeprefix("OnCalendar="))
    record("aws", aws, aws_text, 200, _inner)
    # Quartz has no parser in Python: its lines without seconds are EventBridge's, weekdays too.
    record("quartz", aws, _quartz_text, 120, _as_aws)
    record("celery", celery, celery_text, 200)
