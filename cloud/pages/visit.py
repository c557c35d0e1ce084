"""What every page of a dealer starts from: who is signed in, how it reads, and what others are answered.

Nobody signed in is sent to sign in; what another tenant has, or nobody, is answered as not found. The sign-in is
asked for again at every read, so that an open page ends with it.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from html import escape
from typing import TypeVar, cast
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from nicegui import run, ui
from sqlmodel import Session

from cloud.api.access import COOKIE
from cloud.identity import SignedIn
from cloud.services import Services
from cloud.tenancy import NotFoundError, TenantId
from cloud.views import PartName
from page_kit.frame import Tab, frame, plain_page, speak
from page_kit.language import Say, Texts
from page_kit.live_part import Ages, slow_live_part
from page_kit.look import text

T = TypeVar("T")
Query = Callable[[Session, TenantId], T]
EVERY_S = 5.0

TEXTS: Texts = {
    "tab_shops": ("店铺", "Shops"),
    "tab_bring": ("该带什么", "To bring"),
    "tab_consumption": ("用量", "Consumption"),
    "tab_discrepancies": ("差异", "Discrepancies"),
    "not_found": ("没有这个页面", "There is no such page"),
    "not_found_why": ("地址可能写错了，或者它不属于你。", "The address may be wrong, or it is not yours."),
    "to_shops": ("回到店铺", "Back to the shops"),
    "sign_out": ("退出", "Sign out"),
}


class SignedOutError(PermissionError):
    """The sign-in of an open page has ended."""


class Visit:
    """One open page of somebody signed in."""

    def __init__(self, request: Request, services: Services, person: SignedIn, say: Say) -> None:
        self.request, self.services, self.person, self.say = request, services, person, say
        self.page = ui.context.client

    async def read(self, query: Query[T]) -> T:
        """What a query answers for the tenant, asked in a thread of its own."""
        return cast(T, await run.io_bound(self._read, query))

    def _read(self, query: Query[T]) -> T:
        person = self.services.identity.signed_in(self.request.cookies.get(COOKIE))
        if person is None:
            raise SignedOutError("expected somebody signed in, found that the sign-in has ended")
        with self.services.database.reading_as(person.tenant) as session:
            return query(session, person.tenant)

    async def read_again(self, query: Query[T]) -> T | None:
        """As `read`, for a page that is open already: None, and on to the sign-in, when that has ended."""
        try:
            return await self.read(query)
        except SignedOutError:
            ui.navigate.to("/sign-in")
            return None

    async def follow(self, query: Query[T], draw: Callable[[T, Ages], None], first: T) -> None:
        """Draw `first`, and what the query answers from then on, for as long as the page is open."""
        await slow_live_part(self.say, lambda: self.read_again(query), draw, first, EVERY_S)

    def now_ms(self) -> int:
        """The cloud's clock."""
        return self.services.now_ms()

    def then_ms(self, age_ms: int | None) -> int:
        """The time of an age; 0 for never."""
        return 0 if age_ms is None else self.now_ms() - age_ms

    def frame(self) -> AbstractContextManager[None]:
        """The frame of a dealer's page; the caller fills it."""
        tabs = self._tabs()
        return frame(
            self.request,
            self.say,
            self.person.dealer_name,
            self.person.name,
            tabs=lambda: tabs,
            draw_corner=self._sign_out,
        )

    def _tabs(self) -> Sequence[Tab]:
        say = self.say
        return (
            Tab("/", say("tab_shops")),
            Tab("/to-bring", say("tab_bring")),
            Tab("/consumption", say("tab_consumption")),
            Tab("/discrepancies", say("tab_discrepancies")),
        )

    def _sign_out(self) -> None:
        """A form, because signing out changes something: a link could be followed by a preview."""
        with ui.element("form").props("method=post action=/sign-out"):
            text(self.say("sign_out"), "pb-lang pb-plain", "button").props("type=submit")


async def show(request: Request, tables: Sequence[Texts], build: Callable[[Visit], Awaitable[None]]) -> Response | None:
    """Build a page for the one signed in; anybody else is sent to sign in, and what is not theirs is not found."""
    services: Services = request.app.state.services
    say = speak(request, TEXTS, *tables)
    person = services.identity.signed_in(request.cookies.get(COOKIE))
    if person is None:
        return RedirectResponse(f"/sign-in?next={quote(_address(request), safe='')}", status_code=303)
    try:
        await build(Visit(request, services, person, say))
    except NotFoundError:
        return not_found(say)
    return None


def not_found(say: Say) -> HTMLResponse:
    """What is not there, or not theirs."""
    body = (
        f'<h1 class="pb-h1">{escape(say("not_found"))}</h1><p class="pb-lead">{escape(say("not_found_why"))}</p>'
        f'<a class="pb-button is-main" href="/">{escape(say("to_shops"))}</a>'
    )
    return HTMLResponse(plain_page(say, "Partsbay", body), status_code=404)


def _address(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def part_name(say: Say, part: PartName) -> str:
    """A part's name in the page's language, its number when it has none."""
    return say.name(part.name_zh, part.name_en) or part.number
