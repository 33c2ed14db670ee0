"""The texts of tests/library/schedule/cases: what people type, and what it means."""

from support.files import REPOSITORY

CASES = REPOSITORY / "tests" / "library" / "schedule" / "cases"


def cases(name: str) -> list[tuple[str, str]]:
    """Return the texts of a file, each with its meaning or with why it is refused."""
    lines = (CASES / name).read_text("utf-8").splitlines()
    kept = (line for line in lines if line and not line.startswith("# "))
    return [(text, result) for text, _, result in (line.rpartition(" => ") for line in kept)]


UNDERSTOOD = sorted(path.name for path in CASES.glob("*.txt") if path.name != "refused.txt")


def understood() -> list[tuple[str, str]]:
    """Return the texts of all dialects, each with the triggers that it stands for."""
    return [case for name in UNDERSTOOD for case in cases(name)]


def told_by(oracle: str) -> list[tuple[str, str]]:
    """Return the texts that another program was asked about, each with a print of its answer."""
    lines = (CASES.parent / "oracles" / f"{oracle}.txt").read_text("utf-8").splitlines()
    return [(text, told) for text, _, told in (line.rpartition(" => ") for line in lines)]
