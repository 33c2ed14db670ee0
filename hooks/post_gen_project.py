"""Do what is left to do for the answers, by the code that `herokuclock new` uses."""

import json
import sys
from pathlib import Path

ANSWERS = json.loads(r"""{{ cookiecutter | tojson }}""")
sys.path[:0] = [ANSWERS["_repo_dir"] + "/generator", ANSWERS["_repo_dir"] + "/library"]

from herokuclock import record  # noqa: E402  (it lies in the repository)
from herokuclock.jobs import file as jobs_file  # noqa: E402
from herokuclock.new import uv_project  # noqa: E402
from herokuclock.new.questions import UV  # noqa: E402


def main() -> None:
    """Set the zone in jobs.py, and hand the packages to uv where that is to manage them."""
    path = Path("jobs.py")
    source = path.read_text(encoding="utf-8")
    path.write_text(jobs_file.set_timezone(source, ANSWERS["timezone"]), encoding="utf-8")
    if ANSWERS["packages"] == UV:
        uv_project.put(Path(), ANSWERS["name"], workers=False)
    record.put(Path())


if __name__ == "__main__":
    main()
