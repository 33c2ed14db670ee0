"""Statements as SQLAlchemy has compiled them, for all the engines that the tests make."""

from typing import Any

import sqlalchemy as sa


class Compiled(dict[Any, Any]):
    """What is compiled for one dialect, here of two, is right for each engine that speaks it."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(_of_all_engines(key), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        super().__setitem__(_of_all_engines(key), compiled)


def _of_all_engines(key: Any) -> Any:
    dialect, *statement = key
    return type(dialect), *statement


COMPILED = Compiled()


@sa.event.listens_for(sa.Engine, "engine_connect")
def share(connection: sa.Connection) -> None:
    connection.execution_options(compiled_cache=COMPILED)
