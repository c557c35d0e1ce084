"""The planogram editor: the cabinet as it looks, each bin to be pressed and changed, and the whole sent to the gateway.

What is changed stays in the open page until it is sent. Another editor's version is noticed while the page is open,
and never overwritten unseen.
"""

from typing import cast

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlmodel import Session

from cloud.document import PlanogramError
from cloud.document_edit import Edited, StaleEditError
from cloud.identity import SignedIn
from cloud.pages import planogram_words
from cloud.pages.addresses import shop_path
from cloud.pages.own_part import attempt
from cloud.pages.planogram_bin import BinDialog, Shelf
from cloud.pages.planogram_draft_state import DraftState, Place, shown_places
from cloud.pages.planogram_pins import PinDoors
from cloud.pages.visit import Visit, show
from cloud.people.rules import RefusedError
from cloud.planogram_draft import BinDraft, CabinetDraft
from cloud.planogram_edit import Planogram, Preview, planogram, preview, running_stock, save
from cloud.tenancy import TenantId
from edge_gateway.planogram_words import SAYS, bin_lines
from edge_gateway.shop_document import BinPart, DocumentError, Part
from page_kit.address import page
from page_kit.cabinet_face import split_doors
from page_kit.fields import Field
from page_kit.look import badge, box, button, dialog, empty, heading, link_button, press_card, text, title
from page_kit.quantity import quantity

LOOK_EVERY_S = 3.0
Stock = dict[tuple[str, int, str], int]


def register() -> None:
    """Add the page."""

    @page("/shops/{shop}/planogram")
    async def one_planogram(request: Request, shop: str, cabinet: str = "") -> Response | None:
        tables = (planogram_words.TEXTS,)
        return await show(request, tables, lambda visit: _Editor(visit, shop, cabinet).build(), "edit_planogram")


