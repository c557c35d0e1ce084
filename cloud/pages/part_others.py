"""The other numbers of a part and what it fits: each with a way to remove it, and a form to add one."""

from sqlmodel import Session

from cloud.catalogue import parts as reading
from cloud.catalogue.editing import Editor
from cloud.catalogue.views import FitmentPage, FitmentView, NewFitment, ReferenceKind, ReferenceView
from cloud.identity import SignedIn
from cloud.pages.addresses import part_edit_path
from cloud.pages.catalogue_words import REFUSED
from cloud.pages.form import Action, Adding, Form
from cloud.pages.part import fitment_cells
from cloud.pages.typed_numbers import whole
from cloud.pages.visit import Visit
from cloud.pages.work_parts import Part, press
from cloud.tenancy import TenantId
from page_kit import markup
from page_kit.language import Say
from page_kit.markup import Markup, joined, tag

KINDS: tuple[ReferenceKind, ...] = ("oe", "competitor", "old")
FITMENT_SHOWN = 100


def removable(say: Say, rows: list[tuple[list[tuple[str, str]], str]], name: str) -> Markup:
    """A table of named cells, each row with a way to remove it; what is pressed tells `name`."""
    heads = [*(called for called, _ in rows[0][0]), ""]
    drawn = [
        tag(
            "tr",
            *(tag("td", tag("span", cell), data_name=called) for called, cell in cells),
            tag("td", press(say("take_away"), name, key, "is-quiet pb-slim"), class_="is-figure"),
        )
        for cells, key in rows
    ]
    head = tag("thead", tag("tr", *(tag("th", called) for called in heads)))
    return tag("table", head, tag("tbody", *drawn), class_="pb-table")


class Numbers:
    """The other numbers of a part."""

    def __init__(self, visit: Visit, number: str) -> None:
        self._visit, self._say, self._number = visit, visit.say, number
        self._known: list[ReferenceView] = []

    def query(self, session: Session, tenant: TenantId) -> list[ReferenceView]:
        """All of them."""
        return reading.references(session, tenant, self._number)

    def build(self, found: list[ReferenceView]) -> None:
        """The list, and the form."""
        self._part = Part(self._visit, self.query, self._draw, found)
        self._part.on("number", self._take)
        Adding(self._visit, self._fields, self._wanted, self._part.refresh, label=self._say("add_number"), said=REFUSED)

    def _draw(self, found: list[ReferenceView]) -> Markup:
        say, self._known = self._say, found
        if not found:
            return markup.empty(say("no_numbers"))
        rows = [
            (
                [
                    (say("kind"), say(f"kind_{each.kind}")),
                    (say("brand"), each.brand or "–"),
                    (say("other_number"), each.number),
                ],
                str(at),
            )
            for at, each in enumerate(found)
        ]
        return removable(say, rows, "number")

    def _fields(self, form: Form) -> None:
        say = self._say
        form.choose("kind", say("kind"), {kind: say(f"kind_{kind}") for kind in KINDS}, "oe")
        form.line("brand", say("brand"))
        form.line("number", say("other_number"))

    def _wanted(self, form: Form) -> Action | None:
        wanted = form.model(ReferenceView, form.texts("kind", "brand", "number"))
        if wanted is None:
            return None
        return lambda session, person: self._editor(session, person).add_references(self._number, [wanted])

    async def _take(self, at: str) -> None:
        if at.isdecimal() and int(at) < len(self._known):
            gone = self._known[int(at)]
            await self._part.change(
                lambda session, person: self._editor(session, person).take_reference(self._number, gone)
            )

    def _editor(self, session: Session, person: SignedIn) -> Editor:
        return Editor(session, person, self._visit.now_ms())


class Fits:
    """What a part fits, a page of it."""

    def __init__(self, visit: Visit, number: str, after: int) -> None:
        self._visit, self._say, self._number, self._after = visit, visit.say, number, after

    def query(self, session: Session, tenant: TenantId) -> FitmentPage:
        """A page of it."""
        return reading.fitment(session, tenant, self._number, after=self._after, limit=FITMENT_SHOWN)

    def build(self, found: FitmentPage) -> None:
        """The list, and the form."""
        self._part = Part(self._visit, self.query, self._draw, found)
        self._part.on("fits", self._take)
        Adding(
            self._visit, self._fields, self._wanted, self._part.refresh, label=self._say("add_vehicle"), said=REFUSED
        )

    def _draw(self, found: FitmentPage) -> Markup:
        say = self._say
        if not found.fitment:
            return markup.empty(say("fits_nothing"))
        rows = [(self._cells(row), str(row.id)) for row in found.fitment]
        more = Markup()
        if found.next:
            path = f"{part_edit_path(self._number)}&fits_after={found.next}"
            more = markup.box("pb-gap-above", markup.link("pb-button is-quiet", path, say("older")))
        return joined(removable(say, rows, "fits"), more)

    def _cells(self, row: FitmentView) -> list[tuple[str, str]]:
        names = ("make", "model", "engine", "years", "note")
        cells = zip(names, fitment_cells(self._say, row), strict=True)
        return [(self._say(name), cell or "–") for name, cell in cells]

    def _fields(self, form: Form) -> None:
        say = self._say
        for name in ("make", "model", "engine", "from_year", "to_year", "position", "quantity", "note"):
            form.line(name, say(name))

    def _wanted(self, form: Form) -> Action | None:
        numbers = {name: form.read(name, whole, f"wrong_{name}", 0) for name in ("from_year", "to_year", "quantity")}
        texts = form.texts("make", "model", "engine", "position", "note")
        wanted = form.model(NewFitment, {**texts, **numbers})
        if wanted is None:
            return None
        return lambda session, person: self._editor(session, person).add_fitment(self._number, [wanted])

    async def _take(self, row: str) -> None:
        if row.isdecimal():
            await self._part.change(
                lambda session, person: self._editor(session, person).take_fitment(self._number, int(row))
            )

    def _editor(self, session: Session, person: SignedIn) -> Editor:
        return Editor(session, person, self._visit.now_ms())
