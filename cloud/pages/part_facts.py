"""The form of what a part is: made anew, or changed; what nobody touched is not sent."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from cloud.catalogue.editing import Editor
from cloud.catalogue.views import NewPart, PartChange, PartView
from cloud.identity import SignedIn
from cloud.pages.catalogue_words import REFUSED
from cloud.pages.form import Form
from cloud.pages.typed_numbers import thousandths, thousandths_text, whole
from cloud.pages.visit import Visit
from page_kit.look import box

CATEGORIES = ("engine", "chassis", "electrical", "appearance", "wearing")


class FactsForm:
    """The fields of a part; `part` is None for a new one."""

    def __init__(self, visit: Visit, part: PartView | None, number: str = "") -> None:
        self._visit, self._say, self.part = visit, visit.say, part
        self._form = Form(visit, REFUSED)
        with box("pb-fields"):
            if part is None:
                self._form.line("number", self._say("number"), number)
            self._draw_names(part)
            self._draw_figures(part)

    def _draw_names(self, part: PartView | None) -> None:
        say, form = self._say, self._form
        form.line("name_zh", say("name_zh"), part.name_zh if part else "")
        form.line("name_en", say("name_en"), part.name_en if part else "")
        form.line("brand", say("brand"), part.brand if part else "")
        categories = {"": say("no_category"), **{key: say(f"category_{key}") for key in CATEGORIES}}
        form.choose("category", say("category"), categories, part.category if part else "")
        units = {"piece": say("unit_piece"), "gram": say("unit_gram")}
        form.choose("unit", say("unit"), units, part.unit if part else "piece")

    def _draw_figures(self, part: PartView | None) -> None:
        say, form = self._say, self._form
        form.line("unit_mass_mg", say("unit_mass"), _grams(part.unit_mass_mg if part else 0), hint=say("spread_hint"))
        form.line("spread_mg", say("spread"), _grams(part.spread_mg if part else 0), hint=say("spread_hint"))
        form.line("pack_size", say("pack_size"), str(part.pack_size) if part else "1")
        form.line("gtin", say("gtin"), part.gtin if part else "")
        form.line("superseded_by", say("superseded_by"), part.superseded_by if part else "")
        form.line("shelf_life_days", say("shelf_life"), str(part.shelf_life_days) if part else "0")
        form.line("image", say("image"), part.image if part else "", hint="https://")

    def _values(self) -> dict[str, Any]:
        form = self._form
        return {
            **form.texts("name_zh", "name_en", "brand", "category", "unit", "gtin", "superseded_by", "image"),
            "unit_mass_mg": form.read("unit_mass_mg", thousandths, "wrong_grams", 0),
            "spread_mg": form.read("spread_mg", thousandths, "wrong_grams", 0),
            "pack_size": form.read("pack_size", whole, "wrong_pack_size", 1),
            "shelf_life_days": form.read("shelf_life_days", whole, "wrong_shelf_life_days", 0),
        }

    async def make(self) -> str:
        """Make the part; its number, "" when it was refused."""
        wanted = self._form.model(NewPart, {**self._values(), "number": self._form["number"]})
        if wanted is None:
            return ""

        def act(session: Session, person: SignedIn) -> None:
            Editor(session, person, self._visit.now_ms()).make(wanted)

        return wanted.number if await self._form.keep(act) else ""

    async def change(self) -> bool:
        """Change what is other than it was shown; False when it was refused."""
        part = self.part
        wanted = self._form.model(PartChange, self._differing(self._values()))
        if wanted is None or part is None:
            return False

        def act(session: Session, person: SignedIn) -> None:
            Editor(session, person, self._visit.now_ms()).change(part.number, wanted)

        return await self._form.keep(act)

    def _differing(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in values.items() if value != getattr(self.part, name, None)}


def _grams(mass_mg: int) -> str:
    return thousandths_text(mass_mg) if mass_mg else ""
