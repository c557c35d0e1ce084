"""A restocker's visit at the kiosk: what to put where; while the cabinet is open, which bin is next and how much is in.

Large, for hands that are full. What it shows of an open cabinet is what the gateway's guide says; nothing is decided.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from fastapi import Request

from edge_gateway.kiosk_frame import LIVE_MS, Visit, cabinet_name, kiosk_page, part_name
from edge_gateway.kiosk_light import LIGHT_MS
from edge_gateway.kiosk_seam import Guidance, PointTo, SeenBin, SendCommand
from edge_gateway.restock_view import RestockCabinet, Restocking, RestockLine
from edge_gateway.shop_document import Cabinet
from page_kit.address import page
from page_kit.language import Say, Texts
from page_kit.live_part import live_part
from page_kit.look import box, button, empty, heading, link_button, link_card, press_card, text
from page_kit.quantity import quantity

PATH = "/restock"

TEXTS: Texts = {
    "restock": ("补货", "Restock"),
    "restock_for": ("{days} · {by}", "{days} · {by}"),
    "restock_far": ("{done} / {all} 个货位已完成", "{done} of {all} bins done"),
    "restock_show": ("看放什么、放哪里", "See what goes where"),
    "restock_open": (
        "刷卡开柜，要补的货位会依次亮灯：绿灯放入，蓝灯取出。",
        "Badge and open the cabinet: its bins light up in turn, green to put in, blue to take out.",
    ),
    "restock_none": ("现在没有补货任务", "No restock visit is planned"),
    "restock_none_why": (
        "经销商派车后，这里会显示放什么、放哪里。",
        "When the dealer sends a van, it shows here what to put where.",
    ),
    "restock_bin": ("货位 {bin}", "Bin {bin}"),
    "put_in": ("放入 {quantity}", "Put in {quantity}"),
    "take_out": ("取出 {quantity}", "Take out {quantity}"),
    "is_in": ("已放 {found} / {planned}", "{found} of {planned} in"),
    "is_out": ("已取 {found} / {planned}", "{found} of {planned} out"),
    "weighs": ("重量变化 {found}", "Weight changed by {found}"),
    "too_many": ("多了 {quantity}", "{quantity} too many"),
    "next_bin": ("下一个货位 ›", "Next bin ›"),
    "all_put": ("全部到位，请关门", "All done: shut the door"),
    "all_put_why": ("关门后由重量记账。", "What the weight says is booked when the door is shut."),
    "planned_weighed": ("计划 {planned}，称得 {counted}", "planned {planned}, weighed {counted}"),
    "restock_done": ("完成", "Done"),
    "restock_light": ("货位 {bin} 已亮灯", "Bin {bin} is lit"),
    "restock_back": ("‹ 返回", "‹ Back"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """The visit, and how far whoever is at an open cabinet is."""

    restocking: Restocking | None
    guidance: tuple[tuple[str, Guidance], ...]


def register() -> None:
    """Add the page to the kiosk."""

    @page(PATH)
    def restock(request: Request) -> None:
        visit = Visit(request, TEXTS)
        with kiosk_page(visit):
            link_button(visit.say("restock_back"), "/", "is-quiet")
            live_part(visit.say, lambda: look(visit), lambda shown, _: _draw(visit, shown), visit.changes)


def look(visit: Visit) -> Shown:
    """What there is to restock now."""
    restocking = visit.view.restocking()
    if restocking is None:
        return Shown(None, ())
    found = ((each.cabinet.id, _guidance(visit, each.cabinet.id)) for each in restocking.cabinets)
    return Shown(restocking, tuple((name, guidance) for name, guidance in found if guidance is not None))


def _guidance(visit: Visit, cabinet: str) -> Guidance | None:
    """Of a cabinet that is heard of just now: what it last said of an open door may be long over."""
    live = visit.gateway.live(cabinet)
    fresh = live is not None and visit.gateway.now_ms() - live.received_ms <= LIVE_MS
    return visit.gateway.guidance(cabinet) if fresh else None


def draw_restocking(visit: Visit, shown: Shown) -> None:
    """On the first page: who restocks is led at once, anybody else sees that there is something to do."""
    if shown.restocking is None:
        return
    if not shown.guidance:
        with link_card(PATH, "is-warned"):
            _draw_head(visit.say, shown.restocking)
            text(visit.say("restock_show"), "pb-strong pb-gap-above")
        box("pb-space")
        return
    _draw_guided(visit, shown)
    link_button(visit.say("restock_show"), PATH, "is-quiet is-wide pb-gap-above")
    box("pb-space")


def _draw(visit: Visit, shown: Shown) -> None:
    say, restocking = visit.say, shown.restocking
    if restocking is None:
        empty(say("restock_none"), say("restock_none_why"))
        return
    with box("pb-gap-above"):
        _draw_head(say, restocking)
    _draw_guided(visit, shown)
    if not shown.guidance:
        text(say("restock_open"), "pb-soft pb-gap-above")
    guided = dict(shown.guidance)
    for each in restocking.cabinets:
        heading(cabinet_name(say, each.cabinet))
        with box("pb-stack pb-tight"):
            for line in each.lines:
                _draw_line(visit, each.cabinet, line, guided.get(each.cabinet.id))


def _draw_head(say: Say, restocking: Restocking) -> None:
    done, lines = sum(not line.left for line in restocking.lines), restocking.lines
    text(say("restock"), "pb-h2 pb-first")
    about = " · ".join((*restocking.days, *restocking.by))
    text(" · ".join(each for each in (about, say("restock_far", done=done, all=len(lines))) if each), "pb-soft")


# ---- while the cabinet is open ----


def _draw_guided(visit: Visit, shown: Shown) -> None:
    guided = dict(shown.guidance)
    for each in shown.restocking.cabinets if shown.restocking else ():
        if each.cabinet.id in guided:
            _draw_next(visit, each, guided[each.cabinet.id])


def _draw_next(visit: Visit, found: RestockCabinet, guidance: Guidance) -> None:
    """The one thing to do now."""
    say = visit.say
    with box("pb-card is-live pb-gap-above"):
        with box("pb-row"):
            box("pb-dot pb-pulse")
            text(cabinet_name(say, found.cabinet), "pb-strong pb-grow")
            text(_far(say, guidance), "pb-soft")
        if not guidance.current:
            text(say("all_put"), "pb-todo-now is-good")
            text(say("all_put_why"), "pb-soft")
            return
        lines = [line for line in found.lines if line.bin == guidance.current and line.left]
        seen = next((each for each in guidance.bins if each.bin == guidance.current), None)
        with box("pb-row pb-todo-row"):
            text(str(guidance.current), f"pb-todo-bin is-lit {'is-back' if _is_back(lines) else ''}")
            with box("pb-grow"):
                for line in lines:
                    text(part_name(say, line.part), "pb-strong")
                    text(_what(say, line), "pb-todo-now")
        _draw_seen(say, lines, seen)
        with box("pb-buttons pb-gap-above"):
            button(say("next_bin"), lambda: _point(visit, found, _after(found, guidance)), "is-big is-quiet is-wide")


def _far(say: Say, guidance: Guidance) -> str:
    done = sum(seen.is_done for seen in guidance.bins)
    return say("restock_far", done=done, all=len(guidance.bins))


def _draw_seen(say: Say, lines: list[RestockLine], seen: SeenBin | None) -> None:
    """What the weight says so far, as a number and as a bar."""
    if seen is None or not lines:
        return
    if not seen.counts:
        text(say("weighs", found=quantity(seen.amount, "gram", say.language)), "pb-number pb-gap-above")
        return
    line, sign = lines[0], 1 if lines[0].left > 0 else -1
    amount, planned = sign * seen.amount, abs(line.left)
    name = "is_in" if sign > 0 else "is_out"
    unit, language = line.part.unit, say.language
    with box("pb-row pb-between pb-gap-above"):
        found = str(amount) if unit == "piece" else quantity(amount, unit, language)
        text(say(name, found=found, planned=quantity(planned, unit, language)), "pb-todo-seen")
        if amount > planned and not seen.is_done:
            text(say("too_many", quantity=quantity(amount - planned, unit, language)), "pb-strong is-wrong")
    with box("pb-bar"):
        share = max(0, min(100, 100 * amount // planned))
        box("pb-bar-fill is-low" if amount > planned and not seen.is_done else "pb-bar-fill").style(f"width:{share}%")


def _after(found: RestockCabinet, guidance: Guidance) -> int:
    """The next bin that is not done, from the lit one on, and around."""
    done = {seen.bin for seen in guidance.bins if seen.is_done}
    left = sorted({line.bin for line in found.lines if line.left and line.bin not in done})
    behind = [number for number in left if number > guidance.current]
    return (behind or left or [guidance.current])[0]


async def _point(visit: Visit, found: RestockCabinet, number: int) -> None:
    await visit.point(PointTo(found.cabinet.id, number), visit.say("restock_light", bin=number))


# ---- the whole list ----


def _draw_line(visit: Visit, cabinet: Cabinet, line: RestockLine, guidance: Guidance | None) -> None:
    """One bin; a press lights it."""
    say = visit.say
    seen = next((each for each in guidance.bins if each.bin == line.bin), None) if guidance else None
    is_done = not line.left or (seen is not None and seen.is_done)
    is_lit = guidance is not None and guidance.current == line.bin and not is_done

    async def press() -> None:
        if guidance is not None:
            await visit.point(PointTo(cabinet.id, line.bin), say("restock_light", bin=line.bin))
            return
        fields = {"bin": line.bin, "colour": "blue" if line.left < 0 else "green", "for_ms": LIGHT_MS}
        await visit.show(SendCommand(cabinet.id, "light", fields, LIGHT_MS), say("restock_light", bin=line.bin))

    with press_card(press, "pb-card pb-todo is-live" if is_lit else "pb-card pb-todo"):
        back, lit = "is-back" if line.left < 0 else "", "is-lit" if is_lit else ""
        text(str(line.bin), f"pb-todo-bin {'is-done' if is_done else f'{back} {lit}'}")
        with box("pb-grow"):
            text(part_name(say, line.part), "pb-strong")
            text(line.part.number, "pb-soft pb-small pb-code")
            if line.sessions and line.counted != line.planned:
                text(_weighed(say, line), "pb-small is-low")
        with box("pb-todo-side"):
            said = _what(say, line) if line.left else say("restock_done")
            text(f"✓ {said}" if is_done else said, "pb-number is-good" if is_done else "pb-number")


def _what(say: Say, line: RestockLine) -> str:
    name = "put_in" if line.left > 0 else "take_out"
    return say(name, quantity=quantity(abs(line.left), line.part.unit, say.language))


def _weighed(say: Say, line: RestockLine) -> str:
    return planned_weighed(say, line.planned, line.counted, line.part.unit)


def planned_weighed(say: Say, planned: int, counted: int, unit: str) -> str:
    """`planned 6 pcs, weighed 5 pcs`; of what is taken out without the sign, which both have."""
    sign = -1 if planned < 0 else 1
    said = (quantity(sign * amount, unit, say.language) for amount in (planned, counted))
    return say("planned_weighed", **dict(zip(("planned", "counted"), said, strict=True)))


def _is_back(lines: Iterable[RestockLine]) -> bool:
    return all(line.left < 0 for line in lines)
