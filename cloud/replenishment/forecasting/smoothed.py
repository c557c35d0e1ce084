"""Our forecast: a fitted shape (negative binomial) mixed with the item's own history, recent periods weighing more.

The shape knows the level and, from its group, how lumpy demand is; the history knows what is peculiar to the item, such
as that it is always asked for in fours. The shape weighs `shape_periods` of history.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cloud.replenishment.forecasting import negative_binomial
from cloud.replenishment.forecasting.own_history import Windows, windows
from cloud.replenishment.forecasting.values import Demand, Floats, Ints


@dataclass(frozen=True)
class SmoothedForecast:
    """A `Forecast`. `rate`: expected in a period, by the shape; `dispersion`: variance over mean of one period."""

    rate: Floats  # (items,)
    dispersion: Floats  # (items,)
    drift: Floats  # (items,): how much of the dispersion lasts from one period into the next
    history: Demand
    history_discount: float
    shape_periods: float

    def __len__(self) -> int:
        return len(self.rate)

    def of(self, items: slice | Ints) -> "SmoothedForecast":
        """Of some items alone."""
        history = Demand(self.history.quantity[items], self.history.exposure[items], self.history.group[items])
        arrays = (self.rate[items], self.dispersion[items], self.drift[items])
        return SmoothedForecast(*arrays, history, self.history_discount, self.shape_periods)

    @classmethod
    def joined(cls, parts: "Sequence[SmoothedForecast]", history: Demand) -> "SmoothedForecast":
        """One forecast of the items of some, one or more, in their order; `history`: of all of them, as one."""
        rate, dispersion, drift = (
            np.concatenate([getattr(part, name) for part in parts]) for name in ("rate", "dispersion", "drift")
        )
        return cls(rate, dispersion, drift, history, parts[0].history_discount, parts[0].shape_periods)

    def mean(self, periods: Floats) -> Floats:
        """Expected demand of so many periods: (items,)."""
        found = np.empty(len(self))
        for items, length in _by_length(periods):
            some, asked = self._at(items), periods[items]
            share, below, above = some._windows(length)
            between = _between(asked - length, below.mean(), above.mean())
            found[items] = (1 - share) * some.rate * asked + share * between
        return found

    def distribution(self, periods: Floats, top: int) -> Floats:
        """P(0), P(1) … P(top): (items, top + 1)."""
        found = np.empty((len(self), top + 1))
        for items, length in _by_length(periods):
            some, asked = self._at(items), periods[items]
            share, below, above = some._windows(length)
            own = _between((asked - length)[:, None], below.probabilities(top), above.probabilities(top))
            shape = negative_binomial.probabilities(some.rate * asked, some._lumpy(asked), top)
            found[items] = (1 - share)[:, None] * shape + share[:, None] * own
        return found

    def _lumpy(self, periods: Floats) -> Floats:
        """Dispersion of a longer time: what lasts adds up, as one rate that is not known exactly."""
        return np.asarray(1 + (self.dispersion - 1) * (1 + self.drift * np.maximum(periods - 1, 0)))

    def _at(self, items: Ints) -> "SmoothedForecast":
        return self.of(items)

    def _windows(self, length: int) -> tuple[Floats, Windows, Windows]:
        """How much the own history weighs, and its windows of `length` periods and of one more."""
        below, above = (windows(self.history, each, self.history_discount) for each in (length, length + 1))
        known = above.total()
        return known / (known + self.shape_periods), below, above


def _by_length(periods: Floats) -> list[tuple[Ints, int]]:
    """The items of each whole number of periods, by index."""
    whole = np.floor(periods).astype(int)
    return [(np.flatnonzero(whole == length), int(length)) for length in np.unique(whole)]


def _between(part: Floats, below: Floats, above: Floats) -> Floats:
    return np.asarray((1 - part) * below + part * above)
