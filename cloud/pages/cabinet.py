"""One cabinet as it looks: its bins with their stock, what is low and what is in doubt."""

from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlmodel import Session

from cloud import history, stock
from cloud.cabinet_doors import doors_of
from cloud.identity import SignedIn
from cloud.pages import role_words, rollout_words, session_links
from cloud.pages.addresses import part_path, policy_path, segment, shop_path
from cloud.pages.doors_card import TEXTS as DOORS
from cloud.pages.doors_card import DoorsFound, doors_card
from cloud.pages.drawn import follow_drawn
from cloud.pages.names import CabinetNames, cabinet_name, cabinet_names
from cloud.pages.own_part import attempt
from cloud.pages.rollout_words import firmware_card
from cloud.pages.session_links import latest
from cloud.pages.visit import Visit, part_name, show
from cloud.rollouts import listing
from cloud.rollouts.views import StepLine
from cloud.shop_plan import plan_of
from cloud.stock_work import counts
from cloud.tables import CabinetFirmware
from cloud.tenancy import NotFoundError, TenantId
from cloud.views import BinStock, PartStock, SessionView, Stray
from page_kit import markup
from page_kit.address import page
from page_kit.age import age
from page_kit.cabinet_face import TEXTS as FACE_TEXTS
from page_kit.cabinet_face import BinFace, PartFace, astray, cabinet_markup, key_markup
from page_kit.language import Texts
from page_kit.look import box, button, dialog, figure, link_button, text, title
from page_kit.markup import Markup, joined
from page_kit.quantity import confidence, quantity

SESSIONS_SHOWN = 6
STEPS_SHOWN = 5

TEXTS: Texts = {
    "back": ("‹ {shop}", "‹ {shop}"),
    "in_bin": ("现有", "In the bin"),
    "capacity": ("容量", "Capacity"),
    "point": ("补货点", "Reorder point"),
    "up_to": ("补到", "Fill up to"),
    "requested": ("已要货", "Asked for"),
    "last_moved": ("上次变动", "Last moved"),
    "sure_of_it": ("把握", "Sure"),
    "counted": ("上次清点", "Last counted"),
    "in_doubt": ("这个货位有未解决的差异。", "This bin has an open doubt."),
    "stray": ("里面还有 {part}：{where}", "There is also {part}: {where}"),
    "have_counted": ("请店里盘点", "Have it counted"),
    "counted_asked": ("已请店里盘点", "The shop has been asked to count"),
    "move": ("调往别处", "Move elsewhere"),
    "policy": ("补货策略和预测", "Policy and forecast"),
    "close": ("关闭", "Close"),
}


@dataclass(frozen=True)
class Found:
    """What the page shows."""

    now_ms: int
    shop: str
    shop_name: str
    name_zh: str
    name_en: str
    doors: int
    bins: list[BinStock]
    sessions: list[SessionView]
    names: CabinetNames
    told_doors: DoorsFound
    firmware: CabinetFirmware | None  # None: its gateway does not say
    steps: list[StepLine]


def register() -> None:
    """Add the page."""

    @page("/shops/{shop}/cabinets/{cabinet}")
    async def one_cabinet(request: Request, shop: str, cabinet: str) -> Response | None:
        return await show(
            request,
            (FACE_TEXTS, role_words.TEXTS, session_links.TEXTS, DOORS, rollout_words.TEXTS, TEXTS),
            lambda visit: _build(visit, shop, cabinet),
        )


async def _build(visit: Visit, shop: str, cabinet: str) -> None:
    def query(session: Session, tenant: TenantId) -> Found:
        return _find(session, tenant, (shop, cabinet), visit.now_ms())

    found = await visit.read(query)
    with visit.frame():
        link_button(visit.say("back", shop=found.shop_name), shop_path(shop), "is-quiet pb-back")
        title(visit.say.name(found.name_zh, found.name_en) or cabinet)
        newest = [found]

        def draw(rows: Found) -> Markup:
            newest[0] = rows
            return _draw(visit, rows)

        drawn = follow_drawn(visit, query, draw, found)
        markup.on_press(drawn.shown, "bin", lambda pressed: _show_bin(visit, newest[0], int(pressed)))


def _find(session: Session, tenant: TenantId, place: tuple[str, str], now_ms: int) -> Found:
    shop, cabinet = place
    bins = stock.bins(session, tenant, shop, cabinet, now_ms)
    document = plan_of(session, tenant, shop).document
    planned = next((known for known in document.cabinets if known.id == cabinet), None) if document else None
    if document is None or planned is None:
        raise NotFoundError(f"expected a cabinet of the planogram, found {cabinet!r}")
    sessions = history.sessions(session, tenant, shop, cabinet=cabinet, limit=SESSIONS_SHOWN)
    return Found(
        now_ms,
        shop,
        document.shop_name,
        planned.name_zh,
        planned.name_en,
        planned.doors,
        bins,
        sessions,
        cabinet_names(session, tenant, [shop]),
        DoorsFound(planned.doors, planned.pin_doors, document.access_days, doors_of(session, tenant, shop, cabinet)),
        listing.firmware_of(session, tenant, shop, cabinet),
        listing.cabinet_steps(session, tenant, shop, cabinet, STEPS_SHOWN),
    )


def _draw(visit: Visit, found: Found) -> Markup:
    faces = [bin_face(visit, found, row) for row in found.bins]
    sees_sessions = visit.may("see_sessions")
    return joined(
        cabinet_markup(visit.say, faces, found.doors, can_press=True),
        key_markup(visit.say),
        latest(visit.say, found.shop, found.sessions, found.names) if sees_sessions else Markup(),
        _doors(visit, found),
        firmware_card(visit.say, found.firmware, found.steps) if visit.may("manage_gateways") else Markup(),
    )


