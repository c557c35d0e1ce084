"""Min and max as a sensible person types them in once: two weeks' use, and six, of what a year has shown.

The van brings what was asked for, filled up to the maximum. Nobody looks at the levels again; what is superseded is
typed over to its heir, and the levels of a shop that opens are the mean of the same parts elsewhere.
"""

from dataclasses import dataclass

import numpy as np

from simulator.dealer_year.play import Evening, whole_packs
from simulator.dealer_year.seen import Seen
from simulator.dealer_year.world import NEVER, Floats, Ints, World

MIN_WEEKS, MAX_WEEKS = 2, 6
_QUIET_DAYS = 90


@dataclass
class TypedIn:
    """Levels that stand. `factor`: how much higher, or lower, they were typed in."""

    world: World
    week: Floats  # (bins,) what is thought to be used in one
    factor: float = 1.0

    def __post_init__(self) -> None:
        small = np.rint(MIN_WEEKS * self.factor * self.week).astype(np.int64)
        large = np.maximum(np.rint(MAX_WEEKS * self.factor * self.week).astype(np.int64), small + 1)
        self._large = np.minimum(large, self.world.capacity)
        self._small = np.minimum(small, self._large - 1)
        self._pack = self.world.pack

    def levels(self, day: int, seen: Seen) -> tuple[Ints, Ints]:
        """The same every day, for what the planogram has."""
        planned = self.world.planned(day)
        return self._small * planned, self._large * planned

    def load(self, evening: Evening, bins: Ints) -> tuple[Ints, bool]:
        """What was asked for; what the planogram no longer has goes back once it lies there for three months."""
        asked = evening.requested[bins] < NEVER
        stock = evening.stock[bins]
        wanted = whole_packs(stock, self._large[bins], self._pack[bins], self.world.capacity[bins])
        gone = ~self.world.planned(evening.day)[bins] & (evening.day - evening.taken_day[bins] > _QUIET_DAYS)
        quantity: Ints = np.where(asked, wanted, np.where(gone, -stock, 0))
        return quantity, bool((quantity > 0).any())


def week_of(world: World, seen: Seen, first_day: int, last_day: int) -> Floats:
    """What a week uses, by what was taken in some days; of bins that were not there, by others with the same part."""
    weeks = (last_day - first_day) / 7
    week: Floats = seen.taken[:, first_day:last_day].sum(axis=1) / weeks
    old, heir, _ = world.superseded
    part = np.where(world.part == heir, old, world.part)
    known = world.planned(first_day)
    for each in np.flatnonzero(~known):
        same = known & (part == part[each])
        own = same & (world.shop == world.shop[each])
        week[each] = week[own].mean() if own.any() else week[same].mean() if same.any() else 0.25
    return week


def first_guess(world: World, seed: int) -> Floats:
    """What is typed in before anything is known: about right, some twice too high and some half."""
    guess: Floats = world.rate * np.exp(np.random.default_rng([seed, 3]).normal(0.2, 0.5, len(world.rate)))
    return guess
