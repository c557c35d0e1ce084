"""The rates of the textbooks, to be measured beside ours and to be chosen where they are better. (items,) each.

Each goes through the periods in order, all items at once; a period without stock changes nothing. Before the first
order the rate is 0. Smoothing constants are those the textbooks and the usual libraries begin with.

- `croston`: Croston 1972, order size and interval smoothed at each order;
- `sba`: Syntetos and Boylan 2005, Croston's rate less its bias, 1 - alpha / 2;
- `tsb`: Teunter, Syntetos and Babai 2011, order size and probability of an order, the latter every period;
- `ses`: simple exponential smoothing, from the first period's demand;
- `imapa`: Petropoulos and Kourentzes 2015, the mean of smoothing over sums of 1, 2 … periods, as many as lie between
  two orders of the item; the constant is the best of 0.1 to 0.3 for each item and length, by squared error;
- `pooled`: simple exponential smoothing from the group's mean, with the one constant that is best for all items.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from cloud.replenishment.forecasting import discounted
from cloud.replenishment.forecasting.groups import groups_of
from cloud.replenishment.forecasting.values import Demand, Floats

ALPHA = 0.1
_IMAPA_ALPHAS = (0.1, 0.15, 0.2, 0.25, 0.3)
_POOLED_ALPHAS = (0.02, 0.04, 0.06, 0.08, 0.1, 0.12, 0.15, 0.2, 0.25, 0.3)


def croston(demand: Demand, alpha: float = ALPHA) -> Floats:
    """Size of an order over the interval between two, each smoothed."""
    items = len(demand.group)
    size, interval, waited = np.zeros(items), np.zeros(items), np.ones(items)
    for asked, exposure in _periods(demand):
        ordered = asked > 0
        first = ordered & (size == 0)
        size = np.where(first, asked, np.where(ordered, size + alpha * (asked - size), size))
        interval = np.where(first, waited, np.where(ordered, interval + alpha * (waited - interval), interval))
        waited = np.where(ordered, 1.0, waited + exposure)
    return discounted.ratio(size, interval)


def sba(demand: Demand, alpha: float = ALPHA) -> Floats:
    """Croston's rate without its bias."""
    return (1 - alpha / 2) * croston(demand, alpha)


def tsb(demand: Demand, alpha: float = ALPHA, beta: float = ALPHA) -> Floats:
    """Size of an order, smoothed at each, times the probability of one, smoothed every period."""
    items = len(demand.group)
    size, chance, begun = np.zeros(items), np.zeros(items), np.zeros(items, bool)
    for asked, exposure in _periods(demand):
        ordered, known = asked > 0, exposure > 0
        size = np.where(ordered & (size == 0), asked, np.where(ordered, size + alpha * (asked - size), size))
        chance = np.where(begun, chance + beta * exposure * (ordered - chance), ordered)
        begun = begun | known
    return size * chance


def ses(demand: Demand, alpha: float = ALPHA) -> Floats:
    """Simple exponential smoothing."""
    rates, exposure = discounted.rates(demand), demand.exposure
    first = np.argmax(exposure > 0, axis=1)
    return _smoothed(rates, exposure, alpha, rates[np.arange(len(rates)), first])[0]


@dataclass(frozen=True)
class Pooled:
    """What all items have in common: the constant, and where the items of each group begin, (groups,)."""

    alpha: float
    start: Floats

    def rate(self, demand: Demand) -> Floats:
        """Of some of the items."""
        return _smoothed(discounted.rates(demand), demand.exposure, self.alpha, self.start[demand.group])[0]


def pooled_fit(demand: Demand) -> Pooled:
    """The constant with which all items together are missed least."""
    rates, exposure, start = discounted.rates(demand), demand.exposure, groups_of(demand).rate(1.0)[:, -1]
    missed = [_smoothed(rates, exposure, alpha, start[demand.group])[1].sum() for alpha in _POOLED_ALPHAS]
    return Pooled(_POOLED_ALPHAS[int(np.argmin(missed))], start)


def pooled(demand: Demand) -> Floats:
    """The same constant and beginning for all."""
    return pooled_fit(demand).rate(demand)


def imapa(demand: Demand) -> Floats:
    """Smoothing over sums of several lengths, averaged."""
    rates, exposure = discounted.rates(demand), demand.exposure
    between = discounted.ratio(exposure.sum(axis=1), discounted.orders(demand).sum(axis=1))
    longest = np.clip(np.rint(between), 1, rates.shape[1]).astype(int)
    total = np.zeros(len(rates))
    for length in range(1, int(longest.max(initial=0)) + 1):
        at = np.flatnonzero(longest >= length)
        total[at] += _best_smoothed(_summed(rates[at], length), _summed(exposure[at], length) / length) / length
    return np.asarray(total / longest)


def _best_smoothed(rates: Floats, exposure: Floats) -> Floats:
    tries = [_smoothed(rates, exposure, alpha, rates[:, 0]) for alpha in _IMAPA_ALPHAS]
    best = np.argmin([missed for _, missed in tries], axis=0)
    return np.asarray(np.stack([level for level, _ in tries])[best, np.arange(len(rates))])


def _summed(amount: Floats, length: int) -> Floats:
    """Sums of so many periods on end; the oldest that do not fill a sum are left out."""
    rest = amount.shape[1] % length
    return np.asarray(amount[:, rest:].reshape(len(amount), -1, length).sum(axis=2))


def _smoothed(rates: Floats, exposure: Floats, alpha: float, start: Floats) -> tuple[Floats, Floats]:
    """The last level, and the squares by which each period was missed, summed."""
    level, missed = start.copy(), np.zeros(len(start))
    for period in range(rates.shape[1]):
        off = rates[:, period] - level
        missed = missed + exposure[:, period] * off**2
        level = level + alpha * exposure[:, period] * off
    return level, missed


def _periods(demand: Demand) -> Iterator[tuple[Floats, Floats]]:
    return zip(discounted.rates(demand).T, demand.exposure.T, strict=True)
