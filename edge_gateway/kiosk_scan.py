"""What a barcode scanner read goes to the kiosk page that is open: a part is found, a bin shown, a job named.

A page with a use of its own for a scan says so (`Visit.on_scan`); everywhere else it leads to what was scanned.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING
from urllib.parse import quote

from nicegui import ui

from edge_gateway.serial_devices.scans import Scan, gtin14
from edge_gateway.shop_document import Part, ShopDocument

if TYPE_CHECKING:
    from edge_gateway.kiosk_frame import Visit

LOOK_S = 0.2
TakeScan = Callable[[Scan], Awaitable[bool]]  # whether the page had a use for it


def listen_for_scans(visit: "Visit") -> None:
    """Take scans for this page, as long as it is the one opened last; nothing is asked where there is no scanner."""
    devices = visit.gateway.devices
    if not devices.of_kind("scanner"):
        return
    mark, page = object(), visit.page
    devices.scans.open(mark)
    page.on_delete(lambda: devices.scans.leave(mark))

    async def look() -> None:
        scan = devices.scans.take(mark)
        if scan is None or (visit.on_scan is not None and await visit.on_scan(scan)):
            return
        with page:
            ui.navigate.to(where_to(scan, visit.view.document))

    ui.timer(LOOK_S, look)


def where_to(scan: Scan, document: ShopDocument) -> str:
    """The page that shows what was scanned."""
    if scan.kind == "bin" and any(each.id == scan.cabinet for each in document.cabinets):
        return bin_path(scan.cabinet, scan.bin)
    part = part_of(scan, document)
    return f"/find?q={quote(part.number if part else scan.gtin or scan.text, safe='')}"


def part_of(scan: Scan, document: ShopDocument) -> Part | None:
    """The part that was scanned: by its trade item number, or by its own; None when it is none of this shop's."""
    for part in document.parts:
        if (scan.gtin and gtin14(part.gtin) == scan.gtin) or part.number == scan.text:
            return part
    return None


def bin_path(cabinet: str, number: int) -> str:
    """Where a bin's own page is."""
    return f"/bin?cabinet={quote(cabinet, safe='')}&number={number}"
