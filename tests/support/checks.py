"""`python -m clockdyno check` of many jobs.py: one process loads it, and each check is a fork."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from support.site import Site

MANY = """
import contextlib, os, sys, types
from clockdyno import __main__ as program
from clockdyno.clock.inspection import mistakes, second_reading

if "ONCE" in os.environ:
    none = types.SimpleNamespace(notes=lambda told: [])
    second_reading.reading = lambda: contextlib.nullcontext(none)
for folder in sys.argv[1:]:
    os.chdir(folder)
    if os.fork() == 0:
        for number, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT), number)
        sys.exit(program.main(["check", "--json"]))
    with open("code", "w") as file:
        file.write(str(os.waitstatus_to_exitcode(os.wait()[1])))
"""


class Checked(NamedTuple):
    """How a check ended, and what it found."""

    code: int
    errors: list[str]
    notes: list[str]


def check(folder: Path, *bodies: str, again: bool = False) -> list[Checked]:
    """Check a jobs.py for each of these bodies, in a folder of its own.

    What differs when other processes read it, too, is found where `again` asks for that.
    """
    sites = [Site(folder / f"check{n}", "sqlite:///ledger.sqlite3") for n in range(len(bodies))]
    for site, body in zip(sites, bodies, strict=True):
        site.write(body)
    once = {} if again else {"ONCE": "1"}
    sites[0].python("-c", MANY, *(str(site.folder) for site in sites), **once)
    return [_result(site.folder) for site in sites]


def _result(folder: Path) -> Checked:
    assert (folder / "err").read_text() == ""
    found: dict[str, Any] = json.loads((folder / "out").read_text())
    return Checked(int((folder / "code").read_text()), **found)
