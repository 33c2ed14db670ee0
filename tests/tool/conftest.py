"""What the tests of the tool stand on: the program, a Heroku for it, and uv."""

from loopback.fixtures import heroku  # noqa: F401
from support.own_python import forked_python  # noqa: F401
from support.program import run  # noqa: F401
from support.run_sessions import sessions  # noqa: F401
from support.uv import uv  # noqa: F401
