"""How often a bin stands at which stock position just after a van was loaded, when it is brought in by (s, S) in packs.

Between two loadings the position (what lies there and what is on its way) falls by the demand of a review period. At
s or below, as many packs are loaded as lift it to S or above; then nothing is asked for until they have arrived, be it
longer than a review period. The long-run shares follow from counting how often each position is visited between two
orders (a renewal argument; Zheng and Federgruen 1991 for packs of one).
"""

from dataclasses import dataclass

import numpy as np

from cloud.replenishment.forecasting.values import Floats, Ints

_ROUNDS = 4  # until the shares of the first positions stand: more change nothing that is seen


@dataclass(frozen=True)
class Times:
    """What happens between two loadings. `first`: from one that brings to the next that can; `later`: any other."""

    first: Floats  # (items,) periods, never less than `later`
    later: Floats
    first_demand: Floats  # P(the demand of it = 0, 1 …), (items, width)
    later_demand: Floats

    def of(self, items: Ints) -> "Times":
        """Of some items alone."""
        return Times(self.first[items], self.later[items], self.first_demand[items], self.later_demand[items])


@dataclass(frozen=True)
class Cycle:
    """Shares of all time in which the position after the last loading is s + 1 + j: (items, widest) each.

    `first`: after a loading that brought something; `later`: after another. Together they add up to 1.
    """

    first: Floats
    later: Floats
    orders: Floats  # a period, (items,)


def cycle(times: Times, positions: Ints, pack: Ints) -> Cycle:
    """The shares of so many positions above s.

    `positions` (items,) is S - s + pack - 1, a multiple of the pack: what one ordering at s brings.
    """
    shape = (len(positions), int(positions.max(initial=1)))
    first, later, orders = np.zeros(shape), np.zeros(shape), np.zeros(shape[0])
    for size in np.unique(pack):
        at = np.flatnonzero(pack == size)
        found = _of_one_pack(times.of(at), positions[at], int(size))
        width = found.first.shape[1]
        first[at, :width], later[at, :width], orders[at] = found.first, found.later, found.orders
    return Cycle(first, later, orders)


def _of_one_pack(times: Times, positions: Ints, pack: int) -> Cycle:
    widest = int(positions.max())
    first_demand, later_demand = (_wide(each, widest + pack + 1) for each in (times.first_demand, times.later_demand))
    brought = np.zeros((len(positions), widest))
    brought[:, :pack] = 1 / pack
    within = np.arange(widest) < positions[:, None]
    for _ in range(_ROUNDS if pack > 1 else 1):
        visits = _visits(_fallen(brought, first_demand, pack) * within, later_demand) * within
        if pack > 1:
            landed = _landed(first_demand, brought, positions, pack) + _landed(later_demand, visits, positions, pack)
            brought[:, :pack] = landed / np.maximum(landed.sum(axis=1, keepdims=True), 1e-300)
    time = times.first + times.later * visits.sum(axis=1)
    return Cycle(
        _from_below(brought * (times.first / time)[:, None], positions),
        _from_below(visits * (times.later / time)[:, None], positions),
        1 / time,
    )


def _fallen(brought: Floats, demand: Floats, pack: int) -> Floats:
    """Where the position stands at the first loading after one that brought something, if above s."""
    fallen = np.zeros_like(brought)
    for at in range(pack):
        fallen[:, at:] += brought[:, at : at + 1] * demand[:, : brought.shape[1] - at]
    return fallen


def _visits(come: Floats, demand: Floats) -> Floats:
    """How often each position is visited at loadings that bring nothing, from the highest down."""
    stays = 1 / np.maximum(1 - demand[:, 0], 1e-300)
    visits = np.empty_like(come)
    visits[:, 0] = come[:, 0] * stays
    for at in range(1, come.shape[1]):
        visits[:, at] = (come[:, at] + np.einsum("ij,ij->i", visits[:, :at], demand[:, at:0:-1])) * stays
    return visits


def _landed(demand: Floats, visits: Floats, positions: Ints, pack: int) -> Floats:
    """How often the position, fallen to s or below, is lifted to the highest, the next … by packs: (items, pack)."""
    every = demand.copy()  # P(demand = x, x + pack, x + 2 packs …)
    for at in range(every.shape[1] - pack - 1, -1, -1):
        every[:, at] += every[:, at + pack]
    steps = positions[:, None] - np.arange(visits.shape[1])
    landed = np.empty((len(demand), pack))
    for below in range(pack):
        landed[:, below] = (visits * np.take_along_axis(every, np.maximum(steps + below, 0), axis=1)).sum(axis=1)
    return landed


def _from_below(shares: Floats, positions: Ints) -> Floats:
    """Turned round: the lowest position first, each item by its own number of positions."""
    at = positions[:, None] - 1 - np.arange(shares.shape[1])
    return np.where(at >= 0, np.take_along_axis(shares, np.maximum(at, 0), axis=1), 0.0)


def _wide(demand: Floats, width: int) -> Floats:
    missing = width - demand.shape[1]
    return np.pad(demand, ((0, 0), (0, missing))) if missing > 0 else demand
