"""A shop's newest document as one dealer may see it, as the queries need it: parts, planogram and people by their ids.

What a dealer may see of a document is decided in `shop_views.py`; this module only looks things up in that view.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary

from sqlalchemy import Pool, func
from sqlmodel import Session, col

from cloud.tables import Shop, ShopView
from cloud.tenancy import NotFoundError, TenantId, owned, tenant_rows
from cloud.views import PartName
from edge_gateway.shop_document import Bin, Part, ShopDocument, decode_document, places_of


@dataclass(frozen=True)
class ShopPlan:
    """A shop's document with its indexes; empty for a shop that has none yet."""

    document: ShopDocument | None

    @cached_property
    def parts(self) -> dict[str, Part]:
        """Parts by number."""
        return {part.number: part for part in self.document.parts} if self.document else {}

    @cached_property
    def people(self) -> dict[str, str]:
        """Names of people by their ids."""
        return {person.id: person.name for person in self.document.people} if self.document else {}

    @cached_property
    def bins(self) -> dict[tuple[str, int], Bin]:
        """The planogram by (cabinet, bin)."""
        cabinets = self.document.cabinets if self.document else []
        return {(cabinet.id, bin_.bin): bin_ for cabinet in cabinets for bin_ in cabinet.bins}

    def places_of(self, part: str, near: str) -> tuple[tuple[str, int], ...]:
        """Every (cabinet, bin) that the planogram puts a part into, those of cabinet `near` first."""
        return places_of(self.document, part, near) if self.document else ()

    def part_name(self, number: str) -> PartName:
        """What a part is called."""
        part = self.parts.get(number)
        if part is None:
            return PartName(number=number, name_zh=number, name_en=number)
        return PartName(number=number, name_zh=part.name_zh, name_en=part.name_en, unit=part.unit, brand=part.brand)

    def person_name(self, person: str) -> str:
        """What a person is called; the id of somebody who has left."""
        return self.people.get(person, person)


def own_shop(session: Session, tenant: TenantId, shop: str) -> Shop:
    """The tenant's shop of that id (`NotFoundError`)."""
    row = session.exec(tenant_rows(tenant, Shop).where(col(Shop.id) == shop)).one_or_none()
    if row is None:
        raise NotFoundError(f"expected a shop of yours, found {shop!r}")
    return row


def locked_shop(session: Session, tenant: TenantId, shop: str) -> Shop:
    """As `own_shop`, and whoever else locks it waits until the transaction ends: what is then read stays so."""
    rows = tenant_rows(tenant, Shop).where(col(Shop.id) == shop).with_for_update()
    row = session.exec(rows.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFoundError(f"expected a shop of yours, found {shop!r}")
    return row


def plan_of(session: Session, tenant: TenantId, shop: str) -> ShopPlan:
    """The newest document of one shop of the tenant (`NotFoundError`)."""
    found = plans(session, tenant, shop).get(shop)
    if found is None:
        raise NotFoundError(f"expected a shop of yours, found {shop!r}")
    return found


def plans(session: Session, tenant: TenantId, shop: str | None = None) -> dict[str, ShopPlan]:
    """The newest document of every shop of the tenant, or of one; each version is read and decoded once."""
    known = _known(session)
    versions = _versions(session, tenant, shop)
    missing = [
        name for name, version in versions.items() if version and known.get((tenant.dealer, name), (0,))[0] != version
    ]
    if missing:
        _read(session, tenant, missing, known)
    return {name: known[tenant.dealer, name][1] if version else ShopPlan(None) for name, version in versions.items()}


_Known = dict[tuple[str, str], tuple[int, ShopPlan]]  # by (dealer, shop): a version and what it says
_plans: "WeakKeyDictionary[Pool, _Known]" = WeakKeyDictionary()  # of each database this process has open


def _known(session: Session) -> _Known:
    return _plans.setdefault(session.get_bind().engine.pool, {})


def _versions(session: Session, tenant: TenantId, shop: str | None) -> dict[str, int]:
    """The version of every shop's view, 0 for a shop without one."""
    newest = (
        tenant_rows(tenant, Shop)
        .join(ShopView, (col(ShopView.shop_id) == col(Shop.id)) & owned(tenant, ShopView), isouter=True)
        .with_only_columns(col(Shop.id), func.coalesce(ShopView.version, 0))
    )
    if shop is not None:
        newest = newest.where(col(Shop.id) == shop)
    return {row[0]: int(row[1]) for row in session.execute(newest)}


def _read(session: Session, tenant: TenantId, shops: Sequence[str], known: _Known) -> None:
    bodies = tenant_rows(tenant, ShopView).with_only_columns(
        col(ShopView.shop_id), col(ShopView.version), col(ShopView.body)
    )
    for name, version, body in session.execute(bodies.where(col(ShopView.shop_id).in_(shops))):
        known[tenant.dealer, name] = version, ShopPlan(decode_document(bytes(body)))
