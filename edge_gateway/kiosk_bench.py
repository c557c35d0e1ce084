"""The bench at the kiosk: the devices on it with how they are, and what can be done there. And how a part is chosen."""

from collections.abc import Callable, Mapping
from urllib.parse import quote

from fastapi import Request
from nicegui.element import Element
from nicegui.events import GenericEventArguments

from edge_gateway.catalogue_search import ASKED_CHARACTERS_MAX
from edge_gateway.kiosk_frame import BENCH_PATH, Visit, kiosk_page, part_name
from edge_gateway.kiosk_scan import part_of
from edge_gateway.serial_devices.devices import DeviceNow
from edge_gateway.serial_devices.scans import Scan
from edge_gateway.shop_document import Part
from page_kit.address import page
from page_kit.language import Texts
from page_kit.live_part import Ages, live_part
from page_kit.look import badge, box, empty, heading, link_button, link_card, text, title

PARTS_SHOWN = 12

TEXTS: Texts = {
    "bench": ("工作台", "The bench"),
    "bench_lead": ("台秤、扫码枪、标签打印机和标签读写器。", "Scale, scanner, label printer and tag reader."),
    "bench_none": ("还没有接设备", "No devices yet"),
    "bench_none_why": (
        "接上以后，在网关的设置文件里登记：见 docs/serial-devices.md。",
        "Plug one in and name it in the gateway's settings: see docs/serial-devices.md.",
    ),
    "bench_devices": ("设备", "Devices"),
    "teach_title": ("称一称，教重量", "Teach a weight"),
    "teach_lead": ("数好 20 个放上秤，以后数得更准。", "Put twenty on the scale; counting gets better."),
    "labels_title": ("打印标签", "Print labels"),
    "labels_lead": ("货位标签、配件标签。", "For bins and parts."),
    "tags_title": ("写电子标签", "Write tags"),
    "tags_lead": ("一个配件一个号，写好再读一遍。", "A number for each piece, read back when written."),
    "kind_scale": ("台秤", "Scale"),
    "kind_scanner": ("扫码枪", "Scanner"),
    "kind_label_printer": ("标签打印机", "Label printer"),
    "kind_tag_writer": ("标签读写器", "Tag reader"),
    "line_well": ("正常", "Well"),
    "line_found_baud": ("实际 {baud} 波特，请改设置", "Found at {baud} baud: change the settings"),
    "line_unplugged": ("没接上：请看插头和电源", "Not there: look at its plug and power"),
    "line_cannot_open": (
        "打不开：没有权限，或别的程序正在用",
        "Cannot be opened: no permission, or another program has it",
    ),
    "line_silent": ("没有回应：开机了吗？", "It says nothing: is it switched on?"),
    "line_not_understood": ("听不懂：协议或波特率不对", "Not understood: another protocol or speed"),
    "line_printer": ("打印时才连接", "Reached when printing"),
    "line_since": ("开始于", "Began"),
    "choose_part": ("哪种配件？扫码，或输入编号、名称", "Which part? Scan it, or type a number or name"),
    "choose_none": ("本店没有这个配件", "No such part in this shop"),
    "choose_more": ("还有 {count} 种，请再多打几个字", "{count} more; type a little more"),
    "other_part": ("换一种配件", "Another part"),
}

_PAGES = (("scale", "/teach", "teach"), ("label_printer", "/labels", "labels"), ("tag_writer", "/tags", "tags"))


def register() -> None:
    """Add the page to the kiosk."""

    @page(BENCH_PATH)
    def bench(request: Request) -> None:
        visit = Visit(request, TEXTS)
        with kiosk_page(visit):
            title(visit.say("bench"), visit.say("bench_lead"))
            live_part(
                visit.say, visit.gateway.devices.now, lambda found, ages: _draw(visit, found, ages), visit.changes
            )


def _draw(visit: Visit, found: tuple[DeviceNow, ...], ages: Ages) -> None:
    say = visit.say
    if not found:
        empty(say("bench_none"), say("bench_none_why"))
        return
    kinds = {each.device.kind for each in found}
    with box("pb-cards"):
        for kind, path, name in _PAGES:
            if kind in kinds:
                with link_card(path):
                    text(say(f"{name}_title"), "pb-card-title")
                    text(say(f"{name}_lead"), "pb-soft")
    heading(say("bench_devices"))
    with box("pb-cards"):
        for each in found:
            draw_device(visit, each, ages)


