"""What a higher service level costs: stock, money and visits of some bins, aim by aim.

Two ways to the same figures: every bin aims at the same fill rate (`each_aims`), or stock lies where it helps most
and all of them together reach it (`together_reach`). Both are lists of points, the lowest aim first, to be drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cloud.replenishment.forecasting.values import Forecast
from cloud.replenishment.levels.policy import levels_of_each
from cloud.replenishment.levels.shared import first_prices
from cloud.replenishment.levels.terms import Levels, Terms

AIMS = (0.80, 0.85, 0.88, 0.90, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.985, 0.99, 0.995)
_PRICES = 20


@dataclass(frozen=True)
class Point:
    """Some bins at one aim. `value`: money that lies in them; costs and orders a year, money in the unit of `value`."""

    aim: float
    fill: float  # expected, of all that is asked for
    on_hand: float  # mean stock, units
    value: float
    orders_a_year: float
    cost_a_year: float  # of keeping the stock and of bringing; shortage has no price here
    short_a_year: float  # units that are not there when asked for


def each_aims(forecast: Forecast, terms: Terms, aims: Sequence[float] = AIMS) -> list[Point]:
    """Every bin at each of some fill rates."""
    terms = terms.priced()
    found = levels_of_each(forecast, [terms.aiming_at(aim) for aim in aims])
    return [_point(forecast, terms, levels, aim) for aim, levels in zip(aims, found, strict=True)]


def together_reach(forecast: Forecast, terms: Terms, lowest: float = 0.80, highest: float = 0.999) -> list[Point]:
    """The bins together, by one price for a missing unit: the least cost for each fill, which is a point's `aim`."""
    terms = terms.priced()
    prices = first_prices(terms, _PRICES)
    found = levels_of_each(forecast, [terms.by_cost(missing=float(price)) for price in prices])
    points = [_point(forecast, terms, levels, None) for levels in found]
    return [point for point in points if lowest <= point.fill <= highest]


def point_of(forecast: Forecast, terms: Terms, levels: Levels, aim: float) -> Point:
    """Where levels that are in force lie beside the curve."""
    return _point(forecast, terms.priced(), levels, aim)


def _point(forecast: Forecast, terms: Terms, levels: Levels, aim: float | None) -> Point:
    asked = forecast.mean(terms.review) / terms.review
    fill = float(asked @ levels.fill / asked.sum()) if asked.sum() > 0 else 1.0
    kept = float(terms.holding_cost @ levels.on_hand) * terms.periods_a_year
    return Point(
        aim=fill if aim is None else aim,
        fill=fill,
        on_hand=float(levels.on_hand.sum()),
        value=float(terms.value @ levels.on_hand),
        orders_a_year=float(levels.orders_a_year.sum()),
        cost_a_year=kept + float(terms.line_cost @ levels.orders_a_year),
        short_a_year=float(asked @ (1 - levels.fill)) * terms.periods_a_year,
    )