class _Editor:
    """The open page: what was seen, what was changed, and the cabinet that is shown."""

    def __init__(self, visit: Visit, shop: str, cabinet: str) -> None:
        self.visit, self.say, self.shop, self.cabinet = visit, visit.say, shop, cabinet
        self.stock: Stock = {}
        self._pin_doors = PinDoors(visit, shop, lambda: self.state, self._part_name, self._changed)

    async def build(self) -> None:
        """The whole page."""
        self.state = DraftState(await self.visit.read(self._query))
        self.stock = await self.visit.read(self._stock)
        document = self.state.seen.document
        with self.visit.frame():
            link_button(self.say("back", shop=document.shop_name), shop_path(self.shop), "is-quiet pb-back")
            title(self.say("planogram"), self.say("lead"))
            with box("pb-row pb-wrap pb-between"):
                self._status = box("pb-row pb-wrap pb-tight")
                link_button(self.say("versions"), shop_path(self.shop, "/planogram/versions"), "is-quiet")
            self._body = box("pb-gap-above")
            self._send_place = box()
        self._draw()
        ui.timer(LOOK_EVERY_S, self._look, immediate=False)

    def _query(self, session: Session, tenant: TenantId) -> Planogram:
        return planogram(session, tenant, self.shop)

    def _stock(self, session: Session, tenant: TenantId) -> Stock:
        return dict(running_stock(session, tenant, self.shop).stock)

    async def _look(self) -> None:
        """Follow the gateway, and notice what somebody else has saved."""
        found = await self.visit.read_again(self._query)
        if found is None:
            return
        if found.document.cabinets != self.state.seen.document.cabinets:
            self.state.rebased(found)
            if not self.state.is_changed:
                self.state.meanwhile = 0
            await self._changed()
        elif found != self.state.seen:
            self.state.seen = found
            self._draw_status()

    # ---- what is drawn ----

    def _draw(self) -> None:
        self._draw_status()
        self._draw_cabinets()
        self._draw_sending()

    def _draw_status(self) -> None:
        seen, say = self.state.seen, self.say
        self._status.clear()
        with self._status:
            badge(say("version", version=seen.version))
            in_force = min(seen.in_force, default=-1)
            if in_force < 0:
                text(say("no_gateway"), "pb-soft pb-small")
            elif not in_force:
                text(say("in_force_never"), "is-low pb-small")
            elif in_force < seen.version:
                text(say("in_force_not_yet", version=in_force), "is-low pb-small")
            else:
                text(say("in_force", version=in_force), "is-good pb-small")

    def _draw_cabinets(self) -> None:
        self._body.clear()
        cabinets = self.state.cabinet_list()
        if not any(named[0] == self.cabinet for named in cabinets):
            self.cabinet = cabinets[0][0] if cabinets else ""
        with self._body:
            with box("pb-buttons"):
                for name, zh, en, _ in cabinets:
                    kind = "is-main" if name == self.cabinet else "is-quiet"
                    button(self.say.name(zh, en) or name, lambda name=name: self._show(name), kind)
                if self.state.seen.is_host:
                    button(self.say("add_cabinet"), self._ask_cabinet, "is-quiet")
            if not cabinets:
                empty(self.say("no_cabinet"), self.say("no_cabinet_why"))
                return
            with box("pb-gap-above"):
                self._draw_cabinet(next(doors for name, _, _, doors in cabinets if name == self.cabinet))

    def _show(self, cabinet: str) -> None:
        self.cabinet = cabinet
        self._draw_cabinets()

    def _draw_cabinet(self, doors: int) -> None:
        places = self.state.places(self.cabinet)
        with box("pb-doors"):
            for behind in split_doors(places, doors):
                with box("pb-door"), box("pb-bins"):
                    for place in behind:
                        self._draw_bin(place)
        if self.state.seen.is_host:
            with box("pb-buttons pb-gap-above"):
                button(self.say("add_bins"), self._ask_bins, "is-quiet")
            self._pin_doors.draw(self.cabinet, doors)

    def _draw_bin(self, place: Place) -> None:
        wanted, verdict = self.state.bin(place), self._verdict(place)
        drafted = place in self.state.bins
        classes = ["pb-bin", "" if wanted.parts else "is-empty", "is-drafted" if drafted else ""]
        classes.append({"refused": "is-wrong", "warned": "is-low"}.get(verdict, ""))
        tile = press_card(lambda: self._edit(place), " ".join(filter(None, classes)))
        tile.props["aria-label"] = f"{self.say('bin', bin=place[1])} {' '.join(p.part for p in wanted.parts)}"
        with tile:
            with box("pb-bin-head"):
                text(str(place[1]), "pb-bin-place")
                if verdict in {"refused", "warned"}:
                    mark = text("!", "pb-bin-mark" if verdict == "refused" else "pb-bin-mark is-low")
                    mark.props["title"] = self.say(verdict)
                elif drafted:
                    badge(self.say("drafted"), "is-good")
            if not wanted.parts:
                text(self.say("bin_empty"), "pb-bin-name pb-soft")
            for placed in wanted.parts:
                self._draw_placed(placed)

    def _draw_placed(self, placed: BinPart) -> None:
        part, say = self._part(placed.part), self.say
        unit = part.unit if part else "piece"
        with box("pb-bin-part"):
            text(self._part_name(placed.part), "pb-bin-name")
            text(placed.part, "pb-soft pb-small")
            capacity = quantity(placed.capacity, unit, say.language)
            if placed.order_up_to:
                point, up_to = (
                    quantity(amount, unit, say.language) for amount in (placed.reorder_point, placed.order_up_to)
                )
                text(say("policy", capacity=capacity, point=point, up_to=up_to), "pb-bin-policy")
            else:
                text(say("policy_none", capacity=capacity), "pb-bin-policy")

    def _part(self, number: str) -> Part | None:
        after = self.state.preview.document.parts if self.state.preview else ()
        parts = {part.number: part for part in (*self.state.seen.document.parts, *after)}
        return parts.get(number)

    def _part_name(self, number: str) -> str:
        part = self._part(number)
        return (self.say.name(part.name_zh, part.name_en) if part else "") or number

    def _verdict(self, place: Place) -> str:
        checked = {(found.cabinet, found.bin): found.verdict for found in self.state.seen.checked}
        if place in self.state.bins:
            checked.pop(place, None)
        if self.state.preview:
            checked.update({(found.cabinet, found.bin): found.verdict for found in self.state.preview.checked})
        return checked.get(place, "")

    # ---- what is changed ----

    async def _edit(self, place: Place) -> None:
        parts = {part.number: part for part in self.state.seen.document.parts}
        if self.state.preview:
            parts |= {part.number: part for part in self.state.preview.document.parts}
        held = {part: amount for (cabinet, number, part), amount in self.stock.items() if (cabinet, number) == place}
        await BinDialog(self.visit, self.state, place, Shelf(self.shop, parts, held), self._changed).open()

    async def _changed(self) -> None:
        """Check the whole draft again, and draw it."""
        self.state.preview, self.state.refusal = None, ""
        if self.state.is_changed:
            draft = self.state.draft

            def query(session: Session, tenant: TenantId) -> Preview | str:
                try:
                    return preview(session, tenant, self.shop, draft, self.visit.now_ms())
                except RefusedError as error:
                    return str(error)

            found = await self.visit.read_again(query)
            if isinstance(found, str):
                self.state.refusal = found
            else:
                self.state.preview = found
        self._draw()

    def _ask_cabinet(self) -> None:
        say = self.say
        with dialog(self.visit.page) as asked:
            text(say("add_cabinet"), "pb-h2 pb-first")
            with box("pb-form"):
                name = Field(say("cabinet_id"), f"cab-{len(self.state.cabinet_list()) + 1}")
                zh, en = Field(say("name_zh")), Field(say("name_en"))
                doors, bins = Field(say("doors"), "1", "number"), Field(say("bins_count"), "12", "number")

            async def add() -> None:
                asked.close()
                self.cabinet = name.value.strip()
                self.state.cabinets[self.cabinet] = CabinetDraft(
                    self.cabinet, zh.value.strip(), en.value.strip(), _number(doors.value, 1)
                )
                self._add_bins(min(64, _number(bins.value, 0)))
                await self._changed()

            with box("pb-buttons pb-gap-above"):
                button(say("add"), add, "is-main")
                button(say("cancel"), asked.close, "is-quiet")

    def _ask_bins(self) -> None:
        say = self.say
        with dialog(self.visit.page) as asked:
            text(say("add_bins"), "pb-h2 pb-first")
            count = Field(say("bins_count"), "1", "number")

            async def add() -> None:
                asked.close()
                self._add_bins(_number(count.value, 0))
                await self._changed()

            with box("pb-buttons pb-gap-above"):
                button(say("add"), add, "is-main")
                button(say("cancel"), asked.close, "is-quiet")

    def _add_bins(self, count: int) -> None:
        """Empty bins with the lowest numbers that are free as far as one can see."""
        taken = {number for _, number in self.state.places(self.cabinet)}
        free = (number for number in range(1, 65) if number not in taken)
        for number, _ in zip(free, range(count), strict=False):
            place = self.cabinet, number
            self.state.bins[place] = BinDraft(*place)

    # ---- sending it ----

    def _draw_sending(self) -> None:
        self._send_place.clear()
        state, say = self.state, self.say
        if not state.is_changed:
            return
        with self._send_place:
            if state.meanwhile:
                text(say("somebody_changed", version=state.meanwhile), "pb-trouble pb-gap-above")
                if state.both:
                    places = "、".join(shown_places(state.both))
                    text(say("both_changed", places=places), "pb-trouble is-wrong pb-gap-above")
            if state.refusal:
                text(state.refusal, "pb-error pb-gap-above")
            if state.preview is not None:
                self._draw_preview(state.preview)
            with box("pb-card pb-save-bar"), box("pb-row pb-wrap pb-between"):
                text(say("change_count", bins=len(state.bins)), "pb-strong")
                with box("pb-buttons"):
                    refused = state.preview is not None and state.preview.refused
                    if not state.refusal:
                        label = say("send_anyway") if refused else say("send")
                        button(label, lambda: self._send(force=refused), "is-danger" if refused else "is-main")
                    button(say("undo_all"), self._undo_all, "is-quiet")

    def _draw_preview(self, found: Preview) -> None:
        language = self.say.language
        refused = [checked for checked in found.checked if checked.verdict != "fine"]
        if refused:
            heading(self.say("findings"))
            if found.refused:
                text(self.say("refused_lead"), "is-wrong")
            for checked in refused:
                with box(
                    "pb-trouble is-wrong pb-gap-above" if checked.verdict == "refused" else "pb-trouble pb-gap-above"
                ):
                    for line in bin_lines(checked, SAYS[language]):
                        text(line.strip())
        for warns, key in ((True, "warnings"), (False, "changes")):
            told = [each for each in found.changes if each.warns == warns]
            if not told:
                continue
            heading(self.say(key))
            with box("pb-card is-warned" if warns else "pb-card"):
                for each in told:
                    with box("pb-line"):
                        where = each.cabinet if not each.bin else f"{each.cabinet} · {each.bin}"
                        text(where, "pb-strong pb-nowrap")
                        text(each.sentence(language))

    async def _undo_all(self) -> None:
        self.state.undo()
        await self._changed()

    async def _send(self, *, force: bool) -> None:
        draft, now_ms = self.state.draft, self.visit.now_ms()

        def write(session: Session, person: SignedIn) -> Edited:
            try:
                return save(session, person, self.shop, draft, now_ms, force=force)
            except (PlanogramError, DocumentError) as error:
                raise RefusedError(str(error)) from error

        async def act() -> Edited | None:
            try:
                return await self.visit.change(write)
            except StaleEditError:
                await self._look()
                return None

        made = await attempt(self.visit, act)
        if made is not None:
            said = self.say("sent", version=made.version) if made.changed else self.say("nothing_new")
            self.state = DraftState(cast(Planogram, await self.visit.read_again(self._query)))
            with self.visit.page:
                ui.notify(said, type="positive", position="top")
        await self._changed()


def _number(typed: str, otherwise: int) -> int:
    return int(typed) if typed.strip().isdecimal() and len(typed) < 6 else otherwise
