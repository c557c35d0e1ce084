"""Stock where it helps most: one price for a missing unit, over many bins, so that together they reach a fill rate.

A bin by itself reaches 95 % whatever it costs there. Over many bins the same share of all that is asked for is
reached with less money in stock when each bin is filled up only as long as one more unit helps as much as anywhere
else: that is a price for a unit that is not there when asked for, the same for all (a Lagrange multiplier, as in
Sherbrooke's METRIC, Operations Research 16, 1968).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cloud.replenishment.forecasting.values import Floats, Forecast
from cloud.replenishment.levels.policy import levels_of_each
from cloud.replenishment.levels.terms import Levels, Terms

_PRICES = 9  # looked at together
_LOOKS = 3  # each between two neighbours of the one before: the price is right to one part in fifty
_FROM, _TO = 0.02, 300.0  # in multiples of what holding a usual unit for a year costs
_WIDER = 1000.0  # looked at above them, once, where none of them is enough


@dataclass(frozen=True)
class Share:
    """What some bins add to the whole: units asked for a period, and how many of them are there, by price."""

    asked: float
    served: Floats

    def __add__(self, other: "Share") -> "Share":
        return Share(self.asked + other.asked, self.served + other.served)


def shared_price(forecast: Forecast, terms: Terms, fill: float) -> float:
    """What a missing unit has to cost so that all items together have `fill` of what is asked for (`ValueError`)."""
    terms = terms.priced()
    return price_of(lambda prices: share_of(forecast, terms, prices), first_prices(terms), fill)


def price_of(share: Callable[[Floats], Share], prices: Floats, fill: float) -> float:
    """The price that reaches `fill`, by what all items have at some prices. `share` is asked some times."""
    if not 0 <= fill < 1:
        raise ValueError(f"expected a fill rate from 0 to below 1, found {fill}")
    found = share(prices)
    if found.served[-1] < fill * found.asked:
        prices = np.geomspace(prices[-1], prices[-1] * _WIDER, len(prices))
        found = share(prices)
    if found.served[-1] < fill * found.asked:
        most = found.served[-1] / found.asked
        raise ValueError(f"expected a fill rate that the bins have the room for, at most {most:.4f}, found {fill}")
    for _ in range(_LOOKS - 1):
        prices = _closer(prices, found, fill)
        found = share(prices)
    return float(prices[(found.served >= fill * found.asked).argmax()])


def levels_shared(forecast: Forecast, terms: Terms, fill: float) -> Levels:
    """The levels by the one price at which all items together reach `fill`."""
    priced = terms.priced().by_cost(missing=shared_price(forecast, terms, fill))
    return levels_of_each(forecast, [priced])[0]


def first_prices(terms: Terms, many: int = _PRICES) -> Floats:
    """Prices to begin with, from one at which little is kept to one at which next to nothing is missing."""
    usual = float(np.median(terms.priced().holding_cost)) * terms.periods_a_year
    return np.geomspace(usual * _FROM, usual * _TO, many)


def share_of(forecast: Forecast, terms: Terms, prices: Floats) -> Share:
    """What some items add to the whole at each price: shares of parts of the items are added up."""
    found = levels_of_each(forecast, [terms.by_cost(missing=float(price)) for price in prices])
    asked = forecast.mean(terms.review) / terms.review
    return Share(float(asked.sum()), np.array([asked @ levels.fill for levels in found]))


def _closer(prices: Floats, found: Share, fill: float) -> Floats:
    """Prices between the last that does not reach the fill rate and the first that does."""
    first = max(int((found.served >= fill * found.asked).argmax()), 1)
    return np.geomspace(prices[first - 1], prices[first], len(prices))
