"""One cabinet as it looks: its bins with their stock, what is low and what is in doubt."""

from dataclasses import dataclass
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlmodel import Session

from cloud import history, stock
from cloud.catalogue import catalogue_of
from cloud.pages import session_links
from cloud.pages.names import CabinetNames, cabinet_names
from cloud.pages.session_links import draw_latest
from cloud.pages.visit import Visit, part_name, show
from cloud.tenancy import NotFoundError, TenantId
from cloud.views import BinStock, SessionView
from page_kit.age import age
from page_kit.cabinet_face import TEXTS as FACE_TEXTS
from page_kit.cabinet_face import BinFace, draw_cabinet, draw_key
from page_kit.language import Texts
from page_kit.live_part import Ages
from page_kit.look import box, button, dialog, figure, link_button, text, title
from page_kit.quantity import quantity

SESSIONS_SHOWN = 6

TEXTS: Texts = {
    "back": ("‹ {shop}", "‹ {shop}"),
    "in_bin": ("现有", "In the bin"),
    "capacity": ("容量", "Capacity"),
    "point": ("补货点", "Reorder point"),
    "up_to": ("补到", "Fill up to"),
    "requested": ("已要货", "Asked for"),
    "last_moved": ("上次变动", "Last moved"),
    "in_doubt": ("这个货位有未解决的差异。", "This bin has an open doubt."),
    "strays": ("台账上还有别的配件：{parts}", "The books hold something else here too: {parts}"),
    "close": ("关闭", "Close"),
}


@dataclass(frozen=True)
class Found:
    """What the page shows."""

    shop_name: str
    name_zh: str
    name_en: str
    doors: int
    bins: list[BinStock]
    sessions: list[SessionView]
    names: CabinetNames


def register() -> None:
    """Add the page."""

    @ui.page("/shops/{shop}/cabinets/{cabinet}", title="Partsbay")
    async def one_cabinet(request: Request, shop: str, cabinet: str) -> Response | None:
        return await show(request, (FACE_TEXTS, session_links.TEXTS, TEXTS), lambda visit: _build(visit, shop, cabinet))


async def _build(visit: Visit, shop: str, cabinet: str) -> None:
    def query(session: Session, tenant: TenantId) -> Found:
        return _find(session, tenant, (shop, cabinet), visit.now_ms())

    found = await visit.read(query)
    with visit.frame():
        link_button(visit.say("back", shop=found.shop_name), f"/shops/{quote(shop, safe='')}", "is-quiet pb-back")
        title(visit.say.name(found.name_zh, found.name_en) or cabinet)
        await visit.follow(query, lambda rows, ages: _draw(visit, shop, rows, ages), found)


def _find(session: Session, tenant: TenantId, place: tuple[str, str], now_ms: int) -> Found:
    shop, cabinet = place
    bins = stock.bins(session, tenant, shop, cabinet, now_ms)
    document = catalogue_of(session, tenant, shop).document
    planned = next((known for known in document.cabinets if known.id == cabinet), None) if document else None
    if document is None or planned is None:
        raise NotFoundError(f"expected a cabinet of the planogram, found {cabinet!r}")
    latest = history.sessions(session, tenant, shop, cabinet=cabinet, limit=SESSIONS_SHOWN)
    return Found(
        document.shop_name,
        planned.name_zh,
        planned.name_en,
        planned.doors,
        bins,
        latest,
        cabinet_names(session, tenant),
    )


def _draw(visit: Visit, shop: str, found: Found, ages: Ages) -> None:
    rows = {row.bin: row for row in found.bins}
    faces = [bin_face(visit, row) for row in found.bins]
    draw_cabinet(visit.say, faces, found.doors, lambda face: _show_bin(visit, rows[face.bin]))
    draw_key(visit.say)
    draw_latest(visit.say, shop, found.sessions, found.names, ages)


def bin_face(visit: Visit, row: BinStock) -> BinFace:
    """One bin as the cabinet's picture needs it."""
    if row.part is None:
        return BinFace(row.bin, in_doubt=row.open_discrepancies)
    return BinFace(
        row.bin,
        row.part.number,
        part_name(visit.say, row.part),
        row.part.unit,
        row.stock,
        row.capacity,
        row.reorder_point,
        row.open_discrepancies,
    )


def _show_bin(visit: Visit, row: BinStock) -> None:
    say = visit.say
    if row.part is None:
        return
    with dialog(visit.page) as opened:
        text(part_name(say, row.part), "pb-h2 pb-first")
        text(f"{say('bin_place', bin=row.bin)} · {row.part.number} {row.part.brand}", "pb-soft")
        with box("pb-figures pb-gap-above"):
            for name, amount in (
                ("in_bin", row.stock),
                ("capacity", row.capacity),
                ("point", row.reorder_point),
                ("up_to", row.order_up_to),
                ("requested", row.requested),
            ):
                figure(say(name), quantity(amount, row.part.unit, say.language))
            moved = age(visit.then_ms(row.last_movement_age_ms), visit.now_ms(), say.language)
            figure(say("last_moved"), moved)
        _draw_doubts(visit, row)
        with box("pb-buttons pb-gap-above"):
            button(say("close"), opened.close, "is-quiet")


def _draw_doubts(visit: Visit, row: BinStock) -> None:
    say = visit.say
    if row.open_discrepancies:
        text(say("in_doubt"), "is-wrong pb-gap-above")
    if row.strays:
        held = [
            f"{part_name(say, stray.part)} {quantity(stray.stock, stray.part.unit, say.language)}"
            for stray in row.strays
        ]
        text(say("strays", parts=", ".join(held)), "is-wrong pb-gap-above")
