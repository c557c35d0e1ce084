"""The dealer's own table of models, by which VINs are told apart: rows added and removed, and a VIN tried at once."""

import time

from fastapi import Request
from fastapi.responses import Response
from sqlmodel import Session

from cloud.catalogue import answer_words
from cloud.catalogue import parts as reading
from cloud.catalogue.editing import Editor
from cloud.catalogue.vehicle_of_vin import vehicle_of_vin
from cloud.catalogue.views import ModelsPage, ModelView, NewModel
from cloud.catalogue.vin_views import VinAnswer
from cloud.pages import catalogue_words, form, search, work_parts
from cloud.pages.catalogue_words import REFUSED
from cloud.pages.form import Action, Adding, Form
from cloud.pages.own_part import ask_first
from cloud.pages.part_others import removable
from cloud.pages.search import vin_card
from cloud.pages.typed_numbers import whole
from cloud.pages.visit import Visit, show
from cloud.pages.work_parts import Part
from cloud.tenancy import TenantId
from page_kit import markup
from page_kit.address import page
from page_kit.fields import Field
from page_kit.language import Texts
from page_kit.look import box, button, heading, link_button, title
from page_kit.markup import Markup, joined

SHOWN = 100
VIN_MAX = 40
TEXTS: Texts = {
    "models": ("VIN 车型表", "Table of models"),
    "models_lead": (
        "VIN 前 3 位和后面几位说明是哪种车。两行都符合时，说得更具体的那行算数。",
        "Which vehicle begins its VIN how. Of two rows that match, the one that says more counts.",
    ),
    "try_vin": ("试一个 VIN", "Try a VIN"),
    "try_it": ("试试", "Try it"),
    "wmi": ("VIN 前 3 位", "First 3 of the VIN"),
    "pattern": ("后面几位（? 为任意）", "What follows (? for any)"),
    "rows": ("表里的车型", "Rows of the table"),
    "add_row": ("添加一行", "Add a row"),
    "any_years": ("不限", "any"),
    "no_models": ("还没有车型", "No row yet"),
    "no_models_how": (
        "没有这张表，国产和欧洲卡车的 VIN 只能认出厂家。",
        "Without it, of Chinese and European trucks only the maker is known.",
    ),
    "more": ("下一页", "Next page"),
    "from_start": ("回到开头", "From the beginning"),
    "take_sure": ("移除 {row}？", "Remove {row}?"),
    "to_catalogue": ("‹ 电子目录", "‹ Catalogue"),
}
TABLES = (answer_words.TEXTS, search.TEXTS, work_parts.TEXTS, form.TEXTS, catalogue_words.TEXTS, TEXTS)


def register() -> None:
    """Add the page."""

    @page("/models")
    async def models(request: Request, after: int = 0) -> Response | None:
        bounded = max(0, min(after, 2**31 - 1))
        return await show(request, TABLES, lambda visit: _Page(visit, bounded).build(), "edit_catalogue")


class _Page:
    """The open page."""

    def __init__(self, visit: Visit, after: int) -> None:
        self.visit, self.say, self.after = visit, visit.say, after
        self.known: dict[str, ModelView] = {}

    def query(self, session: Session, tenant: TenantId) -> ModelsPage:
        """A page of the table."""
        return reading.models(session, tenant, after=self.after, limit=SHOWN, wmi="")

    async def build(self) -> None:
        """A VIN to try, the table, and the form."""
        say = self.say
        found = await self.visit.read(self.query)
        with self.visit.frame():
            link_button(say("to_catalogue"), "/catalogue", "is-quiet pb-back")
            title(say("models"), say("models_lead"))
            self._draw_try()
            heading(say("rows"))
            self.part = Part(self.visit, self.query, self.draw, found)
            self.part.on("model", self._ask_take)
            Adding(self.visit, self._fields, self._wanted, self._added, label=say("add_row"), said=REFUSED)

    # ---- a VIN ----

    def _draw_try(self) -> None:
        with box("pb-card"):
            with box("pb-fields"):
                self.vin = Field(self.say("try_vin"))
            with box("pb-buttons pb-gap-above"):
                button(self.say("try_it"), self._try, "is-main")
        self.answer = box("pb-gap-above").props("role=status")

    async def _try(self) -> None:
        typed = self.vin.value.replace("\0", "").strip()[:VIN_MAX]

        def query(session: Session, tenant: TenantId) -> VinAnswer:
            return vehicle_of_vin(session, tenant, typed, time.gmtime(self.visit.now_ms() / 1000).tm_year)

        found = await self.visit.read_again(query) if typed else None
        self.answer.clear()
        if found is not None:
            with self.answer:
                markup.show(vin_card(self.say, found))

    async def _added(self) -> None:
        await self.part.refresh()
        await self._try()

    # ---- the table ----

    def draw(self, found: ModelsPage) -> Markup:
        """The rows."""
        say = self.say
        self.known = {str(row.id): row for row in found.models}
        ways = [markup.link("pb-button is-quiet", "/models", say("from_start"))] if self.after else []
        if found.next:
            ways.append(markup.link("pb-button is-quiet", f"/models?after={found.next}", say("more")))
        if not found.models:
            return joined(markup.empty(say("no_models"), say("no_models_how")), *ways)
        rows = [(self._cells(row), str(row.id)) for row in found.models]
        return joined(removable(say, rows, "model"), markup.box("pb-buttons pb-gap-above", *ways))

    def _cells(self, row: ModelView) -> list[tuple[str, str]]:
        say = self.say
        years = "–".join(str(year) for year in (row.from_year or "", row.to_year or ""))
        return [
            (say("wmi"), row.wmi),
            (say("pattern"), row.pattern or "–"),
            (say("make"), row.make),
            (say("model"), row.model or "–"),
            (say("engine"), row.engine or "–"),
            (say("years"), years if row.from_year or row.to_year else say("any_years")),
        ]

    def _fields(self, made: Form) -> None:
        for name in ("wmi", "pattern", "make", "model", "engine", "from_year", "to_year"):
            made.line(name, self.say(name))

    def _wanted(self, made: Form) -> Action | None:
        years = {name: made.read(name, whole, f"wrong_{name}", 0) for name in ("from_year", "to_year")}
        texts = made.texts("make", "model", "engine")
        codes = {name: made[name].upper() for name in ("wmi", "pattern")}
        wanted = made.model(NewModel, {**codes, **texts, **years})
        if wanted is None:
            return None
        now_ms = self.visit.now_ms
        return lambda session, person: Editor(session, person, now_ms()).add_model(wanted)

    async def _ask_take(self, name: str) -> None:
        row, say = self.known.get(name), self.say
        if row is None:
            return

        async def take() -> None:
            now_ms = self.visit.now_ms()
            await self.part.change(lambda session, person: Editor(session, person, now_ms).take_model(row.id))
            await self._try()

        called = f"{row.wmi} {row.pattern} {row.make} {row.model}"
        ask_first(self.visit, say("take_sure", row=called), say("take_away"), take, say("cancel"))
