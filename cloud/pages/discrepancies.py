"""Everything that is open between the weights and the books, over all shops, the newest first; and answers to it."""

from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlmodel import Session

from cloud.identity import SignedIn
from cloud.pages import choosing, role_words, work_parts
from cloud.pages.addresses import cabinet_path, segment, session_path
from cloud.pages.choosing import choose_shop
from cloud.pages.names import CabinetNames, cabinet_name, cabinet_names, shop_names
from cloud.pages.visit import Visit, part_name, show
from cloud.pages.work_parts import Part, press
from cloud.shop_plan import plan_of
from cloud.stock_views import OpenDiscrepancy, OrderView
from cloud.stock_work import counts, discrepancies
from cloud.tenancy import TenantId
from cloud.views import PartName
from page_kit import markup, reasons
from page_kit.address import page
from page_kit.fields import Field
from page_kit.language import Texts
from page_kit.look import box, button, dialog, text, title
from page_kit.markup import Markup, joined

SHOWN = 30

TEXTS: Texts = {
    "doubts": ("差异", "Discrepancies"),
    "lead": (
        "重量和台账对不上的地方；店里有人解释后就会关闭。",
        "Where the weights and the books do not agree; open until somebody has explained it.",
    ),
    "none": ("没有差异", "Nothing is open"),
    "none_why": ("所有台账和重量都对得上。", "All books and weights agree."),
    "bin": ("货位 {bin}", "Bin {bin}"),
    "whole_session": ("整条开柜记录", "The session as a whole"),
    "answer": ("解释", "Explain"),
    "have_counted": ("请店里盘点", "Have it counted"),
    "note": ("怎么回事", "What happened"),
    "found": ("点到的数目", "How many there are"),
    "found_why": (
        "填了数目，网关就按它记账；不填只记说明。",
        "A number is booked by the gateway; without one the note is.",
    ),
    "send": ("发给网关", "Send to the gateway"),
    "cancel": ("取消", "Cancel"),
    "bad_number": ("数目要写成整数", "A quantity is a whole number"),
    "order_waiting": ("答复在路上，等网关处理", "An answer is on its way to the gateway"),
    "order_refused": ("网关没有接受：{why}", "The gateway refused it: {why}"),
    "order_done": ("网关已处理", "The gateway has carried it out"),
    "order_withdrawn": ("已收回", "Withdrawn"),
    "counted_asked": ("已请店里盘点", "The shop has been asked to count"),
    "older": ("更早的", "Older ones"),
    "newest": ("回到最新", "Back to the newest"),
}


@dataclass(frozen=True)
class Found:
    """What the page shows."""

    rows: list[OpenDiscrepancy]
    names: CabinetNames
    shops: list[tuple[str, str]]


def register() -> None:
    """Add the page."""

    @page("/discrepancies")
    async def open_discrepancies(
        request: Request, shop: str = "", cursor: str = "", cursor_shop: str = ""
    ) -> Response | None:
        behind = (cursor_shop, cursor) if cursor else None
        tables = (reasons.TEXTS, role_words.TEXTS, work_parts.TEXTS, choosing.TEXTS, TEXTS)
        return await show(request, tables, lambda visit: _Page(visit, shop, behind).build(), "see_sessions")


