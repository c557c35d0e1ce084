"""What all tests share: long files come first, draws are the same, and in continuous integration nothing is skipped."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# Everywhere as in continuous integration: the same draws in every run, and no deadline that a busy machine misses.
# `--hypothesis-profile=default` draws anew.
settings.load_profile("ci")

TESTS = Path(__file__).parent
LONGEST_FIRST = ("end_to_end", "simulation", "pages", "cloud", "firmware", "gateway")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Folders whose files take longest come first: in the end no core waits for one long file of another."""
    items.sort(key=lambda item: _turn(item.path.relative_to(TESTS).parts[0]))


def _turn(folder: str) -> int:
    return LONGEST_FIRST.index(folder) if folder in LONGEST_FIRST else len(LONGEST_FIRST)


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
