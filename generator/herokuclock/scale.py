"""`herokuclock scale`: one clock, and proof of it."""

from pathlib import Path

from herokuclock import platform, prices, remotes, screen
from herokuclock.errors import HerokuclockError
from herokuclock.refusals import Refusal


def run(app: str | None, *, off: bool = False, json: bool = False) -> None:
    """Set the clock to exactly one dyno, or to none, and read the formation back."""
    name = remotes.required(Path.cwd(), app)
    wanted = 0 if off else 1
    tell = screen.note if json else screen.say
    tell(f"$ heroku ps:scale clock={wanted} --app {name}", "dim")
    try:
        platform.scale(name, {"clock": wanted}, tell)
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
    if json:
        sizes = [process.size for process in formation if process.type == "clock"]
        screen.as_json({"app": name, "clock": quantity, "size": next(iter(sizes), None)})
        return
    tell(f"{name} runs {'no clock: no job will run' if off else 'exactly one clock'}.")
    warning = None if off else prices.eco_warning(formation)
    if warning:
        tell(f"Note: {warning}")
