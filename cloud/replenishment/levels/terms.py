"""What levels are computed from and what comes of it: arrays by item, in the forecast's units and periods.

Money is in whatever unit `value` is in. A period is the forecast's (the cloud takes weeks).
"""

from dataclasses import dataclass, fields, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from cloud.replenishment.forecasting.values import Floats, Ints

Counted = Literal["mean", "end"]
LIMITS = ("", "capacity", "weight", "shelf_life", "pack")  # what held a level down, by its number in `Levels.limit`


@dataclass(frozen=True)
class Terms:
    """On what terms each item is kept. Every array is (items,); `terms(items, …)` fills in what is the same for all.

    An item has a `fill` to reach, or (nan) is kept at the least cost of stock, of pieces that somebody waits for
    (`shortage`) and of pieces that were not there when asked for (`missing`).
    """

    lead: Floats  # periods from loading the van to its being at the bin
    review: Floats  # periods from one visit to the next, above 0
    fill: Floats  # share of what is asked for that shall lie in the bin, 0 to below 1; nan: by cost
    shortage: Floats  # what waiting for a unit costs a period, in multiples of what holding one costs
    missing: Floats  # what it costs that a unit was not there, in money, however long it is waited for
    value: Floats  # what a unit costs; 0: not known, taken to be the median of those known
    holding: Floats  # share of the value that keeping a unit costs a period
    line_cost: Floats  # what bringing one line costs, however much it brings, in money
    pack: Ints  # brought in whole packs of so many
    capacity: Ints  # what fits into the bin; 0: no limit known
    unit_g: Floats  # what a unit weighs, in grams; 0: not known
    bears_g: Floats  # what the bin's cell bears, in grams; 0: no limit known
    shelf_life: Floats  # periods that a unit may lie there; inf: for ever
    least: Ints  # order-up-to level of at least so many, 0 or 1: parts that must be there
    used_in_time: float = 0.9  # probability that what lies there is used within its shelf life
    periods_a_year: float = 365.25 / 7
    counted: Counted = "mean"  # stock and waiting: over all the time, or at the end of each review period alone

    def __post_init__(self) -> None:
        """Refuse terms that nothing can be kept on (`ValueError`)."""
        items = len(self.lead)
        for name, array in self._arrays():
            if array.shape != (items,):
                raise ValueError(f"expected {name} for each of {items} items, found {array.shape}")
        _expect("lead times of 0 periods or more", self.lead, self.lead >= 0)
        _expect("review periods above 0", self.review, self.review > 0)
        _expect("fill rates from 0 to below 1", self.fill, np.isnan(self.fill) | (self.fill >= 0) & (self.fill < 1))
        _expect("packs of 1 or more", self.pack, self.pack >= 1)
        _expect("shelf lives above 0 periods", self.shelf_life, self.shelf_life > 0)
        for name in ("shortage", "missing", "value", "line_cost", "capacity", "unit_g", "bears_g", "least"):
            array = getattr(self, name)
            _expect(f"{name} of 0 or more", array, array >= 0)
        _expect("holding shares above 0", self.holding, self.holding > 0)
        if self.counted not in ("mean", "end"):
            raise ValueError(f"expected counted to be mean or end, found {self.counted!r}")

    def __len__(self) -> int:
        return len(self.lead)

    def of(self, items: slice | Ints) -> "Terms":
        """The terms of some items alone."""
        some: dict[str, Any] = {name: array[items] for name, array in self._arrays()}
        return replace(self, **some)

    def priced(self) -> "Terms":
        """With the median value in place of those not known (1 when none is)."""
        known = self.value[self.value > 0]
        usual = float(np.median(known)) if known.size else 1.0
        return replace(self, value=np.where(self.value > 0, self.value, usual))

    def opened(self) -> "Terms":
        """With packs that are bigger than the bin opened: what fits is brought loose, as the gateway asks for it."""
        return replace(self, pack=np.where((self.capacity > 0) & (self.pack > self.capacity), 1, self.pack))

    def aiming_at(self, fill: Floats | float) -> "Terms":
        """With another fill rate to reach, every item."""
        return replace(self, fill=np.broadcast_to(np.asarray(fill, float), self.lead.shape).copy())

    def by_cost(self, *, missing: float | None = None) -> "Terms":
        """Every item by cost; with another price for a unit that is not there."""
        none = np.full(len(self), np.nan)
        return replace(self, fill=none, missing=self.missing if missing is None else np.full(len(self), missing))

    @property
    def holding_cost(self) -> Floats:
        """What keeping a unit costs a period, in money: (items,)."""
        return self.value * self.holding

    def _arrays(self) -> list[tuple[str, NDArray[Any]]]:
        return [(each.name, getattr(self, each.name)) for each in fields(self) if each.name not in _FOR_ALL]


