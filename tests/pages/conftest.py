"""One Chromium for all tests of the pages."""

from collections.abc import Iterator

import pytest

from tests.pages.browser import Browser, Tab, chromium


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium; skips by name without one."""
    with chromium() as started:
        yield started


@pytest.fixture
def tab(browser: Browser) -> Iterator[Tab]:
    """A phone that reads Chinese and has been here never before."""
    browser.forget()
    with browser.first_tab() as opened:
        opened.size(390, 844)
        opened.language("zh-CN")
        yield opened