def _doors(visit: Visit, found: Found) -> Markup:
    if not visit.may("edit_planogram"):
        return Markup()
    return doors_card(visit.say, found.told_doors, with_key=visit.may("manage_gateways"))


def bin_face(visit: Visit, found: Found, row: BinStock) -> BinFace:
    """One bin as the cabinet's picture needs it."""
    say = visit.say
    parts = [
        PartFace(
            held.part.number,
            part_name(say, held.part),
            held.part.unit,
            held.stock,
            held.capacity,
            held.reorder_point,
        )
        for held in row.parts
    ]
    strays = [
        PartFace(
            stray.part.number,
            part_name(say, stray.part),
            stray.part.unit,
            stray.stock,
            astray=_astray(visit, found, row.cabinet, stray),
        )
        for stray in row.strays
    ]
    return BinFace(row.bin, (*parts, *strays), row.open_discrepancies, sure=_sure(visit, found.now_ms, row))


def _sure(visit: Visit, now_ms: int, row: BinStock) -> str:
    """How sure the newest count is, and how old."""
    if row.confidence_ppm is None or not row.parts:
        return ""
    counted = age(now_ms - (row.counted_age_ms or 0), now_ms, visit.say.language)
    return f"{confidence(row.confidence_ppm)} · {counted}".replace(" %", "%").removesuffix(" ago")


def _astray(visit: Visit, found: Found, cabinet: str, stray: Stray) -> str:
    places = [(place.cabinet, place.bin) for place in stray.belongs_to]
    return astray(visit.say, cabinet, places, lambda there: cabinet_name(visit.say, found.names, found.shop, there))


def _show_bin(visit: Visit, found: Found, number: int) -> None:
    say = visit.say
    row = next((row for row in found.bins if row.bin == number), None)
    if row is None:
        return
    with dialog(visit.page) as opened:
        for place, held in enumerate(row.parts):
            sees = visit.may("see_catalogue")
            with box("pb-h2" if place else "pb-h2 pb-first"):
                name = text(part_name(say, held.part), "pb-way" if sees else "", "a" if sees else "div")
            if sees:
                name.props["href"] = part_path(held.part.number)
            text(f"{say('bin_place', bin=row.bin)} · {held.part.number} {held.part.brand}", "pb-soft")
            _draw_figures(visit, row, held)
        _draw_doubts(visit, found, row)
        if visit.may("resolve") and row.parts:
            _draw_actions(visit, found, row, opened)
        if visit.may("see_planning") and row.parts:
            _draw_policies(visit, found, row)
        with box("pb-buttons pb-gap-above"):
            button(say("close"), opened.close, "is-quiet")


def _draw_figures(visit: Visit, row: BinStock, held: PartStock) -> None:
    say = visit.say
    with box("pb-figures pb-gap-above"):
        for name, amount in (
            ("in_bin", held.stock),
            ("capacity", held.capacity),
            ("point", held.reorder_point),
            ("up_to", held.order_up_to),
            ("requested", held.requested),
        ):
            figure(say(name), quantity(amount, held.part.unit, say.language))
        moved = age(visit.then_ms(row.last_movement_age_ms), visit.now_ms(), say.language)
        figure(say("last_moved"), moved)
        if row.confidence_ppm is not None:
            figure(say("sure_of_it"), confidence(row.confidence_ppm))
            figure(say("counted"), age(visit.then_ms(row.counted_age_ms), visit.now_ms(), say.language))


def _draw_actions(visit: Visit, found: Found, row: BinStock, opened: ui.dialog) -> None:
    """Have it counted, or moved elsewhere."""
    say = visit.say
    with box("pb-actions"):
        for held in row.parts:
            name = f" · {part_name(say, held.part)}" if len(row.parts) > 1 else ""
            place = f"shop={segment(found.shop)}&cabinet={segment(row.cabinet)}&bin={row.bin}"
            button(say("have_counted") + name, lambda part=held.part: _count(visit, found, row, part.number, opened))
            path = f"/transfers/new?{place}&part={segment(held.part.number)}"
            link_button(say("move") + name, path, "is-quiet")


def _draw_policies(visit: Visit, found: Found, row: BinStock) -> None:
    """How long it lasts, and when more is asked for."""
    with box("pb-actions"):
        for held in row.parts:
            name = f" · {part_name(visit.say, held.part)}" if len(row.parts) > 1 else ""
            path = policy_path(found.shop, row.cabinet, row.bin, held.part.number)
            link_button(visit.say("policy") + name, path, "is-quiet")


async def _count(visit: Visit, found: Found, row: BinStock, part: str, opened: ui.dialog) -> None:
    place = row.cabinet, row.bin

    def act(session: Session, person: SignedIn) -> object:
        return counts.ask(session, person, found.shop, place, part=part, note="", now_ms=visit.now_ms())

    if await attempt(visit, lambda: visit.change_as(act)) is not None:
        opened.close()
        ui.notify(visit.say("counted_asked"), position="top")


def _draw_doubts(visit: Visit, found: Found, row: BinStock) -> None:
    say = visit.say
    if row.open_discrepancies:
        text(say("in_doubt"), "is-wrong pb-gap-above")
    for stray in row.strays:
        held = f"{part_name(say, stray.part)} {quantity(stray.stock, stray.part.unit, say.language)}"
        where = _astray(visit, found, row.cabinet, stray)
        text(say("stray", part=held, where=where), "is-wrong pb-gap-above")
