"""The catalogue as it is read: parts, their numbers, what they fit, their prices, and where they lie."""

from collections.abc import Sequence

from sqlmodel import Session, col

from cloud.catalogue.part_stock import bins_holding
from cloud.catalogue.search_rank import named
from cloud.catalogue.supersession import chain_from
from cloud.catalogue.views import (
    FitmentPage,
    FitmentView,
    ModelsPage,
    ModelView,
    PartAtShop,
    PartsPage,
    PartUse,
    PartView,
    PriceView,
    ReferenceView,
)
from cloud.tables import CataloguePart, CrossReference, Fitment, ModelPattern, PartPrice
from cloud.tenancy import NotFoundError, TenantId, tenant_rows

ROWS_MAX = 200


def own_part(session: Session, tenant: TenantId, number: str) -> CataloguePart:
    """A part of the tenant's catalogue (`NotFoundError`)."""
    row = session.exec(tenant_rows(tenant, CataloguePart).where(col(CataloguePart.number) == number)).one_or_none()
    if row is None:
        raise NotFoundError(f"expected a part of your catalogue, found {number!r}")
    return row


def part(session: Session, tenant: TenantId, number: str) -> PartView:
    """One part (`NotFoundError`)."""
    return _views(session, tenant, [own_part(session, tenant, number)])[0]


def parts(
    session: Session, tenant: TenantId, *, after: str, limit: int, category: str, brand: str, withdrawn: bool | None
) -> PartsPage:
    """Parts in order of number (`NotFoundError` for a cursor that is no part)."""
    rows = tenant_rows(tenant, CataloguePart).order_by(col(CataloguePart.number)).limit(limit)
    if after:
        rows = rows.where(col(CataloguePart.number) > own_part(session, tenant, after).number)
    if category:
        rows = rows.where(col(CataloguePart.category) == category)
    if brand:
        rows = rows.where(col(CataloguePart.brand) == brand)
    if withdrawn is not None:
        rows = rows.where(col(CataloguePart.withdrawn) == withdrawn)
    found = session.exec(rows).all()
    return PartsPage(parts=_views(session, tenant, found), next=found[-1].number if len(found) == limit else "")


def _views(session: Session, tenant: TenantId, rows: Sequence[CataloguePart]) -> list[PartView]:
    later = _successors(session, tenant, [row.superseded_by for row in rows if row.superseded_by])
    before = _predecessors(session, tenant, [row.number for row in rows])
    return [
        PartView(
            **row.model_dump(exclude={"dealer_id", "plain"}),
            replaced_by=chain_from({**later, row.number: row.superseded_by}, row.number)[1:],
            replaces=before.get(row.number, []),
        )
        for row in rows
    ]


def _successors(session: Session, tenant: TenantId, numbers: Sequence[str]) -> dict[str, str]:
    """Each part of the chains and what replaces it, "" at their ends."""
    known: dict[str, str] = {}
    waiting = set(numbers)
    while waiting:
        rows = (
            tenant_rows(tenant, CataloguePart)
            .where(col(CataloguePart.number).in_(sorted(waiting)))
            .with_only_columns(col(CataloguePart.number), col(CataloguePart.superseded_by))
        )
        found = dict(session.execute(rows).all())
        known.update(found)
        waiting = {successor for successor in found.values() if successor} - known.keys()
    return known


def _predecessors(session: Session, tenant: TenantId, numbers: Sequence[str]) -> dict[str, list[str]]:
    rows = (
        tenant_rows(tenant, CataloguePart)
        .where(col(CataloguePart.superseded_by).in_(numbers), col(CataloguePart.superseded_by) != "")
        .order_by(col(CataloguePart.number))
        .with_only_columns(col(CataloguePart.superseded_by), col(CataloguePart.number))
    )
    found: dict[str, list[str]] = {}
    for successor, number in session.execute(rows).all():
        found.setdefault(successor, []).append(number)
    return found


def references(session: Session, tenant: TenantId, number: str) -> list[ReferenceView]:
    """Every other number of a part (`NotFoundError`)."""
    own_part(session, tenant, number)
    rows = (
        tenant_rows(tenant, CrossReference)
        .where(col(CrossReference.part) == number)
        .order_by(col(CrossReference.kind).desc(), col(CrossReference.brand), col(CrossReference.number))
        .limit(2000)
        .with_only_columns(col(CrossReference.kind), col(CrossReference.brand), col(CrossReference.number))
    )
    return [
        ReferenceView.model_construct(kind=kind, brand=brand, number=other)
        for kind, brand, other in session.execute(rows).all()
    ]


def fitment(session: Session, tenant: TenantId, number: str, *, after: int, limit: int) -> FitmentPage:
    """What a part fits (`NotFoundError`)."""
    own_part(session, tenant, number)
    rows = tenant_rows(tenant, Fitment).where(col(Fitment.part) == number, col(Fitment.id) > after)
    found = session.exec(rows.order_by(col(Fitment.id)).limit(limit)).all()
    keys = {"dealer_id", "part", "make_key", "model_key", "engine_key"}
    return FitmentPage(
        fitment=[FitmentView(**row.model_dump(exclude=keys)) for row in found],
        next=(found[-1].id or 0) if len(found) == limit else 0,
    )


def prices(session: Session, tenant: TenantId, number: str) -> list[PriceView]:
    """The prices of a part, the newest day first (`NotFoundError`)."""
    own_part(session, tenant, number)
    rows = tenant_rows(tenant, PartPrice).where(col(PartPrice.part) == number)
    if tenant.shops is not None:
        rows = rows.where(col(PartPrice.shop_id).in_(["", *sorted(tenant.shops)]))
    ordered = rows.order_by(col(PartPrice.from_day).desc(), col(PartPrice.shop_id)).limit(1000)
    return [
        PriceView.model_construct(
            shop=row.shop_id,
            from_day=row.from_day,
            price_minor=row.price_minor,
            currency=row.currency,
            tax_ppm=row.tax_ppm,
        )
        for row in session.exec(ordered)
    ]


def models(session: Session, tenant: TenantId, *, after: int, limit: int, wmi: str) -> ModelsPage:
    """The dealer's own table of models."""
    rows = tenant_rows(tenant, ModelPattern).where(col(ModelPattern.id) > after)
    if wmi:
        rows = rows.where(col(ModelPattern.wmi) == wmi)
    found = session.exec(rows.order_by(col(ModelPattern.id)).limit(limit)).all()
    return ModelsPage(
        models=[ModelView(**row.model_dump(exclude={"dealer_id"})) for row in found],
        next=(found[-1].id or 0) if len(found) == limit else 0,
    )


def where_kept(session: Session, tenant: TenantId, number: str, now_ms: int) -> PartUse:
    """Every bin that keeps a part, shop by shop (`NotFoundError`)."""
    row = own_part(session, tenant, number)
    by_shop: dict[str, PartAtShop] = {}
    for place in bins_holding(session, tenant, number):
        shop = by_shop.get(place.shop) or PartAtShop(shop=place.shop, shop_name=place.shop_name, stock=0, bins=[])
        by_shop[place.shop] = shop.model_copy(update={"stock": shop.stock + place.stock, "bins": [*shop.bins, place]})
    shops = sorted(by_shop.values(), key=lambda shop: (-shop.stock, shop.shop))
    return PartUse(part=named(row), stock=sum(shop.stock for shop in shops), shops=shops, as_of_ms=now_ms)
