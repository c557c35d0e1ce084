"""Everything that is open between the weights and the books, over all shops, the newest first."""

from dataclasses import dataclass
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlmodel import Session

from cloud import fleet, history
from cloud.pages.names import CabinetNames, cabinet_name, cabinet_names
from cloud.pages.session import session_path
from cloud.pages.visit import Visit, part_name, show
from cloud.tenancy import TenantId
from cloud.views import DiscrepancyView
from page_kit import reasons
from page_kit.language import Texts
from page_kit.live_part import Ages
from page_kit.look import box, empty, link_card, text, title

TEXTS: Texts = {
    "doubts": ("差异", "Discrepancies"),
    "lead": (
        "重量和台账对不上的地方；店里有人解释后就会关闭。",
        "Where the weights and the books do not agree; open until somebody in the shop has explained it.",
    ),
    "none": ("没有差异", "Nothing is open"),
    "none_why": ("所有台账和重量都对得上。", "All books and weights agree."),
    "bin": ("货位 {bin}", "Bin {bin}"),
    "whole_session": ("整条开柜记录", "The session as a whole"),
}


@dataclass(frozen=True)
class Open:
    """One open discrepancy and its shop."""

    shop: str
    shop_name: str
    names: CabinetNames
    view: DiscrepancyView


def register() -> None:
    """Add the page."""

    @ui.page("/discrepancies", title="Partsbay")
    async def discrepancies(request: Request) -> Response | None:
        return await show(request, (reasons.TEXTS, TEXTS), _build, "see_sessions")


async def _build(visit: Visit) -> None:
    def query(session: Session, tenant: TenantId) -> list[Open]:
        names = cabinet_names(session, tenant)
        found = [
            Open(shop.id, shop.name, names, view)
            for shop in fleet.shops(session, tenant, visit.now_ms())
            if shop.open_discrepancies
            for view in history.discrepancies(session, tenant, shop.id)
        ]
        return sorted(found, key=lambda each: -each.view.opened_ms)

    found = await visit.read(query)
    with visit.frame():
        title(visit.say("doubts"), visit.say("lead"))
        await visit.follow(query, lambda rows, ages: _draw(visit, rows, ages), found)


def _draw(visit: Visit, rows: list[Open], ages: Ages) -> None:
    if not rows:
        empty(visit.say("none"), visit.say("none_why"))
    with box("pb-cards pb-wide-cards"):
        for row in rows:
            _draw_one(visit, row, ages)


def _draw_one(visit: Visit, row: Open, ages: Ages) -> None:
    say, view = visit.say, row.view
    cabinet_path = f"/shops/{quote(row.shop, safe='')}/cabinets/{quote(view.cabinet, safe='')}"
    path = session_path(row.shop, view.session) if view.session else cabinet_path
    place = say("bin", bin=view.bin) if view.bin else say("whole_session")
    with link_card(path, "is-alert"):
        cabinet = cabinet_name(say, row.names, row.shop, view.cabinet)
        with box("pb-row pb-top"):
            with box("pb-grow"):
                text(part_name(say, view.part) if view.part else place, "pb-card-title")
                text(f"{row.shop_name} · {cabinet} · {place}", "pb-soft pb-small")
            ages.show(view.opened_ms, "pb-soft pb-age")
        text(reasons.reason_text(say, view.reason), "pb-gap-above")
