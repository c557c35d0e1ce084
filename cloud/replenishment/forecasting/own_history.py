"""What was asked for in so many periods on end, in an item's own past, as a distribution: the latest weighs most.

A length between whole periods lies that far between the two: 1.3 periods are seven times out of ten like one and three
times like two. A window that could not be asked in full weighs less, and is scaled up to what it would have asked for.
"""

from dataclasses import dataclass
from typing import cast

import numpy as np

from cloud.replenishment.forecasting import discounted
from cloud.replenishment.forecasting.values import Demand, Floats, Ints


@dataclass(frozen=True)
class Windows:
    """The windows of a length: what each asked for and what it weighs, (items, windows)."""

    asked: Floats
    weight: Floats

    def total(self) -> Floats:
        """(items,)"""
        return np.asarray(self.weight.sum(axis=1))

    def mean(self) -> Floats:
        """0 where there are none: (items,)."""
        return discounted.ratio((self.weight * self.asked).sum(axis=1), self.total())

    def probabilities(self, top: int) -> Floats:
        """Of 0 … top, 0 where there are none; half a unit lies half on the number below: (items, top + 1)."""
        below = np.floor(self.asked)
        above = self.asked - below
        share = discounted.ratio(self.weight, self.total()[:, None])
        found = _counted(below.astype(np.int64), share * (1 - above), top)
        return found + _counted(below.astype(np.int64) + 1, share * above, top) if above.any() else found


def windows(demand: Demand, length: int, discount: float) -> Windows:
    """All windows of `length` periods, 0 or more; of length 0 there is one, in which nothing is asked for."""
    items, periods = demand.quantity.shape
    if length == 0:
        return Windows(np.zeros((items, 1)), np.ones((items, 1)))
    if length > periods:
        return Windows(np.zeros((items, 1)), np.zeros((items, 1)))
    rates = discounted.rates(demand)
    view = np.lib.stride_tricks.sliding_window_view
    known = view(demand.exposure, length, axis=1).min(axis=2)
    asked = _moving_sum(rates, length)
    return Windows(asked, known * discounted.weights(periods - length + 1, discount))


def _moving_sum(amount: Floats, length: int) -> Floats:
    if length == 1:
        return amount
    summed = np.cumsum(np.concatenate([np.zeros((len(amount), 1)), amount], axis=1), axis=1)
    found = summed[:, length:] - summed[:, :-length]
    return cast(Floats, np.round(found, 6))  # a sum of whole numbers is whole


def _counted(value: Ints, share: Floats, top: int) -> Floats:
    items = len(value)
    row = np.broadcast_to(np.arange(items)[:, None], value.shape)
    seen = (value <= top) & (share > 0)
    place = row[seen] * (top + 1) + value[seen]
    found = np.bincount(place, weights=share[seen], minlength=items * (top + 1))
    return np.asarray(found.reshape(items, top + 1))
