"""What really lies in the bench's bins and in people's hands, piece by piece.

The truth. It is never read from the product, and the product sees of it only the ledger: how many of what lie where.
"""

from collections import Counter
from dataclasses import dataclass, field
from random import Random

from simulator.count_bench.bench_planogram import Place
from simulator.count_bench.standard_parts import Part

FOREIGN = ""  # the part of what is none of the parts


@dataclass(frozen=True, slots=True, eq=False)
class Thing:
    """One piece of a part with its own mass and the number of its tag, or a foreign object."""

    part: str
    mass_mg: int
    tag: int = 0


@dataclass(slots=True)
class Shelf:
    """The bins of one cabinet."""

    plan: tuple[tuple[Place, ...], ...]
    random: Random
    things: list[list[Thing]] = field(default_factory=list)
    tags: int = 0

    def __post_init__(self) -> None:
        """Fill every bin to between half and nine tenths."""
        for places in self.plan:
            self.things.append([])
            for place in places:
                few = max(2, place.capacity // 2)
                stock = self.random.randint(few, max(few, place.capacity * 9 // 10))
                self.things[-1] += [self.new_piece(place.part) for _ in range(stock)]

    def new_piece(self, part: Part) -> Thing:
        """A piece from the dealer."""
        self.tags += 1
        return Thing(part.number, part.piece_mg(self.random), self.tags)

    def load_mg(self, bin_: int) -> int:
        """What a bin's cell carries."""
        return sum(thing.mass_mg for thing in self.things[bin_])

    def of(self, bin_: int, part: str) -> list[Thing]:
        """The pieces of a part in a bin."""
        return [thing for thing in self.things[bin_] if thing.part == part]

    def stock(self, bin_: int) -> Counter[str]:
        """How many of what lie in a bin."""
        return Counter(thing.part for thing in self.things[bin_])

    def home(self, part: str) -> tuple[int, Place]:
        """Where a part belongs."""
        return next(
            (bin_, place) for bin_, places in enumerate(self.plan) for place in places if place.part.number == part
        )

    def clear(self) -> None:
        """The caretaker between two sessions: strays and foreign objects go, an empty place is filled by half."""
        for bin_, places in enumerate(self.plan):
            planned = {place.part.number for place in places}
            self.things[bin_] = [thing for thing in self.things[bin_] if thing.part in planned]
            held = self.stock(bin_)
            for place in places:
                if held[place.part.number] < 2:
                    self._top_up(bin_, place, held[place.part.number])

    def _top_up(self, bin_: int, place: Place, held: int) -> None:
        wanted = max(2, place.capacity // 2) - held
        self.things[bin_] += [self.new_piece(place.part) for _ in range(wanted)]
