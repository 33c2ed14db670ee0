"""Who is dead is told by the roll that the living call in the database, and by nobody's age."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from clockdyno.ledger import database, presence, tables
from clockdyno.ledger.claims import Ledger
from support.site import Site

DUE = datetime(2027, 1, 4, tzinfo=UTC)


@pytest.fixture
def made(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Give a ledger in which every heartbeat calls the roll."""
    monkeypatch.setattr(presence, "SILENT", timedelta(0))
    database.set_up(site.engine)
    return site


def entered(site: Site) -> Ledger:
    """Return a process that has just entered."""
    ledger = Ledger(site.engine)
    ledger.register(paused=False)
    return ledger


def lost(site: Site) -> list[int]:
    rows = site.query("SELECT clock_id FROM clockdyno.clocks WHERE lost_at IS NOT NULL ORDER BY 1")
    return [row.clock_id for row in rows]


def test_who_lets_three_calls_pass_is_dead_and_who_beats_between_them_is_not(made: Site) -> None:
    dead, rare, living = entered(made), entered(made), entered(made)
    for _ in range(2):
        living.beat()
        rare.beat()

    assert lost(made) == [dead.clock_id]
    assert (living.beat(), dead.beat()) == (True, False)


def test_clocks_that_die_young_bury_a_dead_one_together_and_its_job_goes_on(made: Site) -> None:
    dead = entered(made)
    dead.arrive({"job": "trigger"}, DUE)
    assert dead.claim("job", DUE + timedelta(hours=1), 1).outcome == "won"
    buried = [entered(made).bury([], []) for _ in range(3)]

    assert [[row.job_id for row in rows] for rows in buried] == [[], [], ["job"]]
    assert entered(made).claim("job", DUE + timedelta(hours=2), 1).outcome == "won"


def test_time_in_which_nobody_reached_the_database_makes_nobody_dead(site: Site) -> None:
    database.set_up(site.engine)
    one, other = entered(site), entered(site)
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    sql = "UPDATE clockdyno.clocks SET heartbeat_at = :at, answered_at = :at, silent = 1"
    stamp = hour_ago if site.url.startswith("postgres") else f"{hour_ago:%Y-%m-%d %H:%M:%S.%f}"
    site.execute(sql, at=stamp)
    site.execute("UPDATE clockdyno.roll SET called_at = :at", at=stamp)

    assert [other.beat() for _ in range(5)] == [True] * 5
    assert one.beat()
    assert lost(site) == []


def test_a_database_whose_time_is_put_back_goes_on_calling_the_roll(site: Site) -> None:
    database.set_up(site.engine)
    ledger = entered(site)
    later = datetime.now(UTC) + timedelta(hours=1)
    stamp = later if site.url.startswith("postgres") else f"{later:%Y-%m-%d %H:%M:%S.%f}"
    site.execute("UPDATE clockdyno.roll SET called_at = :at", at=stamp)
    ledger.beat()
    with site.engine.connect() as db:
        called = db.scalars(tables.roll.select()).one()

    assert called < later - timedelta(minutes=50)


def test_a_clock_of_an_older_version_lives_as_long_as_it_beats(made: Site) -> None:
    old, new = entered(made), entered(made)
    beat = "UPDATE clockdyno.clocks SET heartbeat_at = :at WHERE clock_id = :id"
    made.execute("UPDATE clockdyno.clocks SET answered_at = NULL, silent = NULL")
    for second in range(6):
        at = DUE + timedelta(seconds=second)
        stamp = at if made.url.startswith("postgres") else f"{at:%Y-%m-%d %H:%M:%S.%f}"
        made.execute(beat, at=stamp, id=old.clock_id)
        new.beat()
    alive = lost(made)
    for _ in range(3):
        new.beat()

    assert (alive, lost(made)) == ([], [old.clock_id])


def test_tables_of_the_version_before_get_what_the_roll_needs(site: Site) -> None:
    database.set_up(site.engine)
    added = re.findall(r"ALTER TABLE (\S+) ADD COLUMN (\S+)", "\n".join(database.STEPS))
    for sql in (
        *(f"ALTER TABLE {table} DROP COLUMN {column}" for table, column in added),
        "DROP TABLE clockdyno.roll",
        "UPDATE clockdyno.version SET number = 0",
    ):
        site.execute(sql)
    database.set_up(site.engine)
    database.set_up(site.engine)

    assert entered(site).beat()
    assert len(site.query("SELECT * FROM clockdyno.roll")) == 1
