"""Refuse bad answers before a file is written. They arrive as JSON, never as code."""

import json
import sys

ANSWERS = json.loads(r"""{{ cookiecutter | tojson }}""")
sys.path[:0] = [ANSWERS["_repo_dir"] + "/generator", ANSWERS["_repo_dir"] + "/library"]

from herokuclock.errors import REFUSED, HerokuclockError  # noqa: E402  (it lies in the repository)
from herokuclock.new.questions import (  # noqa: E402
    check_name,
    check_packages,
    check_python,
    check_timezone,
)


def main() -> None:
    """Check every answer by the rules of `herokuclock new`."""
    try:
        check_name(ANSWERS["name"])
        if check_timezone(ANSWERS["timezone"]) != ANSWERS["timezone"]:
            raise HerokuclockError(
                f"timezone: {ANSWERS['timezone']!r} is not the name of a time zone.",
                f"Write {check_timezone(ANSWERS['timezone'])!r}.",
            )
        check_python(ANSWERS["python"])
        check_packages(ANSWERS["packages"])
    except REFUSED as error:
        sys.exit(f"Error: {error.message}\nHint: {error.hint}")


if __name__ == "__main__":
    main()
