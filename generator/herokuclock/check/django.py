"""Checks of what the buildpack does on its own for some packages: Django's files, NLTK's data."""

import re
from collections.abc import Iterator

from herokuclock import manifest
from herokuclock.check import installed
from herokuclock.check.findings import Finding, Repair, Site
from herokuclock.errors import HerokuclockError

SWITCHED_OFF = ".heroku/collectstatic_disabled"


def static_files(site: Site) -> Iterator[Finding]:
    """Django knows where to put its static files, which each build collects."""
    if site.has_file(SWITCHED_OFF):
        yield Finding(
            "django",
            f"{SWITCHED_OFF} is deprecated; a config var says the same.",
            f"git rm -q {SWITCHED_OFF} && heroku config:set DISABLE_COLLECTSTATIC=1",
            "warning",
            (Repair(SWITCHED_OFF),),
        )
        return
    found = installed.of(site)
    manage = next((name for name in sorted(site.files) if _is_manage(name)), None)
    if not (found and "django" in found.names and manage) or _is_off(site):
        return
    code = [name for name in site.files if name.endswith(".py") and not name.startswith("env/")]
    if not any("STATIC_ROOT" in site.text(name) for name in code):
        yield Finding(
            "django",
            f"{manage} is there, and no setting STATIC_ROOT: the build cannot collect the files.",
            'Write STATIC_ROOT = BASE_DIR / "staticfiles" into the settings.',
        )


def _is_manage(name: str) -> bool:
    return name.rpartition("/")[2] == "manage.py" and name.count("/") <= 1


def _is_off(site: Site) -> bool:
    try:
        env = manifest.app_json(site.root).get("env")
    except HerokuclockError:
        return False
    return isinstance(env, dict) and "DISABLE_COLLECTSTATIC" in env


def corpora(site: Site) -> Iterator[Finding]:
    """What nltk.txt names is fetched, if NLTK is there to do it."""
    found = installed.of(site)
    if not site.has_file("nltk.txt") or found is None:
        return
    wrong = [w for w in site.text("nltk.txt").split() if not re.fullmatch(r"[A-Za-z0-9_.-]+", w)]
    if "nltk" not in found.names:
        problem = "nltk.txt names data for NLTK, which is not installed: nothing is fetched."
        yield Finding("nltk", problem, "rm nltk.txt", "warning", (Repair("nltk.txt"),))
    elif wrong:
        problem = f"nltk.txt names {wrong[0]!r}, which is no data of NLTK: the build fails."
        yield Finding("nltk", problem, "One name a line, such as punkt; no comments.")
