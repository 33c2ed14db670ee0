"""Folders as the tests look at them."""

from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
TEMPLATE = REPOSITORY / "template"


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with its content, git's own left out."""
    files = (path for path in folder.rglob("*") if path.is_file() or path.is_symlink())
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
    return {path: content for path, content in found.items() if not path.startswith(".git/")}
