"""A part of a page that shows what the cloud's own query answers, follows it, and is drawn anew after a change."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from nicegui import ui
from nicegui.element import Element

from cloud.pages.role_words import REFUSALS, why
from cloud.pages.visit import EVERY_S, OwnQuery, SignedOutError, Visit
from page_kit.live_part import EVERY_S as TICK_S
from page_kit.live_part import Ages
from page_kit.look import box, button, dialog, text

log = logging.getLogger(__name__)
T = TypeVar("T")
_NOTHING = object()


class OwnPart(Generic[T]):
    """What a query answers, drawn; `refresh` after something was changed."""

    def __init__(self, visit: Visit, query: OwnQuery[T], draw: Callable[[T, Ages], None]) -> None:
        self._visit, self._query, self._draw = visit, query, draw
        self._box: Element | None = None
        self._ages = Ages(visit.say)
        self._shown: object = _NOTHING

    async def start(self) -> None:
        """Draw it for the first time, here, and follow it from then on."""
        self._box = box()
        self._show(await self._visit.read_own(self._query))
        ui.timer(EVERY_S, self.refresh, immediate=False)
        ui.timer(TICK_S, self._tick)

    def _tick(self) -> None:
        self._ages.tick()

    async def refresh(self) -> None:
        """Ask again, and draw what is new; on to the sign-in when that has ended."""
        try:
            self._show(await self._visit.read_own(self._query))
        except SignedOutError:
            ui.navigate.to("/")

    def _show(self, found: T | None) -> None:
        if found is None or found == self._shown or self._box is None:  # None: the program is ending
            return
        self._shown = found
        self._box.clear()
        self._ages = Ages(self._visit.say)
        with self._box:
            self._draw(found, self._ages)


async def attempt(visit: Visit, action: Callable[[], Awaitable[T]]) -> T | None:
    """What an action answers; None when it is refused, and the visitor is told why."""
    try:
        return await action()
    except SignedOutError:
        with visit.page:
            ui.navigate.to("/")
    except REFUSALS as error:
        with visit.page:
            ui.notify(why(visit.say, error), type="negative", position="top", timeout=6000)
    return None


def ask_first(visit: Visit, question: str, label: str, action: Callable[[], Awaitable[Any]], no: str) -> None:
    """Do something that cannot be undone only when it is meant."""
    with dialog(visit.page) as asked:
        text(question, "pb-question")

        async def go() -> None:
            asked.close()
            await action()

        with box("pb-buttons pb-gap-above"):
            button(label, go, "is-danger")
            button(no, asked.close, "is-quiet")


def show_secret(visit: Visit, title: str, lead: str, secret: str, *, copy: str, copied: str, close: str) -> None:
    """Something that is shown this once, to be copied."""
    with dialog(visit.page) as shown:
        text(title, "pb-question")
        text(lead, "pb-soft pb-gap-above")
        text(secret, "pb-secret pb-code pb-gap-above")

        def take() -> None:
            ui.clipboard.write(secret)
            ui.notify(copied, position="top")

        with box("pb-buttons pb-gap-above"):
            button(copy, take, "is-main")
            button(close, shown.close, "is-quiet")
