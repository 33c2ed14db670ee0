"""Whether the database is only away: which of its errors a new try can mend."""

from sqlalchemy import exc

# Classes of SQLSTATE: connection, read-only or idle for too long, rolled back, out of resources,
# locked, shut down, its disk; and a right or a table that is gone (a full plan, a restore).
PASSING = ("08", "25", "40", "53", "55", "57", "58", "42501", "42P01", "3F000")


def passes(error: BaseException | None) -> bool:
    """Say whether an error is worth another try; what is wrong in what we sent stays wrong."""
    if error is None:
        return False
    if isinstance(error, exc.DBAPIError):
        return error.connection_invalidated or _passes(error.orig or error, error)
    # What a queue raises hides the driver's own error behind it.
    return isinstance(error, exc.TimeoutError) or _passes(error, error) or passes(error.__cause__)


def _passes(driver: BaseException, error: BaseException) -> bool:
    if state := getattr(driver, "sqlstate", None):
        return str(state).startswith(PASSING)
    names = {kind.__name__ for kind in (*type(driver).__mro__, *type(error).__mro__)}
    # No driver is imported for this: a project has only the one that it needs.
    module = type(driver).__module__
    return "OperationalError" in names or ("InterfaceError" in names and module == "psycopg")
