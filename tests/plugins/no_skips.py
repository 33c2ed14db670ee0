"""A pytest plugin for CI: a run in which a test was skipped has failed."""

import pytest


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and exitstatus == pytest.ExitCode.OK:
        for report in reporter.stats.get("skipped", []):
            reporter.write_line(f"skipped, and must not be: {report.nodeid}", red=True)
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
