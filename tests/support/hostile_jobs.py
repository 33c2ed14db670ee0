"""Hostile jobs: a table of functions, and of how each run of theirs must end where it runs."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from support import hostile_deeds as deeds
from support import hostile_output as output
from support import hostile_returns as returns
from support.hostile_errors import ERRORS, raise_it

WELL, FAILED, DIED, TIMEOUT = "succeeded", "failed error", "failed died", "failed timeout"


class Hostile(NamedTuple):
    """A job: its name, its function and how it ends; "" where it ends whatever it runs in."""

    name: str
    function: Callable[..., Any]
    in_thread: str  # of the clock, or of a worker
    in_child: str  # with timeout=
    is_alone: bool = False  # No other hostile job could bear it, in one process.


def _deeds(*functions: Callable[..., Any], thread: str = WELL, child: str = WELL) -> list[Hostile]:
    return [Hostile(one.__name__, one, thread, child) for one in functions]


TABLE = [
    *(Hostile(name, partial(raise_it, name), FAILED, FAILED) for name in ERRORS),
    *_deeds(
        *(deeds.docstring, deeds.exits_well, deeds.exits_with_zero, deeds.forked_exits),
        *(output.prints_odd_text, output.prints_binary, output.closes_stdout, output.wraps_stdout),
        *(output.takes_stdout_away, output.replaces_stdout, deeds.changes_folder),
        *(deeds.changes_umask, deeds.clears_environment, deeds.changes_environment),
        *(deeds.changes_zone, deeds.changes_locale, deeds.switches_rarely, deeds.recurses_far),
        *(output.replaces_hooks, output.shuts_logging_down, output.disables_logging),
        *(output.configures_logging, output.adds_handler, output.warns, deeds.disables_collection),
        *(deeds.starts_threads, deeds.fails_in_thread, deeds.registers_at_exit),
        *(deeds.runs_a_program, deeds.leaves_a_grandchild, deeds.forks, deeds.has_a_pool),
        *(deeds.terminates, returns.sleeps, returns.returns_at_once, returns.has_its_own_loop),
        *(returns.returns_awaitable, returns.returns_much),
        *(returns.returns_bad, returns.returns_unbound),
        *(deeds.counts_in_its_own_way, deeds.replaces_time, deeds.remembers),
        deeds.holds_the_lock,
    ),
    *_deeds(returns.fails_awaited, returns.returns_generator, thread=FAILED, child=FAILED),
    *_deeds(deeds.handles_signals, thread=FAILED),
    *_deeds(deeds.sets_alarm, child=DIED),
    *_deeds(deeds.recurses_little, thread=""),
    *_deeds(deeds.exits_at_once, deeds.aborts, deeds.reads_nowhere, thread="", child=DIED),
    *_deeds(deeds.ends_its_group, thread="", child=DIED),
    *_deeds(deeds.hangs, thread="", child=TIMEOUT),
    # A child gets its function by name.
    Hostile("lambda", returns.as_lambda, WELL, FAILED),
    Hostile("partial", returns.as_partial, WELL, WELL),
    Hostile("object", returns.as_object, WELL, WELL),
    Hostile("looks_around", deeds.looks_around, WELL, WELL, is_alone=True),
    Hostile("closes_files", output.closes_files, WELL, WELL, is_alone=True),
]
