"""Alerts with the names of what they are about. One query a table, whatever their number.

For the cloud's own work and for a tenant's transaction alike: it says by `dealer` whose names it means, and names
nothing but what the alerts handed in, which are that dealer's, are about.
"""

from collections.abc import Sequence
from typing import Literal, cast

from sqlmodel import Session, col, select

from cloud.replenishment.alerts.views import AlertView, figures_of
from cloud.tables import Alert, Cabinet, CataloguePart, Shop
from cloud.views import PartName


def named(session: Session, dealer: str, rows: Sequence[Alert], *, prices: bool) -> list[AlertView]:
    """The rows as they are shown, in their order."""
    shops = _shops(session, rows)
    cabinets = _cabinets(session, rows)
    parts = _parts(session, dealer, rows)
    return [_view(row, shops, cabinets, parts, prices=prices) for row in rows]


def _shops(session: Session, rows: Sequence[Alert]) -> dict[str, str]:
    wanted = {row.shop_id for row in rows if row.shop_id}
    return {shop.id: shop.name for shop in session.exec(select(Shop).where(col(Shop.id).in_(wanted)))}


def _cabinets(session: Session, rows: Sequence[Alert]) -> dict[tuple[str, str], tuple[str, str]]:
    wanted = {row.shop_id for row in rows if row.cabinet}
    found = session.exec(select(Cabinet).where(col(Cabinet.shop_id).in_(wanted)))
    return {(cabinet.shop_id, cabinet.id): (cabinet.name_zh, cabinet.name_en) for cabinet in found}


def _parts(session: Session, dealer: str, rows: Sequence[Alert]) -> dict[str, PartName]:
    wanted = {row.part for row in rows if row.part}
    found = select(CataloguePart).where(col(CataloguePart.dealer_id) == dealer, col(CataloguePart.number).in_(wanted))
    return {
        part.number: PartName(
            number=part.number,
            name_zh=part.name_zh,
            name_en=part.name_en,
            unit="gram" if part.unit == "gram" else "piece",
            brand=part.brand,
        )
        for part in session.exec(found)
    }


def _view(
    row: Alert,
    shops: dict[str, str],
    cabinets: dict[tuple[str, str], tuple[str, str]],
    parts: dict[str, PartName],
    *,
    prices: bool,
) -> AlertView:
    name_zh, name_en = cabinets.get((row.shop_id, row.cabinet), ("", ""))
    bare = PartName(number=row.part, name_zh=row.part, name_en=row.part) if row.part else None
    return AlertView(
        id=row.id,
        kind=cast("Literal['runs_out']", row.kind),
        urgency=cast("Literal[1, 2, 3]", row.urgency),
        shop=row.shop_id,
        shop_name=shops.get(row.shop_id, row.shop_id),
        cabinet=row.cabinet,
        cabinet_name_zh=name_zh,
        cabinet_name_en=name_en,
        bin=row.bin,
        part=parts.get(row.part, bare),
        since_ms=row.since_ms,
        began_ms=row.began_ms,
        ended_ms=row.ended_ms or None,
        ended_why=row.ended_why,
        seen_by=row.seen_by,
        seen_ms=row.seen_ms or None,
        note=row.note,
        figures=figures_of(row, prices=prices),
    )
