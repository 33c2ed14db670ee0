"""What hostile jobs raise: a table of names, and of what makes each exception."""

import asyncio
import codecs
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any, NoReturn


class ObjectReason(Exception):
    reason, text, code = object(), object(), object()


class BytesReason(Exception):
    reason, text = b"bytes", b"\x00\xff"


class MethodText(Exception):
    def text(self) -> str:
        return "a method"

    reason = text


class RaisingReason(Exception):
    @property
    def reason(self) -> NoReturn:
        raise SystemExit(3)

    text = code = reason


class BrokenText(Exception):
    def __str__(self) -> str:
        raise KeyboardInterrupt

    __repr__ = __str__


class NoText(Exception):
    def __str__(self) -> str:
        return 7  # type: ignore[return-value]  # noqa: PLE0307


class BrokenTruth(Exception):
    def __bool__(self) -> bool:
        raise ValueError("neither")

    def __eq__(self, other: object) -> bool:
        raise ValueError("not comparable")

    def __len__(self) -> int:
        raise ValueError("no length")

    __hash__ = None  # type: ignore[assignment]


class BrokenTraceback(Exception):
    @property
    def __traceback__(self) -> NoReturn:  # type: ignore[override]
        raise SystemExit("no traceback")

    __cause__ = __context__ = __notes__ = __traceback__


class BrokenClass(Exception):
    @property  # type: ignore[misc]
    def __class__(self) -> NoReturn:  # type: ignore[override]
        raise RuntimeError("bound to nothing")


class Metaclass(type):
    def __getattribute__(cls, name: str) -> Any:
        raise RuntimeError("no attributes")

    def __instancecheck__(cls, other: object) -> bool:
        raise RuntimeError("no instances")

    __subclasscheck__ = __instancecheck__


class OddClass(Exception, metaclass=Metaclass):
    pass


class Unset(Exception):
    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(name)

    def __getattribute__(self, name: str) -> NoReturn:
        raise RuntimeError(name)


def chain() -> BaseException:
    error = ValueError("the first")
    for number in range(10_000):
        following = ValueError(f"number {number}")
        following.__cause__, error = error, following
    return error


def nested_groups() -> Exception:
    group: Exception = ValueError("\0")
    for number in range(2_000):
        group = ExceptionGroup(f"level {number}", [group])
    return group


def deep() -> object:
    return deep()


def closed_port() -> None:
    urllib.request.urlopen("http://127.0.0.1:9/")


def needs_memory() -> None:
    bytearray(1 << 62)


# How each is made; a call that raises by itself is as good.
ERRORS: dict[str, Callable[[], Any]] = {
    "closed_port": closed_port,
    "url_error": lambda: urllib.error.URLError(ConnectionResetError(104, "reset")),
    "http_error": lambda: urllib.error.HTTPError("http://x/", 404, "Not Found", None, None),  # type: ignore[arg-type]
    "ssl_error": lambda: ssl.SSLError(1, "wrong version number"),
    "unicode_error": lambda: codecs.decode(b"\xff\x00", "utf-8"),
    "syntax_error": lambda: compile("a b c", "job", "exec"),
    "object_reason": ObjectReason,
    "bytes_reason": BytesReason,
    "method_text": MethodText,
    "raising_reason": RaisingReason,
    "nul": lambda: ValueError("bad \0", "\0"),
    "surrogate": lambda: ValueError("half \ud83d"),
    "looks_like_ours": lambda: ValueError("\nat=database state=gone\x1b[2J\r\u2028at=stop"),
    "exit_1": lambda: SystemExit(1),
    "exit_text": lambda: SystemExit("no luck \0"),
    "exit_object": lambda: SystemExit(BrokenText()),
    "interrupt": KeyboardInterrupt,
    "generator_exit": GeneratorExit,
    "stop_iteration": lambda: StopIteration(3),
    "stop_async_iteration": StopAsyncIteration,
    "cancelled": asyncio.CancelledError,
    "base": lambda: BaseException("bare"),
    "group": lambda: ExceptionGroup("many", [ValueError("\0"), KeyError("\ud83d")] * 50),
    "base_group": lambda: BaseExceptionGroup("many", [KeyboardInterrupt(), SystemExit(0)]),
    "nested_groups": nested_groups,
    "chain": chain,
    "recursion": deep,
    "memory": needs_memory,
    "fifty_megabytes": lambda: ValueError("x\n" * 25_000_000),
    "broken_text": BrokenText,
    "no_text": NoText,
    "broken_truth": BrokenTruth,
    "broken_traceback": BrokenTraceback,
    "broken_class": BrokenClass,
    "odd_class": OddClass,
    "unset": Unset,
}


def raise_it(name: str) -> NoReturn:
    """Raise what bears a name."""
    raise ERRORS[name]()  # noqa: RSE102, it may be a function
