"""The ways to a rate that there are, and one forecast in which each class of demand goes its own way.

Every way gives a rate alone; how lumpy demand is and what an item's own history adds is the same whichever is taken
(`smoothed`).
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from cloud.replenishment.forecasting import textbook, trees
from cloud.replenishment.forecasting.demand_classes import classes
from cloud.replenishment.forecasting.rate_views import Prior
from cloud.replenishment.forecasting.settings import MONTHLY, Smoothing
from cloud.replenishment.forecasting.smoothed import SmoothedForecast
from cloud.replenishment.forecasting.smoothing import Fit, fitted
from cloud.replenishment.forecasting.values import Demand, Floats

WAYS = ("smoothing", "trees", "both", "ses", "tsb", "sba", "imapa", "pooled")
_WITH_TREES = ("trees", "both")
_TEXTBOOK = {
    "ses": textbook.ses,
    "tsb": textbook.tsb,
    "sba": textbook.sba,
    "imapa": textbook.imapa,
}


@dataclass(frozen=True)
class Ways:
    """What was fitted once to all items: for the ways that were asked for."""

    fit: Fit
    trees: trees.Trees | None
    pooled: textbook.Pooled | None

    def forecast(self, demand: Demand, way: str, prior: Prior | None = None) -> SmoothedForecast:
        """Of these items, all by one way."""
        rate = self._rate(demand, way, self.fit.rate(demand, prior), prior)
        return self.fit.forecast(demand, rate=rate)

    def by_class(self, demand: Demand, ways: tuple[str, ...], prior: Prior | None = None) -> SmoothedForecast:
        """Of these items, each by the way of its class; `ways` by class."""
        rate = self.fit.rate(demand, prior)
        of_class = classes(demand)
        for way in sorted(set(ways)):
            mine = np.flatnonzero(np.array([each == way for each in ways])[of_class])
            if mine.size and way != "smoothing":
                rate[mine] = self._rate(_of(demand, mine), way, rate[mine], prior and prior.of(mine))
        return self.fit.forecast(demand, rate=rate)

    def _rate(self, demand: Demand, way: str, ours: Floats, prior: Prior | None) -> Floats:
        if way in _TEXTBOOK:
            return _TEXTBOOK[way](demand)
        if way == "pooled" and self.pooled is not None:
            return self.pooled.rate(demand)
        if way not in _WITH_TREES or self.trees is None:
            return ours
        grown = self.trees.rate(demand, prior)
        return grown if way == "trees" else (grown + ours) / 2


def possible(demand: Demand, settings: Smoothing = MONTHLY) -> tuple[str, ...]:
    """The ways that this demand is enough for."""
    enough = trees.enough(demand, settings)
    return tuple(way for way in WAYS if enough or way not in _WITH_TREES)


def fitted_ways(
    demand: Demand, ways: Iterable[str] = WAYS, settings: Smoothing = MONTHLY, prior: Prior | None = None
) -> Ways:
    """Fit what these ways need; without enough to learn from, trees are replaced by the smoothing."""
    fit, wanted = fitted(demand, settings, prior), set(ways)
    has_trees = bool(wanted.intersection(_WITH_TREES)) and trees.enough(demand, settings)
    return Ways(
        fit,
        trees.grown(demand, fit.groups, settings, prior) if has_trees else None,
        textbook.pooled_fit(demand) if "pooled" in wanted else None,
    )


def _of(demand: Demand, items: np.ndarray) -> Demand:
    return Demand(demand.quantity[items], demand.exposure[items], demand.group[items])