def draw_device(visit: Visit, found: DeviceNow, ages: Ages) -> None:
    """One device, and how its line is."""
    say, device, line = visit.say, found.device, found.line
    with box("pb-card is-alert" if line and line.trouble else "pb-card"):
        with box("pb-row pb-between"):
            text(say(f"kind_{device.kind}"), "pb-strong")
            if line is None:
                badge(say("line_printer"))
            elif not line.trouble:
                badge(say("line_well"), "is-good")
        text(f"{device.name} · {device.protocol}", "pb-soft pb-small")
        if line and line.trouble:
            with box("pb-trouble is-wrong pb-gap-above"):
                text(say(f"line_{line.trouble}"))
                with box("pb-row pb-tight pb-small"):
                    text(say("line_since"))
                    ages.show(line.since_ms, "")
        elif line and line.baud != device.speed:
            text(say("line_found_baud", baud=line.baud), "pb-trouble pb-gap-above")
        text(device.port, "pb-code pb-gap-above")


def draw_wrong_devices(visit: Visit) -> None:
    """Those that are not as they should be, for the page that shows everything that is not."""

    def draw(found: tuple[DeviceNow, ...], ages: Ages) -> None:
        if found:
            heading(visit.say("bench_devices"))
        with box("pb-cards"):
            for each in found:
                draw_device(visit, each, ages)

    devices = visit.gateway.devices
    live_part(
        visit.say,
        lambda: tuple(each for each in devices.now() if each.line and each.line.trouble),
        draw,
        visit.changes,
    )


# ---- a part is chosen ----


def choose_part(visit: Visit, path: str, more: Mapping[str, str] | None = None) -> None:
    """A field, and the parts that fit what stands in it; a press or a scan leads to `path?part=...`."""
    say, asked = visit.say, [""]

    async def scanned(scan: Scan) -> bool:
        part = part_of(scan, visit.view.document)
        if part is not None:
            visit.go(part_path(path, part.number, more))
        return part is not None

    visit.on_scan = scanned
    field = box("pb-field pb-seek", "input")
    look = live_part(
        say,
        lambda: matching(visit.view.document.parts, asked[0]),
        lambda found, _: _draw_parts(visit, found, path, more),
        lambda: (asked[0], visit.changes()),
    )
    _make_field(visit, field, asked, look)


def _make_field(visit: Visit, field: Element, asked: list[str], look: Callable[[], None]) -> None:
    def typed(event: GenericEventArguments) -> None:
        asked[0] = str(event.args or "")[:ASKED_CHARACTERS_MAX]
        look()

    field.props(f"type=search autofocus autocomplete=off spellcheck=false maxlength={ASKED_CHARACTERS_MAX}")
    field.props["placeholder"] = field.props["aria-label"] = visit.say("choose_part")
    field.on("input", typed, js_handler="(event) => emit(event.target.value)", throttle=0.15, leading_events=False)


def _draw_parts(visit: Visit, found: list[Part], path: str, more: Mapping[str, str] | None) -> None:
    if not found:
        empty(visit.say("choose_none"))
    with box("pb-choices pb-gap-above"):
        for part in found[:PARTS_SHOWN]:
            with link_button("", part_path(path, part.number, more), "pb-choice"):
                text(part_name(visit.say, part))
                text(" · ".join(word for word in (part.number, part.brand) if word), "pb-soft")
    if len(found) > PARTS_SHOWN:
        text(visit.say("choose_more", count=len(found) - PARTS_SHOWN), "pb-soft pb-gap-above")


def matching(parts: list[Part], asked: str) -> list[Part]:
    """Parts of the shop in whose number, names or brand every word stands."""
    words = asked.casefold().split()
    return [part for part in parts if all(word in _words(part) for word in words)]


def _words(part: Part) -> str:
    return " ".join((part.number, part.name_zh, part.name_en, part.brand, part.gtin)).casefold()


def part_path(path: str, part: str, more: Mapping[str, str] | None = None) -> str:
    """A page about a part."""
    joint = "".join(f"&{key}={quote(value, safe='')}" for key, value in (more or {}).items())
    return f"{path}?part={quote(part, safe='')}{joint}"


def draw_chosen(visit: Visit, part: Part, path: str) -> None:
    """The part that the page is about, and the way to another one."""
    with box("pb-row pb-between pb-wrap pb-gap-below"):
        with box("pb-grow"):
            text(part_name(visit.say, part), "pb-card-title")
            text(" · ".join(word for word in (part.number, part.brand) if word), "pb-soft")
        link_button(visit.say("other_part"), path, "is-quiet")
