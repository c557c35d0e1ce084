"""Writing tags at the kiosk: choose the part, lay one tag on the reader, press; it is written and read back.

A number is kept before the tag is written, so that no number is given twice, whatever happens in between.
"""

from typing import NamedTuple

from fastapi import Request
from nicegui import run

from edge_gateway import schema
from edge_gateway.kiosk_bench import choose_part, draw_chosen
from edge_gateway.kiosk_frame import Visit, kiosk_page, part_name
from edge_gateway.kiosk_labels import TEXTS as LABEL_TEXTS
from edge_gateway.kiosk_labels import draw_label, words_of
from edge_gateway.kiosk_seam import GiveTag, TagDone
from edge_gateway.serial_devices.label import part_label
from edge_gateway.serial_devices.scans import gtin14
from edge_gateway.serial_devices.tag_desk import Field, TagDesk, TagDeskError
from edge_gateway.sgtin import gtin_of, read_sgtin
from edge_gateway.shop_document import Part
from page_kit.address import page
from page_kit.language import Texts
from page_kit.live_part import live_part
from page_kit.look import badge, box, button, empty, text, title

TEXTS: Texts = {
    **LABEL_TEXTS,
    "no_desk": ("没有接标签读写器", "No tag reader"),
    "no_desk_why": ("在网关设置里登记一台。", "Name one in the gateway's settings."),
    "no_gtin": ("这个配件还没有条形码（GTIN）", "This part has no GTIN yet"),
    "no_gtin_why": (
        "标签里的号由 GTIN 和序号组成：请经销商在目录里补上。",
        "A tag's number is made of the GTIN and a serial: the dealer adds it in the catalogue.",
    ),
    "tag_step_1": ("1. 放一个标签在读写器上，别的拿远", "1. Lay one tag on the reader, others well away"),
    "tag_step_2": ("2. 按“写入”", "2. Press Write"),
    "tag_step_3": ("3. 贴到配件上，放下一个", "3. Stick it on the piece; lay the next one down"),
    "tag_look": ("看一看", "Look"),
    "tag_write": ("写入", "Write"),
    "tag_over": ("已是本店的标签，改写", "One of ours already: write it anew"),
    "tag_working": ("正在写…", "Writing…"),
    "tag_found": ("读写器上：{epc}", "On the reader: {epc}"),
    "tag_ours": ("已写过：{part}，序号 {serial}", "Written before: {part}, serial {serial}"),
    "tag_strange": ("空白或别人的标签", "Blank, or somebody else's"),
    "tag_done": ("写好了，读回一致：序号 {serial}", "Written and read back: serial {serial}"),
    "tags_done": ("这次写好的", "Written just now"),
    "trouble_reader_silent": ("读写器没有回应：看电源和插头", "The reader says nothing: look at its power and plug"),
    "trouble_no_tag": ("没有读到标签：放近一点", "No tag heard: lay it closer"),
    "trouble_two_tags": ("不止一个标签：只留一个在读写器上", "More than one tag: leave only one on the reader"),
    "trouble_another_tag": ("标签换了：再按一次", "It is another tag now: press once more"),
    "trouble_not_written": ("写不进去：标签锁住了，或离得太远", "It cannot be written: locked, or too far away"),
    "trouble_not_read_back": (
        "写后读回不一致：这个标签别用",
        "What was read back is not what was written: do not use this tag",
    ),
}


class Written(NamedTuple):
    """A tag that was written on this page."""

    epc: str
    serial: int


class State:
    """One open page."""

    def __init__(self, part: Part, desk: TagDesk) -> None:
        self.part, self.desk = part, desk
        self.busy = False
        self.trouble = ""
        self.ours = ""  # the number of a tag that was written here before, and may be written anew
        self.found = ""
        self.written: tuple[Written, ...] = ()

    def now(self) -> tuple[object, ...]:
        """What the page shows."""
        return self.busy, self.trouble, self.ours, self.found, self.written


