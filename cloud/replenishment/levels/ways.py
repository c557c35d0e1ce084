"""What every reorder point of an item costs and gives, for a number of units that are brought at once."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from cloud.replenishment.forecasting.values import Floats, Ints
from cloud.replenishment.levels.cycle import cycle
from cloud.replenishment.levels.losses import Losses, Met
from cloud.replenishment.levels.terms import Terms

_TOLERANCE = 1e-12


@dataclass(frozen=True)
class Way:
    """A reorder point and order-up-to level, and what is expected of them: (items,) each. Cost: money a period."""

    reorder_point: Ints
    up_to: Ints
    fill: Floats
    on_hand: Floats
    waiting: Floats
    orders: Floats  # a period
    cost: Floats

    def of(self, items: Ints) -> "Way":
        """Of some items alone."""
        return Way(*(getattr(self, each.name)[items] for each in fields(self)))

    def put(self, items: Ints, other: "Way") -> None:
        """Write another's in the places of some items."""
        for each in fields(self):
            getattr(self, each.name)[items] = getattr(other, each.name)


@dataclass(frozen=True)
class _Means:
    """By reorder point 0, 1 …: (items, width)."""

    short: Floats  # a period
    on_hand: Floats
    waiting: Floats
    orders: Floats  # a period, (items,)


class Ways:
    """All ways to keep some items, from their losses by stock position."""

    def __init__(self, terms: Terms, met: Met, known: "dict[bytes, _Means] | None" = None) -> None:
        self.terms, self.met = terms, met
        self._known = {} if known is None else known  # by what is brought at once: what does not depend on the aim
        self.by_fill: NDArray[np.bool_] = ~np.isnan(terms.fill)
        self.aim: Floats = np.nan_to_num(terms.fill) - _TOLERANCE

    def of(self, items: Ints) -> "Ways":
        """Of some items alone."""
        return Ways(self.terms.of(items), self.met.of(items))

    def aiming(self, terms: Terms) -> "Ways":
        """The same items by other aims."""
        return Ways(terms, self.met, self._known)

    def width(self, together: Ints) -> int:
        """How many reorder points the tables have."""
        return int(self.met.later.short.shape[1] - max(together.max(initial=1), 1))

    def best(self, together: Ints) -> tuple[Way, NDArray[np.bool_]]:
        """The smallest reorder point that reaches the aim, or the cheapest; and where the tables reach that far."""
        means = self._means(together)
        last = means.short.shape[1] - 1
        enough = self._fill(means.short) >= self.aim[:, None]
        first = np.where(enough[:, -1], enough.argmax(axis=1), last)
        at = np.where(self.by_fill, first, self._cost_by(means).argmin(axis=1))
        sure = np.where(self.by_fill, enough[:, -1], at < last)
        return self._way(means, at, together), sure

    def full(self, together: Ints, most: Ints) -> Way:
        """With the order-up-to level at the most that may be."""
        means = self._means(together)
        at = np.clip(most - self._apart(together), 0, means.short.shape[1] - 1)
        found = self._way(means, at, together)
        found.up_to[:] = np.maximum(most, 0)
        return found

    def better_without(self, best: Way) -> NDArray[np.bool_]:
        """Where missing every unit costs less than keeping any."""
        never = ~self.by_fill & (self.terms.shortage == 0) & (self.terms.least == 0)
        cheaper: NDArray[np.bool_] = self.terms.missing * self.met.asked < best.cost
        without: NDArray[np.bool_] = never & cheaper
        return without

    def _apart(self, together: Ints) -> Ints:
        """S - s: the gateway asks for as many packs as lift the stock to S or above."""
        return together - self.terms.pack + 1

    def _means(self, together: Ints) -> _Means:
        key = together.tobytes()
        if key not in self._known:
            shares = cycle(self.met.times, together, self.terms.pack)
            first, later, width = self.met.first, self.met.later, self.width(together)
            if first is later:
                found = _mean(later, shares.first + shares.later, width)
            else:
                found = _mean(first, shares.first, width) + _mean(later, shares.later, width)
            self._known[key] = _Means(found.short, found.on_hand, found.waiting, shares.orders)
        return self._known[key]

    def _fill(self, short: Floats) -> Floats:
        return 1 - (short.T / np.maximum(self.met.asked, 1e-300)).T

    def _cost(self, short: Floats, on_hand: Floats, waiting: Floats, orders: Floats) -> Floats:
        """A period; (items,) last, so that tables come turned round."""
        terms = self.terms
        stock = terms.holding_cost * (on_hand + terms.shortage * waiting)
        return stock + terms.missing * short + terms.line_cost * orders

    def _cost_by(self, means: _Means) -> Floats:
        return self._cost(means.short.T, means.on_hand.T, means.waiting.T, means.orders).T

    def _way(self, means: _Means, at: Ints, together: Ints) -> Way:
        short, on_hand, waiting = (
            np.take_along_axis(table, at[:, None], axis=1)[:, 0]
            for table in (means.short, means.on_hand, means.waiting)
        )
        orders = means.orders.copy()
        cost = self._cost(short, on_hand, waiting, orders)
        return Way(at, at + self._apart(together), self._fill(short), on_hand, waiting, orders, cost)


def _mean(losses: Losses, shares: Floats, width: int) -> Losses:
    """The mean of losses over the positions s + 1, s + 2 … for every s: (items, width) each."""
    tables = (losses.short, losses.on_hand, losses.waiting)
    return Losses(*(_mean_of(table, shares, width) for table in tables))


def _mean_of(table: Floats, shares: Floats, width: int) -> Floats:
    mean = shares[:, :1] * table[:, 1 : 1 + width]
    for above in range(1, shares.shape[1]):
        mean += shares[:, above : above + 1] * table[:, 1 + above : 1 + above + width]
    return mean
