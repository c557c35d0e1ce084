"""The forecast of a dealer's demand, by the method that did best in each class of demand on the dealer's own past.

Each method forecasts some of the last weeks from nothing but what was known before them (not what bins borrow either,
which knows of later weeks), and is judged by its pinball loss at .90 and .95, from which levels are made. The first
method stands unless another is better by `BETTER` in a class with enough demand to tell them apart.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from cloud.replenishment.demand.classes import classes_of
from cloud.replenishment.demand.dealer_demand import DealerDemand
from cloud.replenishment.forecasting.rate_views import Prior
from cloud.replenishment.forecasting.settings import WEEKLY
from cloud.replenishment.forecasting.smoothing import forecast
from cloud.replenishment.forecasting.values import Demand, Floats, Forecast, Ints
from cloud.replenishment.levels.policy import levels_of
from cloud.replenishment.levels.terms import Levels, Terms

HOLDOUT_WEEKS = 12
AHEAD_WEEKS = 4
SHARES = (0.90, 0.95)
BETTER = 0.02
ITEMS_MIN = 30  # of a class, below which nothing is told apart
WEEKS_MIN = 26  # of history before what is held out
ITEMS_MAX = 4_000  # that methods are compared by; of more, evenly chosen ones
_SEEN = 0.99  # of a week: only what could be asked for in full is compared

Method = Callable[[Demand, Prior | None], Forecast]
METHODS: Final[Mapping[str, Method]] = {
    "smoothing": lambda demand, prior: forecast(demand, WEEKLY, prior),
    "quick": lambda demand, prior: forecast(demand, replace(WEEKLY, discounts=WEEKLY.discounts[:2]), prior),
    "steady": lambda demand, prior: forecast(demand, replace(WEEKLY, discounts=(1.0,), level=1.0), prior),
}
USUAL: Final = "smoothing"


@dataclass(frozen=True)
class Fitted:
    """The forecast of every item; `chosen` and `scores` by class, loss beside what the usual method has."""

    forecast: Forecast
    classes: list[str]
    methods: list[str]  # by item
    chosen: dict[str, str]
    scores: dict[str, dict[str, float]]

    def levels(self, on: Terms) -> Levels:
        """The levels of every item, on terms in its steps and weeks."""
        return levels_of(self.forecast, on)


def fitted(found: DealerDemand) -> Fitted:
    """Choose, and forecast what comes after the last week."""
    demand = found.demand
    classes = classes_of(demand)
    scores = compared(demand, classes)
    chosen = {name: best(losses) for name, losses in scores.items()}
    methods = [chosen.get(name, USUAL) for name in classes]
    prior = Prior(found.prior_rate, found.prior_weight)
    each = {name: METHODS[name](demand, prior) for name in sorted({*methods, USUAL})}
    number = np.array([sorted(each).index(name) for name in methods], np.int64)
    joined = Joined([each[name] for name in sorted(each)], number)
    return Fitted(joined if len(each) > 1 else each[USUAL], classes, methods, chosen, scores)


def best(losses: Mapping[str, float]) -> str:
    """The usual method, or one that is clearly better."""
    name = min(sorted(losses), key=lambda each: losses[each])
    return name if losses[name] < (1 - BETTER) * losses.get(USUAL, np.inf) else USUAL


def compared(demand: Demand, classes: Sequence[str]) -> dict[str, dict[str, float]]:
    """By class, the loss of every method, as a share of what is asked for."""
    weeks = demand.quantity.shape[1]
    known = demand.exposure.sum(axis=1) >= min(WEEKS_MIN, weeks)
    items = np.flatnonzero(known)[:: max(1, int(known.sum()) // ITEMS_MAX)]
    first = weeks - HOLDOUT_WEEKS
    if first < WEEKS_MIN or items.size < ITEMS_MIN:
        return {}
    some = Demand(demand.quantity[items], demand.exposure[items], demand.group[items])
    names = np.array(classes, object)[items]
    found: dict[str, dict[str, float]] = {}
    for method in METHODS:
        loss, asked = _losses(some, method, first)
        for name in sorted(set(names)):
            own = names == name
            if own.sum() >= ITEMS_MIN and asked[own].sum() > 0:
                found.setdefault(name, {})[method] = round(float(loss[own].sum() / asked[own].sum()), 4)
    return found


def _losses(demand: Demand, method: str, first: int) -> tuple[Floats, Floats]:
    """Of every item, the loss over what was held out, and what was asked for in it."""
    items, weeks = demand.quantity.shape
    loss, total = np.zeros(items), np.zeros(items)
    for origin in range(first, weeks - AHEAD_WEEKS + 1, AHEAD_WEEKS):
        ahead = METHODS[method](demand.until(origin), None)
        asked = np.rint(demand.quantity[:, origin : origin + AHEAD_WEEKS].sum(axis=1))
        whole = demand.exposure[:, origin : origin + AHEAD_WEEKS].min(axis=1) >= _SEEN
        for share, level in zip(SHARES, _quantiles(ahead), strict=True):
            off = asked - level
            loss += np.where(whole, np.maximum(share * off, (share - 1) * off), 0.0)
        total += np.where(whole, asked, 0.0)
    return loss, total


def _quantiles(ahead: Forecast) -> list[Floats]:
    """Of the next weeks, for each of `SHARES`, items of like demand together."""
    items = len(ahead)
    long = np.full(items, float(AHEAD_WEEKS))
    tops = 2 ** np.ceil(np.log2(np.maximum(32, 6 * ahead.mean(long) + 24))).astype(np.int64)
    found = [np.zeros(items) for _ in SHARES]
    for top in np.unique(tops):
        at = np.flatnonzero(tops == top)
        below = ahead.of(at).distribution(long[at], int(top)).cumsum(axis=1)
        for share, quantile in zip(SHARES, found, strict=True):
            quantile[at] = (below < share).sum(axis=1)
    return found


@dataclass(frozen=True)
class Joined:
    """A `Forecast` whose items come from several, all of the same items: `number` says which, by item."""

    forecasts: Sequence[Forecast]
    number: Ints

    def __len__(self) -> int:
        return len(self.number)

    def mean(self, periods: Floats) -> Floats:
        """Of each item's own."""
        found = np.zeros(len(self))
        for at, ahead in self._each():
            found[at] = ahead.mean(periods[at])
        return found

    def distribution(self, periods: Floats, top: int) -> Floats:
        """Of each item's own."""
        found = np.zeros((len(self), top + 1))
        for at, ahead in self._each():
            found[at] = ahead.distribution(periods[at], top)
        return found

    def of(self, items: slice | Ints) -> "Joined":
        """Of some items alone."""
        return Joined([ahead.of(items) for ahead in self.forecasts], self.number[items])

    def _each(self) -> list[tuple[Ints, Forecast]]:
        found = []
        for number, ahead in enumerate(self.forecasts):
            at = np.flatnonzero(self.number == number)
            if at.size:
                found.append((at, ahead.of(at)))
        return found
