"""How often a bin stands at which stock position just after a van was loaded, when it is brought in by (s, S) in packs.

Between two loadings the position (what lies there and what is on its way) falls by the demand of a review period. At
s or below, as many packs are loaded as lift it to S or above. Its long-run shares follow from counting how often each
position is visited between two orders (a renewal argument; Zheng and Federgruen 1991 for packs of one).
"""

from dataclasses import dataclass

import numpy as np

from cloud.replenishment.forecasting.values import Floats, Ints

_ROUNDS = 4  # until the shares of the first positions stand: more change nothing that is seen


@dataclass(frozen=True)
class Cycle:
    """`shares[:, j]`: how often the position after loading is s + 1 + j; `orders`: how often it is brought a review."""

    shares: Floats  # (items, widest)
    orders: Floats  # (items,)


def cycle(demand: Floats, positions: Ints, pack: Ints) -> Cycle:
    """The shares of so many positions above s. `demand`: P(a review's demand = 0, 1 …), (items, width).

    `positions` (items,) is S - s + pack - 1, a multiple of the pack: what one ordering at s brings.
    """
    shares = np.zeros((len(positions), int(positions.max(initial=1))))
    orders = np.zeros(len(positions))
    for size in np.unique(pack):
        for single in (True, False):
            at = np.flatnonzero((pack == size) & ((positions == size) == single))
            if at.size:
                found = _one_order(demand[at], int(size)) if single else _many(demand[at], positions[at], int(size))
                shares[at, : found.shares.shape[1]], orders[at] = found.shares, found.orders
    return Cycle(shares, orders)


def _one_order(demand: Floats, pack: int) -> Cycle:
    """Packs brought as soon as it is at s: every position is as frequent as any other."""
    reached = 1 - np.cumsum(demand, axis=1)[:, :pack]  # P(more than 0, 1 … pack - 1 are asked for)
    orders = np.clip(reached, 0, 1).sum(axis=1)
    return Cycle(np.full((len(demand), pack), 1 / pack), orders / pack)


def _many(demand: Floats, positions: Ints, pack: int) -> Cycle:
    widest = int(positions.max())
    demand = _wide(demand, widest + pack + 1)
    first = np.zeros((len(demand), widest))
    first[:, :pack] = 1 / pack
    stays = 1 / np.maximum(1 - demand[:, 0], 1e-300)
    for _ in range(_ROUNDS if pack > 1 else 1):
        visits = _visits(demand, first, stays)
        visits[np.arange(widest) >= positions[:, None]] = 0
        if pack > 1:
            first[:, :pack] = _lifted(demand, visits, positions, pack)
    total = visits.sum(axis=1)
    return Cycle(_from_below(visits / total[:, None], positions), 1 / total)


def _visits(demand: Floats, first: Floats, stays: Floats) -> Floats:
    """How often each position is visited between two orders, from the highest down."""
    visits = np.empty_like(first)
    for at in range(first.shape[1]):
        come = first[:, at]
        if at:
            come = come + np.einsum("ij,ij->i", visits[:, :at], demand[:, at:0:-1])
        visits[:, at] = come * stays
    return visits


def _lifted(demand: Floats, visits: Floats, positions: Ints, pack: int) -> Floats:
    """Where the position stands after packs were brought: (items, pack), the highest first."""
    every = demand.copy()  # P(demand = x, x + pack, x + 2 packs …)
    for at in range(every.shape[1] - pack - 1, -1, -1):
        every[:, at] += every[:, at + pack]
    steps = positions[:, None] - np.arange(visits.shape[1])
    landed = np.empty((len(demand), pack))
    for below in range(pack):
        landed[:, below] = (visits * np.take_along_axis(every, np.maximum(steps + below, 0), axis=1)).sum(axis=1)
    total: Floats = landed.sum(axis=1, keepdims=True)
    shares: Floats = landed / np.maximum(total, 1e-300)
    return shares


def _from_below(shares: Floats, positions: Ints) -> Floats:
    """Turned round: the lowest position first, each item by its own number of positions."""
    at = positions[:, None] - 1 - np.arange(shares.shape[1])
    return np.where(at >= 0, np.take_along_axis(shares, np.maximum(at, 0), axis=1), 0.0)


def _wide(demand: Floats, width: int) -> Floats:
    missing = width - demand.shape[1]
    return np.pad(demand, ((0, 0), (0, missing))) if missing > 0 else demand
