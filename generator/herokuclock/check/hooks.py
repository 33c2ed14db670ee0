"""Checks of the owner's own steps of a build: they start, and do not end it."""

import ast
import re
import shutil
from collections.abc import Iterator

from herokuclock import shell
from herokuclock.check.findings import Finding, Repair, Site
from herokuclock.jobs.source import UNREADABLE

HOOKS = ("bin/pre_compile", "bin/post_compile")
INTERPRETERS = {"bash", "sh", "dash", "perl", "python", "python3", "awk", "sed", "make"}
# What a shell itself knows, and what the images of builds have.
COMMANDS = set(
    """. : [ [[ alias bg break builtin case cd command continue declare do done echo elif else
    esac eval exec exit export false fi for function getopts hash if let local popd printf pushd
    pwd read readonly return select set shift shopt source test then time times trap true type
    typeset ulimit umask unalias unset until wait while { } ( ((
    apt-get awk base64 basename bash cat chmod chown cmp comm cp curl cut date dd diff dirname du
    env expr find git grep gunzip gzip head hostname id install jq ln ls make md5sum mkdir mktemp
    mv node npm npx openssl patch perl pip pip3 pipenv poetry python python3 readlink realpath rm
    rmdir rsync sed seq sh sha256sum sleep sort split ssh stat strings sudo tail tar tee timeout
    touch tr uname uniq unzip uv wc wget which xargs xz yarn yes zip pnpm
    corepack gcc g++ ruby""".split()
)


def hooks(site: Site) -> Iterator[Finding]:
    """The owner's own steps of the build can run to their end."""
    for name in filter(site.has_file, HOOKS):
        text = site.text(name)
        if "\r\n" in text:
            yield Finding(
                "build-hook",
                f"{name} has Windows line endings: it does not run, and the build fails.",
                "Save it with the line endings of Unix.",
                repairs=(Repair(name, text.replace("\r\n", "\n")),),
            )
        elif wrong := _wrong(site, name, text):
            problem = f"{name} does not run, and the build fails: {wrong}"
            yield Finding("build-hook", problem, f"Mend it; {name} runs in every build.")


def _wrong(site: Site, name: str, text: str) -> str | None:
    first = text.partition("\n")[0]
    # Behind a byte order mark the first line is none for an interpreter: a shell takes the file.
    shebang = re.match(r"#!\s*(\S+)(?:\s+(?:-\S+\s+)*(\S+))?", first)
    program = shebang[1].rpartition("/")[2] if shebang else "sh"
    if program == "env" and shebang:
        program = shebang[2] or ""
    if re.fullmatch(r"python[\d.]*", program):
        return _wrong_python(text)
    if program not in INTERPRETERS:
        return f"Heroku has no {program or 'interpreter'}."
    return _wrong_shell(site, name, text) if program in ("bash", "sh", "dash") else None


def _wrong_python(text: str) -> str | None:
    try:
        ast.parse(text)
    except SyntaxError as error:
        return f"line {error.lineno or 1}: {error.msg}."
    except UNREADABLE as error:
        return f"{type(error).__name__}."
    return None


def _wrong_shell(site: Site, name: str, text: str) -> str | None:
    if shutil.which("bash"):
        done = shell.run(["bash", "-n", name], cwd=site.root)
        if not done.ok:
            said = (done.err.strip().splitlines() or ["it does not parse"])[0]
            return (said.partition(": ")[2] or said) + "."
    lines = [(n, line) for n, line in enumerate(text.split("\n"), 1) if _is_step(line)]
    ends = next(
        ((n, m[1]) for n, line in lines if (m := re.fullmatch(r"exit\s+(\d+)\s*", line))), None
    )
    if ends:
        return None if ends[1] == "0" else f"line {ends[0]}: it ends with status {ends[1]}."
    # The last step decides, or each one where the script says so.
    stops = re.search(r"^\s*set\s+-\w*e|^#!.*\s-\w*e", text, re.MULTILINE)
    defined = set(re.findall(r"^\s*(?:function\s+)?([\w-]+)\s*(?:\(\)|\{)", text, re.MULTILINE))
    for number, line in lines if stops else lines[-1:]:
        word = line.split()[0]
        if re.fullmatch(r"[a-z][\w.-]*", word) and not _is_known(site, word, defined):
            return f"line {number}: Heroku is not known to have a command {word}."
    return None


def _is_step(line: str) -> bool:
    """Say whether a line is a command of its own, outside every block."""
    return bool(line.strip()) and not line[0].isspace() and not line.startswith(("#", "\ufeff"))


def _is_known(site: Site, word: str, defined: set[str]) -> bool:
    return word in COMMANDS or word in defined or shutil.which(word) is not None
