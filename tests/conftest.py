"""What all tests share: in continuous integration nothing is skipped."""

import os

import pytest


def pytest_sessionfinish(session: pytest.Session) -> None:
    """With CI=true a skipped test fails the run: there everything it needs must have been installed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") == "true" and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say why the run failed although no test did."""
    skipped = len(terminalreporter.stats.get("skipped", ()))
    if os.environ.get("CI") == "true" and skipped:
        terminalreporter.write_line(f"CI=true: expected no skipped test, found {skipped}", red=True)
