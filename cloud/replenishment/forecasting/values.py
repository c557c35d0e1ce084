"""What goes into a forecast and what comes out. Pure; nothing here knows of shops or databases.

A period is whatever the caller takes (the cloud takes weeks, the backtest months). Arrays are float64.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Demand:
    """What was asked for: items by periods, the oldest period first.

    `exposure`: the share of each period in which there was stock to be asked for, 0 to 1. What was asked for while a
    bin was empty is not known: exposure 0 says nothing, not zero. Before an item existed its exposure is 0 too.
    `group`: a number by item; items of one group (a category) borrow from each other.
    """

    quantity: Floats  # (items, periods), 0 or more
    exposure: Floats  # (items, periods)
    group: Ints  # (items,)

    def __post_init__(self) -> None:
        if self.quantity.ndim != 2 or self.exposure.shape != self.quantity.shape:
            raise ValueError(
                f"expected items by periods with their exposure, found {self.quantity.shape} and {self.exposure.shape}"
            )
        if self.group.shape != self.quantity.shape[:1]:
            raise ValueError(f"expected a group for each of {self.quantity.shape[0]} items, found {self.group.shape}")

    def until(self, period: int) -> "Demand":
        """What was known before a period: all there is for a fit that must not see the future."""
        return Demand(self.quantity[:, :period], self.exposure[:, :period], self.group)


class Forecast(Protocol):
    """The demand that comes next, as a distribution of whole units, item by item."""

    def __len__(self) -> int:
        """How many items."""
        ...

    def mean(self, periods: Floats) -> Floats:
        """Expected demand of the next so many periods (a number an item, fractions allowed): (items,)."""
        ...

    def distribution(self, periods: Floats, top: int) -> Floats:
        """P(demand of the next `periods` = 0, 1 … top): (items, top + 1); what is missing to 1 lies above `top`.

        Of one rate that is not known exactly: two months are not twice an independent month.
        """
        ...

    def of(self, items: slice | Ints) -> "Forecast":
        """The forecast of some items alone, a slice or their numbers: for work in chunks and by size."""
        ...
