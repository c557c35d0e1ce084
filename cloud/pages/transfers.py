"""Transfers between bins: what was asked for, what is on the way, and where else a part could go."""

from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlmodel import Session

from cloud import stock
from cloud.identity import SignedIn
from cloud.pages import role_words, work_parts
from cloud.pages.addresses import cabinet_path, segment
from cloud.pages.names import CabinetNames, cabinet_name, cabinet_names
from cloud.pages.visit import Visit, part_name, show
from cloud.pages.work_parts import Part, press
from cloud.shop_plan import plan_of
from cloud.stock_views import End, PartPlace, TransferView
from cloud.stock_work import transfers
from cloud.stock_work.transfers import Asked
from cloud.tenancy import NotFoundError, TenantId
from cloud.views import PartName
from page_kit import markup
from page_kit.address import page
from page_kit.cabinet_face import bar
from page_kit.fields import Field
from page_kit.language import Texts
from page_kit.look import box, link_button, title
from page_kit.markup import Markup, joined
from page_kit.quantity import quantity

SHOWN = 40
TARGETS_SHOWN = 60

TEXTS: Texts = {
    "transfers": ("调拨", "Transfers"),
    "transfers_lead": (
        "在货柜页点一个货位，就可以调往别处。补货员照常取放，这里跟着看。",
        "Press a bin on a cabinet's page to move stock elsewhere. The restocker takes out and puts in as ever; it is "
        "followed here.",
    ),
    "none": ("没有调拨", "Nothing is to be moved"),
    "place": ("{shop} · {cabinet} 货位 {bin}", "{shop} · {cabinet} bin {bin}"),
    "bin_there": ("{cabinet} 货位 {bin}", "{cabinet} bin {bin}"),
    "from": ("从", "From"),
    "to": ("到", "To"),
    "asked_for": ("要调", "To move"),
    "taken": ("已取出", "Taken out"),
    "on_the_way": ("在路上", "On the way"),
    "put": ("已放入", "Put in"),
    "state_proposed": ("等人去取", "Proposed"),
    "state_on_the_way": ("在路上", "On the way"),
    "state_arrived": ("已到", "Arrived"),
    "state_withdrawn": ("已收回", "Withdrawn"),
    "withdraw": ("收回", "Withdraw"),
    "close": ("结束", "Close"),
    "older": ("更早的", "Older ones"),
    "move": ("调往别处", "Move elsewhere"),
    "how_many": ("数量", "How many"),
    "where_to": ("调到哪里", "Where to"),
    "where_to_why": ("最缺的在前。", "Those that lack most come first."),
    "nowhere": ("别处没有它的货位", "No other bin is for this part"),
    "held": ("现有 {stock}，容量 {capacity}", "{stock} of {capacity}"),
    "bad_number": ("数量要写成整数", "A quantity is a whole number"),
}


@dataclass(frozen=True)
class Found:
    """What the list shows."""

    rows: list[TransferView]
    names: CabinetNames


@dataclass(frozen=True)
class Targets:
    """What the page of a new one shows."""

    part: PartName
    source: PartPlace
    places: list[PartPlace]
    names: CabinetNames


def register() -> None:
    """Add both pages."""

    @page("/transfers")
    async def all_transfers(request: Request, cursor: str = "") -> Response | None:
        return await show(
            request, (role_words.TEXTS, work_parts.TEXTS, TEXTS), lambda visit: _List(visit, cursor).build(), "resolve"
        )

    @page("/transfers/new")
    async def new_transfer(
        request: Request,
        shop: str = "",
        cabinet: str = "",
        bin: int = 0,  # noqa: A002 -- as it stands in the address
        part: str = "",
    ) -> Response | None:
        source = shop, cabinet, bin
        return await show(
            request,
            (role_words.TEXTS, work_parts.TEXTS, TEXTS),
            lambda visit: _New(visit, source, part).build(),
            "resolve",
        )


