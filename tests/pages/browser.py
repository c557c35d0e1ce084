"""A headless Chromium driven by the DevTools protocol: open a page, read it, press things, take its picture.

Ends the browser it started by its own process id. Says what is missing instead of failing in the middle.
"""

import base64
import contextlib
import functools
import itertools
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--force-prefers-reduced-motion",  # or a dot that pulses has the whole page drawn sixty times a second
    "--remote-debugging-port=0",
)
DEADLINE_S = 20.0
NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium_path() -> str:
    """Where Chromium is; skips the test by name without one, and fails where CI=true promised one."""
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    reason = f"expected one of {', '.join(NAMES)} on PATH to look at the pages, found none"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def wait_for(condition: Callable[[], Any], what: str, deadline_s: float = DEADLINE_S) -> Any:
    """What `condition` answers once it is true; fails by name at the deadline."""
    end = time.monotonic() + deadline_s
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"expected {what} within {deadline_s:.0f} s")


class PageError(AssertionError):
    """The page reported an error of its own."""


class Tab:
    """One tab. Every JavaScript error and every failed request is kept in `errors`."""

    def __init__(self, socket: ClientConnection) -> None:
        self.errors: list[str] = []
        self._numbers = itertools.count(1)
        self._socket = socket
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")
        self.errors.clear()  # of a page that was here before

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command of the protocol, and its answer."""
        return self._answer(method, self._ask(method, parameters))

    def _ask(self, method: str, parameters: dict[str, Any]) -> int:
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        return number

    def _answer(self, method: str, number: int) -> dict[str, Any]:
        while True:
            message = json.loads(self._socket.recv(timeout=DEADLINE_S))
            self._note(message)
            if message.get("id") == number:
                if "error" in message:
                    raise PageError(f"{method}: {message['error']}")
                answer: dict[str, Any] = message["result"]
                return answer

    def _note(self, message: dict[str, Any]) -> None:
        method, values = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.errors.append(json.dumps(values["exceptionDetails"])[:500])
        elif method == "Log.entryAdded" and values["entry"]["level"] == "error":
            self.errors.append(f"{values['entry']['text']} {values['entry'].get('url', '')}")
        elif method == "Runtime.consoleAPICalled" and values["type"] == "error":
            self.errors.append(json.dumps([arg.get("value") for arg in values["args"]])[:500])

    def evaluate(self, script: str) -> Any:
        """The value of a JavaScript expression."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise PageError(json.dumps(answer["exceptionDetails"])[:500])
        return answer["result"].get("value")

    def size(self, width: int, height: int) -> None:
        """The screen: a phone below 641 px."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 641,
        )

    def language(self, accept: str) -> None:
        """What the browser says it reads, with every later request."""
        self.call("Network.setExtraHTTPHeaders", headers={"Accept-Language": accept})

    def open(self, url: str) -> None:
        """Go to a page and wait until it is alive: loaded, and talking to its server."""
        before = self.evaluate("performance.timeOrigin")
        self.call("Page.navigate", url=url)
        self.wait(f"performance.timeOrigin !== {before} && document.readyState === 'complete'", f"{url} to load")
        if self.evaluate("Boolean(document.getElementById('app'))"):
            self.wait("Boolean(window.socket?.connected && window.did_handshake !== false)", f"{url} to be connected")

    def wait(self, script: str, what: str, deadline_s: float = DEADLINE_S) -> None:
        """Wait until a JavaScript condition is true."""

        def holds() -> bool:
            with contextlib.suppress(PageError):  # the page may be between two documents
                return bool(self.evaluate(script))
            return False

        wait_for(holds, what, deadline_s)

    def text(self) -> str:
        """What is to be read on the page."""
        found: str = self.evaluate("document.body.innerText")
        return found

    def wait_text(self, content: str) -> None:
        """Wait until the page shows a text."""
        try:
            self.wait(f"document.body.innerText.includes({json.dumps(content)})", f"the page to show {content!r}")
        except AssertionError as error:
            raise AssertionError(f"{error}, found {self.text()[:1500]!r}, errors {self.errors}") from error

    def press(self, content: str) -> None:
        """Press the button or link that shows a text, as a hand does: at its middle."""
        script = (
            "(() => { const found = [...document.querySelectorAll('button, a')]"
            f".filter(e => (e.innerText || '').includes({json.dumps(content)}) && e.offsetParent);"
            " if (!found.length) return null; found[0].scrollIntoView({block: 'center'});"
            " const r = found[0].getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )
        x, y = wait_for(lambda: self._resting(script), f"something at rest to press that shows {content!r}")
        method, at = "Input.dispatchMouseEvent", {"x": x, "y": y, "button": "left", "clickCount": 1}
        # Both at once: a page that is drawn anew between them has nothing that was pressed.
        for number in [self._ask(method, at | {"type": kind}) for kind in ("mousePressed", "mouseReleased")]:
            self._answer(method, number)

    def _resting(self, script: str) -> Any:
        """Where something is, once it no longer moves: a box slides in."""
        before, after = self.evaluate(script), self.evaluate(f"new Promise(r => setTimeout(() => r({script}), 60))")
        return after if before == after else None

    def fill(self, selector: str, content: str) -> None:
        """Type into a field."""
        self.evaluate(f"document.querySelector({json.dumps(selector)}).focus()")
        self.call("Input.insertText", text=content)

    def picture(self, path: Path, whole: bool = True) -> None:
        """Save what the page looks like, as long as it is."""
        path.parent.mkdir(parents=True, exist_ok=True)
        answer = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(answer["data"]))

    def overflow(self) -> int:
        """By how many pixels the page is wider than its screen; a phone's window grows with what does not fit."""
        found: int = self.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return max(0, found)


