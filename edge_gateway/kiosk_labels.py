"""Labels at the kiosk: for a part, and for a bin on the bin's own page. What will be printed is shown beforehand."""

from collections.abc import Callable

from fastapi import Request
from nicegui import run

from edge_gateway.kiosk_bench import TEXTS as BENCH_TEXTS
from edge_gateway.kiosk_bench import choose_part, draw_chosen, part_path
from edge_gateway.kiosk_faces import stray_words
from edge_gateway.kiosk_frame import Visit, cabinet_name, kiosk_page, part_name
from edge_gateway.kiosk_light import TEXTS as LIGHT_TEXTS
from edge_gateway.kiosk_light import draw_show
from edge_gateway.serial_devices.device_settings import DeviceSettings
from edge_gateway.serial_devices.label import Label, Paper, PartWords, bin_label, part_label
from edge_gateway.serial_devices.label_fonts import FontError, LabelFont
from edge_gateway.serial_devices.label_picture import picture_address
from edge_gateway.serial_devices.printer import PrintError, font_of, paper_of, print_label
from edge_gateway.shop_document import Cabinet, Part
from edge_gateway.shop_rows import BinRow, PartRow
from page_kit.address import page
from page_kit.language import Texts
from page_kit.live_part import live_part
from page_kit.look import box, button, empty, figure, link_button, text, title
from page_kit.quantity import MINUS, quantity

COPIES_MAX = 50

TEXTS: Texts = {
    **BENCH_TEXTS,
    **LIGHT_TEXTS,
    "no_printer": ("没有接标签打印机", "No label printer"),
    "no_printer_why": ("在网关设置里登记一台。", "Name one in the gateway's settings."),
    "label_font": (
        "网关上没有中文字体：请安装 fonts-noto-cjk（sudo apt install fonts-noto-cjk）",
        "No font with Chinese characters on the gateway: install fonts-noto-cjk (sudo apt install fonts-noto-cjk)",
    ),
    "label_no_room": ("标签太小，放不下", "The label is too small for this"),
    "label_shown": ("{width} × {height} 毫米 · {dpi} dpi · {printer}", "{width} × {height} mm · {dpi} dpi · {printer}"),
    "fewer_copies": ("少一张", "One less"),
    "more_copies": ("多一张", "One more"),
    "print": ("打印 {count} 张", "Print {count}"),
    "printing": ("正在打印…", "Printing…"),
    "printed": ("已送到打印机", "Sent to the printer"),
    "not_printed": ("没有打出来：{why}", "Not printed: {why}"),
    "bin_title": ("{cabinet} · 货位 {bin}", "{cabinet} · bin {bin}"),
    "bin_gone": ("没有这个货位", "There is no such bin"),
    "bin_empty": ("这个货位没有配件", "This bin has no part"),
    "bin_held": ("现有", "In the bin"),
    "bin_label": ("货位标签", "The bin's label"),
    "bin_teach": ("称一称，教重量", "Teach its weight"),
    "part_label": ("打印配件标签", "Labels for the part"),
}

MakeLabel = Callable[[Paper, LabelFont], Label]


def register() -> None:
    """Add the pages to the kiosk."""

    @page("/labels")
    def labels(request: Request, part: str = "") -> None:
        visit = Visit(request, TEXTS)
        known = {each.number: each for each in visit.view.document.parts}
        with kiosk_page(visit):
            title(visit.say("labels_title"), "" if part else visit.say("labels_lead"))
            if part not in known:
                choose_part(visit, "/labels")
            else:
                draw_chosen(visit, known[part], "/labels")
                words = words_of(known[part])
                draw_label(visit, lambda paper, font: part_label(paper, font, words))

    @page("/bin")
    def one_bin(request: Request, cabinet: str = "", number: int = 0) -> None:
        visit = Visit(request, TEXTS)
        with kiosk_page(visit):
            _build_bin(visit, cabinet, number)


def words_of(part: Part) -> PartWords:
    """What a label says of a part."""
    return PartWords(part.number, part.name_zh, part.name_en, part.brand, part.gtin)


