"""`deploy` as a person sees it: asked, told step by step, and given what to type next."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest
from loopback.owner import heroku_env
from support.heroku_project import Owner

COLUMNS = 80
OURS = f"{sys.executable} -m herokuclock"
CONTROL = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


@pytest.fixture
def terminal(owner: Owner, lonely: Path) -> Iterator[pexpect.spawn]:
    browser = lonely / "browser"
    browser.write_text(f"#!/bin/sh\necho $1 > {lonely}/opened\n")
    browser.chmod(0o755)
    child = pexpect.spawn(
        sys.executable,
        ["-m", "herokuclock", "deploy", "--open"],
        cwd=str(owner.project),
        env={
            **heroku_env(owner.heroku, owner.home),
            "TERM": "xterm-256color",
            "PROMPT_TOOLKIT_NO_CPR": "1",
            "BROWSER": f"{browser} %s",
        },
        encoding="utf-8",
        dimensions=(24, COLUMNS),
        timeout=200,
    )
    child.delaybeforesend = None
    yield child
    child.close(force=True)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_it_asks_counts_its_steps_and_ends_with_what_to_do_next(
    owner: Owner, terminal: pexpect.spawn, lonely: Path
) -> None:
    terminal.expect("Go ahead")
    plan = str(terminal.before)
    terminal.send("y")
    terminal.expect(pexpect.EOF)
    told = str(terminal.before)
    terminal.wait()

    assert terminal.exitstatus == 0, told
    assert "It costs about" in plan
    # Each step is one line, written anew while it lasts.
    lines = [line.rpartition("\r")[2] for line in CONTROL.sub("", told).split("\r\n")]
    steps = [line for line in lines if line.startswith("Step ")]
    assert [step.partition(" of ")[0] for step in steps] == [f"Step {n}" for n in range(1, 8)]
    assert all(re.search(r": done( in .*\d s)?$", step) for step in steps), steps
    assert "remote:" not in "".join(lines)
    shown = [*CONTROL.sub("", plan).split("\r\n")[:-1], *lines[1:]]
    # Whoever has it on the PATH is told to type its name alone.
    long = [line for line in shown if len(line.replace(OURS, "herokuclock")) > COLUMNS]
    assert long == []
    # Who has just made it is told the password here, and only here.
    password = owner.heroku.app("tick").config["DASHBOARD_PASSWORD"]
    rows = dict(line.strip().split("  ", 1) for line in lines if line.startswith("  "))
    assert rows["its password"].strip() == f"{password}  (any user name)"
    assert {"what it does", "after a change", "take it all down"} <= set(rows)
    assert (lonely / "opened").read_text().strip() == f"{rows['the app'].strip()}clock"
    assert rows["the dashboard"].strip() == f"{rows['the app'].strip()}clock"

    again = owner.types("deploy", "--yes")
    assert "heroku config:get DASHBOARD_PASSWORD --app tick" in again.stdout
    assert password not in again.stdout + again.stderr
