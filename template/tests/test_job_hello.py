"""The job hello."""

from jobs import hello


def test_it_runs(caplog):
    with caplog.at_level("INFO"):
        hello()

    assert "hello" in caplog.text
