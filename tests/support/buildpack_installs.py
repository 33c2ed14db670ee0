"""Cases of the buildpack: what pip installs, the build's own hooks, and what starts afterwards."""

from support.buildpack_cases import (
    ERROR,
    NOTHING,
    Rows,
    bom,
    both,
    crlf,
    ignored_folder,
    line,
    put,
    recoded,
    renamed,
    replaced,
    submodule,
    untracked_jobs,
    utf_16,
    utf_16_bare,
    without,
)

PRE, POST = "bin/pre_compile", "bin/post_compile"
SHELL = "#!/usr/bin/env bash\n"
REQUIREMENTS: Rows = {
    "flask=3.1.3": (replaced("requirements.txt", "flask==", "flask="), ERROR),
    "twice, two versions": (line("click==8.1.0"), ERROR),
    "x @ file:///home/conda/... (conda freeze)": (line("x @ file:///home/conda/x"), ERROR),
    "pywin32==306 (Windows freeze)": (line("pywin32==306"), ERROR),
    "merge markers": (line("<<<<<<< HEAD\nrich==1\n=======\nrich==2\n>>>>>>> other"), ERROR),
    "-c missing.txt": (line("-c missing.txt"), ERROR),
    "-e . without setup": (line("-e ."), ERROR),
    "unknown option": (line("--no-such-option"), ERROR),
    "git+ssh private": (line("git+ssh://git@github.com/me/x.git"), ERROR),
    "absolute file:// wheel": (line("file:///home/me/x-1.0-py3-none-any.whl"), ERROR),
    "local folder not committed": (line("./lib"), ERROR),
    "broken marker": (line('rich==14 ; python_version <> "3"'), ERROR),
    "requirements.txt CRLF": (recoded("requirements.txt", crlf), NOTHING),
    "requirements.txt BOM": (recoded("requirements.txt", bom), NOTHING),
    "requirements.txt UTF-16 with BOM": (recoded("requirements.txt", utf_16), NOTHING),
    "requirements.txt UTF-16LE without BOM": (recoded("requirements.txt", utf_16_bare), ERROR),
    "requirements.txt Latin-1 comment": (
        recoded("requirements.txt", lambda raw: raw + b"# caf\xe9\n"), ERROR),
    "psycopg without binary": (
        both(replaced("requirements.txt", "psycopg-binary==3.3.9\n", "")), NOTHING),
}  # fmt: skip
HOOKS: Rows = {
    "pre_compile exit 1": (put(PRE, f"{SHELL}exit 1\n"), ERROR),
    "pre_compile syntax": (put(PRE, f"{SHELL}if true; then\n"), ERROR),
    "pre_compile CRLF": (put(PRE, "#!/usr/bin/env bash\r\necho\r\n"), ERROR),
    "pre_compile BOM": (put(PRE, f"\ufeff{SHELL}echo fine\n"), NOTHING),
    "pre_compile unknown interpreter": (put(PRE, "#!/usr/bin/nosuch\n"), ERROR),
    "post_compile unknown command": (put(POST, f"{SHELL}no-such-command\n"), ERROR),
    "pre_compile fine": (put(PRE, f"{SHELL}echo fine\n"), NOTHING),
    "django, manage.py, no STATIC_ROOT": (
        both(line("django==5.2"), put("manage.py", "import django\n")), ERROR),
}  # fmt: skip
STARTS: Rows = {
    "procfile (case)": (renamed("Procfile", "procfile"), ERROR),
    "Procfile.txt": (renamed("Procfile", "Procfile.txt"), ERROR),
    "Procfile CRLF": (recoded("Procfile", crlf), NOTHING),
    "Procfile BOM": (recoded("Procfile", bom), NOTHING),
    "Jobs.py (case)": (renamed("jobs.py", "Jobs.py"), ERROR),
    "jobs.py syntax error": (line("def x(:", "jobs.py"), ERROR),
    "app.py syntax error": (line("def x(:", "app.py"), ERROR),
    "app.py imports requests, not required": (line("import requests", "app.py"), ERROR),
    "queue.py of one's own": (put("queue.py", "ITEMS = []\n"), ERROR),
    "clock/ folder in .gitignore, not tracked": (ignored_folder, ERROR),
    "jobs.py not tracked": (untracked_jobs, ERROR),
    "submodule that jobs.py imports": (submodule, NOTHING),
}  # fmt: skip
OF_THE_SAME_KINDS: Rows = {
    "Pipfile beside requirements.txt": (put("Pipfile", ""), ERROR),
    "flask.py of one's own": (put("flask.py", ""), ERROR),
    "email/ of one's own": (put("email/__init__.py", ""), ERROR),
    "a folder of a module's name, which shadows nothing": (put("queue/x.txt", ""), NOTHING),
    "marker that switches off": (
        replaced("requirements.txt", "gunicorn==27.0.1", 'gunicorn==27.0.1; os_name == "nt"'),
        ERROR),
    "marker that does not switch off": (
        replaced("requirements.txt", "gunicorn==27.0.1",
                 'gunicorn==27.0.1; sys_platform == "linux"'), NOTHING),
    "pywin32 for Windows alone": (line('pywin32==306; sys_platform == "win32"'), NOTHING),
    "pip install flask": (line("pip install flask"), ERROR),
    "pkg-resources==0.0.0": (line("pkg-resources==0.0.0"), ERROR),
    "a hash for one of many": (line("rich==14 --hash=sha256:aa"), ERROR),
    "a circle": (both(line("-r more.txt"), put("more.txt", "-r requirements.txt\n")), ERROR),
    "a file beside": (both(line("-r more.txt"), put("more.txt", "rich==14\n")), NOTHING),
    "a vendored folder": (
        both(line("./lib"), put("lib/setup.py", "from setuptools import setup\nsetup()\n")),
        NOTHING),
    "a wheel for Windows": (
        both(line("./x-1.0-cp312-cp312-win_amd64.whl"),
             put("x-1.0-cp312-cp312-win_amd64.whl", b"PK")), ERROR),
    "a pin that the vendored wheel excludes": (
        replaced("requirements.txt", "apscheduler==3.11.3", "apscheduler==3.6.3"), ERROR),
    "a module in a subfolder with --chdir": (
        both(renamed("app.py", "src/app.py"),
             replaced("Procfile", "gunicorn app:app", "gunicorn --chdir src app:app"),
             without("tests/test_app.py")), NOTHING),
    "nltk.txt without NLTK": (put("nltk.txt", "punkt\n"), "warning"),
}  # fmt: skip
