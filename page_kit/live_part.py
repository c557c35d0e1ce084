"""A part of a page that follows its data without a reload, and ages that go on counting.

Reads by the function it is handed and draws again only when the answer has changed, so that an idle page costs one
small read a second. It never keeps anything beyond the page's own life.
"""

from collections.abc import Callable
from time import time
from typing import TypeVar

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from page_kit.age import age
from page_kit.language import Say
from page_kit.look import box, text

T = TypeVar("T")
EVERY_S = 1.0


def now_ms() -> int:
    """Milliseconds since 1970-01-01 UTC."""
    return int(time() * 1000)


class Ages:
    """The ages shown in one part of a page; `tick` brings them up to date."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._shown: list[tuple[TextElement, int]] = []

    def show(self, then_ms: int, classes: str = "pb-soft") -> TextElement:
        """The age of `then_ms`, here, from now on."""
        label = text(age(then_ms, now_ms(), self._say.language), classes)
        self._shown.append((label, then_ms))
        return label

    def tick(self) -> None:
        """Write every age anew; what has not changed is not sent."""
        now = now_ms()
        for label, then_ms in self._shown:
            label.set_text(age(then_ms, now, self._say.language))


def live_part(
    say: Say,
    read: Callable[[], T],
    draw: Callable[[T, Ages], None],
    changed: Callable[[], object] | None = None,
    every_s: float = EVERY_S,
) -> None:
    """Draw what `read` answers, and again whenever the answer differs; `changed` is a cheap mark asked first."""
    part = _LivePart(say, read, draw, changed)
    part.look()
    ui.timer(every_s, part.look, immediate=False)


class _LivePart:
    def __init__(
        self,
        say: Say,
        read: Callable[[], T],
        draw: Callable[[T, Ages], None],
        changed: Callable[[], object] | None,
    ) -> None:
        self._say, self._read, self._draw, self._changed = say, read, draw, changed
        self._box = box()
        self._mark: object = None
        self._shown: object = None
        self._ages = Ages(say)

    def look(self) -> None:
        """One look at the data."""
        mark = self._changed() if self._changed else None
        if self._shown is None or mark is None or mark != self._mark:
            self._mark = mark
            self._renew()
        self._ages.tick()

    def _renew(self) -> None:
        found = self._read()
        if self._shown is not None and found == self._shown:
            return
        self._shown = found
        self._box.clear()
        self._ages = Ages(self._say)
        with self._box:
            self._draw(found, self._ages)
