"""A part of a page drawn as text that follows its data: what has not changed is not sent again."""

from collections.abc import Callable
from typing import Generic, TypeVar

from nicegui import ui

from cloud.pages.visit import EVERY_S, Query, Visit
from page_kit.markup import Markup, show

T = TypeVar("T")


class Drawn(Generic[T]):
    """What is shown of the newest answer; `again` draws it anew after the page's own state has changed."""

    def __init__(self, draw: Callable[[T], Markup], first: T) -> None:
        self._draw, self._found = draw, first
        self.shown = show(draw(first))

    def found(self, found: T) -> None:
        """A newer answer."""
        self._found = found
        self.again()

    def again(self) -> None:
        """The same answer, drawn by the page's present state."""
        self.shown.set_content(self._draw(self._found))


def follow_drawn(visit: Visit, query: Query[T], draw: Callable[[T], Markup], first: T) -> Drawn[T]:
    """Draw `first`, and what the query answers from then on, for as long as the page is open."""
    drawn = Drawn(draw, first)

    async def look() -> None:
        found = await visit.read_again(query)
        if found is not None:
            drawn.found(found)

    ui.timer(EVERY_S, look, immediate=False)
    return drawn
