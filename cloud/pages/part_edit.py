"""A part is made, or changed: what it is, its numbers, what it fits, what it costs, and whether it is offered."""

from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlmodel import Session

from cloud.catalogue import parts as reading
from cloud.catalogue.editing import Editor
from cloud.catalogue.views import FitmentPage, PartChange, PartView, ReferenceView
from cloud.identity import SignedIn
from cloud.pages import catalogue_words, form, found_parts, part, work_parts
from cloud.pages.addresses import part_edit_path, part_path
from cloud.pages.names import shop_names
from cloud.pages.own_part import ask_first
from cloud.pages.part_facts import FactsForm
from cloud.pages.part_others import Fits, Numbers
from cloud.pages.part_prices import Prices, PricesFound, prices_of
from cloud.pages.visit import Visit, show
from cloud.pages.work_parts import Part, press
from cloud.tenancy import TenantId
from page_kit import markup
from page_kit.address import page
from page_kit.language import Texts
from page_kit.look import box, button, heading, link_button, title
from page_kit.markup import Markup

TEXTS: Texts = {
    "new_lead": (
        "先填零件号和名称。号码、适用车型和价格在保存之后添加。",
        "Its number and its names first. Other numbers, vehicles and prices come once it is saved.",
    ),
    "edit_lead": (
        "改动立即生效，并发给各店的网关。",
        "Changes count at once, and go to the gateways of the shops.",
    ),
    "make_it": ("新建", "Make it"),
    "kind": ("种类", "Kind"),
    "add_number": ("添加号码", "Add a number"),
    "add_vehicle": ("添加车型", "Add a vehicle"),
    "other_number": ("号码", "Number"),
    "position": ("位置", "Position"),
    "quantity": ("每车用量", "Number in one vehicle"),
    "note": ("说明", "Note"),
    "from_day_name": ("从哪天起", "From day"),
    "shop": ("店铺", "Shop"),
    "net": ("单价（不含税）", "Net price of one"),
    "tax": ("税率", "Tax"),
    "tax_percent": ("税率（%）", "Tax (%)"),
    "gross": ("含税", "With tax"),
    "currency": ("货币", "Currency"),
    "set_price": ("设定价格", "Set the price"),
    "no_prices": ("还没有价格", "No price yet"),
    "counts_now": ("现行", "counts now"),
    "counts_later": ("将生效", "to come"),
    "offering": ("供货", "Offered"),
    "withdraw": ("停售", "Withdraw it"),
    "withdraw_what": (
        "停售后不再供货，搜索时排在最后并注明。已记录的领用、价格和对账单都不变。",
        "It is offered no longer: a search shows it last, and says so. What was booked, priced or billed stays.",
    ),
    "withdraw_sure": ("停售 {number}？", "Withdraw {number}?"),
    "offer_again": ("恢复供货", "Offer it again"),
    "is_withdrawn": ("这个配件已停售。", "This part is withdrawn."),
    "to_part": ("‹ {number}", "‹ {number}"),
    "to_catalogue": ("‹ 电子目录", "‹ Catalogue"),
}
TABLES = (part.TEXTS, found_parts.TEXTS, work_parts.TEXTS, form.TEXTS, catalogue_words.TEXTS, TEXTS)


@dataclass(frozen=True)
class Found:
    """What the page begins with."""

    part: PartView
    references: list[ReferenceView]
    fitment: FitmentPage
    prices: PricesFound | None  # None for somebody who does not see them
    shops: dict[str, str]


def register() -> None:
    """Add the page."""

    @page("/part/edit")
    async def edit(request: Request, number: str = "", new: str = "", fits_after: int = 0) -> Response | None:
        async def build(visit: Visit) -> None:
            if number:
                await _Page(visit, number.replace("\0", ""), max(0, min(fits_after, 2**31 - 1))).build()
            else:
                _draw_new(visit, new.replace("\0", "").strip()[:64])

        return await show(request, TABLES, build, "edit_catalogue")


