"""Counts that shops were asked for: what was expected, what somebody found, and what still waits."""

from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response
from sqlmodel import Session

from cloud.identity import SignedIn
from cloud.pages import choosing, role_words, work_parts
from cloud.pages.addresses import segment
from cloud.pages.choosing import choose_shop
from cloud.pages.names import CabinetNames, cabinet_name, cabinet_names, shop_names
from cloud.pages.visit import Visit, part_name, show
from cloud.pages.work_parts import Part, press
from cloud.stock_views import CountView
from cloud.stock_work import counts
from cloud.tenancy import TenantId
from page_kit import markup
from page_kit.address import page
from page_kit.language import Texts
from page_kit.look import box, title
from page_kit.markup import Markup, joined
from page_kit.quantity import change, quantity

SHOWN = 40

TEXTS: Texts = {
    "counts": ("盘点", "Counts"),
    "counts_lead": (
        "在货柜页点一个货位，就可以请店里盘点。",
        "Press a bin on a cabinet's page to have it counted by somebody at the shop.",
    ),
    "none": ("还没有盘点", "Nothing has been counted yet"),
    "place": ("{cabinet} 货位 {bin}", "{cabinet} bin {bin}"),
    "expected": ("台账", "Expected"),
    "counted": ("点到", "Counted"),
    "difference": ("相差", "Difference"),
    "state_waiting": ("等人盘点", "Waiting"),
    "state_counted": ("已盘点", "Counted"),
    "state_refused": ("网关没有接受：{why}", "The gateway refused it: {why}"),
    "state_withdrawn": ("已收回", "Withdrawn"),
    "withdraw": ("收回", "Withdraw"),
    "by": ("{who} 要求", "Asked by {who}"),
    "counted_by": ("{who} 点的", "Counted by {who}"),
    "older": ("更早的", "Older ones"),
}


@dataclass(frozen=True)
class Found:
    """What the page shows."""

    rows: list[CountView]
    names: CabinetNames
    shops: list[tuple[str, str]]


def register() -> None:
    """Add the page."""

    @page("/counts")
    async def asked_counts(
        request: Request, shop: str = "", cursor: str = "", cursor_shop: str = ""
    ) -> Response | None:
        behind = (cursor_shop, cursor) if cursor else None
        tables = (role_words.TEXTS, work_parts.TEXTS, choosing.TEXTS, TEXTS)
        return await show(request, tables, lambda visit: _Page(visit, shop, behind).build(), "resolve")


class _Page:
    """The open page."""

    def __init__(self, visit: Visit, shop: str, cursor: tuple[str, str] | None) -> None:
        self.visit, self.say, self.shop, self.cursor = visit, visit.say, shop, cursor
        self.rows: list[CountView] = []

    def query(self, session: Session, tenant: TenantId) -> Found:
        """The counts of the page."""
        rows = counts.counts(session, tenant, shop=self.shop, cursor=self.cursor, limit=SHOWN)
        shops = sorted({row.shop for row in rows})
        return Found(rows, cabinet_names(session, tenant, shops), shop_names(session, tenant))

    async def build(self) -> None:
        """The frame and the list."""
        found = await self.visit.read(self.query)
        with self.visit.frame():
            title(self.say("counts"), self.say("counts_lead"))
            with box("pb-below"):
                choose_shop(self.say, found.shops, self.shop, lambda shop: f"/counts?shop={shop}", or_all=True)
            self.part = Part(self.visit, self.query, self.draw, found)
            self.part.on("withdraw", lambda at: self.withdraw(int(at)))

    def draw(self, found: Found) -> Markup:
        """A card each."""
        self.rows = found.rows
        if not found.rows:
            return markup.empty(self.say("none"))
        cards = [self._card(at, row, found.names) for at, row in enumerate(found.rows)]
        older = []
        if len(found.rows) == SHOWN:
            last = found.rows[-1]
            path = f"/counts?shop={segment(self.shop)}&cursor={segment(last.id)}&cursor_shop={segment(last.shop)}"
            older = [markup.link("pb-button is-quiet", path, self.say("older"))]
        return joined(markup.box("pb-cards", *cards), markup.box("pb-buttons pb-gap-above", *older))

    def _card(self, at: int, row: CountView, names: CabinetNames) -> Markup:
        say = self.say
        place = say("place", cabinet=cabinet_name(say, names, row.shop, row.cabinet), bin=row.bin)
        kind = {"counted": "is-good", "waiting": "is-low", "refused": "is-wrong"}.get(row.state, "")
        who = say("counted_by", who=row.counted_by) if row.counted_by else say("by", who=row.made_by)
        return markup.box(
            "pb-card",
            markup.box(
                "pb-row pb-top",
                markup.box(
                    "pb-grow",
                    markup.box("pb-card-title", part_name(say, row.part)),
                    markup.box("pb-soft pb-small", f"{row.shop_name} · {place}"),
                ),
                markup.age(say, row.ended_ms or row.made_ms, "pb-soft pb-age"),
            ),
            self._figures(row) if row.counted is not None else Markup(),
            markup.box(
                "pb-row pb-wrap pb-marks",
                markup.badge(say(f"state_{row.state}", why=row.why), kind),
                markup.tag("span", who, class_="pb-soft pb-small"),
            ),
            markup.box("pb-soft pb-gap-above", row.note) if row.note else Markup(),
            markup.box("pb-actions", press(say("withdraw"), "withdraw", str(at), "is-quiet"))
            if row.state == "waiting"
            else Markup(),
        )

    def _figures(self, row: CountView) -> Markup:
        say, unit = self.say, row.part.unit
        counted, expected = row.counted or 0, row.expected or 0
        off = counted - expected
        return markup.box(
            "pb-figures pb-gap-above",
            markup.figure(say("expected"), quantity(expected, unit, say.language)),
            markup.figure(say("counted"), quantity(counted, unit, say.language)),
            markup.figure(say("difference"), change(off, unit, say.language), "is-wrong" if off else "is-good"),
        )

    async def withdraw(self, at: int) -> None:
        """Take a count back."""
        row = self.rows[at]

        def act(session: Session, person: SignedIn) -> object:
            return counts.withdraw(session, person, row.shop, row.id, self.visit.now_ms())

        await self.part.change(act)
