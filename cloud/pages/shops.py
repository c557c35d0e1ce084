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
from page_kit.age import age
from page_kit.language import Texts
from page_kit.live_part import Ages
from page_kit.look import badge, box, empty, figure, link_card, text, title
from page_kit.trouble import GatewayFacts, Trouble, gateway_troubles

TEXTS: Texts = {
    "shops": ("店铺", "Shops"),
    "lead": ("最需要照看的排在前面。", "Those that need somebody come first."),
    "no_shops": ("还没有店铺", "No shops yet"),
    "last_contact": ("上次联系", "Last contact"),
    "low": ("该补货的货位", "Bins low"),
    "of_bins": ("{low} / {bins}", "{low} / {bins}"),
    "doubts": ("差异", "Discrepancies"),
    "requests": ("待补货", "To bring"),
    "mark_cannot_write": ("网关磁盘写不进去", "Its disk cannot be written"),
    "mark_disk_low": ("网关磁盘快满了", "Its disk is nearly full"),
    "mark_disk_days": ("网关磁盘快满了", "Its disk is nearly full"),
    "mark_outbox": ("待上传 {count} 条", "Waiting to be sent: {count}"),
    "mark_quarantined": ("{count} 条看不懂", "Not understood: {count}"),
    "mark_broken": ("{count} 条损坏已重发", "Damaged, asked for again: {count}"),
    "mark_full": ("{count} 个货柜存满不开门", "Cabinets too full to open: {count}"),
    "mark_backlog": ("柜中待取 {count} 条", "Still in cabinets: {count}"),
    "mark_never_came": ("{count} 条再也收不到", "Will never come: {count}"),
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
    """What does not work at all, then bins that are low, open discrepancies, and how long nothing was heard."""
    return sorted(
        shops,
        key=lambda shop: (
            -(shop.gateway_cannot_write_age_ms is not None) - bool(shop.cabinets_full) - shop.gateway_disk_low,
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
            troubles = shop_troubles(visit, shop)
            is_wrong = shop.open_discrepancies or any(each.kind == "is-wrong" for each in troubles)
            with link_card(
                f"/shops/{quote(shop.id, safe='')}", "is-alert" if is_wrong else "is-warned" if shop.bins_low else ""
            ):
                text(shop.name, "pb-card-title")
                draw_figures(visit, shop, ages)
                _draw_marks(visit, shop, troubles)


def shop_troubles(visit: Visit, shop: ShopOverview) -> tuple[Trouble, ...]:
    """What is wrong with a shop's gateway. What the cloud could not book counts with what the gateway could not."""
    ages_ms = [age_ms for age_ms in (shop.quarantined_age_ms, shop.gateway_quarantined_age_ms) if age_ms is not None]
    facts = GatewayFacts(
        outbox_backlog=shop.gateway_backlog,
        outbox_oldest_ms=visit.then_ms(shop.gateway_backlog_age_ms),
        quarantined=shop.quarantined + shop.gateway_quarantined,
        quarantine_oldest_ms=visit.then_ms(max(ages_ms, default=None)),
        broken=shop.gateway_broken,
        broken_ms=visit.then_ms(shop.gateway_broken_age_ms),
        cannot_write_since_ms=visit.then_ms(shop.gateway_cannot_write_age_ms),
        disk_free_bytes=-1 if shop.gateway_disk_free_bytes is None else shop.gateway_disk_free_bytes,
        disk_days=-1 if shop.gateway_disk_days is None else shop.gateway_disk_days,
        disk_low=shop.gateway_disk_low,
    )
    return gateway_troubles(facts, visit.now_ms())


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
    """What is not as it should be with the bins, and with what the shop works from."""
    say = visit.say
    if shop.bins_blind:
        badge(say("blind", count=shop.bins_blind), "is-wrong")
    if shop.gateway_document_version < shop.document_version:
        badge(say("old_document"), "is-low")


def _draw_marks(visit: Visit, shop: ShopOverview, troubles: tuple[Trouble, ...]) -> None:
    """All that is wrong in a few words each; the shop's own page has the sentences."""
    with box("pb-row pb-wrap pb-marks"):
        draw_marks(visit, shop)
        for trouble in troubles:
            _mark(visit, trouble.key, dict(trouble.values), trouble.then_ms, trouble.kind)
        never_ms, taken_in_ms = visit.then_ms(shop.never_came_age_ms), visit.then_ms(shop.taken_in_age_ms)
        for key, count, then_ms, kind in (
            ("full", shop.cabinets_full, 0, "is-wrong"),
            ("never_came", shop.never_came, never_ms, "is-wrong"),
            ("backlog", shop.journal_backlog, taken_in_ms, "is-low"),
        ):
            if count:
                _mark(visit, key, {"count": count}, then_ms, kind)


def _mark(visit: Visit, key: str, values: dict[str, object], then_ms: int, kind: str) -> None:
    content = visit.say(f"mark_{key}", **values)
    badge(f"{content} · {age(then_ms, visit.now_ms(), visit.say.language)}" if then_ms else content, kind)
