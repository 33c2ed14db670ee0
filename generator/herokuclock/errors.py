"""The one exception that a user sees: what is wrong, then what to do."""


class HerokuclockError(Exception):
    """Ends the program with a message and a hint; `code` is the exit status.

    1 means refused or failed, 2 wrong usage (see the table of exit codes in the README).
    """

    def __init__(self, message: str, hint: str = "", *, code: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code
