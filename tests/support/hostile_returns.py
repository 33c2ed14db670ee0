"""What hostile jobs return, and have awaited."""

import asyncio
import functools
from collections.abc import Awaitable, Iterator
from typing import NoReturn


async def sleeps() -> None:
    await asyncio.sleep(0.01)


async def fails_awaited() -> None:
    await sleeps()
    raise asyncio.CancelledError("\0")


async def returns_at_once() -> str:
    return "sync"


def has_its_own_loop() -> None:
    asyncio.run(sleeps())


def returns_awaitable() -> Awaitable[None]:
    return sleeps()


class Callable:
    def __call__(self) -> Awaitable[None]:
        return sleeps()


def returns_generator() -> Iterator[int]:
    return (number for number in range(3))


def returns_much() -> bytes:
    return bytes(50_000_000)


class Bad:
    def __del__(self) -> NoReturn:
        raise ValueError("not deleted")

    def __repr__(self) -> NoReturn:
        raise SystemExit("not shown")


def returns_bad() -> object:
    return Bad()


class Unbound:
    """A proxy that is bound to nothing, as those of web frameworks are outside of a request."""

    def __getattribute__(self, name: str) -> NoReturn:
        raise RuntimeError("outside of a request")


def returns_unbound() -> object:
    return Unbound()


as_lambda = lambda: sleeps()  # noqa: E731
as_partial = functools.partial(functools.partial(sleeps))
as_object = Callable()