class _List:
    """The open list."""

    def __init__(self, visit: Visit, cursor: str) -> None:
        self.visit, self.say, self.cursor = visit, visit.say, cursor
        self.rows: list[TransferView] = []

    def query(self, session: Session, tenant: TenantId) -> Found:
        """The transfers of the page."""
        rows = transfers.transfers(session, tenant, cursor=self.cursor, limit=SHOWN)
        shops = sorted({shop for row in rows for shop in (row.source.shop, row.target.shop)})
        return Found(rows, cabinet_names(session, tenant, shops))

    async def build(self) -> None:
        """The frame and the list."""
        found = await self.visit.read(self.query)
        with self.visit.frame():
            title(self.say("transfers"), self.say("transfers_lead"))
            self.part = Part(self.visit, self.query, self.draw, found)
            self.part.on("withdraw", lambda at: self.end(int(at), withdraw=True))
            self.part.on("close", lambda at: self.end(int(at), withdraw=False))

    def draw(self, found: Found) -> Markup:
        """A card each."""
        self.rows = found.rows
        if not found.rows:
            return markup.empty(self.say("none"))
        cards = [self._card(at, row, found.names) for at, row in enumerate(found.rows)]
        older = []
        if len(found.rows) == SHOWN:
            path = f"/transfers?cursor={segment(found.rows[-1].id)}"
            older = [markup.link("pb-button is-quiet", path, self.say("older"))]
        return joined(markup.box("pb-cards pb-wide-cards", *cards), markup.box("pb-buttons pb-gap-above", *older))

    def _card(self, at: int, row: TransferView, names: CabinetNames) -> Markup:
        say, unit = self.say, row.part.unit
        kind = {"on_the_way": "is-low", "arrived": "is-good"}.get(row.state, "")
        figures = [
            markup.figure(say(key), quantity(amount, unit, say.language), "is-low" if key == "on_the_way" else "")
            for key, amount in (
                ("asked_for", row.quantity), ("taken", row.taken), ("on_the_way", row.on_the_way), ("put", row.put),
            )
            if amount or key != "on_the_way"
        ]  # fmt: skip
        return markup.box(
            "pb-card",
            markup.box(
                "pb-row pb-between pb-top",
                markup.box("pb-card-title pb-grow", part_name(say, row.part)),
                markup.badge(say(f"state_{row.state}"), kind),
            ),
            self._end("from", row.source, row.source_shop_name, names),
            self._end("to", row.target, row.target_shop_name, names),
            markup.box("pb-figures pb-gap-above", *figures),
            markup.box("pb-soft pb-gap-above", row.note) if row.note else Markup(),
            markup.box("pb-row pb-soft pb-small pb-gap-above", row.made_by, markup.age(say, row.made_ms)),
            self._buttons(at, row),
        )

    def _end(self, key: str, end: End, shop_name: str, names: CabinetNames) -> Markup:
        cabinet = cabinet_name(self.say, names, end.shop, end.cabinet)
        place = self.say("place", shop=shop_name, cabinet=cabinet, bin=end.bin)
        path = cabinet_path(end.shop, end.cabinet)
        return markup.box(
            "pb-row pb-top", markup.tag("span", self.say(key), class_="pb-soft"), markup.link("", path, place)
        )

    def _buttons(self, at: int, row: TransferView) -> Markup:
        if row.state in {"arrived", "withdrawn"}:
            return Markup()
        name = "close" if row.on_the_way else "withdraw"
        return markup.box("pb-actions", press(self.say(name), name, str(at), "is-quiet"))

    async def end(self, at: int, *, withdraw: bool) -> None:
        """Take it back, or say that it is over."""
        row = self.rows[at]

        def act(session: Session, person: SignedIn) -> object:
            step = transfers.withdraw if withdraw else transfers.close
            return step(session, person, row.id, "", self.visit.now_ms())

        await self.part.change(act)


