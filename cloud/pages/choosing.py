"""Choosing one of the shops: buttons for a few, a list to open for many."""

from collections.abc import Callable, Sequence

from cloud.pages.addresses import segment
from page_kit import markup
from page_kit.language import Say, Texts

BUTTONS_MAX = 8
GO_JS = "(event) => { if (event.target.value) window.location.href = event.target.value }"

TEXTS: Texts = {"choose_shop": ("选择店铺", "Choose a shop"), "every_shop": ("所有店铺", "All shops")}


def choose_shop(
    say: Say, shops: Sequence[tuple[str, str]], chosen: str, path: Callable[[str], str], *, or_all: bool = False
) -> None:
    """Lead to `path` of the shop that is chosen (its id as it stands in an address), "" for all when `or_all`."""
    ways = [("", say("every_shop"))] if or_all and len(shops) > 1 else []
    ways += list(shops) if len(shops) > 1 else []
    if len(ways) <= BUTTONS_MAX:
        made = [
            markup.link(f"pb-button {'is-main' if shop == chosen else 'is-quiet'}", path(segment(shop)), name)
            for shop, name in ways
        ]
        markup.show(markup.box("pb-buttons", *made))
        return
    options = [markup.tag("option", name, value=path(segment(shop)), selected=shop == chosen) for shop, name in ways]
    shown = markup.show(markup.tag("select", *options, class_="pb-field", aria_label=say("choose_shop")))
    shown.on("change", js_handler=GO_JS)
