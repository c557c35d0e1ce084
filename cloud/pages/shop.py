"""One shop: its cabinets, and what people did there last."""

from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response
from sqlmodel import Session, col

from cloud import fleet, history
from cloud.pages import round_words, session_links, shops
from cloud.pages.addresses import cabinet_path, segment, shop_path
from cloud.pages.alert_cards import alert_lines
from cloud.pages.drawn import follow_drawn
from cloud.pages.names import CabinetNames
from cloud.pages.round_words import clock, day_name, visit_path
from cloud.pages.shops import then_ms
from cloud.pages.visit import Visit, show
from cloud.replenishment.alerts import words
from cloud.replenishment.alerts.listing import open_by_urgency
from cloud.replenishment.alerts.views import AlertView
from cloud.rights import Right
from cloud.shop_plan import own_shop
from cloud.tables import Visit as Stop
from cloud.tenancy import TenantId, tenant_rows
from cloud.views import CabinetOverview, SessionView, ShopOverview
from cloud.work.shop_time import day_of
from page_kit import markup, trouble
from page_kit.address import page
from page_kit.language import Texts
from page_kit.look import link_button, title
from page_kit.markup import Markup, joined
from page_kit.trouble import CabinetFacts, Trouble, cabinet_troubles, troubles_markup

SESSIONS_SHOWN = 12

TEXTS: Texts = {
    "back": ("‹ 店铺", "‹ Shops"),
    "next_stop": ("下次送货：{day} {clock} 左右", "Next delivery: {day}, about {clock}"),
    "next_stop_day": ("下次送货：{day}", "Next delivery: {day}"),
    "cabinets": ("货柜", "Cabinets"),
    "no_cabinets": ("还没有货柜", "No cabinets yet"),
    "heard": ("上次联系", "Last contact"),
    "gauges": ("全准快省", "Four gauges"),
    "consumption": ("用量", "Consumption"),
    "jobs": ("工单", "Jobs"),
    "vehicles": ("车辆", "Vehicles"),
    "statement": ("对账单", "Statement"),
    "claims": ("退换与质保", "Claims"),
    "shop_people": ("人员与门卡", "People and badges"),
    "movements": ("流水", "Movements"),
    "counts": ("盘点", "Counts"),
    "planogram": ("陈列图", "Planogram"),
    "more": ("这家店的更多内容", "More about this shop"),
    "of_stock": ("货", "Stock"),
    "of_work": ("车与工单", "Vehicles and jobs"),
    "of_business": ("账与人", "Accounts and people"),
}


@dataclass(frozen=True)
class Found:
    """What the page shows."""

    now_ms: int
    shop: ShopOverview
    cabinets: list[CabinetOverview]
    sessions: list[SessionView]
    alerts: list[AlertView]
    zone: str
    next_stop: Stop | None

    @property
    def names(self) -> CabinetNames:
        """What the cabinets are called."""
        return {(self.shop.id, row.id): (row.name_zh, row.name_en) for row in self.cabinets}


def register() -> None:
    """Add the page."""

    @page("/shops/{shop}")
    async def one_shop(request: Request, shop: str) -> Response | None:
        return await show(
            request,
            (trouble.TEXTS, shops.TEXTS, session_links.TEXTS, words.TEXTS, round_words.TEXTS, TEXTS),
            lambda visit: _build(visit, shop),
        )


async def _build(visit: Visit, shop: str) -> None:
    sees_sessions, sees_alerts = visit.may("see_sessions"), visit.may("see_alerts")

    def query(session: Session, tenant: TenantId) -> Found:
        now_ms, zone = visit.now_ms(), own_shop(session, tenant, shop).time_zone
        return Found(
            now_ms,
            fleet.one_shop(session, tenant, shop, now_ms),
            fleet.cabinets(session, tenant, shop, now_ms),
            history.sessions(session, tenant, shop, limit=SESSIONS_SHOWN) if sees_sessions else [],
            open_by_urgency(session, tenant, shop=shop, prices=visit.may("see_prices")) if sees_alerts else [],
            zone,
            _next_stop(session, tenant, shop, day_of(now_ms, zone)),
        )

    found = await visit.read(query)
    with visit.frame():
        link_button(visit.say("back"), "/", "is-quiet pb-back")
        title(found.shop.name, found.shop.address)
        follow_drawn(visit, query, lambda rows: _draw(visit, rows), found)


def _next_stop(session: Session, tenant: TenantId, shop: str, today: str) -> Stop | None:
    """The next visit that somebody has accepted."""
    rows = tenant_rows(tenant, Stop).where(
        col(Stop.shop_id) == shop, col(Stop.state).in_(("planned", "loaded")), col(Stop.day) >= today
    )
    return session.exec(rows.order_by(col(Stop.day), col(Stop.arrives_min), col(Stop.id)).limit(1)).first()


def _draw_next_stop(visit: Visit, stop: Stop | None) -> Markup:
    if stop is None:
        return Markup()
    key = "next_stop" if stop.arrives_min else "next_stop_day"
    told = visit.say(key, day=day_name(visit.say, stop.day), clock=clock(stop.arrives_min))
    if visit.may("load_visits"):
        return markup.link("pb-strip-round", visit_path(stop.id), told)
    return markup.box("pb-strong pb-gap-above", told)


