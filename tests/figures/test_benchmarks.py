"""The command that measures: its rows, its exit code, and the record that chaos goes on from."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from support import forks
from support.chaos_oracle import Findings
from support.files import REPOSITORY


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give the modules of benchmarks, and what they change back afterwards."""
    monkeypatch.syspath_prepend(REPOSITORY)
    for name in ("TZ", "PYTHONDONTWRITEBYTECODE"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setattr(forks, "always_fresh", False)
    from benchmarks import __main__, chaos, fires, table

    return SimpleNamespace(run=__main__.main, chaos=chaos, fires=fires, **vars(table))


def test_each_row_is_printed_before_the_next_is_measured_and_a_missed_bar_is_told(
    bench: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = []

    def measure(quick: bool) -> Any:
        yield bench.times_at_most("one", 15.0, 10.0, 1.8, "MB")
        printed.append(capsys.readouterr().out)
        yield bench.times_at_least("two", 80, 100, 0.9, "runs/s")

    monkeypatch.setattr(bench.fires, "main", measure)

    assert bench.run(["fires"]) == 1
    assert "| one | 15 MB | 10 MB | 1.50 | <= 1.8 times | kept |" in printed[0]
    out = capsys.readouterr().out
    assert out == "| two | 80 runs/s | 100 runs/s | 0.80 | >= 0.9 times | MISSED |\n"


def test_a_figure_has_its_bar_or_is_only_told(bench: Any) -> None:
    at_most, line = bench.at_most, bench.line

    assert (
        line(at_most("a", 15.2, 7.6, 15, "ms"))
        == "| a | 15.2 ms | 7.60 ms | 2.00 | <= 15 ms | MISSED |"
    )
    assert line(at_most("b", 1, None, None, "s")) == "| b | 1 s | - | - |  |  |"


def test_a_name_that_is_none_is_refused(bench: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        bench.run(["weather"])

    assert "there is no weather: start, fires" in capsys.readouterr().err


def test_chaos_goes_on_from_its_record_and_adds_its_pieces_up(
    bench: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pieces = []

    def piece(name: str, so_far: Any, kills: int, args: Any) -> None:
        if len(pieces) == 1:
            pieces.append("interrupted")
            raise KeyboardInterrupt
        pieces.append((name, kills))
        so_far.done = {"SIGKILL": so_far.count("SIGKILL") + kills}
        so_far.found += Findings(due=10, ran=9, soon=8)
        so_far.pieces += 1

    monkeypatch.setattr(bench.chaos, "_piece", piece)
    words = [
        "chaos",
        "--kills",
        "4000",
        "--database",
        "sqlite",
        "--record",
        str(tmp_path / "r.json"),
    ]
    with pytest.raises(KeyboardInterrupt):
        bench.run(words)

    assert bench.run(words) == 0
    assert pieces == [("sqlite", 2500), "interrupted", ("sqlite", 1500)]
    out = capsys.readouterr().out
    assert (
        "| ran within 60 s | 16 (80.00%) |" in out
        and "| **absent**: no row at all | **0** |" in out
    )
    record = json.loads((tmp_path / "r.json").read_text())
    record["sqlite"]["found"]["double"] = 1
    (tmp_path / "r.json").write_text(json.dumps(record))
    assert bench.run(words) == 1
