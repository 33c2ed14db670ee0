"""Cases of the buildpack: package managers, the Python version, what is committed, the stack."""

from support.buildpack_cases import (
    ERROR,
    NOTHING,
    WARNING,
    Rows,
    both,
    link_outside,
    only_in_the_folder,
    put,
    recoded,
    renamed,
    stack,
    subfolder,
    uv,
    without,
)

NO_LIST = without("requirements.txt")
PYTHON = ".python-version"


MANAGERS: Rows = {
    "no requirements.txt": (NO_LIST, ERROR),
    "requirements.txt + uv.lock": (put("uv.lock", ""), ERROR),
    "requirements.txt + poetry.lock": (put("poetry.lock", ""), ERROR),
    "requirements.txt + Pipfile.lock": (put("Pipfile.lock", "{}"), ERROR),
    "Pipfile without lock only": (both(NO_LIST, put("Pipfile", "")), ERROR),
    "setup.py only": (both(NO_LIST, put("setup.py", "")), ERROR),
    "pyproject.toml only": (NO_LIST, ERROR),
    "requirements-dev.txt only": (renamed("requirements.txt", "requirements-dev.txt"), ERROR),
    "Requirements.txt (case)": (renamed("requirements.txt", "Requirements.txt"), ERROR),
    "requirement.txt": (renamed("requirements.txt", "requirement.txt"), ERROR),
    "requirements/prod.txt": (renamed("requirements.txt", "requirements/prod.txt"), ERROR),
    "requirements.txt empty": (put("requirements.txt", ""), ERROR),
    "requirements.txt only in the working tree": (
        only_in_the_folder("requirements.txt", "", None), ERROR),
    "fixed .python-version only in the working tree": (
        only_in_the_folder(PYTHON, "3.12\n", "3.8\n"), ERROR),
    "requirements.txt is a Git LFS pointer": (
        put("requirements.txt", "version https://git-lfs.github.com/spec/v1\noid sha256:ab\n"
            "size 12\n"), ERROR),
    "requirements.txt a link to a file outside": (link_outside, ERROR),
    "project in a subfolder": (subfolder, ERROR),
    "app.json stack heroku-26": (stack("heroku-26"), NOTHING),
    "app.json stack heroku-20": (stack("heroku-20"), ERROR),
    "app.json stack heroku-22": (stack("heroku-22"), NOTHING),
    ".venv committed": (
        both(put(".venv/pyvenv.cfg", ""), put(".gitignore", "")), ERROR),
    "venv committed": (both(put("venv/pyvenv.cfg", ""), put(".gitignore", "")), ERROR),
    "env/ committed": (
        both(put("env/pyvenv.cfg", ""), put("env/lib/thing.py", "import nothing_known\n")),
        NOTHING),
    ".heroku/python committed": (put(".heroku/python/bin/x", ""), ERROR),
    ".heroku/python is a file": (put(".heroku/python", ""), ERROR),
    ".heroku/collectstatic_disabled": (put(".heroku/collectstatic_disabled", ""), WARNING),
    ".slugignore takes requirements.txt": (put(".slugignore", "requirements.txt\n"), ERROR),
    ".slugignore takes jobs.py": (put(".slugignore", "/jobs.py\n"), ERROR),
    ".gitattributes UTF-16 working-tree-encoding": (
        both(recoded("requirements.txt", lambda raw: raw.decode().encode("utf-16")),
             put(".gitattributes", "requirements.txt working-tree-encoding=UTF-16\n")), NOTHING),
}  # fmt: skip
VERSIONS: Rows = {
    '.python-version "python-3.11"': (put(PYTHON, "python-3.11\n"), ERROR),
    '.python-version "3.11.x"': (put(PYTHON, "3.11.x\n"), ERROR),
    '.python-version "3"': (put(PYTHON, "3\n"), ERROR),
    '.python-version "3.11 # comment"': (put(PYTHON, "3.11 # comment\n"), ERROR),
    '.python-version ">=3.11"': (put(PYTHON, ">=3.11\n"), ERROR),
    ".python-version empty": (put(PYTHON, ""), ERROR),
    ".python-version comment only": (put(PYTHON, "# 3.11\n"), ERROR),
    ".python-version two versions": (put(PYTHON, "3.11\n3.12\n"), ERROR),
    ".python-version 3.9": (put(PYTHON, "3.9\n"), ERROR),
    ".python-version 2.7.18": (put(PYTHON, "2.7.18\n"), ERROR),
    ".python-version 3.15": (put(PYTHON, "3.15\n"), ERROR),
    ".python-version 4.0": (put(PYTHON, "4.0\n"), ERROR),
    ".python-version 3.11.7 (old patch)": (put(PYTHON, "3.11.7\n"), WARNING),
    ".python-version 3.11.99": (put(PYTHON, "3.11.99\n"), NOTHING),
    ".python-version pypy3.11": (put(PYTHON, "pypy3.11\n"), ERROR),
    ".python-version 3.011": (put(PYTHON, "3.011\n"), ERROR),
    ".python-version 3.14t": (put(PYTHON, "3.14t\n"), ERROR),
    ".python-version 3.11.0rc1": (put(PYTHON, "3.11.0rc1\n"), ERROR),
    ".python-version CRLF": (put(PYTHON, "3.11\r\n"), NOTHING),
    ".python-version BOM": (put(PYTHON, "\ufeff3.11\n"), ERROR),
    ".python-version no-break space": (put(PYTHON, "3.11\u00a0\n"), ERROR),
    ".python-version NUL": (put(PYTHON, "3.11\0\n"), ERROR),
    ".python-version UTF-16 LE with BOM": (put(PYTHON, "3.11\n".encode("utf-16")), ERROR),
    ".python-version CR only": (put(PYTHON, "3.11\r3.12\r"), ERROR),
    ".python-version form feed": (put(PYTHON, "3.11\f\n"), NOTHING),
    ".python-version system": (put(PYTHON, "system\n"), ERROR),
    ".python-version 3.11 and system": (put(PYTHON, "3.11\nsystem\n"), ERROR),
    ".python-version spaces around": (put(PYTHON, "  3.11  \n"), NOTHING),
    ".python-version UTF-16 LE without BOM": (put(PYTHON, "3.11\n".encode("utf-16-le")), ERROR),
    "no .python-version": (without(PYTHON), WARNING),
    ".python-version is a folder": (
        both(without(PYTHON), put(f"{PYTHON}/x", "")), WARNING),
    **{
        f"misspelled: {name!r}": (renamed(PYTHON, name), ERROR)
        for name in (
            *(" .python-version", ". python-version", ".python_version.txt", ".python_version"),
            *(".python-version ", ".python-version.", ".python-version.py"),
            *(".python-version.rtf", ".python-version.txt", ".python-version.TXT"),
            *(".Python-version", ".python.version", ".pythonversion", "python_version.txt"),
            *("python-version.", "python-version.txt", "python-version"),
        )
    },
    **{
        f"other name: {name!r}": (renamed(PYTHON, name), WARNING)
        for name in (
            *("pythonversion", ".python-versions", "python-version.md", "python.version"),
            "x.python-version",
        )
    },
    "runtime.txt python-3.11.7": (put("runtime.txt", "python-3.11.7\n"), WARNING),
    "runtime.txt python-3.11, with a comment line": (
        put("runtime.txt", "# ours\npython-3.11\n"), WARNING),
    "runtime.txt 3.11": (put("runtime.txt", "3.11\n"), ERROR),
    "runtime.txt python-3.9.1": (put("runtime.txt", "python-3.9.1\n"), ERROR),
    "runtime.txt CRLF": (put("runtime.txt", "python-3.11.7\r\n"), WARNING),
    "runtime.txt BOM": (put("runtime.txt", "\ufeffpython-3.11.7\n"), ERROR),
    "runtime.txt python-3.11.99": (put("runtime.txt", "python-3.11.99\n"), WARNING),
    "Runtime.txt (case)": (put("Runtime.txt", "python-3.9\n"), NOTHING),
}  # fmt: skip
UV: Rows = {
    "uv project": (uv(), NOTHING),
    "uv project without .python-version": (both(uv(), without(PYTHON)), ERROR),
    "uv.lock out of date": (uv(locked=("clockdyno", "flask")), ERROR),
    "uv: requires-python beats .python-version": (
        both(uv(python=">=3.13"), put(PYTHON, "3.12\n")), ERROR),
    "uv.lock without pyproject.toml": (both(uv(), without("pyproject.toml")), ERROR),
    "uv project with runtime.txt": (both(uv(), put("runtime.txt", "python-3.12\n")), ERROR),
    "uv project that lacks gunicorn": (uv(asked=("clockdyno", "flask")), ERROR),
}  # fmt: skip
