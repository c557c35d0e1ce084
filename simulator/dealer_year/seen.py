"""What the cloud would see of it: what was taken from each bin on each day, and how much of the day it had stock."""

from dataclasses import dataclass

import numpy as np

from simulator.dealer_year.world import Floats, Ints, World


@dataclass
class Seen:
    """By bin and day. What somebody wanted from an empty bin is not in it, unless he waited and took it later."""

    taken: Ints
    stocked: Floats  # 0 to 1

    @staticmethod
    def nothing(world: World) -> "Seen":
        """Before the first day."""
        shape = (len(world.part), world.days)
        return Seen(np.zeros(shape, np.int64), np.zeros(shape))

    def copy(self) -> "Seen":
        """Another that goes on from here."""
        return Seen(self.taken.copy(), self.stocked.copy())

    def weeks(self, until_day: int, many: int) -> tuple[Floats, Floats]:
        """The last whole weeks before a day: taken, and the share of each with stock; (bins, many) each."""
        first = until_day - 7 * many
        shape = (len(self.taken), many, 7)
        taken = self.taken[:, first:until_day].reshape(shape).sum(axis=2).astype(np.float64)
        return taken, self.stocked[:, first:until_day].reshape(shape).mean(axis=2)
