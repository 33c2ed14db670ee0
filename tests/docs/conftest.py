"""What the tests of the pages stand on: the program."""

from support.program import run  # noqa: F401
