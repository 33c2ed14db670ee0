"""What a requirement points to, an address or a path: whether Heroku can get it."""

import re
from posixpath import normpath

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from herokuclock.check.findings import Site

ARCHIVE = re.compile(r"\.(?:whl|zip|tar\.gz|tgz|tar\.bz2|tar\.xz)$", re.IGNORECASE)


def problem(site: Site, location: str) -> str:
    """Say why Heroku could not fetch or find what a requirement points to."""
    where = location.partition("#")[0]
    if re.match(r"(?:git|hg|bzr|svn)\+ssh:|(?:git\+)?git@|ssh:", where):
        return f"needs a key that Heroku does not have: {where}"
    if re.match(r"[a-z][a-z0-9+.-]*:", where, re.IGNORECASE) and not where.startswith("file:"):
        return ""
    path = re.sub(r"^file:(?://(?:localhost)?)?", "", where).strip()
    path = re.sub(r"\[[^\]]*\]$", "", path)
    if "${" in path:
        return ""
    if path.startswith("/") or re.match(r"[A-Za-z]:[\\/]", path):
        return f"points to a place of one machine, which Heroku does not have: {path}"
    return _path_problem(site, normpath(path))


def _path_problem(site: Site, path: str) -> str:
    if ARCHIVE.search(path):
        if path not in site.files:
            return f"asks for {path}, which the commit does not have"
        return "" if not path.lower().endswith(".whl") else _wheel_problem(path)
    inside = "" if path == "." else f"{path}/"
    if path != "." and path not in site.folders:
        return f"asks for {path}, which the commit does not have"
    if not any(f"{inside}{name}" in site.files for name in ("setup.py", "pyproject.toml")):
        return f"asks for {path}, which has no setup.py and no pyproject.toml"
    if (
        f"{inside}setup.py" not in site.files
        and "[project]" not in site.text(f"{inside}pyproject.toml")
        and "[build-system]" not in site.text(f"{inside}pyproject.toml")
    ):
        return f"asks for {path}, whose pyproject.toml says nothing of a package"
    return ""


def _wheel_problem(path: str) -> str:
    try:
        tags = parse_wheel_filename(path.rpartition("/")[2])[3]
    except InvalidWheelFilename:
        return f"asks for {path}, whose name is no wheel's"
    fits = any(tag.platform == "any" or "linux" in tag.platform for tag in tags)
    return "" if fits else f"asks for {path}, a wheel that is not for Linux"
