"""Which parts share the bench's bins: drawn from the standard parts without repetition, so that they fit their cells.

Pure. A bin that cannot hold two pieces of each of its parts is drawn again and counted (`did_not_fit`), and so is one
that is refused by who asked for it (`refused`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from simulator.count_bench.standard_parts import Part

BINS = 4
CAPACITY_MG = {"c3-10kg": 10_000_000, "c3-50kg": 50_000_000, "cheap-10kg": 10_000_000}
FILLED_PPM_MAX = 900_000  # of a cell's capacity, when a bin is full
PIECES_MIN = 2
PIECES_MAX = 72  # in a bin: what a cabinet's reader remembers, 300 tags, with some left for strays
DRAWN_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Place:
    """A part in a bin, and how many pieces are planned there at most."""

    part: Part
    capacity: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """A planogram, bin by bin, and how many bins were drawn that could not be filled, or were refused."""

    bins: tuple[tuple[Place, ...], ...]
    did_not_fit: int
    refused: int

    @property
    def parts(self) -> tuple[Part, ...]:
        """All parts of the cabinet."""
        return tuple(place.part for places in self.bins for place in places)


def draw_planogram(
    parts: Sequence[Part], cell: str, parts_per_cell: int, random: Random, accepts: Callable[[tuple[Place, ...]], bool]
) -> Drawn:
    """Bins with so many parts each, accepted all; no part twice."""
    left = list(parts)
    bins: list[tuple[Place, ...]] = []
    did_not_fit = refused = 0
    while len(bins) < BINS:
        chosen = random.sample(left, parts_per_cell)
        places = _fill(chosen, CAPACITY_MG[cell] * FILLED_PPM_MAX // 1_000_000)
        if places is None:
            did_not_fit += 1
        elif not accepts(places):
            refused += 1
        else:
            bins.append(places)
            left = [part for part in left if part not in chosen]
        if did_not_fit + refused > DRAWN_MAX:
            raise RuntimeError(f"expected {BINS} bins of {parts_per_cell} parts for {cell}, found {len(bins)}")
    return Drawn(tuple(bins), did_not_fit, refused)


def _fill(parts: Sequence[Part], room_mg: int) -> tuple[Place, ...] | None:
    """Two pieces of each, and of what is left an equal share of mass: heavier parts come in fewer pieces."""
    room_mg -= PIECES_MIN * sum(part.mass_mg for part in parts)
    if room_mg < 0:
        return None
    share_mg = room_mg // len(parts)
    wanted = [PIECES_MIN + share_mg // part.mass_mg for part in parts]
    most = PIECES_MAX
    while sum(min(pieces, most) for pieces in wanted) > PIECES_MAX:
        most -= 1
    return tuple(Place(part, min(pieces, most)) for part, pieces in zip(parts, wanted, strict=True))
