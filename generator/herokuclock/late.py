"""What others load as soon as they are imported, and no command uses, waits until it is asked for.

APScheduler and cookiecutter look up their own versions among all that is installed, which brings a
parser of mail; APScheduler takes one function from asyncio, which brings OpenSSL; cookiecutter has
the dates and languages of arrow ready. That took `explain` as long as all the rest of it.
"""

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from inspect import iscoroutinefunction
from types import ModuleType
from typing import Any

ASYNCIO = "asyncio"


def arrange() -> None:
    """Let Python import these packages by their light side from now on."""
    sys.meta_path.insert(0, _Finder)


class _Package(SourceFileLoader):
    """Loads a package whose own file runs once somebody asks for what is none of its modules."""

    def exec_module(self, module: ModuleType) -> None:
        def asked(name: str) -> Any:
            if PathFinder.find_spec(f"{module.__name__}.{name}", module.__path__):
                return import_module(f"{module.__name__}.{name}")
            vars(module).pop("__getattr__", None)
            super(_Package, self).exec_module(module)
            return getattr(module, name)

        module.__getattr__ = asked  # type: ignore[method-assign]


class _WithoutAsyncio(SourceFileLoader):
    """Loads a module that wants to know a coroutine function when it sees one, and no more."""

    def exec_module(self, module: ModuleType) -> None:
        if ASYNCIO not in sys.modules:
            sys.modules[ASYNCIO] = stand_in = ModuleType(ASYNCIO)
            # APScheduler itself takes this one from Python 3.14 on.
            stand_in.iscoroutinefunction = iscoroutinefunction  # type: ignore[attr-defined]
            try:
                return super().exec_module(module)
            except ImportError:
                pass  # Another version wants more of it.
            finally:
                del sys.modules[ASYNCIO]
        return super().exec_module(module)


LOADERS = {
    "apscheduler": _Package,
    "apscheduler.util": _WithoutAsyncio,
    "arrow": _Package,
    "cookiecutter": _Package,
}


class _Finder:
    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path, target) if name in LOADERS else None
        if spec and isinstance(spec.loader, SourceFileLoader):
            spec.loader = LOADERS[name](name, spec.loader.path)
        return spec
