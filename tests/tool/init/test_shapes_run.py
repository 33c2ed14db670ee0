"""Every shape runs under `herokuclock run` after `init`, and each due time has one run."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from herokuclock.init import planning
from loopback.dynos import free_port
from support import forks, shapes
from support.program import Run

ENDED = re.compile(r"at=run job=(\S+) .*state=(succeeded|failed)")
EVERY = timedelta(seconds=2)
ENOUGH = 3


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(shapes.NAMES) - {"without_jobs"}))
def test_each_due_time_has_one_run(lonely: Path, run: Run, name: str) -> None:
    root = shapes.lay_out(name, lonely / name)
    pastes = planning.make(root, None).pastes
    assert run("init", "--yes", cwd=root).returncode == 0
    shapes.paste(root, pastes)

    lines = _until_enough(root)

    with closing(sqlite3.connect(root / "clock.sqlite3")) as db:
        rows = db.execute("select job_id, scheduled_at, state from runs order by 2").fetchall()
    assert {state for _, _, state in rows} <= {"succeeded", "lost"}, "".join(lines)
    for job in {job for job, _, _ in rows}:
        due = [datetime.fromisoformat(at) for other, at, _ in rows if other == job]
        assert due == [due[0] + EVERY * n for n in range(len(due))]
        assert len(due) >= ENOUGH


def _until_enough(root: Path) -> list[str]:
    """Run the app until its soonest job has run often enough; return what was printed."""
    process = forks.Fork(
        ["-m", "herokuclock", "run", "--port", str(free_port())],
        cwd=root,
        env={**os.environ, "VIRTUAL_ENV": sys.prefix},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    lines, runs = list[str](), Counter[str]()
    with process:
        assert process.stdout
        for line in process.stdout:
            lines.append(line)
            if ended := ENDED.search(line):
                runs[ended[1]] += 1
                if max(runs.values()) == ENOUGH and ended[2] == "succeeded":
                    os.killpg(process.pid, signal.SIGINT)
    assert process.returncode == 130, "".join(lines)
    return lines