def _build_bin(visit: Visit, cabinet: str, number: int) -> None:
    say = visit.say
    stock = next((each for each in visit.view.cabinets() if each.cabinet.id == cabinet), None)
    if stock is None or all(row.bin != number for row in stock.bins):
        empty(say("bin_gone"))
        return
    title(say("bin_title", cabinet=cabinet_name(say, stock.cabinet), bin=number))
    live_part(
        say, lambda: _row(visit, cabinet, number), lambda row, _: _draw_row(visit, stock.cabinet, row), visit.changes
    )
    box("pb-space")
    text(say("bin_label"), "pb-h2", "h2")
    parts = {part.number: part for part in visit.view.document.parts}
    place = next((each for each in stock.cabinet.bins if each.bin == number), None)
    words = words_of(parts[place.part]) if place and place.part in parts else None
    draw_label(visit, lambda paper, font: bin_label(paper, font, cabinet, number, words))


def _row(visit: Visit, cabinet: str, number: int) -> BinRow | None:
    found = next((each for each in visit.view.cabinets() if each.cabinet.id == cabinet), None)
    return next((row for row in found.bins if row.bin == number), None) if found else None


def _draw_row(visit: Visit, cabinet: Cabinet, row: BinRow | None) -> None:
    if row is None or not row.parts:
        empty(visit.say("bin_empty"))
    with box("pb-stack"):
        for held in row.parts if row else ():
            _draw_held(visit, cabinet, held)
    if row is not None:
        with box("pb-buttons pb-gap-above"):
            draw_show(visit, cabinet, row.bin, "is-main")


def _draw_held(visit: Visit, cabinet: Cabinet, held: PartRow) -> None:
    say = visit.say
    with box("pb-card"):
        with box("pb-row pb-between pb-wrap"):
            with box("pb-grow"):
                text(part_name(say, held.part), "pb-card-title")
                text(f"{held.part.number} {held.part.brand}".strip(), "pb-soft")
                if held.places is not None:
                    text(stray_words(visit, cabinet, held), "is-wrong")
            figure(say("bin_held"), quantity(held.stock, held.part.unit, say.language))
        with box("pb-buttons pb-gap-above"):
            if visit.gateway.devices.scales and held.part.unit == "piece":
                link_button(say("bin_teach"), part_path("/teach", held.part.number), "is-quiet")
            if visit.gateway.devices.of_kind("label_printer"):
                link_button(say("part_label"), part_path("/labels", held.part.number), "is-quiet")


# ---- a label, shown and printed ----


def draw_label(visit: Visit, make: MakeLabel) -> None:
    """The label as it will look on each printer's paper, how many, and the button."""
    printers = visit.gateway.devices.of_kind("label_printer")
    if not printers:
        empty(visit.say("no_printer"), visit.say("no_printer_why"))
        return
    with box("pb-stack"):
        for device in printers:
            _draw_on(visit, device, make)


def _draw_on(visit: Visit, device: DeviceSettings, make: MakeLabel) -> None:
    say, paper = visit.say, paper_of(device)
    try:
        font = font_of(device)
        label = make(paper, font)
        shown = picture_address(label, font)
    except FontError:
        text(say("label_font"), "pb-error")
        return
    except ValueError:
        text(say("label_no_room"), "pb-error")
        return
    with box("pb-card"):
        with box("pb-label-picture"):
            box("", "img").props(f'alt="" width={paper.width}').props["src"] = shown
        told = {"width": paper.width_mm, "height": paper.height_mm, "dpi": paper.dpi, "printer": device.name}
        text(say("label_shown", **told), "pb-soft pb-small")
        _draw_buttons(visit, device, label)


def _draw_buttons(visit: Visit, device: DeviceSettings, label: Label) -> None:
    say = visit.say
    wanted = {"copies": 1}

    def move(by: int) -> None:
        wanted["copies"] = min(COPIES_MAX, max(1, wanted["copies"] + by))
        shown.set_text(str(wanted["copies"]))
        go.set_text(say("print", count=wanted["copies"]))

    async def print_it() -> None:
        go.props("disabled")
        go.set_text(say("printing"))
        try:
            await run.io_bound(print_label, device, label, wanted["copies"])
            visit.tell(say("printed"), "positive")
        except PrintError as error:
            visit.tell(say("not_printed", why=error), "negative")
        finally:
            go.props(remove="disabled")
            move(0)

    with box("pb-row pb-wrap pb-gap-above"):
        button(MINUS, lambda: move(-1), "is-big is-quiet").props["aria-label"] = say("fewer_copies")
        shown = text("1", "pb-huge pb-stepper")
        button("+", lambda: move(1), "is-big is-quiet").props["aria-label"] = say("more_copies")
        go = button(say("print", count=1), print_it, "is-main is-big")
