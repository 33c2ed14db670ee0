"""Checks of all that the Python buildpack refuses before it installs anything."""

from collections.abc import Iterator
from difflib import get_close_matches
from shlex import quote

from herokuclock import packages
from herokuclock.check.findings import Finding, Repair, Site

LOCKS = ("requirements.txt", "Pipfile.lock", "poetry.lock", "uv.lock")
IGNORED_BY = ".gitignore"


def committed_python(site: Site) -> Iterator[Finding]:
    """`.heroku/python` is the buildpack's own."""
    if any(f"{name}/".startswith(".heroku/python/") for name in site.files):
        yield _committed(site, "committed-python", ".heroku/python", ".heroku")


def committed_venv(site: Site) -> Iterator[Finding]:
    """A virtual environment is this machine's, not Heroku's."""
    for folder in (".venv", "venv"):
        if f"{folder}/pyvenv.cfg" in site.files:
            yield _committed(site, "committed-venv", f"The virtual environment {folder}/", folder)


def _committed(site: Site, check: str, what: str, folder: str) -> Finding:
    """Say that git has a folder that the build refuses, or will have it with the next commit."""
    tracked = sorted(name for name in site.tracked if name.startswith(f"{folder}/"))
    mend = site.append(IGNORED_BY, f"{folder}/")
    repairs = (ignored(site, f"{folder}/"), *(Repair(n, only_from_git=True) for n in tracked))
    if tracked:
        problem = f"{what} is committed; the build refuses it."
        return Finding(check, problem, f"git rm -r -q --cached {folder} && {mend}", repairs=repairs)
    problem = f"{what} gets into the next commit, and then the build refuses it."
    return Finding(check, problem, mend, "warning", repairs)


def ignored(site: Site, line: str) -> Repair:
    """Return .gitignore with one more line."""
    return Repair(IGNORED_BY, site.with_line(IGNORED_BY, line))


def package_manager(site: Site) -> Iterator[Finding]:
    """Exactly one file may say what to install."""
    found = [name for name in LOCKS if site.has_file(name)]
    if site.has_file("Pipfile") and "Pipfile.lock" not in found:
        mend = "rm Pipfile" if found else packages.PIPENV.relock
        yield Finding("package-manager", "There is a Pipfile and no Pipfile.lock.", mend)
    elif not found:
        yield _no_package_manager(site)
    elif len(found) > 1:
        extra = found[1] if found[0] == "requirements.txt" else found[0]
        yield Finding(
            "package-manager",
            f"{' and '.join(found)} both say what to install; the build takes only one of them.",
            f"rm {extra}",
        )


def _no_package_manager(site: Site) -> Finding:
    roots = [name for name in sorted(site.files) if "/" not in name]
    like = get_close_matches("requirements.txt", [n for n in roots if _is_text(n)], 1, 0.85)
    if like:
        return Finding(
            "package-manager",
            f"{like[0]} is a misspelled requirements.txt; the build finds nothing to install.",
            f"mv {quote(like[0])} requirements.txt",
            repairs=(Repair(like[0]), Repair("requirements.txt", site.text(like[0]))),
        )
    manager = packages.of(site.root)
    problem = f"No file says what to install: there is no {manager.lock}."
    if site.has_file("setup.py") and not site.has_file("pyproject.toml"):
        problem = f"A setup.py alone is not installed any more: there is no {manager.lock}."
    if (site.folder / manager.lock).is_file():
        problem += " The folder has one, which is not committed."
        mend = f"git add --force {manager.lock} && git commit -m 'Add {manager.lock}'"
        return Finding("package-manager", problem, mend)
    return Finding("package-manager", problem, manager.relock)


def _is_text(name: str) -> bool:
    return not name.endswith((".in", "-test.txt", "-dev.txt"))
