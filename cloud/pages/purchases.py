"""What to buy, by supplier, and what the dealer's own store holds: typed in, from a file, out as a file."""

from dataclasses import dataclass
from itertools import groupby

from fastapi import Request
from fastapi.responses import Response
from sqlmodel import Session

from cloud.api.store import StoreFacts
from cloud.identity import SignedIn
from cloud.pages import form, role_words, round_words, work_parts
from cloud.pages.addresses import segment
from cloud.pages.form import Action, Adding, Form
from cloud.pages.found_parts import part_link
from cloud.pages.round_words import day_name
from cloud.pages.typed_numbers import whole
from cloud.pages.visit import Visit, part_name, show
from cloud.pages.work_parts import Part, press, search_form
from cloud.replenishment.visits import purchases, store
from cloud.replenishment.visits.purchases import Line
from cloud.replenishment.visits.views import PurchaseView, StoreView
from cloud.tenancy import TenantId
from page_kit import markup
from page_kit.address import page
from page_kit.fields import Field
from page_kit.language import Texts
from page_kit.look import box, button, dialog, text, title
from page_kit.markup import Markup, joined
from page_kit.quantity import quantity

SHOWN = 25
FACTS = ("on_hand", "on_order", "on_visits", "shops_ask", "demand", "spare")  # of a line, as it is reckoned

TEXTS: Texts = {
    "purchases": ("采购建议", "What to buy"),
    "purchases_lead": (
        "按所有店铺的预测，仓库在下次到货之前会缺什么。",
        "What your store will lack before the next delivery, by the forecasts of all shops.",
    ),
    "nothing": ("现在不用买", "Nothing to buy now"),
    "nothing_why": ("仓库里的都够用到下次到货。", "What the store keeps lasts until the next delivery."),
    "no_store": ("先填仓库库存", "Say first what your store holds"),
    "no_store_why": ("在下面一个个填，或导入 CSV。", "Part by part below, or from a CSV file."),
    "no_supplier": ("没填供应商", "No supplier said"),
    "mark_all": ("全部标为已订", "All of it was ordered"),
    "mark": ("已订", "Ordered"),
    "download": ("下载 CSV", "Download CSV"),
    "buy": ("买", "Buy"),
    "by": ("最晚 {day} 下单", "Order by {day}"),
    "now": ("今天就下单", "Order today"),
    "has_on_hand": ("现有 {n}", "{n} on hand"),
    "has_on_order": ("在途 {n}", "{n} on order"),
    "has_on_visits": ("送货要装 {n}", "{n} for visits"),
    "has_shops_ask": ("店里缺 {n}", "bins lack {n}"),
    "has_demand": ("到货前预计用 {n}", "{n} expected to be used"),
    "has_spare": ("多备 {n}，以防用得更多", "{n} in case it is more"),
    "packs": ("{packs} 包 × {size}", "{packs} × pack of {size}"),
    "store": ("仓库", "The store"),
    "find_hint": ("配件号、供应商或库位", "A number, a supplier or a place"),
    "add_part": ("填一个配件", "Say something of a part"),
    "part": ("配件号", "Part number"),
    "on_hand": ("现有", "On hand"),
    "on_order": ("在途", "On order"),
    "supplier": ("供应商", "Supplier"),
    "lead_days": ("几天到货", "Days until it comes"),
    "order_pack": ("订货包装", "Ordered in packs of"),
    "location": ("库位", "Place in the store"),
    "received": ("到货", "It came"),
    "received_ask": ("到了多少", "How many came"),
    "change": ("修改", "Change"),
    "import": ("导入 CSV", "Import CSV"),
    "import_hint": (
        "第一行是列名：配件号、库存、在途、供应商、交期、包装、库位；只有配件号必填。",
        "The first line names the columns: part, on_hand, on_order, supplier, lead_days, order_pack, location.",
    ),
    "bad_number": ("写大于 0 的整数", "A whole number above 0"),
    "wrong_part": ("要填配件号。", "A part's number is needed."),
    "more": ("下一页", "Next page"),
}
TABLES = (role_words.TEXTS, work_parts.TEXTS, round_words.TEXTS, form.TEXTS, TEXTS)
_SEND = """(event) => {
  const file = event.target.files[0], said = document.getElementById("pb-sent");
  if (!file) return;
  fetch("/api/dealer-stock/csv", {method: "POST", headers: {"Content-Type": "text/csv"}, body: file})
    .then((answer) => answer.json().then((told) => {
      if (answer.ok) location.reload();
      else said.textContent = typeof told.detail === "string" ? told.detail : String(answer.status);
    }))
    .catch(() => { said.textContent = "–"; });
}"""


@dataclass(frozen=True)
class Found:
    """What the page shows."""

    wanted: list[PurchaseView]
    store: list[StoreView]


