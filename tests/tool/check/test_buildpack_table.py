"""`check` says before a push what the buildpack and the dynos say after it."""

from pathlib import Path

import pytest
from support import buildpack_files as files
from support import buildpack_installs as installs
from support.buildpack_cases import NOTHING, Rows, committed
from support.findings import found_in, found_in_files
from support.rows import rows

ROWS: Rows = {
    **files.MANAGERS,
    **files.VERSIONS,
    **files.UV,
    **installs.REQUIREMENTS,
    **installs.HOOKS,
    **installs.STARTS,
    **installs.OF_THE_SAME_KINDS,
}
# Of what the table has, this cannot be read off the files:
NOT_TO_BE_KNOWN = {
    "flask==99.0": "the index knows; `check --resolve` asks it",
    "conflict click==7.0": "the index knows; `check --resolve` asks it",
    "django==6.0 on 3.11 (needs 3.12)": "the index knows; `check --resolve` asks it",
    "celery==5.0.0 (metadata)": "the index knows; `check --resolve` asks it",
    "Procfile UTF-16": "it builds, but nobody saw a process type come out of it",
}
# What Heroku gets of these differs from the files as they lie there.
BY_A_COMMIT = (
    "requirements.txt only in the working tree",
    "fixed .python-version only in the working tree",
    "requirements.txt a link to a file outside",
    "project in a subfolder",
    ".slugignore takes requirements.txt",
    ".slugignore takes jobs.py",
    ".python-version is a folder",
    ".gitattributes UTF-16 working-tree-encoding",
    "clock/ folder in .gitignore, not tracked",
    "jobs.py not tracked",
    "submodule that jobs.py imports",
)
SEVERITIES = ("error", "warning")


@pytest.mark.parametrize("case", rows(ROWS, list(ROWS)[::3]))
def test_what_check_says_is_what_heroku_does(project: Path, case: str) -> None:
    change, expected = ROWS[case]
    change(project)
    if case in BY_A_COMMIT:
        if getattr(change, "commits", True):
            committed(project)
        found = found_in(project)
    else:
        found = found_in_files(project)

    said = [f for f in found if f.severity in SEVERITIES]
    worst = next((s for s in SEVERITIES if any(f.severity == s for f in said)), NOTHING)
    assert worst == expected, said
