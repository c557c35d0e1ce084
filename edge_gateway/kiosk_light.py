"""\"Show me\" at the kiosk: the bin lights up green, and a picture of its cabinet marks it."""

from dataclasses import replace

from edge_gateway.kiosk_faces import bin_face
from edge_gateway.kiosk_frame import Visit, cabinet_name
from edge_gateway.kiosk_seam import SendCommand
from edge_gateway.shop_document import Cabinet
from page_kit.cabinet_face import TEXTS as FACE_TEXTS
from page_kit.cabinet_face import draw_cabinet
from page_kit.language import Texts
from page_kit.look import box, button, dialog, text

LIGHT_MS = 20_000  # long enough to walk to the cabinet

TEXTS: Texts = {
    **FACE_TEXTS,
    "show_me": ("指给我看", "Show me"),
    "shown": ("货位 {bin} 亮绿灯 20 秒", "Bin {bin} shines green for 20 s"),
    "shown_where": ("{cabinet} · 货位 {bin}", "{cabinet} · bin {bin}"),
    "shown_close": ("找到了", "Found it"),
}


def draw_show(visit: Visit, cabinet: Cabinet, number: int, kind: str = "") -> None:
    """The button."""

    async def show() -> None:
        fields = {"bin": number, "colour": "green", "for_ms": LIGHT_MS}
        _draw_face(visit, cabinet, number)
        await visit.show(SendCommand(cabinet.id, "light", fields, LIGHT_MS), visit.say("shown", bin=number))

    button(visit.say("show_me"), show, kind)


def _draw_face(visit: Visit, cabinet: Cabinet, number: int) -> None:
    """The cabinet as it looks, with the bin marked."""
    say = visit.say
    found = next((each for each in visit.view.cabinets() if each.cabinet.id == cabinet.id), None)
    with dialog(visit.page) as opened:
        text(say("shown_where", cabinet=cabinet_name(say, cabinet), bin=number), "pb-h2 pb-first")
        if found is not None:
            faces = [bin_face(visit, cabinet, row) for row in found.bins]
            draw_cabinet(say, [replace(face, sought=face.bin == number) for face in faces], cabinet.doors)
        with box("pb-buttons pb-gap-above"):
            button(say("shown_close"), opened.close, "is-main")