def _draw(visit: Visit, found: Found) -> Markup:
    say, shop = visit.say, found.shop
    troubles = troubles_markup(say, shops.shop_troubles(shop, found.now_ms))
    cards = [_cabinet(visit, found, cabinet) for cabinet in found.cabinets]
    if any(alert.kind == "sensor_blind" for alert in found.alerts):
        shop = shop.model_copy(update={"bins_blind": 0})  # said above, with what to do
    return joined(
        alert_lines(say, found.alerts, found.zone),
        markup.box(
            "pb-card",
            shops.figures(visit, shop, found.now_ms),
            markup.box("pb-row pb-wrap pb-marks", *shops.marks(visit, shop)),
            _draw_next_stop(visit, found.next_stop),
            markup.box("pb-troubles pb-gap-above", *troubles),
        ),
        markup.heading(say("cabinets")),
        Markup() if found.cabinets else markup.empty(say("no_cabinets")),
        markup.box("pb-cards", *cards),
        _ways(visit, shop.id),
        session_links.latest(say, shop.id, found.sessions, found.names) if visit.may("see_sessions") else Markup(),
    )


def _ways(visit: Visit, shop: str) -> Markup:
    """Where else there is something about this shop, by what it is about."""
    named = segment(shop)
    groups: tuple[tuple[str, tuple[tuple[str, Right, str], ...]], ...] = (
        (
            "of_stock",
            (
                ("gauges", "see_planning", shop_path(shop, "/gauges")),
                ("consumption", "see_consumption", f"/consumption?shop={named}"),
                ("movements", "see_sessions", shop_path(shop, "/movements")),
                ("counts", "resolve", f"/counts?shop={named}"),
                ("planogram", "edit_planogram", shop_path(shop, "/planogram")),
            ),
        ),
        (
            "of_work",
            (
                ("jobs", "see_vehicles", shop_path(shop, "/jobs")),
                ("vehicles", "see_vehicles", f"/vehicles?shop={named}"),
                ("claims", "see_vehicles", shop_path(shop, "/claims")),
            ),
        ),
        (
            "of_business",
            (
                ("statement", "see_statements", shop_path(shop, "/statement")),
                ("shop_people", "edit_people", shop_path(shop, "/people")),
            ),
        ),
    )
    drawn = [_group(visit, name, [way for way in ways if visit.may(way[1])]) for name, ways in groups]
    return joined(markup.heading(visit.say("more")), markup.box("pb-cards pb-ways", *drawn)) if any(drawn) else Markup()


def _group(visit: Visit, name: str, ways: list[tuple[str, Right, str]]) -> Markup:
    if not ways:
        return Markup()
    links = [markup.link("pb-button is-quiet", path, visit.say(key)) for key, _, path in ways]
    return markup.box("pb-card", markup.box("pb-label", visit.say(name)), markup.box("pb-buttons", *links))


def _cabinet(visit: Visit, found: Found, cabinet: CabinetOverview) -> Markup:
    say = visit.say
    path = cabinet_path(found.shop.id, cabinet.id)
    troubles = _cabinet_troubles(found.now_ms, cabinet)
    is_wrong = cabinet.open_discrepancies or any(each.kind == "is-wrong" for each in troubles)
    kind = "is-alert" if is_wrong else "is-warned" if cabinet.bins_low else ""
    blind = [markup.badge(say("blind", count=cabinet.bins_blind), "is-wrong")] if cabinet.bins_blind else []
    return markup.link(
        f"pb-card {kind}".strip(),
        path,
        markup.box("pb-card-title", say.name(cabinet.name_zh, cabinet.name_en) or cabinet.id),
        _figures(visit, found.now_ms, cabinet),
        markup.box("pb-row pb-wrap pb-marks", *blind),
        markup.box("pb-troubles pb-gap-above", *troubles_markup(say, troubles)),
    )


def _figures(visit: Visit, now_ms: int, cabinet: CabinetOverview) -> Markup:
    say = visit.say
    low = say("of_bins", low=cabinet.bins_low, bins=cabinet.bins)
    doubts = cabinet.open_discrepancies
    heard = markup.age(say, then_ms(now_ms, cabinet.last_heard_age_ms), "pb-number")
    return markup.box(
        "pb-figures pb-gap-above",
        markup.figure(say("low"), low, "is-low" if cabinet.bins_low else ""),
        markup.figure(say("doubts"), str(doubts), "is-wrong" if doubts else ""),
        markup.box("pb-figure", heard, markup.box("pb-soft", say("heard"))),
    )


def _cabinet_troubles(now_ms: int, cabinet: CabinetOverview) -> tuple[Trouble, ...]:
    facts = CabinetFacts(
        journal_backlog=cabinet.journal_backlog,
        taken_in_ms=then_ms(now_ms, cabinet.taken_in_age_ms),
        never_came=cabinet.never_came,
        never_came_ms=then_ms(now_ms, cabinet.never_came_age_ms),
        journal_room_sessions=-1 if cabinet.journal_room_sessions is None else cabinet.journal_room_sessions,
        journal_full=cabinet.journal_full,
        left_out=cabinet.left_out,
    )
    return cabinet_troubles(facts)
