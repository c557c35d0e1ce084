"""What lies in the bins, lot by lot where it spoils: taken oldest first, thrown away when its time is over."""

import numpy as np

from simulator.dealer_year.world import Floats, Ints, World


class Shelf:
    """The stock of all bins, in pieces."""

    def __init__(self, world: World, stock: Ints) -> None:
        self.stock = stock.copy()
        life = world.life_days
        self._spoils = np.flatnonzero(life > 0)
        self._life = life[self._spoils]
        self._lots = np.zeros(
            (len(self._spoils), int(self._life.max(initial=0)) + 1), np.int64
        )  # by days since brought
        self._lots[:, 0] = self.stock[self._spoils]

    def copy(self) -> "Shelf":
        """Another with the same in it."""
        other = object.__new__(Shelf)
        other.stock, other._lots = self.stock.copy(), self._lots.copy()
        other._spoils, other._life = self._spoils, self._life
        return other

    def bring(self, quantity: Ints) -> None:
        """Put in what is above 0; what is below is taken back, the oldest first."""
        self._lots[:, 0] += np.maximum(quantity, 0)[self._spoils]
        self.stock += np.maximum(quantity, 0)
        self.take(np.maximum(-quantity, 0))

    def take(self, quantity: Ints) -> Ints:
        """Take what there is of it: how much that was."""
        taken = np.minimum(quantity, self.stock)
        self.stock -= taken
        left = taken[self._spoils]
        if left.any():
            older = np.cumsum(self._lots[:, ::-1], axis=1)[:, ::-1] - self._lots  # what goes before each lot
            self._lots -= np.clip(left[:, None] - older, 0, self._lots)
        return taken

    def grow_older(self) -> Ints:
        """A day passes: what has spoilt is thrown away, by bin."""
        spoilt = np.zeros(len(self.stock), np.int64)
        self._lots[:, 1:] = self._lots[:, :-1].copy()
        self._lots[:, 0] = 0
        over = np.arange(self._lots.shape[1]) >= self._life[:, None]
        spoilt[self._spoils] = (self._lots * over).sum(axis=1)
        self._lots[over] = 0
        self.stock -= spoilt
        return spoilt

    def value(self, price: Floats) -> float:
        """What lies there is worth so much."""
        return float(self.stock @ price)
