"""A dealer's shops, the ones that need somebody first."""

from urllib.parse import quote

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlmodel import Session

from cloud import fleet
from cloud.pages.visit import Visit, show
from cloud.tenancy import TenantId
from cloud.views import ShopOverview
from page_kit.language import Texts
from page_kit.live_part import Ages
from page_kit.look import badge, box, empty, figure, link_card, text, title

TEXTS: Texts = {
    "shops": ("店铺", "Shops"),
    "lead": ("最需要照看的排在前面。", "Those that need somebody come first."),
    "no_shops": ("还没有店铺", "No shops yet"),
    "last_contact": ("上次联系", "Last contact"),
    "low": ("该补货的货位", "Bins low"),
    "of_bins": ("{low} / {bins}", "{low} / {bins}"),
    "doubts": ("差异", "Discrepancies"),
    "requests": ("待补货", "To bring"),
    "backlog": ("待上传 {count} 条", "Waiting to be sent: {count}"),
    "quarantined": ("{count} 条看不懂", "Not understood: {count}"),
    "blind": ("失灵货位 {count}", "Blind bins: {count}"),
    "old_document": ("资料未更新", "Works from an older document"),
}
_NEVER_MS = 1 << 62


def register() -> None:
    """Add the page."""

    @ui.page("/", title="Partsbay")
    async def shops(request: Request) -> Response | None:
        return await show(request, (TEXTS,), _build)


async def _build(visit: Visit) -> None:
    def query(session: Session, tenant: TenantId) -> list[ShopOverview]:
        return worst_first(fleet.shops(session, tenant, visit.now_ms()))

    found = await visit.read(query)
    with visit.frame():
        title(visit.say("shops"), visit.say("lead"))
        await visit.follow(query, lambda rows, ages: _draw(visit, rows, ages), found)


def worst_first(shops: list[ShopOverview]) -> list[ShopOverview]:
    """By bins that are low, then by open discrepancies, then by how long nothing was heard."""
    return sorted(
        shops,
        key=lambda shop: (
            -shop.bins_low,
            -shop.open_discrepancies,
            -(_NEVER_MS if shop.last_contact_age_ms is None else shop.last_contact_age_ms),
        ),
    )


def _draw(visit: Visit, shops: list[ShopOverview], ages: Ages) -> None:
    if not shops:
        empty(visit.say("no_shops"))
    with box("pb-cards pb-wide-cards"):
        for shop in shops:
            alert = "is-alert" if shop.open_discrepancies else "is-warned" if shop.bins_low else ""
            with link_card(f"/shops/{quote(shop.id, safe='')}", alert):
                text(shop.name, "pb-card-title")
                draw_figures(visit, shop, ages)
                draw_marks(visit, shop)


def draw_figures(visit: Visit, shop: ShopOverview, ages: Ages) -> None:
    """The numbers a dealer looks at first."""
    say = visit.say
    with box("pb-figures pb-gap-above"):
        low = say("of_bins", low=shop.bins_low, bins=shop.bins)
        figure(say("low"), low, "is-low" if shop.bins_low else "")
        figure(say("doubts"), str(shop.open_discrepancies), "is-wrong" if shop.open_discrepancies else "")
        figure(say("requests"), str(shop.open_requests))
        with box("pb-figure"):
            ages.show(visit.then_ms(shop.last_contact_age_ms), "pb-number")
            text(say("last_contact"), "pb-soft")


def draw_marks(visit: Visit, shop: ShopOverview) -> None:
    """What is not as it should be between the shop and here."""
    say = visit.say
    strange = shop.quarantined + shop.gateway_quarantined
    with box("pb-row pb-wrap pb-marks"):
        if shop.bins_blind:
            badge(say("blind", count=shop.bins_blind), "is-wrong")
        if strange:
            badge(say("quarantined", count=strange), "is-wrong")
        if shop.gateway_backlog:
            badge(say("backlog", count=shop.gateway_backlog))
        if shop.gateway_document_version < shop.document_version:
            badge(say("old_document"), "is-low")
