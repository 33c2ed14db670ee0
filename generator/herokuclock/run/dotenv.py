"""Read a .env file: KEY=VALUE lines, comments, quotes also over several lines; no expansion."""

import re
from pathlib import Path

ENDS = r"(?=[ \t]*(?:#.*)?$)"
# Whatever it meets it looks ahead no farther than to the next quote, so that its time is linear.
PAIR = re.compile(
    rf"""^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=(?:"""
    rf"""[ \t]*"([^"]*)"{ENDS}|[ \t]*'([^']*)'{ENDS}|(.*))""",
    re.MULTILINE,
)


def read(path: Path) -> dict[str, str]:
    """Return the variables of a file; there need not be one."""
    text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    return {
        match[1]: match[2] or match[3] or _bare(match[4] or "") for match in PAIR.finditer(text)
    }


def _bare(text: str) -> str:
    return re.split(r"\s#", text, maxsplit=1)[0].strip()
