"""`check` never ends in a traceback, whatever stands in a project's files."""

import shutil
import tempfile
from pathlib import Path

import pytest
from herokuclock.check import order as checks
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.buildpack_cases import lock

NAMES = (
    *("requirements.txt", "requirements.in", ".python-version", "runtime.txt", "Procfile"),
    *("app.json", "app.py", "jobs.py", "pyproject.toml", "uv.lock", "poetry.lock"),
    *("Pipfile.lock", "nltk.txt", "bin/pre_compile", ".slugignore", ".herokuclock.toml"),
)
SEEDS = (
    *("flask==1\n-r x\n", "web: gunicorn app:app -b 'x\nclock: python -m jobs &&\n", "[[package]]"),
    *('{"env": [], "formation": {"clock": {"quantity": "x"}}}', '{"addons": [1, {}]}', "#!/"),
    *("import app, jobs\nfrom . import x\n", 'x @ file://[\n./\\\n"', "\ufeff", "3.11.\n", "a\0b"),
    *("[project]\ndependencies = 1\n[dependency-groups]\na = 1", '{"default": 1}', "== \\\n"),
    *("[[package]]\nname = 1\nsource = 1\n[package.metadata]\nrequires-dist = [1]", lock(("a",))),
)
CONTENT = st.one_of(
    st.binary(max_size=60),
    st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.lists(st.sampled_from(SEEDS), max_size=3).map(lambda all_: "\n".join(all_).encode()),
)


@settings(suppress_health_check=list(HealthCheck))
@given(st.dictionaries(st.sampled_from(NAMES), CONTENT, max_size=8))
def test_any_contents_of_any_files_are_findings_and_no_bugs(files: dict[str, bytes]) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)

        assert all(finding.problem for finding in checks.of_folder(folder))
    finally:
        shutil.rmtree(folder)


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_in_the_place_of_a_file_is_no_bug(lonely: Path, name: str) -> None:
    (lonely / name).mkdir(parents=True)
    (lonely / name / "x").write_text("")

    assert checks.of_folder(lonely)
