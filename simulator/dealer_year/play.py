"""Day by day: the van comes, mechanics take, in the evening the gateways ask and the vans are loaded.

A shop is driven to on its own weekdays, and only when somebody or something needs it there: the way to keep stock says
what. A van is loaded the evening before the day before it comes (a day of lead time). Who finds a bin empty is counted
as a stock-out; half of them wait and are served first when the van comes, the others go elsewhere.
"""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.dealer_year.asked import Asked
from simulator.dealer_year.seen import Seen
from simulator.dealer_year.shelf import Shelf
from simulator.dealer_year.world import NEVER, Ints, World

LEAD_DAYS = 1


@dataclass(frozen=True)
class Evening:
    """What is known of the bins when vans are loaded: (bins,) each."""

    day: int
    stock: Ints
    requested: Ints  # the day on which a request was raised that is still open, NEVER
    taken_day: Ints  # the last day on which some was taken, -NEVER
    put_day: Ints


class Way(Protocol):
    """A way to keep stock."""

    def levels(self, day: int, seen: Seen) -> tuple[Ints, Ints]:
        """Reorder points and order-up-to levels on a day, 0 where nothing is kept: (bins,) each."""
        ...

    def load(self, evening: Evening, bins: Ints) -> tuple[Ints, bool]:
        """What to bring to some bins of one shop (below 0: to take back), and whether to drive there at all."""
        ...


@dataclass
class Tally:
    """What came of it, over the days that are counted."""

    days: int = 0
    asked: int = 0
    missing: int = 0
    waited: int = 0
    waited_days: int = 0
    stock_days: int = 0
    value_days: float = 0.0
    visits: int = 0
    lines: int = 0
    brought: int = 0
    requests: int = 0
    taken_back: int = 0
    taken_back_value: float = 0.0
    expired: int = 0
    expired_value: float = 0.0
    missing_bins: int = 0  # bins and days on which somebody found it empty


@dataclass
class State:
    """Where a play stands: can be copied, so that several ways go on from the same evening."""

    shelf: Shelf
    seen: Seen
    waiting: Ints  # pieces that somebody waits for
    requested: Ints
    taken_day: Ints
    put_day: Ints
    coming: dict[int, list[Ints]] = field(default_factory=dict)  # by day

    @staticmethod
    def begin(world: World, stock: Ints) -> "State":
        """The first morning."""
        bins = len(world.part)
        never = np.full(bins, NEVER, np.int64)
        return State(
            Shelf(world, stock), Seen.nothing(world), np.zeros(bins, np.int64), never, -never, np.zeros(bins, np.int64)
        )

    def copy(self) -> "State":
        """Another that goes on from here."""
        coming = {day: list(loads) for day, loads in self.coming.items()}
        return State(
            self.shelf.copy(), self.seen.copy(), self.waiting.copy(), self.requested.copy(), self.taken_day.copy(),
            self.put_day.copy(), coming,
        )  # fmt: skip


