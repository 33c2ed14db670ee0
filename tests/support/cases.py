"""The texts of tests/library/schedule/cases: what people type, and what it means."""

from support.files import REPOSITORY

CASES = REPOSITORY / "tests" / "library" / "schedule" / "cases"


def cases(name: str) -> list[tuple[str, str]]:
    """Return the texts of a file, each with its meaning or with why it is refused."""
    lines = (CASES / name).read_text("utf-8").splitlines()
    kept = (line for line in lines if line and not line.startswith("# "))
    return [(text, result) for text, _, result in (line.partition(" => ") for line in kept)]
