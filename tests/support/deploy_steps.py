"""The steps of a first deployment, each alone; as a program, `deploy` from one step on."""

import sys
from collections.abc import Callable
from pathlib import Path

from herokuclock import cli, manifest
from herokuclock.deploy import command, plan
from herokuclock.deploy.inventory import Found, Target
from herokuclock.deploy.plan import Say, Step
from herokuclock.deploy.verify import verify
from herokuclock.heroku import remotes
from herokuclock.progress import Progress

NAMES = ("create", "database", "wait", "config", "connect", "push", "scale", "verify")


def read(project: Path) -> dict[str, Step]:
    """Return the steps by name, whatever of them is done by now; nobody is asked."""
    head = (project / ".git/refs/heads/main").read_text().strip()
    found = Found(None, remotes.remote_of("tick", project), "main", head)
    create, database, wait, config, push, scale = plan.steps(
        Target("tick", project), manifest.read(project), found
    )

    def check(say: Say) -> None:
        verify("tick", say)

    # To connect is the first half of the push.
    steps = (create, database, wait, config, push, push, scale, Step("Verify", "", check))
    return dict(zip(NAMES, steps, strict=True))


def deploying(steps: dict[str, Step], name: str) -> Callable[..., None]:
    """Return what `deploy` does once it knows that it is to go on with this step."""
    names = [each for each in NAMES if each != ("push" if name == "connect" else "connect")]
    rest = [steps[each] for each in names[names.index(name) :]]
    return lambda *_, **options: command.apply(rest, Progress(len(rest), sys.stdout))


if __name__ == "__main__":
    vars(command)["run"] = deploying(read(Path.cwd()), sys.argv.pop())
    cli.main()
