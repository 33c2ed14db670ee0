"""`herokuclock open`: the app and its dashboard in a browser."""

import webbrowser
from pathlib import Path

from herokuclock import manifest, screen
from herokuclock.errors import HerokuclockError
from herokuclock.heroku import platform, remotes
from herokuclock.heroku.health import PASSWORD


def run(app: str | None, *, home: bool, json: bool) -> None:
    """Open the dashboard, or the app's own first page; without a browser its address is said."""
    name = remotes.required(Path.cwd(), app)
    found = platform.app(name)
    if found is None:
        raise HerokuclockError(f"Heroku has no app {name}, or it is not yours.", "heroku apps")
    address = found.url if home else f"{found.url.rstrip('/')}/clock"
    if json:
        screen.as_json({"app": name, "url": found.url, "dashboard": f"{found.url}clock"})
        return
    screen.say(address)
    if not home and PASSWORD in manifest.read(Path.cwd()).secrets:
        screen.note(f"Any name; the password: heroku config:get {PASSWORD} --app {name}")
    webbrowser.open(address)
