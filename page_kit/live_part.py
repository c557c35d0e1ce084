"""A part of a page that follows its data without a reload, and ages that go on counting.

Reads by the function it is handed and draws again only when the answer has changed, so that an idle page costs one
small read a second. It never keeps anything beyond the page's own life.
"""

from collections.abc import Awaitable, Callable
from time import time
from typing import Generic, TypeVar

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from page_kit.age import age
from page_kit.language import Say
from page_kit.look import box, text

T = TypeVar("T")
EVERY_S = 1.0
_NOTHING = object()  # equal to nothing that is ever read


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
) -> Callable[[], None]:
    """Draw what `read` answers, and again whenever the answer differs; `changed` is a cheap mark asked first.

    Answers a function that looks at once, for whoever has just changed what is read.
    """
    part = _LivePart(say, draw)
    seen: object = None

    def look() -> None:
        nonlocal seen
        mark = changed() if changed else None
        if mark is None or mark != seen:
            seen = mark
            part.show(read())
        part.tick()

    look()
    ui.timer(every_s, look, immediate=False)
    return look


async def slow_live_part(
    say: Say,
    read: Callable[[], Awaitable[T | None]],
    draw: Callable[[T, Ages], None],
    first: T,
    every_s: float,
) -> None:
    """As `live_part` for a read that takes its time; `first` is drawn at once, None from `read` changes nothing."""
    part = _LivePart(say, draw)
    part.show(first)

    async def look() -> None:
        found = await read()
        if found is not None:
            part.show(found)

    ui.timer(every_s, look, immediate=False)
    ui.timer(EVERY_S, part.tick)


class _LivePart(Generic[T]):
    """A box, what it shows, and its ages."""

    def __init__(self, say: Say, draw: Callable[[T, Ages], None]) -> None:
        self._say, self._draw = say, draw
        self._box = box()
        self._shown: object = _NOTHING
        self._ages = Ages(say)

    def show(self, found: T) -> None:
        """Draw it, unless it is what is there already."""
        if found == self._shown:
            return
        self._shown = found
        self._box.clear()
        self._ages = Ages(self._say)
        with self._box:
            self._draw(found, self._ages)

    def tick(self) -> None:
        """Bring the ages up to date."""
        self._ages.tick()
