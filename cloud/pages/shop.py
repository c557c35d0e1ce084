"""One shop: its cabinets, and what people did there last."""

from dataclasses import dataclass
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlmodel import Session

from cloud import fleet, history
from cloud.pages import session_links, shops
from cloud.pages.names import CabinetNames, cabinet_names
from cloud.pages.session_links import draw_latest
from cloud.pages.visit import Visit, show
from cloud.shop_plan import own_shop
from cloud.tenancy import TenantId
from cloud.views import CabinetOverview, SessionView, ShopOverview
from page_kit import trouble
from page_kit.language import Texts
from page_kit.live_part import Ages
from page_kit.look import badge, box, empty, figure, heading, link_button, link_card, text, title
from page_kit.trouble import CabinetFacts, Trouble, cabinet_troubles, draw_troubles

SESSIONS_SHOWN = 12

TEXTS: Texts = {
    "back": ("‹ 店铺", "‹ Shops"),
    "cabinets": ("货柜", "Cabinets"),
    "no_cabinets": ("还没有货柜", "No cabinets yet"),
    "heard": ("上次联系", "Last contact"),
    "consumption": ("用量", "Consumption"),
}


@dataclass(frozen=True)
class Found:
    """What the page shows."""

    shop: ShopOverview
    cabinets: list[CabinetOverview]
    sessions: list[SessionView]
    names: CabinetNames


def register() -> None:
    """Add the page."""

    @ui.page("/shops/{shop}", title="Partsbay")
    async def one_shop(request: Request, shop: str) -> Response | None:
        return await show(
            request, (trouble.TEXTS, shops.TEXTS, session_links.TEXTS, TEXTS), lambda visit: _build(visit, shop)
        )


async def _build(visit: Visit, shop: str) -> None:
    def query(session: Session, tenant: TenantId) -> Found:
        own_shop(session, tenant, shop)
        now_ms = visit.now_ms()
        return Found(
            next(found for found in fleet.shops(session, tenant, now_ms) if found.id == shop),
            fleet.cabinets(session, tenant, shop, now_ms),
            history.sessions(session, tenant, shop, limit=SESSIONS_SHOWN),
            cabinet_names(session, tenant),
        )

    found = await visit.read(query)
    with visit.frame():
        link_button(visit.say("back"), "/", "is-quiet pb-back")
        title(found.shop.name)
        await visit.follow(query, lambda rows, ages: _draw(visit, rows, ages), found)


def _draw(visit: Visit, found: Found, ages: Ages) -> None:
    with box("pb-card"):
        shops.draw_figures(visit, found.shop, ages)
        with box("pb-row pb-wrap pb-marks"):
            shops.draw_marks(visit, found.shop)
        with box("pb-troubles pb-gap-above"):
            draw_troubles(visit.say, shops.shop_troubles(visit, found.shop), ages)
    with box("pb-buttons pb-gap-above"):
        if visit.may("see_consumption"):
            link_button(visit.say("consumption"), f"/consumption?shop={quote(found.shop.id, safe='')}")
    heading(visit.say("cabinets"))
    if not found.cabinets:
        empty(visit.say("no_cabinets"))
    with box("pb-cards"):
        for cabinet in found.cabinets:
            _draw_cabinet(visit, found.shop.id, cabinet, ages)
    if visit.may("see_sessions"):
        draw_latest(visit.say, found.shop.id, found.sessions, found.names, ages)


def _draw_cabinet(visit: Visit, shop: str, cabinet: CabinetOverview, ages: Ages) -> None:
    say = visit.say
    path = f"/shops/{quote(shop, safe='')}/cabinets/{quote(cabinet.id, safe='')}"
    troubles = _cabinet_troubles(visit, cabinet)
    is_wrong = cabinet.open_discrepancies or any(each.kind == "is-wrong" for each in troubles)
    with link_card(path, "is-alert" if is_wrong else "is-warned" if cabinet.bins_low else ""):
        text(say.name(cabinet.name_zh, cabinet.name_en) or cabinet.id, "pb-card-title")
        with box("pb-figures pb-gap-above"):
            low = say("of_bins", low=cabinet.bins_low, bins=cabinet.bins)
            figure(say("low"), low, "is-low" if cabinet.bins_low else "")
            figure(say("doubts"), str(cabinet.open_discrepancies), "is-wrong" if cabinet.open_discrepancies else "")
            with box("pb-figure"):
                ages.show(visit.then_ms(cabinet.last_heard_age_ms), "pb-number")
                text(say("heard"), "pb-soft")
        with box("pb-row pb-wrap pb-marks"):
            if cabinet.bins_blind:
                badge(say("blind", count=cabinet.bins_blind), "is-wrong")
        with box("pb-troubles pb-gap-above"):
            draw_troubles(say, troubles, ages)


def _cabinet_troubles(visit: Visit, cabinet: CabinetOverview) -> tuple[Trouble, ...]:
    facts = CabinetFacts(
        journal_backlog=cabinet.journal_backlog,
        taken_in_ms=visit.then_ms(cabinet.taken_in_age_ms),
        never_came=cabinet.never_came,
        never_came_ms=visit.then_ms(cabinet.never_came_age_ms),
        journal_room_sessions=-1 if cabinet.journal_room_sessions is None else cabinet.journal_room_sessions,
        journal_full=cabinet.journal_full,
        left_out=cabinet.left_out,
    )
    return cabinet_troubles(facts)
