"""What the tests of the pages stand on: the program, and a place that alerts go to."""

from support.program import run  # noqa: F401
from support.site import webhook  # noqa: F401