def _draw_new(visit: Visit, number: str) -> None:
    say = visit.say
    with visit.frame():
        link_button(say("to_catalogue"), "/catalogue", "is-quiet pb-back")
        title(say("new_part"), say("new_lead"))
        with box("pb-card"):
            facts = FactsForm(visit, None, number)

            async def make() -> None:
                made = await facts.make()
                if made:
                    ui.navigate.to(part_edit_path(made))

            with box("pb-buttons pb-gap-above"):
                button(say("make_it"), make, "is-main")


class _Page:
    """The open page of a part that is there."""

    def __init__(self, visit: Visit, number: str, fits_after: int) -> None:
        self.visit, self.say, self.number = visit, visit.say, number
        self.numbers, self.fits = Numbers(visit, number), Fits(visit, number, fits_after)

    def query(self, session: Session, tenant: TenantId) -> Found:
        """Everything of it."""
        sees_prices = self.visit.may("see_prices")
        return Found(
            reading.part(session, tenant, self.number),
            self.numbers.query(session, tenant),
            self.fits.query(session, tenant),
            prices_of(session, tenant, self.number, self.visit.now_ms()) if sees_prices else None,
            dict(shop_names(session, tenant)),
        )

    async def build(self) -> None:
        """The frame, and a part of the page for each."""
        say = self.say
        found = await self.visit.read(self.query)
        with self.visit.frame():
            link_button(say("to_part", number=self.number), part_path(self.number), "is-quiet pb-back")
            title(say.name(found.part.name_zh, found.part.name_en) or self.number, say("edit_lead"))
            self._draw_facts(found.part)
            heading(say("numbers"))
            self.numbers.build(found.references)
            heading(say("fits"))
            self.fits.build(found.fitment)
            if found.prices is not None:
                heading(say("prices"))
                Prices(self.visit, self.number, found.shops).build(found.prices)
            heading(say("offering"))
            self._draw_offering(found.part)

    def _draw_facts(self, part: PartView) -> None:
        with box("pb-card"):
            facts = FactsForm(self.visit, part)

            async def keep() -> None:
                if await facts.change():
                    facts.part = await self.visit.read_again(self._part_query) or part
                    ui.notify(self.say("kept"), position="top")

            with box("pb-buttons pb-gap-above"):
                button(self.say("keep"), keep, "is-main")

    def _part_query(self, session: Session, tenant: TenantId) -> PartView:
        return reading.part(session, tenant, self.number)

    # ---- whether it is offered ----

    def _draw_offering(self, part: PartView) -> None:
        self.offering = Part(self.visit, self._part_query, self._offering, part)
        self.offering.on("offer", self._ask_offer)

    def _offering(self, part: PartView) -> Markup:
        say = self.say
        if part.withdrawn:
            pieces = (markup.box("pb-strong", say("is_withdrawn")), press(say("offer_again"), "offer", "again"))
        else:
            pieces = (markup.box("pb-soft", say("withdraw_what")), press(say("withdraw"), "offer", "end", "is-danger"))
        kind = "pb-card is-alert" if part.withdrawn else "pb-card"
        return markup.box(kind, pieces[0], markup.box("pb-buttons pb-gap-above", pieces[1]))

    async def _ask_offer(self, told: str) -> None:
        say = self.say
        if told == "again":
            await self.offering.change(lambda session, person: self._offer(session, person, withdrawn=False))
            return

        async def end() -> None:
            await self.offering.change(lambda session, person: self._offer(session, person, withdrawn=True))

        ask_first(self.visit, say("withdraw_sure", number=self.number), say("withdraw"), end, say("cancel"))

    def _offer(self, session: Session, person: SignedIn, *, withdrawn: bool) -> None:
        editor = Editor(session, person, self.visit.now_ms())
        if withdrawn:
            editor.withdraw(self.number)
        else:
            editor.change(self.number, PartChange(withdrawn=False))
