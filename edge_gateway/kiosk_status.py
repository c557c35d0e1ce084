"""How the gateway and its cabinets are: ages of the last contact, what waits, what never came, what is wrong."""

from dataclasses import dataclass

from fastapi import Request

from edge_gateway.kiosk_bench import TEXTS as BENCH_TEXTS
from edge_gateway.kiosk_bench import draw_wrong_devices
from edge_gateway.kiosk_doors import doors_now, draw_doors
from edge_gateway.kiosk_firmware import TEXTS as UPDATES
from edge_gateway.kiosk_firmware import draw_update
from edge_gateway.kiosk_frame import (
    CERTIFICATES_PATH,
    STATUS_PATH,
    Visit,
    cabinet_name,
    is_silent,
    kiosk_page,
    troubles_of_cabinet,
)
from edge_gateway.kiosk_turned_away import TEXTS as TURNED_AWAY
from edge_gateway.kiosk_turned_away import draw_turned_away, lately
from edge_gateway.refusals import TurnedAway
from edge_gateway.shop_rows import CabinetNow, ShopNow
from edge_gateway.upload_format import CabinetFirmware
from page_kit.address import page
from page_kit.door_words import TEXTS as DOORS
from page_kit.language import Texts
from page_kit.live_part import Ages, live_part
from page_kit.look import badge, box, figure, heading, link_button, text
from page_kit.trouble import Trouble, draw_troubles, storage

TEXTS: Texts = {
    **BENCH_TEXTS,
    "cabinets": ("货柜", "Cabinets"),
    "to_certificates": ("货柜证书", "Certificates"),
    "gateway": ("店内网关", "The gateway in this shop"),
    "silent": ("没有消息：请看电源和网线", "Silent: look at its power and cable"),
    "last_contact": ("上次联系", "Last contact"),
    "last_weighing": ("上次称重", "Last weighing"),
    "journal_room": ("还能记的开柜", "Room, in sessions"),
    "sessions": ("{count} 次", "{count}"),
    "bins_blind": ("失灵货位", "Blind bins"),
    "firmware": ("固件 {version}", "Firmware {version}"),
    "outbox": ("待传云端", "Waiting for the cloud"),
    "document": ("店铺资料版本", "Shop document"),
    "document_age": ("资料收到", "Document came"),
    "disk_free": ("磁盘剩余", "Disk left"),
    "entries": ("{count} 条", "{count}"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """What the page shows: how everything is, what is wrong, which cabinets are out of reach, who was refused."""

    now: ShopNow
    troubles: tuple[Trouble, ...]
    silent: frozenset[str]
    turned_away: tuple[TurnedAway, ...]


def register() -> None:
    """Add the page to the kiosk."""

    @page(STATUS_PATH)
    def status(request: Request) -> None:
        visit = Visit(request, TEXTS, TURNED_AWAY, DOORS, UPDATES)
        with kiosk_page(visit):
            live_part(visit.say, lambda: _look(visit), lambda found, ages: _draw(visit, found, ages), visit.changes)
            draw_wrong_devices(visit)


def _look(visit: Visit) -> Found:
    found, now_ms = visit.view.now(), visit.gateway.now_ms()
    silent = (each.cabinet.id for each in found.cabinets if is_silent(each.status, now_ms))
    return Found(found, visit.troubles(), frozenset(silent), lately(visit.gateway.turned_away(), now_ms))


def _draw(visit: Visit, found: Found, ages: Ages) -> None:
    say, status = visit.say, found.now.status
    said = {each.key for each in found.troubles}
    updates = {each.cabinet: each for each in status.firmware or ()}
    with box("pb-row pb-between pb-top"):
        heading(say("cabinets"))
        link_button(say("to_certificates"), CERTIFICATES_PATH, "is-quiet")
    with box("pb-cards"):
        for cabinet in found.now.cabinets:
            _draw_cabinet(visit, cabinet, cabinet.cabinet.id in found.silent, updates.get(cabinet.cabinet.id), ages)
    heading(say("gateway"))
    with box("pb-card is-alert" if found.troubles else "pb-card"):
        with box("pb-troubles"):
            draw_troubles(say, found.troubles, ages)
        with box("pb-figures"):
            if "outbox" not in said:
                _entries(visit, "outbox", status.outbox_backlog)
            if not status.disk_low:
                figure(say("disk_free"), storage(status.disk_free_bytes))
            figure(say("document"), str(status.document_version))
            _aged(visit, ages, "document_age", found.now.document_ms)
    draw_turned_away(say, found.turned_away, ages)


def _draw_cabinet(visit: Visit, found: CabinetNow, silent: bool, update: CabinetFirmware | None, ages: Ages) -> None:
    say, status = visit.say, found.status
    troubles = troubles_of_cabinet(status)
    with box("pb-card is-alert" if silent or troubles else "pb-card"):
        with box("pb-row pb-between"):
            text(cabinet_name(say, found.cabinet), "pb-strong")
            text(say("firmware", version=status.firmware or "—"), "pb-soft pb-small")
        if silent:
            badge(say("silent"), "is-wrong")
        draw_update(say, update)
        with box("pb-troubles pb-gap-above"):
            draw_troubles(say, troubles, ages)
        with box("pb-figures pb-gap-above"):
            _aged(visit, ages, "last_contact", status.last_heard_ms)
            _aged(visit, ages, "last_weighing", found.weighed_ms)
            if status.journal_room_sessions >= 0 and not {"journal_low", "journal_full"} & {t.key for t in troubles}:
                figure(say("journal_room"), say("sessions", count=status.journal_room_sessions))
            figure(say("bins_blind"), str(status.bins_blind), "is-wrong" if status.bins_blind else "")
        draw_doors(visit, found.cabinet, doors_now(visit, found.cabinet), ages)


def _entries(visit: Visit, name: str, count: int, kind: str = "") -> None:
    figure(visit.say(name), visit.say("entries", count=count), kind)


def _aged(visit: Visit, ages: Ages, name: str, then_ms: int) -> None:
    with box("pb-figure"):
        ages.show(then_ms, "pb-number")
        text(visit.say(name), "pb-soft")
