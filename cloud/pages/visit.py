"""What every page of a dealer starts from: who is signed in, how it reads, and what others are answered.

Nobody signed in is sent to sign in; what another tenant has, or nobody, is answered as not found. The sign-in is
asked for again at every read, so that an open page ends with it.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from html import escape
from typing import TypeVar, cast

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from nicegui import app as pages
from nicegui import run, ui
from sqlmodel import Session

from cloud.api.access import COOKIE
from cloud.identity import SignedIn
from cloud.pages import entries, role_words
from cloud.pages.addresses import segment
from cloud.pages.alert_count import EVERY_S as ALERTS_EVERY_S
from cloud.pages.alert_count import untaken_alerts
from cloud.rights import Right
from cloud.services import Services
from cloud.tenancy import NotFoundError, TenantId
from cloud.views import PartName
from page_kit.frame import frame, plain_page, speak
from page_kit.language import Say, Texts
from page_kit.live_part import Ages, slow_live_part
from page_kit.look import box, face, text
from page_kit.search_box import TEXTS as SEARCH_TEXTS
from page_kit.search_box import draw_search, search_script
from page_kit.tabs import TabBar

T = TypeVar("T")
Query = Callable[[Session, TenantId], T]
OwnQuery = Callable[[Session, SignedIn], T]
EVERY_S = 5.0


TEXTS: Texts = {
    "account": ("我的账号", "My account"),
    "not_allowed": ("你的角色看不了这个页面", "Your role does not see this page"),
    "not_allowed_why": ("需要的话，请找你们的管理员。", "If you need it, ask an admin of your dealer."),
    "to_begin": ("回到首页", "Back to the start"),
    "not_found": ("没有这个页面", "There is no such page"),
    "not_found_why": ("地址可能写错了，或者它不属于你。", "The address may be wrong, or it is not yours."),
    "to_shops": ("回到店铺", "Back to the shops"),
    "sign_out": ("退出", "Sign out"),
}


class SignedOutError(PermissionError):
    """The sign-in of an open page has ended."""


class Visit:
    """One open page of somebody signed in."""

    def __init__(
        self, request: Request, services: Services, person: SignedIn, say: Say, right: Right | None = None
    ) -> None:
        self.request, self.services, self.person, self.say = request, services, person, say
        self.right = right
        self.page = ui.context.client
        self.untaken_alerts = 0
        self._tabs: TabBar | None = None
        self._just_asked = True  # by `show`, in this very request

    async def read(self, query: Query[T]) -> T:
        """What a query answers for the tenant, asked in a thread of its own."""
        return cast(T, await run.io_bound(self._read, query))

    def _read(self, query: Query[T]) -> T:
        person = self._still_here()
        with self.services.database.reading_as(person.tenant) as session:
            return query(session, person.tenant)

    def _still_here(self) -> SignedIn:
        """Who the page is open for, asked anew: the sign-in, the role or the dealer may be another by now."""
        if self._just_asked:
            self._just_asked = False
            return self.person
        person = self.services.identity.signed_in(self.request.cookies.get(COOKIE))
        if person is None or (self.right is not None and not person.may(self.right)):
            raise SignedOutError("expected somebody signed in, found that the sign-in has ended")
        if person.membership_id != self.person.membership_id:
            raise SignedOutError("expected the dealer this page was opened for, found another")
        return person

    async def read_own(self, query: OwnQuery[T]) -> T:
        """What the cloud's own query answers for the person: it says itself whose rows it means."""

        def read() -> T:
            person = self._still_here()
            with self.services.database.reading() as session:
                return query(session, person)

        return cast(T, await run.io_bound(read))

    async def change(self, action: OwnQuery[T]) -> T:
        """Do something for the person in one transaction of the cloud's own; what it refuses is raised here."""

        def write() -> T:
            person = self._still_here()
            with self.services.database.writing() as session:
                return action(session, person)

        return cast(T, await run.io_bound(write))

    async def change_as(self, action: Callable[[Session, SignedIn], T]) -> T:
        """Do something for the person in one transaction of the tenant's; what it refuses is raised here."""

        def write() -> T:
            person = self._still_here()
            with self.services.database.writing_as(person.tenant) as session:
                return action(session, person)

        return cast(T, await run.io_bound(write))

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

    def may(self, right: Right) -> bool:
        """Whether the person may see or do that: a page leaves out what they may not."""
        return self.person.may(right)

    def now_ms(self) -> int:
        """The cloud's clock."""
        return self.services.now_ms()

    def then_ms(self, age_ms: int | None) -> int:
        """The time of an age; 0 for never."""
        return 0 if age_ms is None else self.now_ms() - age_ms

    @contextmanager
    def frame(self, typed: str = "") -> Iterator[None]:
        """The frame of a dealer's page; the caller fills it. `typed`: what stands in the search box."""
        mine = entries.entries(self.may, _known_paths())
        searches = self.may("see_catalogue")
        if searches:
            ui.add_head_html(search_script())
        made = frame(
            self.request,
            self.say,
            self.person.dealer_name or "Partsbay",
            self.person.name,
            tabs=lambda: entries.menu(self.say, mine, {"/alerts": self.untaken_alerts}),
            tabs_every_s=None,  # they change with the number of alerts and with nothing else
            draw_corner=self._corner,
            draw_middle=(lambda: self._search_box(typed)) if searches else None,
        )
        with made as self._tabs:
            if self.may("see_alerts"):
                ui.timer(ALERTS_EVERY_S, self._count_alerts, immediate=False)
            yield

    def _search_box(self, typed: str) -> None:
        suggest = f"/api/search/suggestions?language={self.say.language}&q="
        draw_search(self.say, "/search", suggest, typed)

    def count_alerts_soon(self) -> None:
        """Ask for the number of alerts again now: something about them was done on this page."""
        with self.page:
            ui.timer(0.05, self._count_alerts, once=True)

    async def _count_alerts(self) -> None:
        self.untaken_alerts = cast(int, await run.io_bound(untaken_alerts, self.services, self.person)) or 0
        if self._tabs:
            self._tabs.look()

    def _corner(self) -> None:
        """The way to one's account and to what is no tab, and out."""
        with box("pb-lang pb-account", "a") as made:
            made.props["href"] = "/account"
            made.props["aria-label"] = self.say("account")
            face(self.person.name)
        self._sign_out()

    def _sign_out(self) -> None:
        """A form, because signing out changes something: a link could be followed by a preview."""
        with ui.element("form").props("method=post action=/sign-out"):
            text(self.say("sign_out"), "pb-lang pb-plain", "button").props("type=submit")


