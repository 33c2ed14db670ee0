"""What runs with `timeout=` say: all that their process writes, and what it starts."""

from typing import Any

from clockdyno.ledger import outputs
from support.calls import ONCE
from support.site import Site

SAYS = """
import logging

@once(timeout=60)
def says():
    logging.getLogger("shop").warning("%s left of %r", 3, 'a "b"\\nc')
    print("printed")
    os.write(2, b"by C code, as it were \\xff\\n")
    subprocess.run("echo by a program; setsid sleep 5 &", shell=True)
    threading.Thread(target=print, args=("by a thread",)).start()

@once(timeout=1)
def hangs():
    print("about to hang", flush=True)
    time.sleep(1000)

@once(timeout=60)
def floods():
    print("x" * 5_000_000)
    print("done")

@once
def raises():
    raise ValueError("no luck")
"""


def test_all_that_a_child_says_is_kept_even_when_it_is_killed(on_postgres: Site) -> None:
    site = on_postgres
    site.write(ONCE + SAYS)
    clock = site.start()
    site.until(lambda: len(site.rows("finished_at IS NOT NULL")) == 4)
    assert site.stop(clock) == 0
    rows = {row.job_id: row for row in site.rows()}
    said = {name: lines_of(site, row.id) for name, row in rows.items()}
    # The two streams are two pipes: what comes in both at once has no order.
    assert sorted(said["says"]) == [
        ("WARNING", "3 left of 'a \"b\"\\nc'"),
        ("err", "by C code, as it were \\xff"),
        *[("out", "by a program"), ("out", "by a thread"), ("out", "printed")],
    ]
    assert rows["hangs"].reason == "timeout"
    assert said["hangs"] == [("out", "about to hang")]
    assert said["floods"][-1] == ("out", "done")
    log = site.log()
    assert log.count("x") >= 5_000_000
    for words in ("printed", "by a program", "by a thread", "about to hang"):
        assert words in log
    assert rows["raises"].error.splitlines()[1].endswith(", in raises")


def lines_of(site: Site, run: int) -> list[Any]:
    with site.engine.connect() as db:
        return [(line.level, line.text) for one in outputs.of_run(db, run) for line in one.lines]
