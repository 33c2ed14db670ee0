"""`herokuclock scale`: one clock, and proof of it."""

from pathlib import Path

from herokuclock import screen
from herokuclock.errors import HerokuclockError
from herokuclock.heroku import platform, prices, remotes
from herokuclock.heroku.refusals import Refusal


def run(
    app: str | None, *, off: bool = False, workers: int | None = None, json: bool = False
) -> None:
    """Set the clock to exactly one dyno, or to none, and read the formation back."""
    name = remotes.required(Path.cwd(), app)
    wanted = 0 if off else 1
    tell = screen.note if json else screen.say
    asked = {"clock": wanted} if workers is None else {"clock": wanted, "worker": workers}
    shown = " ".join(f"{type}={number}" for type, number in asked.items())
    tell(f"$ heroku ps:scale {shown} --app {name}", "dim")
    try:
        platform.scale(name, asked, tell)
    except Refusal as error:
        if error.id == "not_found":
            hint = "See `heroku apps`, and name yours with --app."
            raise HerokuclockError(f"Heroku has no app {name}, or it is not yours.", hint) from None
        raise
    formation = platform.formation(name)
    quantity = sum(process.quantity for process in formation if process.type == "clock")
    if quantity != wanted:
        raise HerokuclockError(
            f"{name} is to run {quantity} clocks, not {wanted}: the command changed nothing.",
            f"See what there is: heroku ps:scale --app {name}",
        )
    working = next((p.quantity for p in formation if p.type == "worker"), None)
    if workers is not None and working != workers:
        raise HerokuclockError(
            f"{name} is to run {working} workers, not {workers}: the command changed nothing.",
            f"See what there is: heroku ps:scale --app {name}",
        )
    if json:
        sizes = [process.size for process in formation if process.type == "clock"]
        facts = {"app": name, "clock": quantity, "size": next(iter(sizes), None)}
        screen.as_json(facts if working is None else {**facts, "worker": working})
        return
    tell(f"{name} runs {'no clock: no job will run' if off else 'exactly one clock'}.")
    if working == 0 and not off:
        tell(f"Note: no worker runs, so runs wait: heroku ps:scale worker=1 --app {name}")
    elif working:
        tell(f"Worker dynos that {'still run' if off else 'do the runs'}: {working}.")
    warning = None if off else prices.eco_warning(formation)
    if warning:
        tell(f"Note: {warning}")
