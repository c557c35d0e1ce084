"""A forecast that is a shape alone, as the textbooks have it: a rate, and how lumpy each item was by itself."""

from dataclasses import dataclass

import numpy as np

from cloud.replenishment.forecasting import discounted, negative_binomial
from cloud.replenishment.forecasting.groups import spread
from cloud.replenishment.forecasting.values import Demand, Floats, Ints

_LEAST_RATE = 1e-3  # an item with nothing behind it still gets a level


@dataclass(frozen=True)
class ShapeForecast:
    """A `Forecast`: negative binomial of the same dispersion however long; 1 is Poisson."""

    rate: Floats  # (items,)
    dispersion: Floats  # (items,)

    def __len__(self) -> int:
        return len(self.rate)

    def of(self, items: slice | Ints) -> "ShapeForecast":
        """Of some items alone."""
        return ShapeForecast(self.rate[items], self.dispersion[items])

    def mean(self, periods: Floats) -> Floats:
        """Expected demand of so many periods: (items,)."""
        return self.rate * periods

    def distribution(self, periods: Floats, top: int) -> Floats:
        """P(0), P(1) … P(top): (items, top + 1)."""
        return negative_binomial.probabilities(self.mean(periods), self.dispersion, top)


def poisson(rate: Floats) -> ShapeForecast:
    """As lumpy as chance alone."""
    return ShapeForecast(np.maximum(rate, _LEAST_RATE), np.ones(len(rate)))


def by_own_dispersion(rate: Floats, demand: Demand) -> ShapeForecast:
    """Variance over mean of each item's own history, 1 or more; nothing is shared."""
    asked = demand.quantity.sum(axis=1)
    return ShapeForecast(np.maximum(rate, _LEAST_RATE), np.maximum(discounted.ratio(spread(demand), asked), 1.0))