def register() -> None:
    """Add the page."""

    @page("/purchases")
    async def what_to_buy(request: Request, words: str = "", cursor: str = "") -> Response | None:
        return await show(request, TABLES, lambda visit: _Page(visit, words, cursor).build(), "plan_visits")


class _Page:
    """The open page."""

    def __init__(self, visit: Visit, words: str, cursor: str) -> None:
        self.visit, self.say, self.words, self.cursor = visit, visit.say, words.replace("\0", "")[:200], cursor
        self.wanted: list[PurchaseView] = []
        self.rows: list[StoreView] = []

    def query(self, session: Session, tenant: TenantId) -> Found:
        """What to buy, and a page of the store."""
        rows = store.stock(session, tenant, words=self.words, cursor=self.cursor, limit=SHOWN)
        return Found(purchases.purchases(session, tenant, self.visit.now_ms()), rows)

    async def build(self) -> None:
        """What to buy first; then the store."""
        found, say = await self.visit.read(self.query), self.say
        with self.visit.frame():
            title(say("purchases"), say("purchases_lead"))
            self.part = Part(self.visit, self.query, self.draw, found)
            self.part.on("ordered", self.ordered)
            self.part.on("received", self.ask_received)
            self.part.on("change", self.ask_change)
            Adding(
                self.visit, lambda made: self._fields(made, None), self._wanted, self.part.refresh,
                label=say("add_part"),
            )  # fmt: skip
            self._draw_files()

    def _draw_files(self) -> None:
        with box("pb-card pb-gap-above"):
            with box("pb-row pb-wrap"):
                with box("pb-button is-quiet pb-file", "label"):
                    text(self.say("import"), "", "span")
                    made = box("", "input").props('type=file accept=".csv,.txt"')
                    made.props["aria-label"] = self.say("import")
                    made.on("change", js_handler=_SEND)
                text(self.say("download"), "pb-button is-quiet", "a").props["href"] = "/api/dealer-stock/csv"
                text("", "pb-strong is-wrong").props("id=pb-sent role=alert")
            text(self.say("import_hint"), "pb-soft pb-small pb-gap-above")

    # ---- what is pressed ----

    async def ordered(self, told: str) -> None:
        """One part, or all of a supplier (by its first row)."""
        how, _, at = told.partition(" ")
        first = self.wanted[int(at)]
        rows = [first] if how == "one" else [each for each in self.wanted if each.supplier == first.supplier]
        lines = [Line(each.part.number, each.quantity) for each in rows]

        def act(session: Session, person: SignedIn) -> object:
            return purchases.ordered(session, person, lines, self.visit.now_ms())

        await self.part.change(act)

    def ask_received(self, at: str) -> None:
        """How many came."""
        row = self.rows[int(at)]
        with dialog(self.visit.page) as asked:
            text(part_name(self.say, row.part), "pb-question")
            amount = Field(self.say("received_ask"), str(row.on_order), "number")

            async def go() -> None:
                number = whole(amount.value)
                if not number:
                    amount.refuse(self.say("bad_number"))
                    return
                asked.close()
                lines = [Line(row.part.number, number)]

                def act(session: Session, person: SignedIn) -> object:
                    return purchases.received(session, person, lines, self.visit.now_ms())

                await self.part.change(act)

            with box("pb-buttons pb-gap-above"):
                button(self.say("received"), go, "is-main")
                button(self.say("cancel"), asked.close, "is-quiet")

    def ask_change(self, at: str) -> None:
        """The form in a box."""
        row = self.rows[int(at)]
        with dialog(self.visit.page) as asked:
            text(part_name(self.say, row.part), "pb-question")
            made = Form(self.visit)
            with box("pb-fields pb-gap-above"):
                self._fields(made, row)

            async def go() -> None:
                act = self._wanted(made)
                if act is not None and await made.keep(act):
                    asked.close()
                    await self.part.refresh()

            with box("pb-buttons pb-gap-above"):
                button(self.say("keep"), go, "is-main")
                button(self.say("cancel"), asked.close, "is-quiet")

    def _fields(self, made: Form, row: StoreView | None) -> None:
        made.line("part", self.say("part"), row.part.number if row else "")
        for name in ("on_hand", "on_order", "lead_days", "order_pack"):
            value = getattr(row, name) if row else {"lead_days": 7, "order_pack": 1}.get(name, 0)
            made.line(name, self.say(name), str(value), "number")
        for name in ("supplier", "location"):
            made.line(name, self.say(name), getattr(row, name) if row else "")

    def _wanted(self, made: Form) -> Action | None:
        names = ("on_hand", "on_order", "lead_days", "order_pack")
        numbers = {name: made.read(name, whole, "wrong_whole", 0) for name in names}
        made.demand("part", "wrong_part")
        wanted = made.model(StoreFacts, made.texts("part", "supplier", "location") | numbers)
        if wanted is None:
            return None
        facts = store.Facts(**wanted.model_dump())
        return lambda session, person: store.keep(session, person, facts, self.visit.now_ms())

    # ---- what is drawn ----

    def draw(self, found: Found) -> Markup:
        """What to buy by supplier; the store under it."""
        self.wanted, self.rows = found.wanted, found.store
        by_supplier = groupby(enumerate(found.wanted), key=lambda each: each[1].supplier)
        cards = [self._supplier(name, list(rows)) for name, rows in by_supplier]
        if not cards:
            empty = "nothing" if found.store or self.words or self.cursor else "no_store"
            cards = [markup.empty(self.say(empty), self.say(f"{empty}_why"))]
        return joined(markup.box("pb-stack", *cards), self._store(found))

    def _supplier(self, name: str, rows: list[tuple[int, PurchaseView]]) -> Markup:
        say = self.say
        path = f"/api/purchases/csv?supplier={segment(name)}"
        buttons = [
            press(say("mark_all"), "ordered", f"all {rows[0][0]}", "is-main"),
            markup.link("pb-button is-quiet", path, say("download")),
        ]
        return markup.box(
            "pb-card",
            markup.box(
                "pb-row pb-between pb-headed",
                markup.box("pb-card-title pb-grow", name or say("no_supplier")),
                markup.box("pb-buttons", *buttons),
            ),
            *(self._purchase(at, row) for at, row in rows),
        )

    def _purchase(self, at: int, row: PurchaseView) -> Markup:
        say, unit = self.say, row.part.unit

        def told(number: float) -> str:
            return quantity(round(number), unit, say.language)

        values = (getattr(row, name) for name in FACTS)
        known = [
            say(f"has_{name}", n=told(value))
            for name, value in zip(FACTS, values, strict=True)
            if round(value) or name == "on_hand"
        ]
        hurry = row.days_left is not None and row.days_left <= row.lead_days
        when = say("now") if hurry else say("by", day=day_name(say, row.order_by))
        size = row.order_pack
        packs = say("packs", packs=row.quantity // size, size=told(size)) if size > 1 else ""
        return markup.box(
            "pb-line",
            markup.box("pb-number pb-change", told(row.quantity)),
            markup.box(
                "pb-grow",
                part_link(self.visit, row.part),
                markup.box("pb-small is-low pb-strong" if hurry else "pb-small", when),
                markup.box("pb-small pb-soft", " · ".join(each for each in (packs, *known) if each)),
            ),
            press(say("mark"), "ordered", f"one {at}", "is-quiet pb-slim"),
        )

    def _store(self, found: Found) -> Markup:
        say = self.say
        if not found.store and not self.words and not self.cursor:
            return Markup()
        head = markup.heading(say("store"))
        find = search_form(say, "/purchases", self.words, say("find_hint"))
        rows = [self._row(at, row) for at, row in enumerate(found.store)]
        names = ("part", "on_hand", "on_order", "supplier", "lead_days", "location")
        heads = [markup.tag("th", say(name)) for name in names]
        table = markup.tag(
            "table",
            markup.tag("thead", markup.tag("tr", *heads, markup.tag("th", ""))),
            markup.tag("tbody", *rows),
            class_="pb-table pb-gap-above",
        )
        more = Markup()
        if len(found.store) == SHOWN:
            path = f"/purchases?cursor={segment(found.store[-1].part.number)}&words={segment(self.words)}"
            more = markup.box("pb-buttons pb-gap-above", markup.link("pb-button is-quiet", path, say("more")))
        return joined(head, find, table, more)

    def _row(self, at: int, row: StoreView) -> Markup:
        say, tag, unit = self.say, markup.tag, row.part.unit
        made = [press(say("change"), "change", str(at), "is-quiet pb-slim")]
        if row.on_order:
            made.insert(0, press(say("received"), "received", str(at), "is-quiet pb-slim"))
        kind = "pb-number is-wrong" if row.on_hand < 0 else "pb-number"
        return tag(
            "tr",
            tag("td", part_link(self.visit, row.part), markup.box("pb-soft pb-small", row.part.number)),
            tag("td", tag("span", quantity(row.on_hand, unit, say.language), class_=kind), data_name=say("on_hand")),
            tag("td", quantity(row.on_order, unit, say.language), data_name=say("on_order")),
            tag("td", row.supplier or "–", data_name=say("supplier")),
            tag("td", str(row.lead_days), data_name=say("lead_days")),
            tag("td", row.location or "–", data_name=say("location")),
            tag("td", markup.box("pb-buttons", *made)),
        )
