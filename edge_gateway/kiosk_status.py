"""How the gateway and its cabinets are: ages of the last contact, what waits for the cloud, what was not understood."""

from fastapi import Request
from nicegui import ui

from edge_gateway.kiosk_frame import Visit, cabinet_name, kiosk_page
from edge_gateway.shop_rows import CabinetStatus, GatewayStatus
from page_kit.language import Texts
from page_kit.live_part import Ages, live_part
from page_kit.look import box, figure, heading, text

TEXTS: Texts = {
    "cabinets": ("货柜", "Cabinets"),
    "gateway": ("店内网关", "The gateway in this shop"),
    "last_contact": ("上次联系", "Last contact"),
    "last_weighing": ("上次称重", "Last weighing"),
    "journal_backlog": ("待取日志", "Journal waiting"),
    "bins_blind": ("失灵货位", "Blind bins"),
    "firmware": ("固件 {version}", "Firmware {version}"),
    "outbox": ("待传云端", "Waiting for the cloud"),
    "quarantined": ("看不懂的消息", "Not understood"),
    "document": ("店铺资料版本", "Shop document"),
    "document_age": ("资料收到", "Document came"),
    "entries": ("{count} 条", "{count}"),
}


def register() -> None:
    """Add the page to the kiosk."""

    @ui.page("/status", title="Partsbay")
    def status(request: Request) -> None:
        visit = Visit(request, TEXTS)
        with kiosk_page(visit):
            live_part(visit.say, visit.view.status, lambda found, ages: _draw(visit, found, ages), visit.changes)


def _draw(visit: Visit, status: GatewayStatus, ages: Ages) -> None:
    say = visit.say
    heading(say("cabinets"))
    with box("pb-cards"):
        for cabinet in status.cabinets:
            _draw_cabinet(visit, cabinet, ages)
    heading(say("gateway"))
    with box("pb-card"), box("pb-figures"):
        _entries(visit, "outbox", status.outbox_backlog)
        _entries(visit, "quarantined", status.quarantined, "is-wrong" if status.quarantined else "")
        figure(say("document"), str(status.document_version))
        _aged(visit, ages, "document_age", status.document_ms)


def _draw_cabinet(visit: Visit, status: CabinetStatus, ages: Ages) -> None:
    say = visit.say
    with box("pb-card"):
        with box("pb-row pb-between"):
            text(cabinet_name(say, status.cabinet), "pb-strong")
            text(say("firmware", version=status.firmware or "—"), "pb-soft pb-small")
        with box("pb-figures pb-gap-above"):
            _aged(visit, ages, "last_contact", status.heard_ms)
            _aged(visit, ages, "last_weighing", status.weighed_ms)
            _entries(visit, "journal_backlog", status.journal_backlog)
            figure(say("bins_blind"), str(status.bins_blind), "is-wrong" if status.bins_blind else "")


def _entries(visit: Visit, name: str, count: int, kind: str = "") -> None:
    figure(visit.say(name), visit.say("entries", count=count), kind)


def _aged(visit: Visit, ages: Ages, name: str, then_ms: int) -> None:
    with box("pb-figure"):
        ages.show(then_ms, "pb-number")
        text(visit.say(name), "pb-soft")
