"""What the tests on the loopback Heroku stand on."""

from support.program import run  # noqa: F401

from loopback.fixtures import heroku, loopback_postgres, whole_heroku  # noqa: F401