class Browser:
    """A running Chromium with an empty profile."""

    def __init__(self, port: int) -> None:
        self._base = f"http://127.0.0.1:{port}"

    @contextlib.contextmanager
    def tab(self) -> Iterator[Tab]:
        """A new tab; it is closed afterwards."""
        found = self._ask("new?about:blank", "PUT")
        try:
            with self._driven(found) as tab:
                yield tab
        finally:
            self._ask(f"close/{found['id']}")

    @contextlib.contextmanager
    def first_tab(self) -> Iterator[Tab]:
        """The tab that Chromium came up with, as good as new: to open one costs as much as two pages.

        What a client sets ends with its connection: screen, language, errors. Cookies stay: see `forget`.
        """
        with self._driven(self._first) as tab:
            try:
                yield tab
            finally:
                tab.open("about:blank")

    def forget(self) -> None:
        """Drop all cookies."""
        with self._driven(self._first) as tab:
            tab.call("Network.clearBrowserCookies")

    @functools.cached_property
    def _first(self) -> dict[str, Any]:
        return next(found for found in self._ask("list") if found["type"] == "page")

    @contextlib.contextmanager
    def _driven(self, found: dict[str, Any]) -> Iterator[Tab]:
        with connect(found["webSocketDebuggerUrl"], max_size=64 * 1024 * 1024) as socket:
            yield Tab(socket)

    def _ask(self, what: str, method: str = "GET") -> Any:
        request = urllib.request.Request(f"{self._base}/json/{what}", method=method)
        with urllib.request.urlopen(request, timeout=DEADLINE_S) as answer:
            said = answer.read()
        return json.loads(said) if said.startswith((b"{", b"[")) else said


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium, and end it."""
    program = chromium_path()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [program, *FLAGS, f"--user-data-dir={profile}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            port_file = Path(profile) / "DevToolsActivePort"
            wait_for(lambda: port_file.exists() and "\n" in port_file.read_text(), "Chromium to open its port", 60)
            yield Browser(int(port_file.read_text().split("\n")[0]))
        finally:
            process.terminate()
            process.wait(timeout=DEADLINE_S)


# A browser that leaves in the middle of an answer makes Starlette's middleware say so at length; nothing went wrong.
_LEFT_EARLY = re.compile(
    r"ERROR:    Exception in ASGI application\n(?:(?!Exception in ASGI).)*?RuntimeError: No response returned\.\n",
    re.DOTALL,
)


def refuse_tracebacks(log: Path) -> None:
    """Fail when a program has written a traceback, other than about a browser that left early."""
    text = _LEFT_EARLY.sub("", log.read_text())
    assert "Traceback" not in text, text
