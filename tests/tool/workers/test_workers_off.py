"""`herokuclock workers off`: every byte is given back, however the files are written."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from herokuclock.workers import command as switch
from support.files import tree


def without_last_end(file: Path) -> None:
    file.write_bytes(file.read_bytes().removesuffix(b"\n"))


def with_ends_of_windows(file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))


def in_latin_1(file: Path) -> None:
    head = b"# coding: latin-1\n" if file.suffix == ".py" else b""
    file.write_bytes(head + file.read_bytes() + b"# caf\xe9\n")


@pytest.mark.parametrize("edit", [without_last_end, with_ends_of_windows, in_latin_1])
def test_off_gives_back_the_bytes_of_edited_files(made: Path, edit: Callable[[Path], None]) -> None:
    for name in ("Procfile", "jobs.py", "requirements.txt", "requirements.in", "app.json"):
        edit(made / name)
    before = tree(made)

    switch.write(made, switch.plan(made, on=True))
    assert b"worker" in (made / "Procfile").read_bytes()
    assert b"workers=True" in (made / "jobs.py").read_bytes()
    switch.write(made, switch.plan(made, on=False))

    assert tree(made) == before


@pytest.mark.parametrize("layout", [{"indent": 4}, {"separators": (",", ":")}])
def test_app_json_in_another_layout_gets_its_worker_and_loses_it(
    made: Path, layout: dict[str, Any]
) -> None:
    file = made / "app.json"
    file.write_text(json.dumps(json.loads(file.read_text()), **layout))
    before = file.read_bytes()

    switch.write(made, switch.plan(made, on=True))
    formation = json.loads(file.read_text())["formation"]
    assert formation["worker"] == formation["clock"]

    switch.write(made, switch.plan(made, on=False))
    assert file.read_bytes() == before


def test_off_takes_out_what_on_brought_though_its_version_is_another(made: Path) -> None:
    file = made / "requirements.txt"
    before = file.read_bytes()
    switch.write(made, switch.plan(made, on=True))
    text = file.read_text().replace("attrs==26.1.0\n", "attrs==27.0\n    # via procrastinate\n")
    file.write_text(text.replace("procrastinate==3.10.0", "procrastinate==3.11"))

    switch.write(made, switch.plan(made, on=False))

    assert file.read_bytes() == before


def test_killed_half_way_off_the_next_run_finishes(made: Path) -> None:
    before = tree(made)
    for count in range(20):
        switch.write(made, switch.plan(made, on=True))
        switch.write(made, dict(list(switch.plan(made, on=False).items())[:count]))
        switch.write(made, switch.plan(made, on=False))
        assert tree(made) == before
