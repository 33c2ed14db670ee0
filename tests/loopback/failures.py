"""The platform's refusals, and the switch that makes any request fail."""

import re
from dataclasses import dataclass, field
from threading import Event


class Refusal(Exception):
    """An answer of the API that is an error: its status, its id, its message."""

    def __init__(self, status: int, id: str, message: str, url: str = "") -> None:
        super().__init__(message)
        self.status, self.id, self.message, self.url = status, id, message, url

    @property
    def body(self) -> dict[str, str]:
        known = {"id": self.id, "message": self.message}
        return {**known, "url": self.url} if self.url else known


UNAUTHORIZED = Refusal(401, "unauthorized", "Invalid credentials provided.")
RATE_LIMIT = Refusal(
    429,
    "rate_limit",
    "Your account reached the API rate limit\nPlease wait a few minutes before making new requests",
)
UNAVAILABLE = Refusal(503, "service_unavailable", "Service unavailable")
UNVERIFIED = Refusal(
    422,
    "verification_required",
    "To create an app, verify your account by adding payment information. "
    "Verify now at https://heroku.com/verify",
    "https://heroku.com/verify",
)
QUOTA = Refusal(422, "invalid_params", "You've reached the limit of 100 apps for your account.")
SECOND_DYNO = Refusal(
    422, "invalid_params", "Cannot update to more than 1 Basic size dynos per process type."
)
NO_APP = Refusal(404, "not_found", "Couldn't find that app.")


def name_taken(name: str) -> Refusal:
    return Refusal(422, "invalid_params", f"Name {name} is already taken")


@dataclass
class Failure:
    """Lets the next `times` requests that match fail; without a refusal the line is cut.

    With `after` the platform does what was asked, and only its answer goes wrong. With `pause` the
    request is held until `go_on` is set, and then done as if nothing had been, unless it is `lost`;
    `over` is set when that is done.
    """

    method: str
    path: str
    refusal: Refusal | None
    times: int = 1
    after: bool = False
    pause: bool = False
    lost: bool = False
    reached: Event = field(default_factory=Event)
    go_on: Event = field(default_factory=Event)
    over: Event = field(default_factory=Event)

    def matches(self, method: str, path: str) -> bool:
        wanted = bool(re.fullmatch(self.method, method) and re.fullmatch(self.path, path))
        if wanted and self.times:
            self.times -= 1
            return True
        return False
