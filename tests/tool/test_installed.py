"""The tool as people have it: built, and started by uvx or from an environment that no PATH has."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.checkouts import copied
from uv import find_uv_bin

PATH = f"{Path(find_uv_bin()).parent}:/usr/bin:/bin"


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build both distributions; return the folder that they lie in."""
    folder = tmp_path_factory.mktemp("built")
    checkout = copied(folder / "checkout")
    build = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir"]
    for part in (checkout, checkout / "library"):
        subprocess.run([*build, folder / "dist", part], check=True, capture_output=True)
    return folder / "dist"


def by_uvx(wheels: Path) -> str:
    (wheel,) = wheels.glob("herokuclock-*.whl")
    return f"uvx --quiet --find-links {wheels} --from {wheel} herokuclock"


def by_venv(wheels: Path) -> str:
    (wheel,) = wheels.glob("herokuclock-*.whl")
    made = ["uv venv -q here", f"uv pip install -q -p here --find-links {wheels} {wheel}"]
    subprocess.run(" && ".join(made), shell=True, env={**os.environ, "PATH": PATH}, check=True)
    return "here/bin/herokuclock"


@pytest.mark.slow
@pytest.mark.parametrize("installed", [by_uvx, by_venv])
def test_what_new_prints_can_be_typed_as_it_stands(
    wheels: Path, installed: Callable[[Path], str], lonely: Path
) -> None:
    shell = ["bash", "-ec"]
    env = {**os.environ, "PATH": PATH, "UV_PYTHON": sys.executable}
    made = subprocess.check_output(
        [*shell, f"{installed(wheels)} new myapp --yes"], text=True, env=env
    )
    told = [line.strip().partition("  #")[0] for line in made.split("\n\n")[-1].splitlines()]
    goes, run, deploy = [line for line in told if line and not line.startswith("#")]
    ours = run.removesuffix(" run")

    assert (goes, deploy) == ("cd myapp", f"{ours} deploy")
    typed = [goes, f"{run} --help", f"{deploy} --help", f"{ours} add tick hourly", f"{ours} check"]
    done = subprocess.run([*shell, "\n".join(typed)], text=True, env=env, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert "Added tick" in done.stdout
