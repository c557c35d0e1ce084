"""One Chromium for all tests of the pages."""

from collections.abc import Iterator

import pytest

from tests.pages.browser import Browser, chromium


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium; skips by name without one."""
    with chromium() as started:
        yield started
