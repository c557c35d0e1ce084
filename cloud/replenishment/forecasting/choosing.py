"""Which way to a rate serves which class of demand: chosen by how well each foretold earlier periods, not by taste.

Looks back at some of the last periods. Before each, every way is fitted to what was known then and foretells the demand
of the next `horizon` periods; it is judged by the probability that it gave to what came (the logarithmic score of Good
1952: in the long run nothing scores better than the truth). Each class of demand takes the way that was clearly best
for it, or the usual one; a class with too little to judge by takes what is best over all. With no history: smoothing.
"""

from dataclasses import dataclass

import numpy as np

from cloud.replenishment.forecasting.demand_classes import NAMES, classes
from cloud.replenishment.forecasting.rate_views import Prior
from cloud.replenishment.forecasting.settings import MONTHLY, Smoothing
from cloud.replenishment.forecasting.smoothed import SmoothedForecast
from cloud.replenishment.forecasting.values import Demand, Floats
from cloud.replenishment.forecasting.ways import Ways, fitted_ways, possible

LOOK_BACK = 12  # months
JUDGED = 6  # periods, evenly among them
BEFORE = 12  # months to fit to before the first of them
USUAL = "both"  # averaging errs least where nothing is known better
BETTER = 0.005  # by so much another has to score better
ITEMS_MAX = 4_000  # of more, every so manieth is judged
_LEAST_JUDGED = 200  # item periods of a class
_LEAST_PROBABILITY = 1e-6  # what was thought impossible costs as much as that


@dataclass(frozen=True)
class Choice:
    """The way of each class, and why. Lower scores are better; `scores` is nan where nothing was judged."""

    by_class: tuple[str, ...]  # in the order of demand_classes.NAMES
    ways: tuple[str, ...]  # those that were tried
    scores: Floats  # (classes, ways): - log P(what came), on average
    judged: tuple[int, ...]  # the first periods of what was foretold, by number; none: nothing to judge by


@dataclass(frozen=True)
class Chosen:
    """What was fitted to all items, and which way each class goes: small, for work in chunks."""

    choice: Choice
    ways: Ways

    def forecast(self, demand: Demand, prior: Prior | None = None) -> SmoothedForecast:
        """Of these items, each by the way of its class."""
        return self.ways.by_class(demand, self.choice.by_class, prior)


def chosen(
    demand: Demand, settings: Smoothing = MONTHLY, prior: Prior | None = None, choice: Choice | None = None
) -> Chosen:
    """Choose, unless that was done, and fit to all that is known."""
    choice = choice or choose(demand, settings, prior)
    return Chosen(choice, fitted_ways(demand, choice.by_class, settings, prior))


def choose(
    demand: Demand, settings: Smoothing = MONTHLY, prior: Prior | None = None, horizon: int | None = None
) -> Choice:
    """The way of each class; `horizon`: periods from one order to the end of what it has to cover, 2 months if None."""
    periods_a_month = max(settings.first_period / MONTHLY.first_period, 1)
    horizon = horizon or round(2 * periods_a_month)
    step = slice(None, None, max(1, -(-len(demand.group) // ITEMS_MAX)))
    some = Demand(demand.quantity[step], demand.exposure[step], demand.group[step])
    origins = _origins(some, periods_a_month, horizon)
    ways = possible(some.until(origins[0]), settings) if origins else ("smoothing",)
    losses = _Losses(np.zeros((len(NAMES), len(ways))), np.zeros(len(NAMES)))
    for origin in origins:
        losses.judge(some, origin, horizon, ways, (settings, None if prior is None else prior.of(step)))
    return Choice(losses.best(ways), ways, losses.scores(), tuple(origins))


def _origins(demand: Demand, periods_a_month: float, horizon: int) -> list[int]:
    """The periods before which is foretold: each one's future is known, and each has enough behind it."""
    last = demand.quantity.shape[1] - horizon
    first = max(last - round(LOOK_BACK * periods_a_month) + 1, round(BEFORE * periods_a_month))
    if last < first:
        return []
    return sorted({int(each) for each in np.linspace(last, first, JUDGED)})


@dataclass
class _Losses:
    """Sums by class: what each way lost, and how many item periods were judged."""

    lost: Floats  # (classes, ways)
    count: Floats  # (classes,)

    def judge(
        self,
        demand: Demand,
        origin: int,
        horizon: int,
        ways: tuple[str, ...],
        fitting: tuple[Smoothing, Prior | None],
    ) -> None:
        """Foretell what came from `origin` on by every way, and add up what each lost."""
        settings, prior = fitting
        known = demand.until(origin)
        came = demand.quantity[:, origin : origin + horizon].sum(axis=1)
        whole = np.flatnonzero((demand.exposure[:, origin : origin + horizon] >= 1).all(axis=1))
        fit = fitted_ways(known, ways, settings, prior)
        of_class = classes(known)[whole]
        self.count += np.bincount(of_class, minlength=len(NAMES))
        for at, way in enumerate(ways):
            lost = _lost(fit.forecast(known, way, prior).of(whole), came[whole], horizon)
            self.lost[:, at] += np.bincount(of_class, weights=lost, minlength=len(NAMES))

    def scores(self) -> Floats:
        """(classes, ways), nan where nothing was judged."""
        known = self.count > 0
        return np.where(known[:, None], self.lost / np.maximum(self.count, 1)[:, None], np.nan)

    def best(self, ways: tuple[str, ...]) -> tuple[str, ...]:
        """The way of each class."""
        usual = ways.index(USUAL) if USUAL in ways else 0
        over_all = _clearly_best(self.lost.sum(axis=0), usual)
        enough = self.count >= _LEAST_JUDGED
        each = (_clearly_best(lost, usual) for lost in self.lost)
        return tuple(ways[at if known else over_all] for at, known in zip(each, enough, strict=True))


def _clearly_best(lost: Floats, usual: int) -> int:
    best = int(np.argmin(lost))
    return best if lost[best] < (1 - BETTER) * lost[usual] else usual


def _lost(forecast: SmoothedForecast, came: Floats, horizon: int) -> Floats:
    """- log P(what came), item by item."""
    whole = np.rint(came).astype(int)
    given = np.empty(len(whole))
    width = 2 ** np.ceil(np.log2(np.maximum(whole, 15) + 1)).astype(int)
    for top in np.unique(width):
        at = np.flatnonzero(width == top)
        found = forecast.of(at).distribution(np.full(len(at), float(horizon)), int(top))
        given[at] = found[np.arange(len(at)), whole[at]]
    return np.asarray(-np.log(np.maximum(given, _LEAST_PROBABILITY)))
