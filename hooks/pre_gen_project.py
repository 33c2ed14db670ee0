"""Refuse bad answers before a file is written. They arrive as JSON, never as code."""

import json
import sys

ANSWERS = json.loads(r"""{{ cookiecutter | tojson }}""")
sys.path.insert(0, ANSWERS["_repo_dir"] + "/generator")

from herokuclock.errors import HerokuclockError  # noqa: E402  (it lies in the repository)
from herokuclock.questions import check_name, check_python, check_timezone  # noqa: E402


def main() -> None:
    """Check every answer by the rules of `herokuclock new`."""
    try:
        check_name(ANSWERS["name"])
        check_timezone(ANSWERS["timezone"])
        check_python(ANSWERS["python"])
    except HerokuclockError as error:
        sys.exit(f"Error: {error.message}\nHint: {error.hint}")


if __name__ == "__main__":
    main()
