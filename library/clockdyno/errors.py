"""What the clock itself raises of a run; any other exception is the job's, and only data."""


class AppError(Exception):
    """There is no app to run a job in: `Clock(app=...)` was given what makes none."""


class RunError(Exception):
    """Why the clock calls a run failed; `text` is its traceback in a child, where it has one.

    `told`: the child itself has told Sentry of the exception.
    """

    def __init__(
        self, reason: str, message: str, text: str | None = None, *, told: bool = False
    ) -> None:
        super().__init__(message)
        self.reason, self.text, self.told = reason, text or message, told
