"""Checks of all that the Python buildpack refuses before it installs anything."""

from collections.abc import Iterator

from herokuclock.findings import Finding, Repair, Site

LOCKS = ("requirements.txt", "Pipfile.lock", "poetry.lock", "uv.lock")
IGNORED_BY = ".gitignore"


def committed_python(site: Site) -> Iterator[Finding]:
    """`.heroku/python` is the buildpack's own."""
    if any(name.startswith(".heroku/python/") for name in site.files):
        yield Finding(
            "committed-python",
            "The folder .heroku/python is committed; the build refuses it.",
            "git rm -r --cached .heroku",
            repairs=_forget(site, ".heroku/"),
        )


def committed_venv(site: Site) -> Iterator[Finding]:
    """A virtual environment is this machine's, not Heroku's."""
    for folder in (".venv", "venv"):
        if f"{folder}/pyvenv.cfg" in site.files:
            yield Finding(
                "committed-venv",
                f"The virtual environment {folder}/ is committed; the build refuses it.",
                f"git rm -r --cached {folder} && echo {folder}/ >> .gitignore",
                repairs=_forget(site, f"{folder}/"),
            )


def _forget(site: Site, folder: str) -> tuple[Repair, ...]:
    tracked = sorted(name for name in site.tracked if name.startswith(folder))
    return (ignored(site, folder), *(Repair(name, only_from_git=True) for name in tracked))


def ignored(site: Site, line: str) -> Repair:
    """Return .gitignore with one more line."""
    text = site.text(IGNORED_BY)
    return Repair(
        IGNORED_BY, text + ("" if not text or text.endswith("\n") else "\n") + f"{line}\n"
    )


def package_manager(site: Site) -> Iterator[Finding]:
    """Exactly one file may say what to install."""
    found = [name for name in LOCKS if site.has(name)]
    if site.has("Pipfile") and "Pipfile.lock" not in found:
        yield Finding("package-manager", "There is a Pipfile and no Pipfile.lock.", "pipenv lock")
    elif not found and site.has("setup.py") and not site.has("pyproject.toml"):
        yield Finding(
            "package-manager",
            "A setup.py alone is not installed any more.",
            "Write requirements.txt: pip freeze > requirements.txt",
        )
    elif not found:
        yield Finding(
            "package-manager",
            "No file says what to install: there is no requirements.txt.",
            "pip freeze > requirements.txt",
        )
    elif len(found) > 1:
        extra = found[1] if found[0] == "requirements.txt" else found[0]
        yield Finding(
            "package-manager",
            f"{' and '.join(found)} both say what to install; the build takes only one of them.",
            f"Keep one: git rm {extra}",
        )
