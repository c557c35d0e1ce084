"""Stock at the kiosk: every cabinet drawn as it looks, and what one bin is."""

from datetime import datetime

from fastapi import Request

from edge_gateway.kiosk_faces import bin_face, stray_words
from edge_gateway.kiosk_frame import Visit, cabinet_name, kiosk_page, part_name
from edge_gateway.kiosk_light import LIGHT_MS
from edge_gateway.kiosk_scan import bin_path
from edge_gateway.kiosk_seam import SendCommand
from edge_gateway.shop_document import Cabinet
from edge_gateway.shop_rows import BinRow, CabinetStock, PartRow
from page_kit.address import page
from page_kit.cabinet_face import TEXTS as FACE_TEXTS
from page_kit.cabinet_face import draw_cabinet, draw_key
from page_kit.language import Texts
from page_kit.live_part import live_part
from page_kit.look import box, button, dialog, empty, figure, heading, link_button, text
from page_kit.quantity import quantity

TEXTS: Texts = {
    "stock": ("库存", "Stock"),
    "no_cabinets": ("还没有货柜", "No cabinets yet"),
    "no_cabinets_why": ("等云端送来陈列图。", "Waiting for the planogram from the cloud."),
    "in_bin": ("现有", "In the bin"),
    "capacity": ("容量", "Capacity"),
    "point": ("补货点", "Reorder point"),
    "up_to": ("补到", "Order up to"),
    "requested": ("已要货", "Asked for"),
    "by_policy": ("补货点由经销商的补货策略给出。", "Levels by the dealer's policy."),
    "by_hand": ("补货点由经销商手工设定，到 {until} 为止。", "Levels set by hand at the dealer's, until {until}."),
    "light_bin": ("点亮货位", "Light this bin"),
    "lit": ("货位 {bin} 亮绿灯 20 秒", "Bin {bin} shines green for 20 s"),
    "close": ("关闭", "Close"),
    "bin_page": ("标签", "Label"),
    "in_doubt": ("这个货位的数目存疑，见“差异”。", "The count of this bin is in doubt: see Discrepancies."),
}


def register() -> None:
    """Add the page to the kiosk."""

    @page("/stock")
    def stock(request: Request) -> None:
        visit = Visit(request, FACE_TEXTS, TEXTS)
        with kiosk_page(visit):
            live_part(visit.say, visit.view.cabinets, lambda found, _: _draw(visit, found), visit.changes)


def _draw(visit: Visit, cabinets: tuple[CabinetStock, ...]) -> None:
    if not cabinets:
        empty(visit.say("no_cabinets"), visit.say("no_cabinets_why"))
        return
    for found in cabinets:
        _draw_cabinet(visit, found)
    draw_key(visit.say)


def _draw_cabinet(visit: Visit, found: CabinetStock) -> None:
    rows = {row.bin: row for row in found.bins}
    heading(cabinet_name(visit.say, found.cabinet))
    faces = [bin_face(visit, found.cabinet, row) for row in found.bins]
    draw_cabinet(visit.say, faces, found.cabinet.doors, lambda face: _show_bin(visit, found.cabinet, rows[face.bin]))


def _show_bin(visit: Visit, cabinet: Cabinet, row: BinRow) -> None:
    say = visit.say
    with dialog(visit.page) as opened:
        for place, held in enumerate(row.parts):
            text(part_name(say, held.part), "pb-h2" if place else "pb-h2 pb-first")
            text(f"{say('bin_place', bin=row.bin)} · {held.part.number} {held.part.brand}", "pb-soft")
            _draw_part(visit, cabinet, held)
        if row.questions:
            text(say("in_doubt"), "is-wrong pb-gap-above")
        with box("pb-buttons pb-gap-above"):
            button(say("light_bin"), lambda: _light(visit, cabinet, row.bin), "is-main")
            if visit.gateway.devices.of_kind("label_printer"):
                link_button(say("bin_page"), bin_path(cabinet.id, row.bin), "is-quiet")
            button(say("close"), opened.close, "is-quiet")


def _draw_part(visit: Visit, cabinet: Cabinet, held: PartRow) -> None:
    say = visit.say
    amounts = [("in_bin", held.stock)]
    if held.places is None:
        levels = [("point", held.reorder_point), ("up_to", held.order_up_to)]
        amounts += [("capacity", held.capacity), *levels, ("requested", held.requested)]
    else:
        text(stray_words(visit, cabinet, held), "is-wrong")
    with box("pb-figures pb-gap-above"):
        for name, amount in amounts:
            figure(say(name), quantity(amount, held.part.unit, say.language))
    if held.told:
        until = f"{datetime.fromtimestamp(held.until_ms / 1000).astimezone():%Y-%m-%d %H:%M}"
        text(say("by_hand", until=until) if held.until_ms else say("by_policy"), "pb-soft pb-small pb-gap-above")


async def _light(visit: Visit, cabinet: Cabinet, bin_number: int) -> None:
    command = SendCommand(cabinet.id, "light", {"bin": bin_number, "colour": "green", "for_ms": LIGHT_MS}, LIGHT_MS)
    await visit.show(command, visit.say("lit", bin=bin_number))
