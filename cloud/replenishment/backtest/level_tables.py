"""What each order-up-to level S promises, before each period: from it the levels of any aim are read off.

Of a forecast, with D_n the demand of the next n periods, lead time L and a review every period:
- fill(S) = 1 - (E[D_{L+1} - S]+ - E[D_L - S]+) / E[D_1]: the share served at once in the period that S has to cover
  (Silver, Pyke and Thomas 2017, section 7.9 with backorders; for L = 1 as in docs/forecast.md);
- helps(S): pieces a period that one more than S saves from being short, P(D_{L+1} > S) - P(D_L > S);
- held(S): the mean stock at a period's end that one more than S adds, P(D_{L+1} <= S).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cloud.replenishment.forecasting.values import Floats, Forecast, Ints

Narrow = NDArray[np.float32]  # there are many of them
_TOP = 31  # looked at first
_TOP_MOST = 32_767
_ENOUGH = 1e-5  # promised short beyond the last S
_LEAST_MEAN = 1e-6  # of which no share is told any more


@dataclass(frozen=True)
class Table:
    """Some parts of one origin: `at` says which; the rest is by S, (len(at), top + 1)."""

    at: Ints
    fill: Narrow
    helps: Narrow  # a piece held
    reached: Narrow  # P(D_{L+1} <= S)


@dataclass(frozen=True)
class LevelTables:
    """All parts before one period. `mean`: expected demand of it, (items,)."""

    mean: Floats
    tables: tuple[Table, ...]

    def by_fill(self, aim: float) -> Ints:
        """The smallest S that promises a fill rate."""
        return self._first(lambda table: table.fill >= aim)

    def by_ratio(self, ratio: float) -> Ints:
        """The smallest S that covers the demand of lead time and review with a probability (newsvendor)."""
        return self._first(lambda table: table.reached >= ratio)

    def by_price(self, price: float) -> Ints:
        """S where one more piece would save less than `price` from being short, a piece held: the same everywhere."""
        return self._first(lambda table: table.helps < price)

    def promised(self, level: Ints) -> float:
        """The fill rate over all parts that levels promise."""
        short = sum(
            float((self.mean[table.at] * (1 - table.fill[np.arange(len(table.at)), level[table.at]])).sum())
            for table in self.tables
        )
        return 1 - short / float(self.mean.sum())

    def _first(self, holds: Callable[[Table], NDArray[np.bool_]]) -> Ints:
        found = np.zeros(len(self.mean), np.int64)
        for table in self.tables:
            enough = holds(table)
            found[table.at] = np.where(enough.any(axis=1), enough.argmax(axis=1), enough.shape[1] - 1)
        return found


def level_tables(forecast: Forecast, lead: int) -> LevelTables:
    """The tables of every part; as long as it takes until next to nothing is promised short."""
    mean = forecast.mean(np.ones(len(forecast)))
    return LevelTables(mean, tuple(_tables(forecast, mean, lead)))


def _tables(forecast: Forecast, mean: Floats, lead: int) -> Iterator[Table]:
    rest, top = np.arange(len(forecast)), _TOP
    while rest.size:
        table = _table(forecast, mean, lead, (rest, top))
        done = (table.fill[:, -1] >= 1 - _ENOUGH) | (top >= _TOP_MOST) | (mean[rest] < _LEAST_MEAN)
        yield Table(rest[done], table.fill[done], table.helps[done], table.reached[done])
        rest, top = rest[~done], 2 * top + 1


def _table(forecast: Forecast, mean: Floats, lead: int, of: tuple[Ints, int]) -> Table:
    at, top = of
    some = forecast.of(at)
    both, first = _Demand(some, lead + 1.0, top), _Demand(some, float(lead), top)
    short = np.maximum(both.above - first.above, 0)
    fill = np.maximum.accumulate(1 - short / np.maximum(mean[at], 1e-12)[:, None], axis=1)
    saves = first.reached - both.reached
    helps = np.minimum.accumulate(saves / np.maximum(both.reached, 1e-12), axis=1)
    return Table(at, *(each.astype(np.float32) for each in (fill, helps, both.reached)))


class _Demand:
    """The demand of some periods: P(D <= S) and E[D - S]+ for S = 0 … top."""

    def __init__(self, forecast: Forecast, periods: float, top: int) -> None:
        items = len(forecast)
        if periods == 0:
            self.reached, self.above = np.ones((items, top + 1)), np.zeros((items, top + 1))
            return
        length = np.full(items, periods)
        self.reached = np.cumsum(forecast.distribution(length, top), axis=1)
        over = np.cumsum(1 - self.reached, axis=1)
        mean = forecast.mean(length)[:, None]
        self.above = np.maximum(np.concatenate([mean, mean - over[:, :-1]], axis=1), 0)
