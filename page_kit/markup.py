"""Long lists drawn as text: one element of the page for a hundred rows, where elements cost a third of a millisecond.

Everything handed in as text is escaped; only what this module made is taken as it is. The pieces look as those of
`look.py` do. This module never reads data and knows no page.
"""

from collections.abc import Callable
from html import escape
from time import time
from typing import Any

from nicegui import ui

from page_kit.age import age as age_text
from page_kit.language import Say

PRESSED_JS = "(event) => {{ const made = event.target.closest('[data-{0}]'); if (made) emit(made.dataset.{0}) }}"


class Markup(str):
    """HTML that this module made, safe to show."""

    __slots__ = ()


Piece = str | Markup


def tag(name: str, /, *content: Piece, **attributes: object) -> Markup:
    """`<name …>content</name>`; `class_` and `data_x` are written as HTML does, None and False are left out."""
    words = [name]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        told = key.rstrip("_").replace("_", "-")
        words.append(told if value is True else f'{told}="{escape(str(value))}"')
    inner = "".join(piece if isinstance(piece, Markup) else escape(piece) for piece in content)
    return Markup(f"<{' '.join(words)}>" if name == "input" else f"<{' '.join(words)}>{inner}</{name}>")


def box(classes: str, /, *content: Piece, **attributes: object) -> Markup:
    """A part that holds others."""
    return tag("div", *content, class_=classes or None, **attributes)


def joined(*pieces: Markup) -> Markup:
    """Pieces one behind the other."""
    return Markup("".join(pieces))


def link(classes: str, path: str, /, *content: Piece, **attributes: object) -> Markup:
    """What leads to another page."""
    return tag("a", *content, href=path, class_=classes, **attributes)


def badge(content: str, kind: str = "") -> Markup:
    """A short mark beside a name; `kind`: is-low, is-wrong, is-good."""
    return tag("span", content, class_=f"pb-badge {kind}".strip())


def figure(name: str, value: Piece, kind: str = "") -> Markup:
    """A number with what it counts."""
    return box("pb-figure", box(f"pb-number {kind}".strip(), value), box("pb-soft", name))


def face(name: str) -> Markup:
    """A person's first letter, or a dash when nobody is known."""
    return box("pb-face" if name else "pb-face is-nobody", name[0] if name else "–", aria_hidden="true")


def heading(content: str) -> Markup:
    """The name of a part of the page."""
    return tag("h2", content, class_="pb-h2")


def empty(content: str, explanation: str = "") -> Markup:
    """What a page says in place of a list that has nothing in it."""
    return box("pb-empty", box("pb-strong", content), box("", explanation) if explanation else Markup())


def age(say: Say, then_ms: int, classes: str = "pb-soft") -> Markup:
    """How long ago that was; the browser goes on counting (`AGES_SCRIPT`)."""
    return tag("time", age_text(then_ms, _now_ms(), say.language), data_then=then_ms, class_=classes)


def show(*pieces: Markup) -> ui.html:
    """Put the pieces on the page, as one element of it."""
    return ui.html("".join(pieces), sanitize=False)  # every piece was escaped when it was made


def on_press(shown: ui.html, name: str, press: Callable[[str], Any]) -> None:
    """Call `press` with the `data-name` of what is pressed inside."""
    shown.on("click", lambda event: press(str(event.args)), js_handler=PRESSED_JS.format(name))


def _now_ms() -> int:
    return int(time() * 1000)


def ages_script(say: Say) -> str:
    """Counts on every age on the page, by the server's clock; the words are those of `age.py`."""
    zh = say.language == "zh"
    words = (
        "['天前','小时前','分钟前','秒前','刚刚','从未']"
        if zh
        else "['d ago','h ago','min ago','s ago','just now','never']"
    )
    return (
        f"<script>(() => {{ const ahead = {_now_ms()} - Date.now(), words = {words};"
        "const steps = [86400000, 3600000, 60000, 1000];"
        "const told = (then) => { if (then <= 0) return words[5]; const age = Date.now() + ahead - then;"
        "const at = steps.findIndex((step) => age >= step);"
        "return at < 0 ? words[4] : Math.floor(age / steps[at]) + ' ' + words[at]; };"
        "setInterval(() => document.querySelectorAll('time[data-then]').forEach((made) => {"
        "const text = told(Number(made.dataset.then));"
        "if (made.textContent !== text) made.textContent = text; }), 1000);"
        "})()</script>"
    )
