"""What the dealer wants counted, at the kiosk: it stands there until somebody has counted the bin."""

from collections.abc import Callable

from nicegui import ui

from edge_gateway.kiosk_frame import Visit, cabinet_name, part_name
from edge_gateway.kiosk_light import draw_show
from edge_gateway.kiosk_seam import CountBin
from edge_gateway.work_view import Wanted
from page_kit.language import Texts
from page_kit.live_part import Ages
from page_kit.look import box, button, dialog, heading, text
from page_kit.quantity import MINUS, quantity

TEXTS: Texts = {
    "to_count": ("请盘点", "Please count"),
    "count_bin": ("请数一下货位 {bin}", "Please count bin {bin}"),
    "count_where": ("{part} · {cabinet}", "{part} · {cabinet}"),
    "wished_by": ("{by} 想知道", "{by} asks"),
    "counted": ("数好了", "I have counted it"),
    "counted_found": ("货位 {bin} 里的 {part}：", "{part} in bin {bin}:"),
    "counted_books": ("台账：{quantity}", "The books say {quantity}"),
    "counted_save": ("就是这个数", "That is the count"),
    "counted_thanks": ("已记下，谢谢", "Noted, thank you"),
    "counted_cancel": ("取消", "Cancel"),
    "less": ("少一点", "Less"),
    "more": ("多一点", "More"),
}


def draw_counts(visit: Visit, wanted: tuple[Wanted, ...], ages: Ages) -> None:
    """One card for each wish; nothing when there is none."""
    if not wanted:
        return
    heading(visit.say("to_count"))
    with box("pb-cards pb-wide-cards"):
        for each in wanted:
            _draw_wanted(visit, each, ages)
    box("pb-space")


def _draw_wanted(visit: Visit, wanted: Wanted, ages: Ages) -> None:
    say = visit.say
    with box("pb-card is-warned"):
        with box("pb-row pb-top"):
            with box("pb-grow"):
                text(say("count_bin", bin=wanted.bin), "pb-question")
                where = cabinet_name(say, wanted.cabinet)
                text(say("count_where", part=part_name(say, wanted.part), cabinet=where), "pb-soft")
            ages.show(wanted.made_ms, "pb-soft pb-age")
        told = [say("wished_by", by=wanted.by) if wanted.by else "", wanted.note]
        text(" · ".join(piece for piece in told if piece), "pb-soft pb-small")
        with box("pb-buttons pb-gap-above"):
            button(say("counted"), lambda: _count(visit, wanted), "is-main")
            draw_show(visit, wanted.cabinet, wanted.bin, "is-quiet")


def _count(visit: Visit, wanted: Wanted) -> None:
    say, part = visit.say, part_name(visit.say, wanted.part)
    with dialog(visit.page) as opened:
        text(say("counted_found", bin=wanted.bin, part=part), "pb-h2 pb-first")
        text(say("counted_books", quantity=quantity(wanted.stock, wanted.part.unit, say.language)), "pb-soft")
        found = stepper(visit, wanted.stock, 1 if wanted.part.unit == "piece" else 10)

        async def save() -> None:
            opened.close()
            await visit.ask(lambda person: CountBin(wanted.number, found(), person), say("counted_thanks"))

        with box("pb-buttons pb-gap-above"):
            button(say("counted_save"), save, "is-main")
            button(say("counted_cancel"), opened.close, "is-quiet")


def stepper(visit: Visit, start: int, step: int) -> Callable[[], int]:
    """A number to type or to step; answers what it stands at."""
    say = visit.say
    with box("pb-row pb-gap-above"):
        button(MINUS, lambda: move(-step), "is-big is-quiet").props["aria-label"] = say("less")
        field = ui.number(value=start, min=0, max=10_000_000, precision=0, format="%d").classes("pb-number-field")
        field.props("outlined inputmode=numeric")
        button("+", lambda: move(step), "is-big is-quiet").props["aria-label"] = say("more")

    def move(by: int) -> None:
        field.set_value(max(0, int(field.value or 0) + by))

    return lambda: max(0, int(field.value or 0))