class Play:
    """One way, played from a state on."""

    def __init__(self, world: World, asked: Asked, way: Way, state: State) -> None:
        self.world, self.asked, self.way, self.state = world, asked, way, state
        self.tally = Tally()
        self._price, self._pack = world.price, world.pack
        self._of_shop = [np.flatnonzero(world.shop == shop) for shop in range(len(world.opens))]

    def days(self, first: int, last: int) -> Tally:
        """From the morning of the first to the evening before the last."""
        for day in range(first, last):
            small, large = self.way.levels(day, self.state.seen)
            self._open(day, large)
            self._morning(day)
            self._work(day)
            self._evening(day, small, large)
        return self.tally

    def _open(self, day: int, large: Ints) -> None:
        """A shop that opens is filled up before its first morning."""
        for shop in np.flatnonzero(self.world.opens == day) if day else ():
            bins = self._of_shop[shop]
            first = np.zeros_like(self.state.waiting)
            first[bins] = large[bins]
            self.state.shelf.bring(first)
            self.state.put_day[bins] = day
            self.tally.visits += 1

    def _morning(self, day: int) -> None:
        state, tally = self.state, self.tally
        for load in state.coming.pop(day, []):
            took = np.minimum(np.maximum(-load, 0), state.shelf.stock)
            load_now = np.where(load < 0, -took, load)
            tally.taken_back += int(took.sum())
            tally.taken_back_value += float(took @ self._price)
            tally.visits += 1
            tally.lines += int((load_now != 0).sum())
            tally.brought += int(np.maximum(load_now, 0).sum())
            state.shelf.bring(load_now)
            state.put_day[load_now > 0] = day
        served = state.shelf.take(state.waiting)
        state.waiting -= served
        self._note(day, served)

    def _work(self, day: int) -> None:
        state, tally = self.state, self.tally
        before = state.shelf.stock.copy()
        wanted = self.asked.pieces[:, day]
        taken = state.shelf.take(wanted)
        self._note(day, taken)
        short = wanted - taken
        waits = np.where(self.asked.waits[:, day], short, 0) * self.world.planned(day)
        state.waiting += waits
        share = np.where(before > 0, np.where(state.shelf.stock > 0, 1.0, 0.5), 0.0)
        state.seen.stocked[:, day] = share * self.world.planned(day)
        tally.asked += int(wanted.sum())
        tally.missing += int(short.sum())
        tally.missing_bins += int((short > 0).sum())
        tally.waited += int(waits.sum())

    def _note(self, day: int, taken: Ints) -> None:
        self.state.seen.taken[:, day] += taken
        self.state.taken_day[taken > 0] = day

    def _evening(self, day: int, small: Ints, large: Ints) -> None:
        state, tally = self.state, self.tally
        spoilt = state.shelf.grow_older()
        stock = state.shelf.stock
        tally.expired += int(spoilt.sum())
        tally.expired_value += float(spoilt @ self._price)
        tally.days += 1
        tally.stock_days += int(stock.sum())
        tally.value_days += state.shelf.value(self._price)
        tally.waited_days += int(state.waiting.sum())
        needs = needs_stock(stock, small, large) & self.world.planned(day)
        tally.requests += int((needs & (state.requested == NEVER)).sum())
        state.requested = np.where(needs, np.minimum(state.requested, day), NEVER)
        self._load(day)

    def _load(self, day: int) -> None:
        state, arrives = self.state, day + LEAD_DAYS + 1
        evening = Evening(day, state.shelf.stock, state.requested, state.taken_day, state.put_day)
        for shop in shops_of_day(self.world, arrives):
            if self.world.opens[shop] > day:
                continue
            bins = self._of_shop[shop]
            quantity, drives = self.way.load(evening, bins)
            if drives:
                load = np.zeros_like(state.waiting)
                load[bins] = quantity
                state.coming.setdefault(arrives, []).append(load)


def needs_stock(stock: Ints, small: Ints, large: Ints) -> NDArray[np.bool_]:
    """Where the gateway has a request open, as `edge_gateway.replenishment` says it: min and max, by bin."""
    found: NDArray[np.bool_] = (large > 0) & (stock <= np.minimum(small, large - 1))
    return found


def whole_packs(stock: Ints, large: Ints, pack: Ints, capacity: Ints) -> Ints:
    """How much a gateway asks for, by bin, as `edge_gateway.replenishment.quantity_to_bring` says it."""
    wanted = np.maximum(large - stock, 1)
    packs = -(-wanted // pack) * pack
    room = capacity - stock
    whole = room // pack * pack
    found: Ints = np.maximum(np.where(packs <= room, packs, np.where(whole > 0, whole, np.minimum(wanted, room))), 0)
    return found


def shops_of_day(world: World, day: int) -> list[int]:
    """Which shops the van can come to on a day: from Monday to Friday, each in its own rhythm."""
    if day % 7 > 4:
        return []
    shops = np.arange(len(world.opens))
    weekday, week = day % 7, day // 7
    twice = (world.review_days == 3) & (weekday % 3 == shops % 2) & (weekday != 2)
    weekly = (world.review_days == 7) & (weekday == shops % 5)
    seldom = (world.review_days == 14) & (weekday == shops % 5) & ((week + shops) % 2 == 0)
    return [int(shop) for shop in np.flatnonzero(twice | weekly | seldom)]
