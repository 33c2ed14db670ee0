"""What git must not take: the SQLite file that the ledger is on somebody's own machine."""

from fnmatch import fnmatch

from clockdyno import host

from herokuclock import shell
from herokuclock.check.findings import Site
from herokuclock.init.edits import Paste, Plan, with_lines

FILE, PATTERN = ".gitignore", f"{host.SQLITE_FILE}*"
FILES = (host.SQLITE_FILE, f"{host.SQLITE_FILE}-wal")


def plan(site: Site, to: Plan) -> None:
    """Ignore the ledger's file, and see that nothing ignores the library's wheel."""
    content = site.content(FILE) if site.has_file(FILE) else None
    text = (content or b"").decode("utf-8", "surrogateescape")
    rules = [line.strip().lstrip("/") for line in text.splitlines()]
    if not all(any(fnmatch(name, rule) for rule in rules if rule) for name in FILES):
        new = with_lines(text, [PATTERN]).encode("utf-8", "surrogateescape")
        to.edit(FILE, content, new, "the ledger's file on this machine")
    made = [edit.path for edit in to.edits if edit.old is None]
    asked = ("-c", "core.quotePath=false", "check-ignore", "--", *made)
    for path in shell.git(site.root, *asked).out.splitlines() if made else ():
        line = f"git add --force {path}"
        to.pastes.append(Paste(FILE, None, f"a rule of git's leaves {path} out; type", (line,)))
