"""What a push says, in our words and without its colours."""

from pathlib import Path

import pytest
from herokuclock import shell
from herokuclock.heroku import repository
from herokuclock.heroku.refusals import Refusal


def test_a_build_log_loses_its_colours_also_in_the_final_error(
    lonely: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = "remote:  \x1b[1;31m!     Error: No Procfile.\x1b[0m"

    def stream(args: object, say: object, **_: object) -> shell.Result:
        assert callable(say)
        say(log)
        return shell.Result((), 1, log, "")

    monkeypatch.setattr(shell, "stream", stream)
    said: list[str] = []

    with pytest.raises(Refusal) as refused:
        repository.push(lonely, "heroku", "main", said.append)

    assert said == ["remote:  !     Error: No Procfile."]
    assert refused.value.message == "The build failed: No Procfile."
