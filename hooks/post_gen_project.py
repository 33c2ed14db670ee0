"""Write the time zone into jobs.py, by the code that `herokuclock new` uses."""

import json
import sys
from pathlib import Path

ANSWERS = json.loads(r"""{{ cookiecutter | tojson }}""")
sys.path[:0] = [ANSWERS["_repo_dir"] + "/generator", ANSWERS["_repo_dir"] + "/library"]

from herokuclock.jobs import file as jobs_file  # noqa: E402  (it lies in the repository)


def main() -> None:
    """Set the zone; everything else in jobs.py stays as it is."""
    path = Path("jobs.py")
    source = path.read_text(encoding="utf-8")
    path.write_text(jobs_file.set_timezone(source, ANSWERS["timezone"]), encoding="utf-8")


if __name__ == "__main__":
    main()
