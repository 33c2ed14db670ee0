"""The threads in which jobs run: one pool, and those that the clock was given by name."""

import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from clockdyno import logs

THREADS = 20


class Pools:
    """Hands work to the pool of a name, and knows what goes on in all of them."""

    def __init__(self, default: Any = None) -> None:
        self._default = default or ThreadPoolExecutor(THREADS, thread_name_prefix="run")
        self._named: dict[str, Any] = {}
        self._quiet: list[Any] = []
        self._at_work: dict[int, Any] = {}  # by thread: the pool that it belongs to
        self._idle = threading.Condition()

    def name(self, alias: str, pool: Any, *, is_quiet: bool = False) -> None:
        """Let a pool do the work of a name; that of any other name is the default one's."""
        self._named[alias] = pool
        self._quiet += [pool] * is_quiet

    @property
    def busy(self) -> bool:
        """Say whether anything is still going on."""
        return bool(self._at_work)

    @property
    def idle(self) -> int:
        """Say how many threads of the default pool have nothing to do."""
        default = self._named.get("default", self._default)
        at_work = list(self._at_work.values()).count(default)
        return int(getattr(default, "_max_workers", THREADS)) - at_work

    def submit(self, alias: str, step: Callable[..., None], *args: Any) -> None:
        """Do something in a thread of a pool, soon; nothing once they are closed."""
        pool = self._named.get(alias) or self._named.get("default", self._default)
        with contextlib.suppress(RuntimeError):  # The pool is closed: the clock stops.
            pool.submit(self._work, pool, step, *args)

    def _work(self, pool: Any, step: Callable[..., None], *args: Any) -> None:
        me = threading.get_ident()
        with self._idle:
            self._at_work[me] = pool
            size = getattr(pool, "_max_workers", THREADS)
            is_full = list(self._at_work.values()).count(pool) == size
            if is_full and pool not in self._quiet:
                logs.event("full", threads=size)
        try:
            step(*args)
        except BaseException as error:
            logs.failure(error)
        finally:
            with self._idle:
                self._at_work.pop(me, None)
                self._idle.notify_all()

    def close(self, seconds: float) -> None:
        """Begin nothing more, and wait for what goes on in other threads than this."""
        for pool in (self._default, *self._named.values()):
            pool.shutdown(wait=False, cancel_futures=True)
        me = threading.get_ident()
        with self._idle:
            self._idle.wait_for(lambda: not self._at_work.keys() - {me}, seconds)
