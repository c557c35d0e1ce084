"""Changes of the catalogue by a person, one at a time: refused where they cannot be, and on record."""

import json
from collections.abc import Mapping, Sequence

from sqlmodel import Session, col

from cloud.audit import record
from cloud.catalogue.parts import own_part
from cloud.catalogue.views import NewFitment, NewModel, NewPart, PartChange, PriceView, ReferenceView
from cloud.catalogue.writing import (
    CatalogueError,
    Fits,
    Model,
    Price,
    Reference,
    Written,
    change_catalogue,
    known_parts,
)
from cloud.identity import SignedIn
from cloud.tables import ModelPattern, PartPrice, Shop
from cloud.tenancy import NotFoundError, tenant_rows
from cloud.work.prices import refuse_billed

FITMENT_AT_ONCE = 500


class Editor:
    """Somebody who changes the catalogue in an open transaction."""

    def __init__(self, session: Session, person: SignedIn, now_ms: int) -> None:
        self.session, self.person, self.now_ms = session, person, now_ms
        self.tenant = person.tenant

    def _record(self, action: str, target: str, before: object = "", after: object = "") -> None:
        record(
            self.session,
            self.person,
            self.now_ms,
            action=action,
            target=target,
            before=_told(before),
            after=_told(after),
        )

    def make(self, part: NewPart) -> None:
        """A new part (`CatalogueError` when there is one)."""
        with change_catalogue(self.session, self.tenant.dealer) as change:
            if known_parts(self.session, self.tenant.dealer, [part.number]):
                raise CatalogueError(f"expected a number that is free, found the part {part.number!r}")
            change.put_parts([part.model_dump()])
        self._record("part.made", f"part {part.number}", after=part.model_dump(exclude_defaults=True))

    def change(self, number: str, wanted: PartChange) -> None:
        """Change a part (`NotFoundError`, `CatalogueError`)."""
        self._change(number, wanted.model_dump(exclude_none=True), "part.changed")

    def withdraw(self, number: str) -> None:
        """Offer a part no longer; what was booked on it stays (`NotFoundError`)."""
        self._change(number, {"withdrawn": True}, "part.withdrawn")

    def _change(self, number: str, wanted: Mapping[str, object], action: str) -> None:
        with change_catalogue(self.session, self.tenant.dealer) as change:
            row = own_part(self.session, self.tenant, number)
            before = {key: getattr(row, key) for key in wanted}
            differing = {key: value for key, value in wanted.items() if value != before[key]}
            change.put_parts([{"number": number, **differing}])
        if differing:
            self._record(action, f"part {number}", {key: before[key] for key in differing}, differing)

    def add_references(self, number: str, wanted: Sequence[ReferenceView]) -> Written:
        """Add numbers to a part (`NotFoundError`)."""
        own_part(self.session, self.tenant, number)
        with change_catalogue(self.session, self.tenant.dealer) as change:
            written = change.put_references(_reference(number, each) for each in wanted)
        if written.made:
            self._record("part.numbers_added", f"part {number}", after=[each.model_dump() for each in wanted])
        return written

    def take_reference(self, number: str, wanted: ReferenceView) -> None:
        """Take a number away from a part (`NotFoundError`)."""
        own_part(self.session, self.tenant, number)
        with change_catalogue(self.session, self.tenant.dealer) as change:
            if not change.take_references([_reference(number, wanted)]):
                raise NotFoundError(f"expected a number of {number!r}, found {wanted.number!r}")
        self._record("part.number_taken", f"part {number}", before=wanted.model_dump())

    def add_fitment(self, number: str, wanted: Sequence[NewFitment]) -> Written:
        """Add vehicles to a part (`NotFoundError`, `CatalogueError`)."""
        own_part(self.session, self.tenant, number)
        for each in wanted:
            if not (each.make or each.engine or each.base_vehicle):
                raise CatalogueError("expected a make, an engine or an ACES vehicle, found none of them")
            if each.to_year and each.to_year < each.from_year:
                raise CatalogueError(f"expected the last year not before {each.from_year}, found {each.to_year}")
        with change_catalogue(self.session, self.tenant.dealer) as change:
            written = change.put_fitment(Fits(number, **each.model_dump()) for each in wanted)
        if written.made:
            self._record("part.fitment_added", f"part {number}", after=[each.model_dump() for each in wanted])
        return written

    def take_fitment(self, number: str, fitment: int) -> None:
        """Take a vehicle away from a part (`NotFoundError`)."""
        own_part(self.session, self.tenant, number)
        with change_catalogue(self.session, self.tenant.dealer) as change:
            if not change.take_fitment(number, [fitment]):
                raise NotFoundError(f"expected a vehicle that {number!r} fits, found {fitment}")
        self._record("part.fitment_taken", f"part {number}", before=fitment)

    def set_price(self, number: str, wanted: PriceView) -> None:
        """Say what a part costs from a day on (`NotFoundError`; `BilledPriceError` where a statement rests on it)."""
        own_part(self.session, self.tenant, number)
        self._check_shop(wanted.shop)
        before = self._price(number, wanted)
        if before is not None:
            refuse_billed(self.session, self.tenant, number, wanted.shop, wanted.from_day)
        row = Price(number, wanted.shop, wanted.from_day, wanted.price_minor, wanted.currency, wanted.tax_ppm)
        with change_catalogue(self.session, self.tenant.dealer) as change:
            change.put_prices([row])
        old = before and {"price_minor": before[0], "currency": before[1], "tax_ppm": before[2]}
        self._record("part.price_set", f"part {number}", old or "", wanted.model_dump())

    def _check_shop(self, shop: str) -> None:
        if shop and self.session.exec(tenant_rows(self.tenant, Shop).where(col(Shop.id) == shop)).first() is None:
            raise NotFoundError(f"expected a shop of yours, found {shop!r}")

    def _price(self, number: str, wanted: PriceView) -> tuple[int, str, int] | None:
        rows = tenant_rows(self.tenant, PartPrice).where(
            col(PartPrice.part) == number,
            col(PartPrice.shop_id) == wanted.shop,
            col(PartPrice.from_day) == wanted.from_day,
        )
        row = self.session.exec(rows).one_or_none()
        return None if row is None else (row.price_minor, row.currency, row.tax_ppm)

    def add_model(self, wanted: NewModel) -> Written:
        """Add a row to the table of models."""
        with change_catalogue(self.session, self.tenant.dealer) as change:
            written = change.put_models([Model(**wanted.model_dump())])
        if written.made:
            self._record("model.added", f"model {wanted.wmi}{wanted.pattern}", after=wanted.model_dump())
        return written

    def take_model(self, model: int) -> None:
        """Take a row out of the table of models (`NotFoundError`)."""
        row = self.session.exec(
            tenant_rows(self.tenant, ModelPattern).where(col(ModelPattern.id) == model)
        ).one_or_none()
        if row is None:
            raise NotFoundError(f"expected a row of your table of models, found {model}")
        self._record("model.taken", f"model {row.wmi}{row.pattern}", before=row.model_dump(exclude={"dealer_id"}))
        self.session.delete(row)


def _reference(part: str, wanted: ReferenceView) -> Reference:
    return Reference(part, wanted.kind, wanted.brand, wanted.number)


def _told(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
