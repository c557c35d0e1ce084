"""Masses that somebody weighed at a shop's bench, as proposals to the catalogue. Taking one over changes the part."""

import json

from pydantic import Field
from sqlmodel import Session, col

from cloud.catalogue.parts import own_part
from cloud.tables import TaughtMass
from cloud.tenancy import TenantId, tenant_rows
from cloud.views import View

ROWS_MAX = 50


class TaughtMassView(View):
    """What one piece weighs by a shop's scale. Bounds are with 95 %; a spread of 0 is not known."""

    id: str = Field(examples=["mass/WK-1060/5f3a90c1d2e4"])
    shop: str = Field(examples=["shop-1"])
    unit_mass_mg: int = Field(examples=[61_200])
    error_mg: int = Field(examples=[90])
    spread_mg: int = Field(examples=[310])
    spread_max_mg: int = Field(examples=[960])
    pieces: int = Field(examples=[60])
    batches: int = Field(examples=[3])
    taught_ms: int = Field(examples=[1_795_000_000_000])
    is_news: bool = Field(description="the catalogue says otherwise: it may be taken over")


def taught(session: Session, tenant: TenantId, number: str, limit: int = ROWS_MAX) -> list[TaughtMassView]:
    """The newest of each shop, the newest first (`NotFoundError` for no part of the tenant's)."""
    part = own_part(session, tenant, number)
    rows = tenant_rows(tenant, TaughtMass).where(col(TaughtMass.part) == number)
    rows = rows.order_by(col(TaughtMass.taught_ms).desc(), col(TaughtMass.id)).limit(10 * ROWS_MAX)
    newest: dict[str, TaughtMass] = {}
    for row in session.exec(rows):
        newest.setdefault(row.shop_id, row)
    return [_view(row, part.unit_mass_mg) for row in newest.values()][:limit]


def _view(row: TaughtMass, unit_mass_mg: int) -> TaughtMassView:
    batches = json.loads(row.batches)
    return TaughtMassView(
        id=row.id,
        shop=row.shop_id,
        unit_mass_mg=row.unit_mass_mg,
        error_mg=row.error_mg,
        spread_mg=row.spread_mg,
        spread_max_mg=row.spread_max_mg,
        pieces=sum(batch[0] for batch in batches),
        batches=len(batches),
        taught_ms=row.taught_ms,
        is_news=row.unit_mass_mg != unit_mass_mg,
    )