_FOR_ALL = {"used_in_time", "periods_a_year", "counted"}


def terms(
    items: int,
    *,
    lead: Floats | float,
    review: Floats | float,
    fill: Floats | float = np.nan,
    shortage: Floats | float = 0.0,
    missing: Floats | float = 0.0,
    value: Floats | float = 1.0,
    holding: Floats | float = 0.004,
    line_cost: Floats | float = 0.0,
    pack: Ints | int = 1,
    capacity: Ints | int = 0,
    unit_g: Floats | float = 0.0,
    bears_g: Floats | float = 0.0,
    shelf_life: Floats | float = np.inf,
    least: Ints | int = 0,
    used_in_time: float = 0.9,
    periods_a_year: float = 365.25 / 7,
    counted: Counted = "mean",
) -> Terms:
    """Terms of so many items: a number stands for every item, an array for each its own."""

    def floats(given: Floats | float) -> Floats:
        return np.ascontiguousarray(np.broadcast_to(np.asarray(given, np.float64), (items,)))

    def ints(given: Ints | int) -> Ints:
        return np.ascontiguousarray(np.broadcast_to(np.asarray(given, np.int64), (items,)))

    return Terms(
        floats(lead), floats(review), floats(fill), floats(shortage), floats(missing), floats(value), floats(holding),
        floats(line_cost), ints(pack), ints(capacity), floats(unit_g), floats(bears_g), floats(shelf_life), ints(least),
        used_in_time, periods_a_year, counted,
    )  # fmt: skip


@dataclass(frozen=True)
class Levels:
    """The policy of each item, and what is to be expected of it: (items,) each, in the forecast's units."""

    reorder_point: Ints  # ask for stock when no more than this is surely there
    order_up_to: Ints  # and bring as much as lifts it to here; 0: not kept
    fill: Floats  # share of what is asked for that lies there at once
    on_hand: Floats  # mean stock
    waiting: Floats  # mean number of units that somebody waits for
    orders_a_year: Floats  # how often it is brought
    cost_a_year: Floats  # of stock, of shortage and of bringing, in money
    limit: NDArray[np.int8]  # what held the levels down, by its number in LIMITS

    def __len__(self) -> int:
        return len(self.reorder_point)

    def of(self, items: slice | Ints) -> "Levels":
        """The levels of some items alone."""
        return Levels(*(getattr(self, each.name)[items] for each in fields(self)))

    def limited_by(self) -> list[str]:
        """What held each item's levels down, in words of LIMITS."""
        return [LIMITS[number] for number in self.limit]

    @staticmethod
    def joined(parts: "list[Levels]") -> "Levels":
        """One after the other."""
        return Levels(*(np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(Levels)))

    @staticmethod
    def none(items: int) -> "Levels":
        """Room for the levels of so many items."""
        whole, numbers = np.zeros((2, items), np.int64), np.zeros((5, items))
        fill, on_hand, waiting, orders, cost = numbers
        return Levels(whole[0], whole[1], fill, on_hand, waiting, orders, cost, np.zeros(items, np.int8))

    def put(self, items: Ints, found: "Levels") -> None:
        """Write what was found for some items in their places."""
        for each in fields(self):
            getattr(self, each.name)[items] = getattr(found, each.name)


def _expect(what: str, array: NDArray[Any], good: NDArray[np.bool_]) -> None:
    if not good.all():
        raise ValueError(f"expected {what}, found {array[~good][0]}")
