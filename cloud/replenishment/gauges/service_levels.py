"""The cost of a higher service level, from what the last planning run has kept: points to move along. Reads only."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import Field
from sqlalchemy import func
from sqlmodel import Session, col

from cloud.people.rules import RefusedError
from cloud.shop_plan import own_shop
from cloud.tables import CATEGORIES, CataloguePart, LevelCurve, PartCurve, PolicyAim
from cloud.tenancy import TenantId, tenant_rows
from cloud.views import PartName, View

IN_FORCE = 0
GAINS = 12
CHANGED_MIN = 0.05  # of a piece: less is nothing
PPM = 1_000_000
MONTHS = 12


class LevelPoint(View):
    """All bins of a span at one aim."""

    aim_ppm: int = Field(ge=0, le=1_000_000, description="0: with the levels computed for today's aims")
    fill_ppm: int = Field(ge=0, le=1_000_000, description="expected of all pieces asked for", examples=[962_000])
    pieces: float = Field(description="mean stock of parts kept in pieces", examples=[8123.5])
    value_minor: int = Field(description="mean stock of all parts at today's prices", examples=[36530448])
    short_a_month: float = Field(description="pieces expected not to be there when asked for", examples=[14.2])
    orders_a_month: float = Field(description="lines that the vans bring", examples=[410.5])
    cost_a_month_minor: int = Field(description="of keeping the stock and bringing it", examples=[412000])


class ServiceLevels(View):
    """The curve of a dealer, a shop, a category, or a category in a shop."""

    shop: str = Field(examples=[""])
    category: str = Field(examples=[""])
    made_ms: int = Field(description="when the planning run computed it; 0: never yet", examples=[1794873600000])
    bins: int = Field(examples=[1204])
    now: LevelPoint | None = Field(description="where today's aims lie; null: nothing is computed yet")
    points: list[LevelPoint] = Field(description="the lowest aim first")


class PartGain(View):
    """A part in all shops: what another aim changes."""

    part: PartName
    bins: int
    stock: float = Field(description="mean stock now, in its unit", examples=[31.5])
    stock_change: float = Field(examples=[12.0])
    value_change_minor: int = Field(examples=[144000])
    short_change_a_month: float = Field(description="of units not there when asked for", examples=[-2.4])


@dataclass(frozen=True)
class Scope:
    """Which bins: "" of either is all of them."""

    shop: str = ""
    category: str | None = None  # None: every category; "": parts of none


def service_levels(session: Session, tenant: TenantId, scope: Scope) -> ServiceLevels:
    """The curve (`NotFoundError` for the shop, `RefusedError` for the category)."""
    check(session, tenant, scope)
    rows = tenant_rows(tenant, LevelCurve)
    if scope.shop:
        rows = rows.where(col(LevelCurve.shop_id) == scope.shop)
    if scope.category is not None:
        rows = rows.where(col(LevelCurve.category) == scope.category)
    names = ("bins", "pieces", "value_minor", "asked", "short", "orders", "cost_minor")
    summed = rows.with_only_columns(
        col(LevelCurve.aim_ppm), *(func.sum(getattr(LevelCurve, name)).label(name) for name in names),
        func.max(LevelCurve.made_ms).label("made_ms"),
    )  # fmt: skip
    found = session.execute(summed.group_by(col(LevelCurve.aim_ppm)).order_by(col(LevelCurve.aim_ppm))).all()
    points = [
        LevelPoint(
            aim_ppm=row.aim_ppm,
            fill_ppm=min(PPM, int(PPM * (1 - float(row.short) / float(row.asked)))) if row.asked else PPM,
            pieces=round(float(row.pieces), 1),
            value_minor=round(float(row.value_minor)),
            short_a_month=round(float(row.short) / MONTHS, 2),
            orders_a_month=round(float(row.orders) / MONTHS, 1),
            cost_a_month_minor=round(float(row.cost_minor) / MONTHS),
        )
        for row in found
    ]
    return ServiceLevels(
        shop=scope.shop,
        category=scope.category or "",
        made_ms=max((int(row.made_ms) for row in found), default=0),
        bins=max((int(row.bins) for row in found), default=0),
        now=next((point for point in points if point.aim_ppm == IN_FORCE), None),
        points=[point for point in points if point.aim_ppm != IN_FORCE],
    )


def gains(
    session: Session, tenant: TenantId, aims: Sequence[int], category: str | None = None, limit: int = GAINS
) -> dict[int, list[PartGain]]:
    """By aim, the parts whose stock it changes most against now, by money; of all shops."""
    rows = tenant_rows(tenant, PartCurve)
    if category is not None:
        rows = rows.where(col(PartCurve.category) == category)
    curves = [(row, {point[0]: point[1:] for point in json.loads(row.points)}) for row in session.exec(rows)]
    found = {aim: _most_changed(curves, aim)[:limit] for aim in aims}
    names = _names(session, tenant, sorted({row.part for changes in found.values() for row, _, _ in changes}))
    return {aim: [_gain(*change, names) for change in changes] for aim, changes in found.items()}


_Points = Sequence[float]  # stock, value, short a year
_Change = tuple[PartCurve, _Points, _Points]


def _most_changed(curves: Sequence[tuple[PartCurve, Mapping[int, _Points]]], aim: int) -> list[_Change]:
    changes = [
        (row, points[IN_FORCE], points[aim])
        for row, points in curves
        if IN_FORCE in points and aim in points and abs(points[aim][0] - points[IN_FORCE][0]) >= CHANGED_MIN
    ]
    return sorted(changes, key=lambda each: (-abs(each[2][1] - each[1][1]), each[0].part))


def _gain(row: PartCurve, now: _Points, then: _Points, names: Mapping[str, PartName]) -> PartGain:
    return PartGain(
        part=names.get(row.part, PartName(number=row.part, name_zh=row.part, name_en=row.part)),
        bins=row.bins,
        stock=round(now[0], 1),
        stock_change=round(then[0] - now[0], 1),
        value_change_minor=round(then[1] - now[1]),
        short_change_a_month=round((then[2] - now[2]) / MONTHS, 2),
    )


def said_aims(session: Session, tenant: TenantId) -> dict[tuple[str, str], int]:
    """What is aimed at, by (shop, category), where a row says it."""
    rows = tenant_rows(tenant, PolicyAim).where(col(PolicyAim.fill_ppm) > 0)
    return {(row.shop_id, row.category): row.fill_ppm for row in session.exec(rows)}


def check(session: Session, tenant: TenantId, scope: Scope) -> None:
    """Refuse a shop that is not the tenant's (`NotFoundError`), and what is no category (`RefusedError`)."""
    if scope.shop:
        own_shop(session, tenant, scope.shop)
    if scope.category and scope.category not in CATEGORIES:
        raise RefusedError(f"expected a category among {', '.join(CATEGORIES)}, found {scope.category!r}")


def _names(session: Session, tenant: TenantId, parts: Sequence[str]) -> dict[str, PartName]:
    rows = tenant_rows(tenant, CataloguePart).where(col(CataloguePart.number).in_(parts))
    return {row.number: part_name_of(row) for row in session.exec(rows)}


def part_name_of(row: CataloguePart) -> PartName:
    """What the catalogue calls a part."""
    unit: Literal["piece", "gram"] = "gram" if row.unit == "gram" else "piece"
    return PartName(
        number=row.number,
        name_zh=row.name_zh,
        name_en=row.name_en,
        unit=unit,
        brand=row.brand,
    )