class _Page:
    """The open page."""

    def __init__(self, visit: Visit, shop: str, cursor: tuple[str, str] | None) -> None:
        self.visit, self.say, self.shop, self.cursor = visit, visit.say, shop, cursor
        self.rows: list[OpenDiscrepancy] = []

    def query(self, session: Session, tenant: TenantId) -> Found:
        """What is open."""
        rows = discrepancies.open_discrepancies(session, tenant, shop=self.shop, cursor=self.cursor, limit=SHOWN)
        shops = sorted({row.shop for row in rows})
        return Found(rows, cabinet_names(session, tenant, shops), shop_names(session, tenant))

    async def build(self) -> None:
        """The frame and the list."""
        found = await self.visit.read(self.query)
        with self.visit.frame():
            title(self.say("doubts"), self.say("lead"))
            with box("pb-below"):
                choose_shop(self.say, found.shops, self.shop, lambda shop: f"/discrepancies?shop={shop}", or_all=True)
            self.part = Part(self.visit, self.query, self.draw, found)
            self.part.on("answer", lambda at: self.ask(int(at)))
            self.part.on("count", lambda at: self.count(int(at)))

    def draw(self, found: Found) -> Markup:
        """A card each."""
        self.rows = found.rows
        if not found.rows:
            return markup.empty(self.say("none"), self.say("none_why"))
        cards = [self._card(at, row, found.names) for at, row in enumerate(found.rows)]
        return joined(
            markup.box("pb-cards pb-wide-cards", *cards), markup.box("pb-buttons pb-gap-above", *self._ways())
        )

    def _ways(self) -> list[Markup]:
        ways = []
        if self.cursor is not None:
            ways.append(
                markup.link("pb-button is-quiet", f"/discrepancies?shop={segment(self.shop)}", self.say("newest"))
            )
        if len(self.rows) == SHOWN:
            last = self.rows[-1]
            path = (
                f"/discrepancies?shop={segment(self.shop)}&cursor={segment(last.id)}&cursor_shop={segment(last.shop)}"
            )
            ways.append(markup.link("pb-button is-quiet", path, self.say("older")))
        return ways

    def _card(self, at: int, row: OpenDiscrepancy, names: CabinetNames) -> Markup:
        say = self.say
        place = say("bin", bin=row.bin) if row.bin else say("whole_session")
        cabinet = cabinet_name(say, names, row.shop, row.cabinet)
        head = markup.box(
            "pb-row pb-top",
            markup.box(
                "pb-grow",
                markup.box("pb-card-title", part_name(say, row.part) if row.part else place),
                markup.box("pb-soft pb-small", f"{row.shop_name} · {cabinet} · {place}"),
            ),
            markup.age(say, row.opened_ms, "pb-soft pb-age"),
        )
        reason = markup.box("pb-gap-above", reasons.reason_text(say, row.reason))
        return markup.box(
            "pb-card is-alert",
            markup.link("pb-plain-link", _path(row), head, reason),
            self._order(row.order) if row.order else Markup(),
            self._buttons(at, row),
        )

    def _order(self, order: OrderView) -> Markup:
        kind = "is-wrong" if order.state == "refused" else "is-low" if order.state == "waiting" else "is-good"
        told = self.say(f"order_{order.state}", why=order.why)
        return markup.box("pb-row pb-wrap pb-marks", markup.badge(told, kind))

    def _buttons(self, at: int, row: OpenDiscrepancy) -> Markup:
        if not self.visit.may("resolve") or (row.order and row.order.state == "waiting"):
            return Markup()
        made = [press(self.say("answer"), "answer", str(at), "is-main")]
        if row.bin and row.part:
            made.append(press(self.say("have_counted"), "count", str(at), "is-quiet"))
        return markup.box("pb-actions", *made)

    async def count(self, at: int) -> None:
        """Have the bin counted."""
        row = self.rows[at]

        def act(session: Session, person: SignedIn) -> object:
            return counts.ask(
                session,
                person,
                row.shop,
                (row.cabinet, row.bin),
                part=row.part.number if row.part else "",
                note="",
                now_ms=self.visit.now_ms(),
            )

        if await self.part.change(act):
            ui.notify(self.say("counted_asked"), position="top")

    async def ask(self, at: int) -> None:
        """What happened, or how many there are."""
        row, say = self.rows[at], self.say

        def parts_of(session: Session, tenant: TenantId) -> list[PartName]:
            plan = plan_of(session, tenant, row.shop)
            bin_ = plan.bins.get((row.cabinet, row.bin))
            numbers = [placed.part for placed in bin_.parts] if bin_ else []
            return [plan.part_name(number) for number in numbers]

        parts = await self.visit.read_again(parts_of)
        if parts is None:
            return
        with dialog(self.visit.page) as asked, box("pb-stack"):
            text(reasons.reason_text(say, row.reason), "pb-question")
            note = Field(say("note"))
            amounts = [(part, Field(f"{say('found')} · {part_name(say, part)}", kind="number")) for part in parts]
            if parts:
                text(say("found_why"), "pb-soft pb-small")

            async def send() -> None:
                found = _amounts([(part.number, field.value) for part, field in amounts])
                if found is None:
                    ui.notify(say("bad_number"), type="negative", position="top")
                elif await self._send(row, note.value, found):
                    asked.close()

            with box("pb-buttons"):
                button(say("send"), send, "is-main")
                button(say("cancel"), asked.close, "is-quiet")

    async def _send(self, row: OpenDiscrepancy, note: str, found: list[tuple[str, int]]) -> bool:
        def act(session: Session, person: SignedIn) -> object:
            return discrepancies.resolve(
                session, person, row.shop, row.id, note=note, found=found, now_ms=self.visit.now_ms()
            )

        return await self.part.change(act)


def _path(row: OpenDiscrepancy) -> str:
    if row.session:
        return session_path(row.shop, row.session)
    return cabinet_path(row.shop, row.cabinet)


def _amounts(told: list[tuple[str, str]]) -> list[tuple[str, int]] | None:
    """What was typed as numbers, without those left empty; None when one is none."""
    found = []
    for part, typed in told:
        plain = typed.strip()
        if not plain:
            continue
        if not (plain.isascii() and plain.isdigit()):
            return None
        found.append((part, int(plain)))
    return found
