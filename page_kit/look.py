"""The pieces every page is made of: the frame with its tabs and language switch, cards, badges, buttons, boxes.

Everything handed in as text is shown as text, never as HTML. This module never reads data and knows no page.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, RedirectResponse
from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from page_kit.language import COOKIE, LANGUAGES, Say, Texts, choose, local_path

STYLE_FILE = Path(__file__).with_name("look.css")
_YEAR_S = 365 * 24 * 3600
_LANGUAGE_NAMES = {"zh": "中文", "en": "English"}

TEXTS: Texts = {
    "change_language": ("切换语言", "Change the language"),
    "sections": ("页面", "Pages"),
    "reconnect": ("连接中断，正在重连…", "Connection lost, trying again…"),
}


@dataclass(frozen=True, slots=True)
class Tab:
    """One page that the frame leads to; `count` is a number that asks for attention, 0 for none."""

    path: str
    title: str
    count: int = 0


def mount_look(app: FastAPI) -> None:
    """Serve the style sheet and the language switch."""

    @app.get("/look/{_stamp}/look.css", include_in_schema=False)
    def style(_stamp: str) -> FileResponse:
        return FileResponse(STYLE_FILE, media_type="text/css", headers={"cache-control": f"max-age={_YEAR_S}"})

    @app.get("/language/{language}", include_in_schema=False)
    def change_language(language: str, back: str = "/") -> RedirectResponse:
        answer = RedirectResponse(local_path(back), status_code=303)
        if language in LANGUAGES:
            answer.set_cookie(COOKIE, language, max_age=_YEAR_S, samesite="lax")
        return answer


def speak(request: Request, *tables: Texts) -> Say:
    """The texts of a page in the visitor's language."""
    language = choose(
        request.query_params.get("lang"), request.cookies.get(COOKIE), request.headers.get("accept-language")
    )
    return Say(language, TEXTS, *tables)


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


def error_box(content: str) -> None:
    """Something went wrong: what, and what to do."""
    text(content, "pb-error").props("role=alert")


def face(name: str) -> None:
    """A person's first letter, or a dash when nobody is known."""
    text(name[0] if name else "–", "pb-face" if name else "pb-face is-nobody").props("aria-hidden=true")


@contextmanager
def frame(request: Request, say: Say, brand: str, under: str, tabs: Sequence[Tab] = ()) -> Iterator[None]:
    """A whole page: the head with brand, tabs and language switch; the caller fills the main part."""
    _prepare(say)
    path = request.url.path
    with box("pb"):
        with box("pb-head", "header"):
            with box("pb-head-row"):
                _brand(brand, under)
                box("pb-gap")
                _language_switch(request, say)
            if tabs:
                _tabs(tabs, path, say)
        with box("pb-main", "main"):
            yield


def _prepare(say: Say) -> None:
    """The style sheet, the page's language, and no reload when this program starts again."""
    stamp = sha256(STYLE_FILE.read_bytes()).hexdigest()[:12]
    ui.add_head_html(f'<link rel="stylesheet" href="/look/{stamp}/look.css">')
    code = "zh-CN" if say.language == "zh" else "en"
    ui.add_head_html(f'<script>document.documentElement.lang="{code}"</script>')


def _brand(brand: str, under: str) -> None:
    with box("pb-brand", "a").props("href=/"):
        with box("pb-mark").props("aria-hidden=true"):
            for _ in range(4):
                box()
        with box("pb-stack"):
            text(brand, "pb-brand-name")
            if under:
                text(under, "pb-brand-under")


def _language_switch(request: Request, say: Say) -> None:
    query = "&".join(f"{key}={quote(value)}" for key, value in request.query_params.items() if key != "lang")
    back = request.url.path + (f"?{query}" if query else "")
    made = text(_LANGUAGE_NAMES[say.other], "pb-lang", "a")
    made.props["href"] = f"/language/{say.other}?back={quote(back, safe='')}"
    made.props["aria-label"] = say("change_language")


def _tabs(tabs: Sequence[Tab], path: str, say: Say) -> None:
    here = max((tab.path for tab in tabs if path == tab.path or path.startswith(f"{tab.path}/")), default="")
    with box("pb-tabs", "nav") as nav:
        nav.props["aria-label"] = say("sections")
        for tab in tabs:
            with box("pb-tab is-here" if tab.path == here else "pb-tab", "a") as made:
                made.props["href"] = tab.path
                text(tab.title)
                if tab.count:
                    text(str(tab.count), "pb-count")
