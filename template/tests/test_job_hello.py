"""hello is a plain function that logs its line."""

import logging

from jobs import hello


def test_hello_logs_its_line(caplog):
    caplog.set_level(logging.INFO)
    hello()
    assert "hello ran" in caplog.text
