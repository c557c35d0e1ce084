"""The pieces every page is made of: headings, cards, badges, figures, buttons, boxes for nothing and for errors.

Everything handed in as text is shown as text, never as HTML. This module never reads data and knows no page.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from nicegui import Client, ui
from nicegui.elements.mixins.text_element import TextElement


def box(classes: str = "", tag: str = "div") -> ui.element:
    """A part of the page that holds others."""
    return ui.element(tag).classes(classes)


def text(content: str, classes: str = "", tag: str = "div") -> TextElement:
    """A piece of text."""
    return TextElement(tag=tag, text=content).classes(classes)


def title(content: str, lead: str = "") -> None:
    """The name of the page, with a sentence that says what it is for."""
    text(content, "pb-h1", "h1")
    if lead:
        text(lead, "pb-lead", "p")


def heading(content: str) -> None:
    """The name of a part of the page."""
    text(content, "pb-h2", "h2")


def button(content: str, press: Callable[..., Any], kind: str = "") -> TextElement:
    """Something to press; `kind`: is-main, is-quiet, is-danger, is-big, is-wide."""
    return text(content, f"pb-button {kind}", "button").props("type=button").on("click", press)


def link_button(content: str, path: str, kind: str = "") -> TextElement:
    """A button that leads to another page."""
    made = text(content, f"pb-button {kind}", "a")
    made.props["href"] = path
    return made


def link_card(path: str, classes: str = "") -> ui.element:
    """A card that leads to another page."""
    made = box(f"pb-card {classes}", "a")
    made.props["href"] = path
    return made


def press_card(press: Callable[..., Any], classes: str = "pb-card") -> ui.element:
    """A card, or a bin of a cabinet, that does something when it is pressed."""
    return box(classes, "button").props("type=button").on("click", press)


def badge(content: str, kind: str = "") -> TextElement:
    """A short mark beside a name; `kind`: is-low, is-wrong, is-good."""
    return text(content, f"pb-badge {kind}", "span")


def figure(name: str, value: str, kind: str = "") -> None:
    """A number with what it counts."""
    with box("pb-figure"):
        text(value, f"pb-number {kind}")
        text(name, "pb-soft")


def empty(content: str, explanation: str = "") -> None:
    """What a page says in place of a list that has nothing in it."""
    with box("pb-empty"):
        text(content, "pb-strong")
        if explanation:
            text(explanation)


def face(name: str) -> None:
    """A person's first letter, or a dash when nobody is known."""
    text(name[0] if name else "–", "pb-face" if name else "pb-face is-nobody").props("aria-hidden=true")


@contextmanager
def dialog(page: Client) -> Iterator[ui.dialog]:
    """A box over the page for the caller to fill; it belongs to the page, so that no redrawn part takes it along."""
    with page, ui.dialog() as made, box("pb-dialog pb"):
        yield made
    made.on("hide", made.delete)
    made.open()