class _New:
    """The open page of a new one."""

    def __init__(self, visit: Visit, source: tuple[str, str, int], part: str) -> None:
        self.visit, self.say, self.source, self.part_number = visit, visit.say, source, part
        self.places: list[PartPlace] = []

    def query(self, session: Session, tenant: TenantId) -> Targets:
        """Where the part is, and where else it could be (`NotFoundError`)."""
        places = stock.of_part(session, tenant, self.part_number, self.visit.now_ms())
        source = next((place for place in places if (place.shop, place.cabinet, place.bin) == self.source), None)
        if source is None:
            raise NotFoundError(f"expected a bin with {self.part_number}, found bin {self.source[2]}")
        others = [place for place in places if place.is_planned and place != source]
        others.sort(key=lambda place: (place.stock - place.reorder_point, place.shop_name, place.bin))
        shown = others[:TARGETS_SHOWN]
        shops = sorted({place.shop for place in (source, *shown)})
        name = plan_of(session, tenant, source.shop).part_name(self.part_number)
        return Targets(name, source, shown, cabinet_names(session, tenant, shops))

    async def build(self) -> None:
        """How many, and where to."""
        say = self.say
        found = await self.visit.read(self.query)
        source = found.source
        with self.visit.frame():
            path = cabinet_path(source.shop, source.cabinet)
            link_button(say("back_to_shop", shop=source.shop_name), path, "is-quiet pb-back")
            title(f"{say('move')}: {part_name(say, found.part)}", self._place(source, found.names))
            with box("pb-form"):
                self.amount = Field(
                    say("how_many"), str(min(source.stock, source.order_up_to // 2) or 1), kind="number"
                )
            markup.show(markup.heading(say("where_to")), markup.box("pb-lead", say("where_to_why")))
            self.part = Part(self.visit, self.query, self.draw, found)
            self.part.on("target", lambda at: self.propose(int(at)))

    def draw(self, found: Targets) -> Markup:
        """A card for each bin that it could go to."""
        self.places = found.places
        if not found.places:
            return markup.empty(self.say("nowhere"))
        return markup.box("pb-cards", *(self._target(at, place, found) for at, place in enumerate(found.places)))

    def _target(self, at: int, place: PartPlace, found: Targets) -> Markup:
        say, unit = self.say, found.part.unit
        low = place.order_up_to > 0 and place.stock <= place.reorder_point
        held = say(
            "held",
            stock=quantity(place.stock, unit, say.language),
            capacity=quantity(place.capacity, unit, say.language),
        )
        return markup.tag(
            "button",
            markup.box("pb-card-title", place.shop_name),
            markup.box("pb-soft pb-small", self._bin(place, found.names)),
            markup.box("is-low pb-small" if low else "pb-small", held),
            bar(place.stock, place.capacity, place.reorder_point, low),
            class_="pb-card pb-target",
            type="button",
            data_target=at,
        )

    def _place(self, place: PartPlace, names: CabinetNames) -> str:
        cabinet = cabinet_name(self.say, names, place.shop, place.cabinet)
        return self.say("place", shop=place.shop_name, cabinet=cabinet, bin=place.bin)

    def _bin(self, place: PartPlace, names: CabinetNames) -> str:
        return self.say("bin_there", cabinet=cabinet_name(self.say, names, place.shop, place.cabinet), bin=place.bin)

    async def propose(self, at: int) -> None:
        """Ask for it."""
        place, typed = self.places[at], self.amount.value.strip()
        if not (typed.isascii() and typed.isdigit()):
            ui.notify(self.say("bad_number"), type="negative", position="top")
            return
        shop, cabinet, number = self.source
        asked = Asked(
            self.part_number,
            int(typed),
            End(shop=shop, cabinet=cabinet, bin=number),
            End(shop=place.shop, cabinet=place.cabinet, bin=place.bin),
        )
        if await self.part.change(
            lambda session, person: transfers.propose(session, person, asked, self.visit.now_ms())
        ):
            with self.visit.page:
                ui.navigate.to("/transfers")
