"""What a user sees when something is wrong: what it is, then what to do."""

from clockdyno.schedule.refusal import ScheduleError

__all__ = ["REFUSED", "Back", "HerokuclockError", "ScheduleError"]


class HerokuclockError(Exception):
    """Ends the program with a message and a hint; `code` is the exit status.

    1 means refused or failed, 2 wrong usage (docs/start.md says so to users).
    """

    def __init__(self, message: str, hint: str = "", *, code: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code


class Back(Exception):
    """Somebody at a terminal wants the question before this one; `kept` is the answer so far."""

    def __init__(self, kept: object = None) -> None:
        super().__init__()
        self.kept = kept


# A schedule is read by the library, whose own error says as much.
REFUSED = (HerokuclockError, ScheduleError)
