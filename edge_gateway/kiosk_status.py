"""How the gateway and its cabinets are: ages of the last contact, what waits for the cloud, what was not understood."""

from dataclasses import dataclass

from fastapi import Request
from nicegui import ui

from edge_gateway.kiosk_frame import Visit, cabinet_name, kiosk_page
from edge_gateway.shop_rows import CabinetStatus, GatewayStatus
from page_kit.age import stale
from page_kit.language import Texts
from page_kit.live_part import Ages, live_part
from page_kit.look import badge, box, figure, heading, text

SILENT_MS = 120_000  # a cabinet says something every minute at least

TEXTS: Texts = {
    "cabinets": ("货柜", "Cabinets"),
    "gateway": ("店内网关", "The gateway in this shop"),
    "silent": ("没有消息：请看电源和网线", "Silent: look at its power and cable"),
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


@dataclass(frozen=True, slots=True)
class Found:
    """What the page shows: how everything is, and which cabinets have not been heard of for too long."""

    status: GatewayStatus
    silent: frozenset[str]


def register() -> None:
    """Add the page to the kiosk."""

    @ui.page("/status", title="Partsbay")
    def status(request: Request) -> None:
        visit = Visit(request, TEXTS)
        with kiosk_page(visit):
            live_part(visit.say, lambda: _look(visit), lambda found, ages: _draw(visit, found, ages), visit.changes)


def _look(visit: Visit) -> Found:
    status, now_ms = visit.view.status(), visit.gateway.now_ms()
    silent = (each.cabinet.id for each in status.cabinets if stale(each.heard_ms, now_ms, SILENT_MS))
    return Found(status, frozenset(silent))


def _draw(visit: Visit, found: Found, ages: Ages) -> None:
    say, status = visit.say, found.status
    heading(say("cabinets"))
    with box("pb-cards"):
        for cabinet in status.cabinets:
            _draw_cabinet(visit, cabinet, cabinet.cabinet.id in found.silent, ages)
    heading(say("gateway"))
    with box("pb-card"), box("pb-figures"):
        _entries(visit, "outbox", status.outbox_backlog)
        _entries(visit, "quarantined", status.quarantined, "is-wrong" if status.quarantined else "")
        figure(say("document"), str(status.document_version))
        _aged(visit, ages, "document_age", status.document_ms)


def _draw_cabinet(visit: Visit, status: CabinetStatus, silent: bool, ages: Ages) -> None:
    say = visit.say
    with box("pb-card is-alert" if silent else "pb-card"):
        with box("pb-row pb-between"):
            text(cabinet_name(say, status.cabinet), "pb-strong")
            text(say("firmware", version=status.firmware or "—"), "pb-soft pb-small")
        if silent:
            badge(say("silent"), "is-wrong")
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
