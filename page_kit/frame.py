"""The frame around every page: brand, tabs, language switch, and the style sheet they are drawn with.

This module never reads data and knows no page; a program hands in its tabs.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from html import escape
from pathlib import Path
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, RedirectResponse
from nicegui import ui

from page_kit.language import COOKIE, LANGUAGES, Say, Texts, choose, local_path
from page_kit.live_part import EVERY_S
from page_kit.look import box, text
from page_kit.markup import ages_script
from page_kit.quick_elements import make_elements_quick
from page_kit.tabs import TEXTS as TABS_TEXTS
from page_kit.tabs import Tab, TabBar

STYLE_FILE = Path(__file__).with_name("look.css")
_YEAR_S = 365 * 24 * 3600
LANGUAGE_NAMES = {"zh": "中文", "en": "English"}

TEXTS: Texts = {
    "change_language": ("切换语言", "Change the language"),
}


Tabs = Callable[[], Sequence[Tab]]


def mount_look(app: FastAPI) -> None:
    """Serve the style sheet and the language switch."""
    make_elements_quick()

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
    return Say(language, TEXTS, TABS_TEXTS, *tables)


def language_path(say: Say, back: str) -> str:
    """Where a press changes to the other language and comes back to the same page."""
    return f"/language/{say.other}?back={quote(back, safe='')}"


def plain_page(say: Say, heading: str, body: str) -> str:
    """A page that needs no script: `body` is HTML whose data the caller has escaped."""
    return (
        f'<!doctype html><html lang="{_code(say)}"><head><meta charset="utf-8"><title>{escape(heading)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="icon" href="data:,"><link rel="stylesheet" href="{_style_path()}"></head>'
        f'<body class="pb pb-plain-page"><main class="pb-main">{body}</main></body></html>'
    )


@contextmanager
def frame(
    request: Request,
    say: Say,
    brand: str,
    under: str,
    *,
    tabs: Tabs | None = None,
    tabs_every_s: float | None = EVERY_S,
    draw_corner: Callable[[], None] | None = None,
    draw_middle: Callable[[], None] | None = None,
) -> Iterator[TabBar | None]:
    """A whole page: the head with brand, tabs and language switch; the caller fills the main part.

    It gets the tabs, which look for themselves whether they have changed, unless `tabs_every_s` is None.
    """
    _prepare(say)
    bar: TabBar | None = None
    with box("pb"):
        with box("pb-head", "header"):
            with box("pb-head-row"):
                _brand(brand, under)
                box("pb-gap")
                if draw_middle:
                    draw_middle()
                _language_switch(request, say)
                if draw_corner:
                    draw_corner()
            if tabs:
                bar = TabBar(say, request.url.path, tabs)
        if bar and tabs_every_s:
            ui.timer(tabs_every_s, bar.look, immediate=False)
        with box("pb-main", "main"):
            yield bar


def _prepare(say: Say) -> None:
    """The style sheet, and the language for screen readers and fonts."""
    ui.add_head_html(f'<link rel="stylesheet" href="{_style_path()}">')
    ui.add_head_html(f'<script>document.documentElement.lang="{_code(say)}"</script>')
    ui.add_head_html(ages_script(say))


def _style_path() -> str:
    """The style sheet's address; it changes with its content, so that browsers may keep it."""
    return f"/look/{sha256(STYLE_FILE.read_bytes()).hexdigest()[:12]}/look.css"


def _code(say: Say) -> str:
    return "zh-CN" if say.language == "zh" else "en"


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
    made = text(LANGUAGE_NAMES[say.other], "pb-lang", "a")
    made.props["href"] = language_path(say, request.url.path + (f"?{query}" if query else ""))
    made.props["aria-label"] = say("change_language")
