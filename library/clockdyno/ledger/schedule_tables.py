"""The tables of what is scheduled at run time: rows that the app writes, and the clock runs by.

tasks: one row for each function that schedules may name, written by the clock when it starts.
  name; zone (where a schedule counts that names none); fastest (seconds between two of its times,
  at least); on_lost; takes (JSON: the arguments that it must have, and may have); doc;
  timeout, expected, awaits (as in jobs);
  gone_at (no longer in jobs.py); told_at (somebody was told that schedules wait for it).

schedules: one row for each key; a key that was deleted and comes again is another row.
  job_id (its runs bear it: the key and a mark of its own), key, task; typed (as it was written),
  parts (JSON: [[kind, keywords], ...]), zone, kwargs (JSON); words and remarks, for people;
  revision (1, and one more for each change); known_since (nothing up to here is owed a row);
  next_at (when a clock has to look, NULL: never); paused_at; deleted_at (a clock has something
  to settle before the row can go); changed_at; backlog (JSON: [[parts, zone, since, until], ...],
  what an earlier form of the row still owes, as no clock was there to see to it).
"""

import sqlalchemy as sa

from clockdyno.ledger.tables import Moment, metadata

tasks = sa.Table(
    "tasks",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("zone", sa.Text, nullable=False),
    sa.Column("fastest", sa.Float, nullable=False),
    sa.Column("on_lost", sa.Text, nullable=False),
    sa.Column("takes", sa.Text, nullable=False),
    sa.Column("doc", sa.Text, nullable=False),
    sa.Column("gone_at", Moment),
    sa.Column("told_at", Moment),
    sa.Column("timeout", sa.Float),
    sa.Column("expected", sa.Float),
    sa.Column("awaits", sa.Boolean),
)
schedules = sa.Table(
    "schedules",
    metadata,
    sa.Column("job_id", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("task", sa.Text, nullable=False),
    sa.Column("typed", sa.Text, nullable=False),
    sa.Column("parts", sa.Text, nullable=False),
    sa.Column("zone", sa.Text, nullable=False),
    sa.Column("kwargs", sa.Text, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("remarks", sa.Text, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("known_since", Moment, nullable=False),
    sa.Column("next_at", Moment),
    sa.Column("paused_at", Moment),
    sa.Column("deleted_at", Moment),
    sa.Column("changed_at", Moment, nullable=False),
    sa.Column("backlog", sa.Text),
)
IS_THERE = schedules.c.deleted_at.is_(None)
IS_DUE = schedules.c.next_at.is_not(None)
sa.Index(
    "schedules_key",
    schedules.c.key,
    unique=True,
    info={"where": IS_THERE},
)
sa.Index(
    "schedules_next",
    schedules.c.task,
    schedules.c.next_at,
    info={"where": IS_DUE},
)
