"""What the tests of a generated project stand on: the program that makes it, and its clock."""

from support.program import run  # noqa: F401
from support.site import on_sqlite, webhook  # noqa: F401
