"""What every aim would hold and cost, by shop and category and by part: kept by the run that knows the forecast.

Pages move along these curves without a forecast of their own. Runs where NumPy is loaded, never in the pages' process.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from sqlalchemy import insert
from sqlmodel import col, delete

from cloud.database import Database
from cloud.replenishment.forecasting.values import Floats, Forecast
from cloud.replenishment.levels.curve import AIMS
from cloud.replenishment.levels.policy import levels_of_each
from cloud.replenishment.levels.terms import Levels, Terms
from cloud.tables import LevelCurve, PartCurve

MANY = 20_000  # from so many bins on, every other aim has to do
IN_FORCE = 0
PPM = 1_000_000
_Row = dict[str, str | int | float]  # by column


class Item(Protocol):
    """What is needed to know of a part in a bin."""

    @property
    def shop(self) -> str:
        """Where it is."""
        ...

    @property
    def part(self) -> str:
        """Its number."""
        ...

    @property
    def category(self) -> str:
        """Of the part, "" for none."""
        ...

    @property
    def unit(self) -> str:
        """`piece` or `gram`."""
        ...

    @property
    def step(self) -> int:
        """How many of the unit are counted as one."""
        ...


class _Figures:
    """Of every item at one aim, a year."""

    def __init__(self, items: Sequence[Item], forecast: Forecast, terms: Terms, levels: Levels) -> None:
        step = np.array([item.step for item in items], np.float64)
        is_piece = np.array([item.unit != "gram" for item in items], np.float64)
        asked = forecast.mean(terms.review) / terms.review * terms.periods_a_year * step
        self.stock: Floats = levels.on_hand * step
        self.pieces: Floats = self.stock * is_piece
        self.value: Floats = levels.on_hand * terms.value
        self.short_units: Floats = asked * (1 - levels.fill)
        self.asked, self.short = asked * is_piece, self.short_units * is_piece
        self.orders = levels.orders_a_year
        self.cost: Floats = terms.holding_cost * levels.on_hand * terms.periods_a_year + terms.line_cost * self.orders


def keep_curves(
    database: Database, dealer: str, items: Sequence[Item], of: tuple[Forecast, Terms, Levels], now_ms: int
) -> int:
    """Put the curves of a dealer's bins in place of those of before; how many rows. `of`: with the levels computed."""
    if not items:
        return 0
    forecast, terms, levels = of[0], of[1].priced(), of[2]
    aims = AIMS[::2] if len(items) > MANY else AIMS
    each = levels_of_each(forecast, [terms.aiming_at(aim) for aim in aims])
    figures = {IN_FORCE: _Figures(items, forecast, terms, levels)}
    figures |= {round(aim * PPM): _Figures(items, forecast, terms, at) for aim, at in zip(aims, each, strict=True)}
    rows = _by_category(dealer, items, figures, now_ms)
    parts = _by_part(dealer, items, figures, now_ms)
    with database.writing() as session:
        session.execute(delete(LevelCurve).where(col(LevelCurve.dealer_id) == dealer))
        session.execute(delete(PartCurve).where(col(PartCurve.dealer_id) == dealer))
        session.execute(insert(LevelCurve), rows)
        session.execute(insert(PartCurve), parts)
    return len(rows) + len(parts)


def _by_category(dealer: str, items: Sequence[Item], figures: dict[int, _Figures], now_ms: int) -> list[_Row]:
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for at, item in enumerate(items):
        groups[item.shop, item.category].append(at)
    return [
        {
            "dealer_id": dealer,
            "shop_id": shop,
            "category": category,
            "aim_ppm": aim,
            "bins": len(at),
            "made_ms": now_ms,
            "pieces": _sum(found.pieces, at),
            "value_minor": _sum(found.value, at),
            "asked": _sum(found.asked, at),
            "short": _sum(found.short, at),
            "orders": _sum(found.orders, at),
            "cost_minor": _sum(found.cost, at),
        }
        for (shop, category), at in groups.items()
        for aim, found in figures.items()
    ]


def _by_part(dealer: str, items: Sequence[Item], figures: dict[int, _Figures], now_ms: int) -> list[_Row]:
    groups: dict[str, list[int]] = defaultdict(list)
    for at, item in enumerate(items):
        groups[item.part].append(at)
    return [
        {
            "dealer_id": dealer,
            "part": part,
            "category": items[at[0]].category,
            "bins": len(at),
            "points": json.dumps(
                [
                    [aim, _sum(found.stock, at), _sum(found.value, at), _sum(found.short_units, at)]
                    for aim, found in figures.items()
                ]
            ),
            "made_ms": now_ms,
        }
        for part, at in groups.items()
    ]


def _sum(values: Floats, at: Sequence[int]) -> float:
    return round(float(values[at].sum()), 3)