def register() -> None:
    """Add the page to the kiosk."""

    @page("/tags")
    def tags(request: Request, part: str = "") -> None:
        visit = Visit(request, TEXTS)
        known = {each.number: each for each in visit.view.document.parts}
        with kiosk_page(visit):
            title(visit.say("tags_title"), "" if part else visit.say("tags_lead"))
            desk = next(iter(visit.gateway.devices.desks.values()), None)
            if desk is None:
                empty(visit.say("no_desk"), visit.say("no_desk_why"))
            elif part not in known:
                choose_part(visit, "/tags")
            else:
                draw_chosen(visit, known[part], "/tags")
                _build(visit, State(known[part], desk))


def _build(visit: Visit, state: State) -> None:
    if not gtin14(state.part.gtin):
        empty(visit.say("no_gtin"), visit.say("no_gtin_why"))
        return
    live_part(visit.say, state.now, lambda _, __: _draw(visit, state), every_s=0.25)


def _draw(visit: Visit, state: State) -> None:
    say = visit.say

    async def write() -> None:
        await _write(visit, state)

    with box("pb-card is-live"):
        for step in ("tag_step_1", "tag_step_2", "tag_step_3"):
            text(say(step), "pb-strong")
        if state.found:
            text(say("tag_found", epc=state.found), "pb-code pb-gap-above")
        if state.ours:
            text(_whose(visit, state.ours), "is-low pb-strong pb-gap-above")
        if state.trouble:
            text(say(f"trouble_{state.trouble}"), "pb-trouble is-wrong pb-gap-above")
        words = "tag_working" if state.busy else "tag_over" if state.ours else "tag_write"
        go = button(say(words), write, f"{'is-danger' if state.ours else 'is-main'} is-big is-wide pb-gap-above")
        if state.busy:
            go.props("disabled")
    if state.written:
        text(say("tags_done"), "pb-h2", "h2")
        with box("pb-cards"):
            for each in state.written:
                with box("pb-card"):
                    badge(say("tag_done", serial=each.serial), "is-good")
                    text(each.epc, "pb-code pb-gap-above")
        if visit.gateway.devices.of_kind("label_printer"):
            newest, words_ = state.written[0], words_of(state.part)
            box("pb-space")
            draw_label(visit, lambda paper, font: part_label(paper, font, words_, newest.epc, str(newest.serial)))


async def _write(visit: Visit, state: State) -> None:
    """Look what lies there, give it a number, write it, read it back. A tag of ours only when pressed twice."""
    again, state.ours, state.trouble, state.busy = state.ours, "", "", True
    try:
        old = _only(await run.io_bound(state.desk.look))
        state.found = old
        if _written_before(visit, old) and again != old:
            state.ours = old
            return
        digits = state.desk.device.company_digits
        epc = await visit.make(lambda who: GiveTag(state.part.number, old, digits, who), "")
        if epc:
            await run.io_bound(state.desk.write, old, epc)
            await run.io_bound(visit.gateway.act, TagDone(epc))
            state.found = epc
            state.written = (Written(epc, read_sgtin(epc).serial), *state.written)
    except TagDeskError as error:
        state.trouble = error.trouble
    except OSError:
        state.trouble = "reader_silent"
    finally:
        state.busy = False


def _only(field: Field | None) -> str:
    if field is None or not field.tags:
        raise TagDeskError("no_tag", "expected one tag before the reader, found none")
    if not field.is_one:
        raise TagDeskError("two_tags", f"expected one tag before the reader, found {len(field.tags)} or more")
    return field.tags[0].epc


def _written_before(visit: Visit, epc: str) -> bool:
    database = schema.open_for_reading(str(visit.gateway.database))
    try:
        return database.execute("select 1 from tag_written where epc = ?", (epc,)).fetchone() is not None
    finally:
        database.close()


def _whose(visit: Visit, epc: str) -> str:
    """Of which part a tag is."""
    gtin = gtin_of(epc) or ""
    part = next((each for each in visit.view.document.parts if gtin and gtin14(each.gtin) == gtin), None)
    if part is None:
        return visit.say("tag_strange")
    return visit.say("tag_ours", part=part_name(visit.say, part), serial=read_sgtin(epc).serial)
