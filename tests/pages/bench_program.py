"""`partsbay bench-page` as its own process: one cabinet on the real firmware, in a shop of its own."""

import contextlib
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.pages.browser import Tab, refuse_tracebacks, wait_for


@contextlib.contextmanager
def running_bench(folder: Path) -> Iterator[dict[str, str]]:
    """Where its pages are: `bench`, `kiosk`, `dealer`. Ended as Ctrl-C ends it."""
    log = folder / "bench.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "partsbay", "bench-page"], stdout=output, stderr=subprocess.STDOUT
        )
    try:
        wait_for(lambda: "bench ready" in log.read_text() or process.poll() is not None, "the bench to start", 90)
        assert process.poll() is None, log.read_text()
        words = log.read_text().split()
        yield {"bench": words[2], **dict(word.split("=") for word in words[3:5])}
    finally:
        process.send_signal(signal.SIGINT)
        status = process.wait(timeout=60)
    assert status == 0, log.read_text()
    refuse_tracebacks(log)


def work_at(tab: Tab, base: str) -> None:
    """Badge until the controller has settled after its start and lets somebody in, open, take two filters."""
    tab.open(f"{base}/?lang=en")
    wait_for(lambda: _badged_in(tab), "the badge to free the bolt", 60)
    tab.press("Open")
    tab.wait("document.querySelector('.pb-door.is-open') !== null", "the door to be drawn open")
    tab.press("Take 2")
    tab.wait_text("In the hand")


def _badged_in(tab: Tab) -> bool:
    tab.press("李雷")
    with contextlib.suppress(AssertionError):
        tab.wait("document.body.innerText.includes('bolt back')", "the bolt", 3)
        return True
    return False
