"""The forecast of a dealer's demand: for each class of demand by the way that did best on the dealer's own past.

Ways are compared by what they foretold of earlier weeks (`forecasting/choosing.py`), without what bins borrow, which
knows of later weeks; what is forecast then borrows.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from cloud.replenishment.dask_cluster import on_cluster
from cloud.replenishment.demand.dealer_demand import DealerDemand
from cloud.replenishment.engine import forecast_in_chunks, levels_in_chunks
from cloud.replenishment.forecasting.choosing import Choice, choose, chosen
from cloud.replenishment.forecasting.demand_classes import NAMES, classes
from cloud.replenishment.forecasting.rate_views import Prior
from cloud.replenishment.forecasting.settings import WEEKLY
from cloud.replenishment.forecasting.values import Demand, Forecast
from cloud.replenishment.levels.terms import Levels, Terms

NEW: Final = "new"
NEW_WEEKS: Final = 8.0  # seen for less: nothing is known of its kind yet


@dataclass(frozen=True)
class Fitted:
    """The forecast of every item; `chosen` and `scores` by class: the mean of - log P(what came), lower is better."""

    forecast: Forecast
    classes: list[str]
    methods: list[str]  # by item
    chosen: dict[str, str]
    scores: dict[str, dict[str, float]]

    def levels(self, on: Terms, cluster: str = "") -> Levels:
        """The levels of every item, on terms in its steps and weeks: here, or on a Dask cluster."""
        if not cluster:
            return levels_in_chunks(self.forecast, on)
        with on_cluster(cluster) as each:
            return levels_in_chunks(self.forecast, on, each=each)


def fitted(found: DealerDemand) -> Fitted:
    """Choose, and forecast what comes after the last week."""
    prior = Prior(found.prior_rate, found.prior_weight)
    choice = choose(found.demand, WEEKLY)
    number = classes(found.demand)
    return Fitted(
        forecast_in_chunks(chosen(found.demand, WEEKLY, prior, choice), found.demand, prior),
        _names(found.demand),
        [choice.by_class[each] for each in number],
        dict(zip(NAMES, choice.by_class, strict=True)) if choice.judged else {},
        _scores(choice),
    )


def _names(demand: Demand) -> list[str]:
    is_new = demand.exposure.sum(axis=1) < NEW_WEEKS
    return [NEW if new else NAMES[each] for new, each in zip(is_new, classes(demand), strict=True)]


def _scores(choice: Choice) -> dict[str, dict[str, float]]:
    """Of every class that was judged."""
    return {
        name: {way: round(float(score), 4) for way, score in zip(choice.ways, scores, strict=True)}
        for name, scores in zip(NAMES, choice.scores, strict=True)
        if not np.isnan(scores).any()
    }
