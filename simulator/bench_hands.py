"""The hands of somebody at the bench: what they hold, and the bin it came from."""

from dataclasses import dataclass, field
from random import Random

from simulator.scenario import LAYOUT, ScenarioPart, part, piece_mg
from simulator.virtual_cabinet import VirtualCabinet

SOMETHING_MG = 500_000  # a piece of a bin nobody has described
BULK_MG = 100_000  # a handful


@dataclass(frozen=True, slots=True)
class Held:
    """Something in the hand."""

    bin: int
    mass_mg: int
    pieces: int


def part_of(cabinet: str, bin_: int) -> ScenarioPart | None:
    """The part that the demo's planogram has in a bin; None for a bin it does not know."""
    numbers = LAYOUT.get(cabinet, ())
    return part(numbers[bin_ - 1]) if bin_ <= len(numbers) else None


@dataclass
class Hands:
    """Takes and puts at one cabinet, piece by piece."""

    cabinet: VirtualCabinet
    random: Random = field(default_factory=Random)
    held: list[Held] = field(default_factory=list)

    async def take(self, bin_: int, pieces: int) -> Held | None:
        """Take some pieces (or handfuls) out of a bin; None when there are not that many."""
        mass_mg = sum(self._piece_mg(bin_) for _ in range(pieces))
        if mass_mg > self.cabinet.mass_mg(bin_):
            return None
        found = Held(bin_, mass_mg, pieces)
        self.held.append(found)
        await self.cabinet.take(bin_, mass_mg)
        return found

    async def put(self, bin_: int) -> Held | None:
        """Put what was taken last into a bin, its own or another; None with empty hands."""
        if not self.held:
            return None
        found = self.held.pop()
        await self.cabinet.put(bin_, found.mass_mg)
        return found

    def stock_mg(self, described: ScenarioPart) -> int:
        """The mass of a bin filled to its opening stock, piece by piece."""
        if described.unit == "gram":
            return described.stock * 1000
        return sum(piece_mg(self.random, described) for _ in range(described.stock))

    def _piece_mg(self, bin_: int) -> int:
        described = part_of(self.cabinet.cabinet_id, bin_)
        if described is None:
            return SOMETHING_MG
        return BULK_MG if described.unit == "gram" else piece_mg(self.random, described)
