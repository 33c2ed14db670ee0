"""What `heroku` and git say when they cannot, in our words, each with a way out."""

import re

from herokuclock.errors import HerokuclockError

LOGIN = "Run `heroku login`, then run the command again."

# The first that matches counts; {0} is what the pattern found in brackets.
KNOWN = (
    (
        "unauthorized",
        r"token provided to HEROKU_API_KEY is invalid",
        "The key in HEROKU_API_KEY is not valid.",
        "Set a valid one, or unset it and run `heroku login`.",
    ),
    (
        "unauthorized",
        (
            r"not logged in|Invalid credentials|open up the browser to login|setRawMode"
            r"|Authentication failed|could not read Username"
        ),
        "heroku is not logged in.",
        LOGIN,
    ),
    (
        "not_found",
        r"Couldn't find that app",
        "Heroku has no such app, or it is not yours.",
        "See `heroku apps`, and name yours with --app.",
    ),
    (
        "no_process_type",
        r"Couldn't find that process type \(([\w-]+)\)",
        "The app has no process type {0}: types come with a push, from the Procfile.",
        "Check that the Procfile has a line `{0}: ...`, commit it, and `git push heroku main`.",
    ),
    (
        "no_process_type",
        r"No process types on",
        "The app has no process types yet: they come with a push, from the Procfile.",
        "Push first: git push heroku main",
    ),
    (
        "name_taken",
        r"Name ([\w-]+) is already taken",
        "Somebody else has an app named {0}.",
        "Choose another name: herokuclock deploy --app NAME",
    ),
    (
        "forbidden",
        r"You do not have access to the app ([\w-]+)",
        "The app {0} belongs to somebody else.",
        "Choose another name: herokuclock deploy --app NAME",
    ),
    (
        "verification_required",
        r"verify your account|verification_required",
        "Heroku wants a way to pay before it creates anything.",
        "Add one at https://heroku.com/verify, then run the command again.",
    ),
    (
        "quota",
        r"(reached the limit[^.]*\.)",
        "Heroku refuses: {0}",
        "Destroy an app that you no longer need (see `heroku apps`), then run the command again.",
    ),
    (
        "second_dyno",
        r"more than 1 (\w+) size dynos",
        "{0} dynos come one for each process type, and one is right for a clock.",
        "Leave it at one, or choose a larger size: heroku ps:type --help",
    ),
    (
        "rate_limit",
        r"API rate limit|rate_limit",
        "Heroku takes no more requests from this account for the moment.",
        "Wait a few minutes, then run the command again: it goes on where it stopped.",
    ),
    (
        "unavailable",
        (
            r"Service unavailable|service_unavailable|ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT"
            r"|socket hang up|fetch failed|internal_server_error|Could not resolve host"
            r"|Failed to connect|Empty reply|unable to access|RPC failed|hung up unexpectedly"
        ),
        "Heroku did not answer.",
        "See https://status.heroku.com, then run the command again: it goes on where it stopped.",
    ),
    (
        "no_app",
        r"Missing required flag app|No app specified",
        "It is not clear which app is meant.",
        "Name it: --app NAME",
    ),
)


class Refusal(HerokuclockError):
    """Something that Heroku would not or could not do; `id` names the kind."""

    def __init__(self, id: str, message: str, hint: str) -> None:
        super().__init__(message, hint)
        self.id = id


def refusal(output: str, doing: str) -> Refusal:
    """Turn what a failed command printed into a Refusal; `doing` names the command."""
    text = said(output)
    for id, pattern, message, hint in KNOWN:
        match = re.search(pattern, text)
        if match:
            found = match.groups()
            return Refusal(id, message.format(*found), hint.format(*found))
    last = text.splitlines()[-1] if text else "it said nothing"
    return Refusal("other", f"`{doing}` failed: {last}", "Run it by hand to see more.")


def said(output: str) -> str:
    """Return a command's complaint with its wrapped lines joined and its ornaments taken off."""
    plain = [re.sub(r"^[\s›!▸]+", "", line).rstrip() for line in output.splitlines()]
    text = "\n".join(line for line in plain if line and not line.startswith("Warning:"))
    _, error, rest = text.partition("Error:")
    return " ".join(rest.split("Error ID:")[0].split()) + _id(rest) if error else text


def _id(text: str) -> str:
    match = re.search(r"Error ID:\s*(\w+)", text)
    return f" ({match[1]})" if match else ""
