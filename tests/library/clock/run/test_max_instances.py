"""How many runs of a job there are at once: as many as it says, however many clocks are up."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from clockdyno.ledger import claims, database, settling
from support.postgres import Postgres
from support.rows import rows
from support.site import Site

OVERLAP = """
@sched.scheduled_job("interval", seconds=1, max_instances={most})
def long():
    note("+")
    await_word("end")
    note("-")
"""


@pytest.mark.parametrize("most", rows((1, 2), (1,)))
def test_two_clocks_together_keep_to_max_instances(site: Site, most: int) -> None:
    site.write(OVERLAP.format(most=most))
    clocks = [site.start(), site.start()]
    site.until(lambda: site.effects().count("+") == most)
    site.until(lambda: site.rows("reason IN ('overlap', 'coalesced')"))
    site.say("end")
    site.until(lambda: site.effects().count("-") > most)
    assert [site.stop(clock) for clock in clocks] == [0, 0]

    at_once = highest = 0
    for effect in site.effects():
        at_once += 1 if effect == "+" else -1
        highest = max(highest, at_once)
    assert highest == most
    # Missed, where it took the clocks until the next fire to be sure that the other one lives.
    left_out = {(row.state, row.reason) for row in site.rows() if row.state != "succeeded"}
    assert left_out and left_out <= {("skipped", "overlap"), ("missed", "coalesced")}


def race(url: str, rounds: int) -> int:
    """Let eight clocks claim eight fires of one job at once; return how often two won."""
    start = datetime(2027, 1, 4, tzinfo=UTC)
    clocks = [claims.Ledger(database.connect(url)) for _ in range(8)]
    database.set_up(clocks[0].engine)
    for clock in clocks:
        clock.register(paused=False)
    clocks[0].arrive({"job": "trigger"}, start)
    both = 0
    for number in range(rounds):
        gate, won = threading.Barrier(8), list[settling.Claim]()

        def claim(clock: claims.Ledger, fire: datetime, gate=gate, won=won) -> None:  # type: ignore[no-untyped-def]
            gate.wait()
            found = clock.claim("job", fire, 1)
            if found.outcome == "won":
                won.append(found)

        fires = [start + timedelta(minutes=8 * number + n) for n in range(8)]
        threads = [
            threading.Thread(target=claim, args=pair) for pair in zip(clocks, fires, strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert won
        both += len(won) > 1
        for found in won:
            clocks[0].finish(found, state="succeeded")
    for clock in clocks:
        clock.engine.dispose()
    return both


def test_claims_at_the_same_moment_never_overlap(site: Site) -> None:
    assert race(site.url, 30) == 0


@pytest.mark.slow
def test_without_the_row_lock_they_would(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        settling, "LOCK", settling.LOCK.with_only_columns(*settling.LOCK.selected_columns)
    )
    monkeypatch.setattr(settling.LOCK, "_for_update_arg", None)

    assert race(postgres.create(), 30) > 0
