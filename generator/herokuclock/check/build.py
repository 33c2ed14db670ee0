"""Checks of all that the Python buildpack refuses before it installs anything."""

import ast
import shutil
from collections.abc import Iterator
from difflib import get_close_matches

from herokuclock import shell
from herokuclock.check.findings import Finding, Repair, Site
from herokuclock.jobs.source import UNREADABLE

LOCKS = ("requirements.txt", "Pipfile.lock", "poetry.lock", "uv.lock")
IGNORED_BY = ".gitignore"
COMPILE = "pip install uv && uv pip compile --emit-find-links requirements.in -o requirements.txt"
HOOKS = ("bin/pre_compile", "bin/post_compile")


def committed_python(site: Site) -> Iterator[Finding]:
    """`.heroku/python` is the buildpack's own."""
    if any(name.startswith(".heroku/python/") for name in site.files):
        yield _committed(site, "committed-python", "The folder .heroku/python", ".heroku")


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
    found = [name for name in LOCKS if site.has(name)]
    if site.has("Pipfile") and "Pipfile.lock" not in found:
        mend = "rm Pipfile" if found else "pipenv lock"
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
            f"mv {like[0]} requirements.txt",
            repairs=(Repair(like[0]), Repair("requirements.txt", site.text(like[0]))),
        )
    problem = "No file says what to install: there is no requirements.txt."
    if site.has("setup.py") and not site.has("pyproject.toml"):
        problem = "A setup.py alone is not installed any more: there is no requirements.txt."
    return Finding("package-manager", problem, lock(site))


def lock(site: Site, name: str = "") -> str:
    """Return the command that makes requirements.txt anew, with one more package in it."""
    if site.has("requirements.in"):
        add = f"{site.append('requirements.in', name)} && " if name else ""
        return f"{add}{COMPILE}"
    return f"{f'pip install {name} && ' if name else ''}pip freeze > requirements.txt"


def _is_text(name: str) -> bool:
    return not name.endswith((".in", "-test.txt", "-dev.txt"))


def hooks(site: Site) -> Iterator[Finding]:
    """The owner's own steps of the build can at least be started."""
    for name in filter(site.has, HOOKS):
        text = site.content(name).decode(errors="replace")
        if "\r\n" in text:
            yield Finding(
                "build-hook",
                f"{name} has Windows line endings: it does not run, and the build fails.",
                "Save it with the line endings of Unix.",
                repairs=(Repair(name, text.replace("\r\n", "\n")),),
            )
        elif wrong := _does_not_parse(site, name, text):
            problem = f"{name} does not run, and the build fails: {wrong}"
            yield Finding("build-hook", problem, f"Mend it; {name} runs in every build.")


def _does_not_parse(site: Site, name: str, text: str) -> str | None:
    """Return what a script's interpreter would say of it; None where it says nothing."""
    first = text.partition("\n")[0]
    if "python" in first:
        try:
            ast.parse(text)
        except SyntaxError as error:
            return f"line {error.lineno or 1}: {error.msg}."
        except UNREADABLE as error:
            return f"{type(error).__name__}."
    elif (not first.startswith("#!") or first.endswith("sh")) and shutil.which("bash"):
        done = shell.run(["bash", "-n", name], cwd=site.root)
        return None if done.ok else done.err.strip().splitlines()[0].partition(": ")[2] + "."
    return None
