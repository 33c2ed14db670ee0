"""Read a .env file as `heroku local` does: KEY=VALUE lines, quotes, comments, no expansion."""

import re
from pathlib import Path

LINE = re.compile(
    r"""^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(?:"([^"]*)"|'([^']*)'|(.*?))\s*(?:\s\#.*)?$"""
)


def read(path: Path) -> dict[str, str]:
    """Return the variables of a file; there need not be one."""
    text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    found = filter(None, map(LINE.match, text.splitlines()))
    return {match[1]: match[2] or match[3] or match[4] or "" for match in found}
