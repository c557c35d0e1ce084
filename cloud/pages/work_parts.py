"""What the pages of a shop's work share: where they are, how they search, and being drawn anew after a change."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from sqlmodel import Session

from cloud.identity import SignedIn
from cloud.pages.drawn import Drawn, follow_drawn
from cloud.pages.own_part import attempt
from cloud.pages.visit import Query, Visit
from page_kit import markup
from page_kit.language import Say, Texts
from page_kit.markup import Markup

T = TypeVar("T")

TEXTS: Texts = {
    "back_to_shop": ("‹ {shop}", "‹ {shop}"),
    "find": ("查找", "Find"),
    "older": ("更早的", "Older ones"),
    "keep": ("保存", "Save"),
    "cancel": ("取消", "Cancel"),
    "nobody": ("未知", "unknown"),
    "km": ("{km} 公里", "{km} km"),
}


class Part(Generic[T]):
    """A part of a page that follows a tenant's query, and is drawn anew after something was changed."""

    def __init__(self, visit: Visit, query: Query[T], draw: Callable[[T], Markup], first: T) -> None:
        self._visit, self._query = visit, query
        self.drawn: Drawn[T] = follow_drawn(visit, query, draw, first)

    def on(self, name: str, press: Callable[[str], Any]) -> None:
        """Call `press` with the `data-name` of what is pressed."""
        markup.on_press(self.drawn.shown, name, press)

    async def refresh(self) -> None:
        """Ask again, and draw what is new."""
        found = await self._visit.read_again(self._query)
        if found is not None:
            self.drawn.found(found)

    async def change(self, action: Callable[[Session, SignedIn], object]) -> bool:
        """Do something in one transaction of the tenant's; False when it was refused, and the visitor knows why."""

        async def go() -> bool:
            await self._visit.change_as(action)
            return True

        done = bool(await attempt(self._visit, go))
        await self.refresh()
        return done


def search_form(say: Say, path: str, words: str, hint: str, **hidden: str) -> Markup:
    """A line to search by; it works without a script, and the address can be kept."""
    kept = [markup.tag("input", type="hidden", name_=name, value=value) for name, value in hidden.items() if value]
    return markup.tag(
        "form",
        *kept,
        markup.tag(
            "input", class_="pb-field pb-grow", name_="words", value=words, placeholder=hint, aria_label=hint,
            type="search", autocomplete="off",
        ),
        markup.tag("button", say("find"), class_="pb-button is-main", type="submit"),
        class_="pb-row pb-search-line",
        method="get",
        action=path,
        role="search",
    )  # fmt: skip


def press(label: str, name: str, value: str, kind: str = "") -> Markup:
    """Something to press inside a drawn part: `Part.on(name, …)` is told `value`."""
    return markup.tag("button", label, class_=f"pb-button {kind}".strip(), type="button", **{f"data_{name}": value})


def row(name: str, value: Markup | str) -> Markup:
    """A fact with its name."""
    return markup.box("pb-fact", markup.box("pb-soft pb-small", name), markup.box("", value))
