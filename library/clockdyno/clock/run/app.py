"""The Flask app whose context every run has: made once in a process, when a job of it runs."""

import contextlib
import functools
import inspect
import pickle
import pkgutil
import re
import sys
import threading
from typing import Any

from clockdyno import texts
from clockdyno.errors import AppError

NAME = re.compile(r"([^\W\d]\w*(?:\.[^\W\d]\w*)*):[^\W\d]\w*(?:\.[^\W\d]\w*)*")
IS_NO_APP = (
    "app={given} is neither a Flask app, nor a function that makes one, nor the name of either: "
    'app="app:create_app"'
)
WANTS = "{name} wants arguments ({reason}). Give them: app=functools.partial({name}, ...)"
HAS_NO_NAME = (
    "a job with timeout= runs in a process of its own, and app= has no name to be found by there: "
    'say where it is, app="app:create_app", or give a function of a module'
)


class App:
    """What `Clock(app=...)` was given; Flask itself is loaded by nobody else than that."""

    def __init__(self, given: Any = None) -> None:
        if isinstance(given, str):
            given = given.strip().removesuffix("()")
        is_name = isinstance(given, str) and NAME.fullmatch(given)
        if not (given is None or is_name or callable(given) or _is_app(given)):
            raise ValueError(IS_NO_APP.format(given=texts.line(repr(given))))
        self._given, self._made, self._making = given, None, threading.RLock()

    def __reduce__(self) -> Any:
        """Travel to a child as what the app is called there."""
        given = _name_of(self._given) if _is_app(self._given) else self._given
        try:
            pickle.dumps(given)
        except Exception:
            raise AppError(HAS_NO_NAME) from None
        return App, (given,)

    @property
    def modules(self) -> list[str]:
        """Return what else than jobs.py is imported to make it."""
        named = isinstance(self._given, str) and NAME.fullmatch(self._given)
        return [named[1]] if named else []

    def context(self) -> contextlib.AbstractContextManager[Any]:
        """Return a new context of the app, which is made first; raise AppError if it cannot be."""
        return contextlib.nullcontext() if self._given is None else self._app().app_context()

    def _app(self) -> Any:
        with self._making:  # Not a plain lock: whoever makes it may run a job by hand.
            if self._made is None:
                self._made = self._make()
            return self._made

    def _make(self) -> Any:
        found = self._found()
        if _is_app(found):
            return found
        name = _called(self._given)
        if not callable(found):
            raise AppError(f"{name} is a {type(found).__name__}, and no Flask app")
        try:
            inspect.signature(found).bind()
        except TypeError as error:
            raise AppError(WANTS.format(name=_called(found), reason=error)) from None
        except ValueError:
            pass  # A built-in without a signature.
        try:
            made = found()
        except (Exception, SystemExit) as error:
            raise AppError(f"{name} could not make the app: {_told(error)}") from error
        if not _is_app(made):
            raise AppError(f"{name} returned a {type(made).__name__}, and no Flask app")
        return made

    def _found(self) -> Any:
        if not isinstance(self._given, str):
            return self._given
        try:
            return pkgutil.resolve_name(self._given)
        except (Exception, SystemExit) as error:
            raise AppError(f"app={self._given!r} cannot be loaded: {_told(error)}") from error


def _is_app(value: Any) -> bool:
    return callable(getattr(value, "app_context", None))


def _called(given: Any) -> str:
    if isinstance(given, str):
        return given
    while isinstance(given, functools.partial):
        given = given.func
    return getattr(given, "__name__", None) or type(given).__name__


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {texts.message(error)}"


def _name_of(app: Any) -> str:
    for module in tuple(sys.modules.values()):
        for name, value in tuple(getattr(module, "__dict__", {}).items()):
            if value is app and NAME.fullmatch(f"{module.__name__}:{name}"):
                return f"{module.__name__}:{name}"
    raise AppError(HAS_NO_NAME)