async def show(
    request: Request,
    tables: Sequence[Texts],
    build: Callable[[Visit], Awaitable[None]],
    right: Right | None = "see_stock",
) -> Response | None:
    """Build a page for the one signed in; anybody else is sent to sign in, and what is not theirs is not found.

    `right`: what the page asks for, None for a page of everybody's own. Somebody without it is told so, or begins
    elsewhere.
    """
    services: Services = request.app.state.services
    say = speak(
        request, role_words.TEXTS, entries.TEXTS, TEXTS, SEARCH_TEXTS, *tables
    )  # any page may have to say why not
    person = cast(SignedIn | None, await run.io_bound(services.identity.signed_in, request.cookies.get(COOKIE)))
    if person is None:
        return RedirectResponse(f"/sign-in?next={segment(_address(request))}", status_code=303)
    if right is not None and not person.may(right):
        begin = landing(person)
        return _begin_at(request, begin) if request.url.path == "/" else not_allowed(say, begin)
    visit = Visit(request, services, person, say, right)
    visit.untaken_alerts = cast(int, await run.io_bound(untaken_alerts, services, person))
    try:
        await build(visit)
    except NotFoundError:
        return not_found(say)
    return None


def landing(person: SignedIn) -> str:
    """Where somebody begins: the first page they may see; who drives, at their round."""
    if person.role == "restocker":
        return "/rounds"
    return next((entry.path for entry in entries.entries(person.may, _known_paths())), "/account")


def _begin_at(request: Request, begin: str) -> RedirectResponse:
    """On to where they begin, in the language that was asked for."""
    language = request.query_params.get("lang")
    return RedirectResponse(f"{begin}?lang={segment(language)}" if language else begin, status_code=303)


def _known_paths() -> frozenset[str]:
    """The addresses of the pages that this program has."""
    return frozenset(path for route in pages.routes if isinstance(path := getattr(route, "path", None), str))


def not_allowed(say: Say, begin: str) -> HTMLResponse:
    """What somebody's role does not see."""
    body = (
        f'<h1 class="pb-h1">{escape(say("not_allowed"))}</h1><p class="pb-lead">{escape(say("not_allowed_why"))}</p>'
        f'<a class="pb-button is-main" href="{escape(begin)}">{escape(say("to_begin"))}</a>'
    )
    return HTMLResponse(plain_page(say, "Partsbay", body), status_code=403)


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
