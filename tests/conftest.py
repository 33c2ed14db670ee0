"""What every test stands on: a folder of its own, nobody's configuration, and real things."""

import gc
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Where the tests run in the background, Ctrl-C is ignored, and would be by what they start, too.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
# A property is tried on a few examples, the same ones each time, and on many in the long run.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("few", patient, max_examples=10, derandomize=True)
settings.register_profile("many", patient, max_examples=300)
settings.load_profile("few")
# What tests write they soon delete: in memory that takes a fifth less of the processor's time.
MEMORY, ENOUGH = "/dev/shm", 4 * 1024**3
if os.path.ismount(MEMORY):
    runs_programs = not os.statvfs(MEMORY).f_flag & os.ST_NOEXEC
    if runs_programs and shutil.disk_usage(MEMORY).free > ENOUGH:
        tempfile.tempdir = os.environ["TMPDIR"] = MEMORY
# Else each worker would compile all tests anew, and each process of a test the library.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Keep thousands of tests, none of which is garbage, from being looked at again and again."""
    gc.disable()  # No more: what were frozen Hypothesis would no longer find.
    yield
    gc.enable()
    gc.set_threshold(20_000, 20, 100)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let each worker begin with some of what takes longest: begun last, it is waited for."""
    limits = {item: mark for item in items if (mark := item.get_closest_marker("timeout"))}
    long = sorted(limits, key=lambda item: -limits[item].args[0])
    rest = [item for item in items if item not in limits]
    count = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    items.clear()
    for worker in range(count):
        first = long[worker::count]
        room = max(0, (len(long) + len(rest)) // count - len(first))
        items += [*first, *rest[:room]]
        rest = rest[room:]
    items += rest


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """Find what was left open once; pytest looks through all that is left, five times."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def path_without_uv(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the PATH of a machine that has no uv: what `new` makes by default hangs on that."""
    folders = os.environ["PATH"].split(os.pathsep)
    for number, folder in enumerate(folders):
        if shutil.which("uv", path=folder):
            rest = tmp_path_factory.mktemp("path-without-uv")
            for program in Path(folder).iterdir():
                if program.name not in ("uv", "uvx"):
                    (rest / program.name).symlink_to(program)
            folders[number] = str(rest)
    return os.pathsep.join(folders)


@pytest.fixture(autouse=True)
def lonely(
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    path_without_uv: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Path]:
    """Start in an empty folder, with an empty HOME and a git identity; give the folder."""
    home = tmp_path / "home"
    home.mkdir()
    for name in list(os.environ):
        if name.startswith(("GIT_", "HEROKU_", "PYENV_VERSION")) and name != "HEROKU_CLI_HOME":
            monkeypatch.delenv(name)
    monkeypatch.setenv("PATH", path_without_uv)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_TEMPLATE_DIR", "")  # A dozen samples of hooks are no use to a test.
    # A repository of a test is too young for git to tidy it up after each commit.
    for name, value in (("COUNT", "1"), ("KEY_0", "maintenance.auto"), ("VALUE_0", "false")):
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Test")
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "test@example.com")
    monkeypatch.setenv("GIT_COMMITTER_NAME", "Test")
    monkeypatch.setenv("GIT_COMMITTER_EMAIL", "test@example.com")
    monkeypatch.setenv("TZ", "UTC")
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    # Not with the test's name: a socket's path has no more than 107 characters.
    with tempfile.TemporaryDirectory(
        dir=tmp_path_factory.getbasetemp(), ignore_cleanup_errors=True
    ) as short:
        monkeypatch.setenv("TMPDIR", short)
        yield folder
