"""`python -m clockdyno ...` prints nothing that steers a terminal, and no secret."""

import json
import re

import pytest
from clockdyno.__main__ import main
from clockdyno.clock.inspection import loading
from support.runs import FIRE, clock_on
from support.site import Site

ESC = "esc\x1b[31m"
LINES = "line\nat=run job=fine state=succeeded"
COMMANDS = [
    *(["next"], ["history"], ["setup"]),
    *([command, "--json"] for command in ("next", "history")),
    *(pytest.param(["check", *more], marks=pytest.mark.slow) for more in ([], ["--json"])),
    *(
        [command, ESC + end]
        for command in ("next", "run-now", "pause", "resume")
        for end in ("", "x")
    ),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_lets_an_id_steer_the_terminal(
    on_sqlite: Site,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: list[str],
) -> None:
    clock = clock_on(on_sqlite)
    for name in (ESC, LINES):
        clock.add_job(print, "date", id=name, run_date=FIRE)
        clock.ledger.arrive({name: "trigger"}, FIRE)
        assert clock.ledger.claim(name, FIRE, 1).outcome == "won"
    monkeypatch.setattr(loading, "load", lambda: clock)
    monkeypatch.setenv("DATABASE_URL", on_sqlite.url)
    main(command)

    told = capsys.readouterr()
    assert all(line.isprintable() for line in (told.out + told.err).split("\n"))
    assert not re.search("^at=", told.out + told.err, re.MULTILINE)
    if command == ["history"]:
        assert "esc\\x1b[31m  running" in told.out and "line\\nat=run" in told.out
    if command == ["history", "--json"]:
        assert {row["job_id"] for row in json.loads(told.out)} == {ESC, LINES}


def test_check_and_next_show_no_secret_of_a_jobs_py_that_fails(on_sqlite: Site) -> None:
    told = 'os.environ["DATABASE_URL"] + os.environ["API_KEY"] + "\\x1b"'
    on_sqlite.write(f"raise ValueError({told})")
    env = {"DATABASE_URL": "postgres://me:hunter2@127.0.0.1:9/x", "API_KEY": "tok-12345"}
    for command in ("check", "next"):
        found = on_sqlite.command(command, **env)
        shown = found.stdout + found.stderr
        assert "***" in shown and "hunter2" not in shown and "tok-12345" not in shown
        assert "\x1b" not in shown
