"""The methods that are measured side by side: ours, and those of the textbooks.

"NB" is a negative binomial with each item's own dispersion, the rate as the name says; "Poisson" is no lumpier than
chance.
"""

from collections.abc import Callable, Mapping
from typing import Final

from cloud.replenishment.backtest.foretold import Method
from cloud.replenishment.forecasting import textbook, trees
from cloud.replenishment.forecasting.by_shape import ShapeForecast, by_own_dispersion, poisson
from cloud.replenishment.forecasting.choosing import Choice, chosen
from cloud.replenishment.forecasting.groups import groups_of
from cloud.replenishment.forecasting.settings import MONTHLY
from cloud.replenishment.forecasting.values import Demand, Floats, Forecast

OURS: Final = "Partsbay"
SHARED: Final = "Partsbay, stock where it helps most"


def ours(choice: Choice) -> Method:
    """Our forecast, each class of demand by the way that was chosen before."""

    def method(demand: Demand) -> Forecast:
        return chosen(demand, choice=choice).forecast(demand)

    return method


def textbooks() -> Mapping[str, Method]:
    """By name."""
    return {
        "Croston NB": _own_dispersion(textbook.croston),
        "SBA NB": _own_dispersion(textbook.sba),
        "TSB NB": _own_dispersion(textbook.tsb),
        "SES(.1) NB": _own_dispersion(textbook.ses),
        "IMAPA NB": _own_dispersion(textbook.imapa),
        "pooled smoothing NB": _own_dispersion(textbook.pooled),
        "LightGBM Tweedie NB": _own_dispersion(_tweedie),
        "SBA Poisson": _sba_poisson,
    }


def _own_dispersion(rate: Callable[[Demand], Floats]) -> Method:
    def method(demand: Demand) -> ShapeForecast:
        return by_own_dispersion(rate(demand), demand)

    return method


def _sba_poisson(demand: Demand) -> ShapeForecast:
    return poisson(textbook.sba(demand))


def _tweedie(demand: Demand) -> Floats:
    """The mean that the trees give; the pooled one when there is too little to learn from."""
    if not trees.enough(demand, MONTHLY):
        return textbook.pooled(demand)
    return trees.grown(demand, groups_of(demand), MONTHLY, kinds=trees.TWEEDIE).rate(demand)
