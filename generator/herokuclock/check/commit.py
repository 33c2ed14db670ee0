"""The commit that a push would take, laid out in a folder of its own as Heroku gets it."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from herokuclock import shell
from herokuclock.check.findings import Site

# A filter for large files would fetch what Heroku does not; line endings stay what they are.
AS_STORED = tuple(
    word
    for setting in (
        *("filter.lfs.smudge=", "filter.lfs.process=", "filter.lfs.required=false"),
        "core.autocrlf=false",
    )
    for word in ("-c", setting)
)
LINK_TO_A_COMMIT = "160000"


@contextmanager
def pushed(here: Site) -> Iterator[Site | None]:
    """Yield what Heroku gets by a push from a folder; None where it could get nothing yet."""
    # A folder inside a repository is none that could be pushed.
    if here.above or not here.has_commit:
        yield None
        return
    folder = here.folder
    with tempfile.TemporaryDirectory(prefix="herokuclock-") as made:
        root = Path(made) / "app"
        names = _lay_out(folder, "HEAD", root, Path(made) / "index")
        kept = names - _left_out(folder, root, Path(made) / "index")
        for name in names - kept:
            (root / name).unlink(missing_ok=True)
        # What leads out of the commit leads nowhere on a dyno.
        inside = frozenset(name for name in kept if Site(root)._is_inside(name))
        yield Site(root, folder, inside, names)


@contextmanager
def next_one(here: Site) -> Iterator[Site]:
    """Yield what the next commit would hold if everything in the folder went into it."""
    folder = here.folder
    with tempfile.TemporaryDirectory(prefix="herokuclock-") as made:
        root = Path(made) / "app"
        for name in here.files:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            if not (folder / name).is_dir():
                shutil.copy2(folder / name, root / name, follow_symlinks=False)
        root.mkdir(exist_ok=True)
        yield Site(root, folder, here.files, here.tracked)


def _lay_out(folder: Path, commit: str, root: Path, index: Path) -> frozenset[str]:
    """Write a commit's files into `root`, those of its submodules, too; return their names."""
    root.mkdir(parents=True, exist_ok=True)
    own = {"GIT_INDEX_FILE": str(index)}
    shell.run(["git", "read-tree", commit], cwd=folder, env=own)
    write = ["git", *AS_STORED, "checkout-index", "--all", "--force", f"--prefix={root}/"]
    shell.run(write, cwd=folder, env=own)
    listed = shell.run(["git", "ls-files", "--stage", "-z"], cwd=folder, env=own).out
    names: set[str] = set()
    for entry in filter(None, listed.split("\0")):
        facts, _, name = entry.partition("\t")
        mode, inner, _ = facts.split()
        if mode != LINK_TO_A_COMMIT:
            names.add(name)
        elif (folder / name / ".git").exists():
            below = _lay_out(folder / name, inner, root / name, index.with_name("index-below"))
            names |= {f"{name}/{each}" for each in below}
    return frozenset(names)


def _left_out(folder: Path, root: Path, index: Path) -> frozenset[str]:
    """Return the files that .slugignore takes away before the build."""
    rules = root / ".slugignore"
    if not rules.is_file():
        return frozenset()
    # Its patterns are those of .gitignore, but for the ones that take something back.
    lines = rules.read_text(encoding="utf-8", errors="replace").splitlines()
    rules.write_text("\n".join(line for line in lines if not line.startswith("!")))
    command = ["git", "ls-files", "-z", "--cached", "--ignored", f"--exclude-from={rules}"]
    done = shell.run(command, cwd=folder, env={"GIT_INDEX_FILE": str(index)})
    return frozenset(filter(None, done.out.split("\0")))
