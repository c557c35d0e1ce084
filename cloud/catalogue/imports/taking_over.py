"""Writes what an examined file says, in the caller's one transaction: all of it, or nothing when anything fails."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col

from cloud.catalogue.imports.examining import Examined, Progress, Subject
from cloud.catalogue.imports.line_reading import Plan, Row
from cloud.catalogue.writing import CatalogueChange, Fits, Model, Price, Reference, change_catalogue
from cloud.identity import SignedIn
from cloud.many_rows import read
from cloud.tables import Fitment
from cloud.tenancy import tenant_rows
from cloud.work.shop_rows import own_rows
from cloud.work.vehicles import change as change_vehicle
from cloud.work.vehicles import make as make_vehicle
from cloud.work.vehicles import own_vehicle

_CHUNK = 20_000


@dataclass(frozen=True)
class Writer:
    """On whose behalf, and when."""

    session: Session
    subject: Subject
    person: SignedIn
    now_ms: int
    progress: Progress

    def write(self, examined: Examined) -> None:
        """Write everything that was found to be new or changed."""
        plan = examined.plan
        if plan is None:
            return
        if plan.shape.kind == "vehicles":
            self._vehicles(examined, plan)
            return
        with change_catalogue(self.session, self.subject.tenant.dealer) as change:
            if examined.made_parts:
                made = ({"number": number, "brand": examined.brand} for number in sorted(examined.made_parts))
                change.put_parts(made)
            self._catalogue(change, examined, plan)

    def _catalogue(self, change: CatalogueChange, examined: Examined, plan: Plan) -> None:
        rows = examined.rows
        match plan.shape.kind:
            case "parts":
                self._parts(change, rows, plan)
            case "references":
                self._references(change, examined, plan)
            case "fitment":
                self._fitment(change, examined, plan)
            case "prices":
                change.put_prices(self._prices(rows, plan))
            case _:
                change.put_models(Model(**plan.full(row.values)) for row in rows)

    def _parts(self, change: CatalogueChange, rows: Sequence[Row], plan: Plan) -> None:
        """Parts first, then what replaces them: a successor may stand further down in the file."""
        for chunk in _chunks(rows):
            change.put_parts(
                {key: value for key, value in plan.said(row.values).items() if key != "superseded_by"} for row in chunk
            )
            self.progress(len(chunk))
        if "superseded_by" in plan.at:
            said = ((row, plan.said(row.values).get("superseded_by")) for row in rows)
            replaced = [
                {"number": plan.value(row, "number"), "superseded_by": successor}
                for row, successor in said
                if successor is not None
            ]
            if replaced:
                change.put_parts(replaced)

    def _references(self, change: CatalogueChange, examined: Examined, plan: Plan) -> None:
        wanted = [Reference(**plan.full(row.values)) for row in examined.rows]
        if self.subject.choices.replace:
            kept = {_key(plan, values) for values in examined.kept}
            parts = sorted({key[0] for key in kept})
            statement = "SELECT part, kind, brand, number FROM cross_reference WHERE dealer_id = ? AND part IN ??"
            stored = read(self.session, statement, self.subject.tenant.dealer, parts)
            change.take_references(Reference(*row) for row in stored if row not in kept)
        change.put_references(wanted)

    def _fitment(self, change: CatalogueChange, examined: Examined, plan: Plan) -> None:
        for part, ids in self._ids(examined.gone, plan).items():
            change.take_fitment(part, ids)
        rows: Iterable[tuple[Any, ...]] = (row.values for row in examined.rows)
        if self.subject.choices.replace:
            change.put_fitment((Fits(*_key(plan, values)) for values in examined.kept), instead=True)
            return
        change.put_fitment(Fits(*_key(plan, values)) for values in rows)

    def _ids(self, gone: Sequence[Row], plan: Plan) -> dict[str, list[int]]:
        """By part, the ids of fitment that is to go."""
        wanted = {_key(plan, row.values) for row in gone}
        found: dict[str, list[int]] = {}
        for chunk in _chunks(sorted({key[0] for key in wanted})):
            rows = tenant_rows(self.subject.tenant, Fitment).where(col(Fitment.part).in_(chunk))
            for row in self.session.exec(rows):
                if tuple(getattr(row, name) for name in plan.shape.key) in wanted and row.id is not None:
                    found.setdefault(row.part, []).append(row.id)
        return found

    def _prices(self, rows: Sequence[Row], plan: Plan) -> Iterator[Price]:
        """Prices; what a line does not say of one that is there stays."""
        statement = (
            "SELECT part, shop_id, from_day, currency, tax_ppm FROM part_price WHERE dealer_id = ? AND part IN ??"
        )
        for chunk in _chunks(rows):
            parts = sorted({plan.value(row, "part") for row in chunk})
            stored = {
                found[:3]: found[3:] for found in read(self.session, statement, self.subject.tenant.dealer, parts)
            }
            for row in chunk:
                full, said = plan.full(row.values), plan.said(row.values)
                before = stored.get((full["part"], full["shop_id"], full["from_day"]))
                if before is not None:
                    full |= {
                        key: old for key, old in zip(("currency", "tax_ppm"), before, strict=True) if key not in said
                    }
                yield Price(**full)

    def _vehicles(self, examined: Examined, plan: Plan) -> None:
        for number, row in enumerate(examined.rows):
            values = {key: value for key, value in plan.said(row.values).items() if value}
            shop = values.pop("shop_id")
            rows = own_rows(self.session, self.subject.tenant, shop, self.now_ms, self.person)
            known = examined.vehicles.get(row.line)
            if known is None:
                make_vehicle(rows, values)
            else:
                change_vehicle(rows, own_vehicle(rows, known), values)
            if not number % 100:
                self.progress(100)


def _key(plan: Plan, values: tuple[Any, ...]) -> tuple[Any, ...]:
    full = plan.full(values)
    return tuple(full[name] for name in plan.shape.key)


def _chunks(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (rows[at : at + _CHUNK] for at in range(0, len(rows), _CHUNK))
