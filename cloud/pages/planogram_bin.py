"""One bin of the planogram in a dialog: its cell, its parts with their policy, and at once whether they weigh apart."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from msgspec import structs
from sqlmodel import Session

from cloud.catalogue.search import Search
from cloud.catalogue.search_views import PartHit
from cloud.pages.planogram_draft_state import DraftState, Place
from cloud.pages.visit import Visit
from cloud.people.rules import RefusedError
from cloud.planogram_draft import CELLS, BinDraft, Draft
from cloud.planogram_edit import Preview, preview
from cloud.tenancy import NotFoundError, TenantId
from edge_gateway.planogram_words import SAYS, bin_lines
from edge_gateway.shop_document import BinPart, Part
from page_kit.fields import Select
from page_kit.look import box, button, dialog, text
from page_kit.quantity import quantity

FOUND_SHOWN = 6
_FIGURES = ("capacity", "reorder_point", "order_up_to")
_TYPED = "(event) => emit(event.target.value)"


@dataclass(frozen=True)
class Shelf:
    """What the dialog knows besides the bin: parts by number, and what lies in the bin now."""

    shop: str
    parts: Mapping[str, Part]
    stock: Mapping[str, int]


class BinDialog:
    """The open dialog of one bin. Nothing is kept before `done` is pressed."""

    def __init__(
        self, visit: Visit, state: DraftState, place: Place, shelf: Shelf, changed: Callable[[], Awaitable[None]]
    ) -> None:
        self.visit, self.say, self.state, self.place = visit, visit.say, state, place
        self.shelf, self._changed = shelf, changed
        self.wanted: BinDraft = state.bin(place)
        self.found: dict[str, Part] = dict(shelf.parts)

    async def open(self) -> None:
        """Show it."""
        with dialog(self.visit.page) as self._dialog:
            text(self.say("bin", bin=self.place[1]), "pb-h2 pb-first")
            options = {cell: cell for cell in CELLS}
            Select(self.say("cell"), options, self.wanted.cell, self._set_cell)
            self._parts = box("pb-gap-above")
            self._draw_search()
            self._verdict = box("pb-gap-above").props("role=status")
            with box("pb-buttons pb-gap-above"):
                button(self.say("done"), self._done, "is-main")
                button(self.say("undo"), self._undo, "is-quiet")
                button(self.say("cancel"), self._dialog.close, "is-quiet")
            self._hand_over_place = box("pb-gap-above")
        self._draw_parts()
        await self._check()

    # ---- parts ----

    def _draw_parts(self) -> None:
        self._parts.clear()
        with self._parts:
            for placed in self.wanted.parts:
                self._draw_part(placed)
            if not self.wanted.parts:
                text(self.say("bin_empty"), "pb-soft")
        self._draw_hand_over()

    def _draw_part(self, placed: BinPart) -> None:
        part = self.found.get(placed.part)
        is_bulk = part is not None and part.unit == "gram"
        with box("pb-card pb-gap-above"):
            with box("pb-row pb-between pb-top"):
                with box("pb-grow"):
                    text(self._name(part, placed.part), "pb-strong")
                    text(self._facts(part, placed.part), "pb-soft pb-small")
                button(self.say("take_out"), lambda: self._take_out(placed.part), "is-quiet")
            with box("pb-policy"):
                for name in (*_FIGURES, *(("dead_band",) if is_bulk else ()), "opening"):
                    self._draw_figure(placed, name)

    def _name(self, part: Part | None, number: str) -> str:
        return (self.say.name(part.name_zh, part.name_en) or number) if part else number

    def _facts(self, part: Part | None, number: str) -> str:
        facts = [number]
        if part is not None and part.unit == "gram":
            facts.append(self.say("in_grams"))
        elif part is not None:
            mass = f"{part.unit_mass_mg / 1000:g}"
            facts.append(self.say("unit_mass", mass=mass) if part.unit_mass_mg else self.say("unit_mass_none"))
        held = self.shelf.stock.get(number)
        if held:
            unit = part.unit if part else "piece"
            facts.append(self.say("stock_now", quantity=quantity(held, unit, self.say.language)))
        return " · ".join(facts)

    def _draw_figure(self, placed: BinPart, name: str) -> None:
        value = getattr(placed, name)
        with box("pb-labelled", "label"):
            text(self.say(name), "pb-label", "span")
            made = box("pb-field", "input").props("type=number min=0 step=1 inputmode=numeric")
            made.props["value"] = "" if value is None else str(value)
            made.on(
                "change", lambda event: self._set_figure(placed.part, name, str(event.args or "")), js_handler=_TYPED
            )

    async def _set_figure(self, part: str, name: str, typed: str) -> None:
        typed = typed.strip()
        if not typed.isdecimal() and typed:
            self._say_wrong(self.say("whole_number"))
            return
        value = int(typed) if typed else None if name == "opening" else 0
        parts = tuple(
            structs.replace(placed, **{name: value}) if placed.part == part else placed for placed in self.wanted.parts
        )
        await self._want(replace(self.wanted, parts=parts), redraw=False)

    async def _take_out(self, part: str) -> None:
        kept = tuple(placed for placed in self.wanted.parts if placed.part != part)
        await self._want(replace(self.wanted, parts=kept))

    async def _set_cell(self, cell: str) -> None:
        await self._want(replace(self.wanted, cell=cell), redraw=False)  # type: ignore[arg-type]

    # ---- finding parts ----

    def _draw_search(self) -> None:
        with box("pb-labelled pb-gap-above", "label"):
            made = box("pb-field", "input").props("type=search autocomplete=off")
            made.props["placeholder"] = made.props["aria-label"] = self.say("find_part")
            made.on("input", self._search, js_handler=_TYPED, throttle=0.3, leading_events=False)
        self._hits = box("pb-stack pb-tight")

    async def _search(self, event: object) -> None:
        typed = str(getattr(event, "args", "") or "").strip()
        hits: list[PartHit] = []
        if typed:

            def query(session: Session, tenant: TenantId) -> list[PartHit]:
                return list(Search(session, tenant, self.visit.now_ms()).answer(typed, FOUND_SHOWN).hits)

            hits = await self.visit.read_again(query) or []
        self._hits.clear()
        with self._hits:
            for hit in hits[:FOUND_SHOWN]:
                self._draw_hit(hit)
            if typed and not hits:
                text(self.say("found_none"), "pb-soft pb-small")

    def _draw_hit(self, hit: PartHit) -> None:
        number = hit.part.number
        made = button("", lambda: self._put_in(hit), "is-quiet pb-choice")
        with made:
            text(self.say.name(hit.part.name_zh, hit.part.name_en) or number, "pb-strong")
            text(" · ".join(word for word in (number, hit.part.brand) if word), "pb-soft")

    async def _put_in(self, hit: PartHit) -> None:
        number = hit.part.number
        if any(placed.part == number for placed in self.wanted.parts):
            return
        if hit.part.unit == "gram":
            placed = BinPart(number, capacity=5000, reorder_point=1000, order_up_to=5000, dead_band=20)
        else:
            placed = BinPart(number, capacity=10, reorder_point=2, order_up_to=10)
        self._hits.clear()
        name = hit.part
        self.found.setdefault(number, Part(number, name.name_zh, name.name_en, name.unit, name.brand))
        await self._want(replace(self.wanted, parts=(*self.wanted.parts, placed), hand_over=None))

    # ---- whether it can be counted ----

    async def _want(self, wanted: BinDraft, *, redraw: bool = True) -> None:
        self.wanted = wanted
        if redraw:
            self._draw_parts()
        await self._check()
        if redraw:
            self._draw_parts()  # with what the catalogue says of a part that has just come in

    async def _check(self) -> None:
        draft = Draft(self.state.seen.version, (self.wanted,), tuple(self.state.cabinets.values()))

        def query(session: Session, tenant: TenantId) -> Preview | str:
            try:
                return preview(session, tenant, self.shelf.shop, draft, self.visit.now_ms())
            except (RefusedError, NotFoundError) as error:
                return str(error)

        found = await self.visit.read_again(query)
        if isinstance(found, str):
            self._say_wrong(found)
        elif found is not None:
            self.found.update({part.number: part for part in found.document.parts})
            self._say_verdict(found)

    def _say_wrong(self, sentence: str) -> None:
        self._verdict.clear()
        with self._verdict:
            text(sentence, "pb-error")

    def _say_verdict(self, found: Preview) -> None:
        self._verdict.clear()
        with self._verdict:
            for checked in found.checked:
                if checked.verdict != "fine":
                    with box("pb-trouble" if checked.verdict == "warned" else "pb-trouble is-wrong"):
                        for line in bin_lines(checked, SAYS[self.say.language]):
                            text(line.strip())
            if self.wanted.parts and all(checked.verdict == "fine" for checked in found.checked):
                text(self.say("fine"), "is-good pb-strong")
            for told in found.changes:
                if told.warns and (told.cabinet, told.bin) == self.place:
                    text(told.sentence(self.say.language), "pb-trouble pb-gap-above")

    # ---- to another dealer, and the end ----

    def _draw_hand_over(self) -> None:
        self._hand_over_place.clear()
        if self.wanted.parts or self.state.stored(self.place) is None:
            return
        with self._hand_over_place, box("pb-fold", "details"):
            text(self.say("hand_over" if self.state.seen.is_host else "hand_back"), "", "summary")
            if self.state.seen.is_host:
                self._draw_dealer()
            else:
                button(self.say("hand_back"), lambda: self._hand_over(""), "is-quiet")

    def _draw_dealer(self) -> None:
        typed = {"value": ""}
        with box("pb-labelled", "label"):
            text(self.say("hand_over_id"), "pb-label", "span")
            made = box("pb-field", "input").props("type=text autocomplete=off")
            made.on(
                "change", lambda event: typed.__setitem__("value", str(event.args or "").strip()), js_handler=_TYPED
            )
        with box("pb-buttons pb-gap-above"):
            button(self.say("hand_over"), lambda: self._hand_over(typed["value"]), "is-quiet")

    async def _hand_over(self, dealer: str) -> None:
        self.wanted = replace(self.wanted, hand_over=dealer)
        await self._done()

    async def _undo(self) -> None:
        stored = self.state.stored(self.place)
        await self._want(BinDraft(*self.place, stored.parts, stored.cell) if stored else BinDraft(*self.place))

    async def _done(self) -> None:
        self.state.put(self.wanted)
        self._dialog.close()
        await self._changed()
