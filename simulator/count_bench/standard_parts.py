"""The standard parts of the count bench: masses drawn by a seed, and what twenty pieces on a bench scale say of them.

Pure. It knows the truth of a part and never hands it to the counting: that gets the readings of the bench scale.
"""

from dataclasses import dataclass
from math import exp, log
from random import Random

PARTS = 84
MASS_MG_MIN = {"c3": 15_000, "cheap": 100_000}
MASS_MG_MAX = 2_000_000
SPREADS_PPM = (10_000, 3_000)  # of the mass, from piece to piece: one for each half of the parts
LEARNING_PIECES = 20
READABILITY_MG = 100


@dataclass(frozen=True, slots=True)
class Part:
    """What a part really weighs, and how much one piece differs from the next (one standard deviation)."""

    number: str
    mass_mg: int
    spread_ppm: int

    def piece_mg(self, random: Random) -> int:
        """The mass of a new piece."""
        return max(1, round(random.gauss(self.mass_mg, self.mass_mg * self.spread_ppm / 1e6)))


def standard_parts(seed: int, family: str) -> tuple[Part, ...]:
    """The 84 parts of a seed for a family of cells ("c3", "cheap")."""
    random = Random(f"{seed}/parts/{family}")
    spreads = [SPREADS_PPM[number % 2] for number in range(PARTS)]
    random.shuffle(spreads)
    low, high = log(MASS_MG_MIN[family]), log(MASS_MG_MAX)
    return tuple(
        Part(f"P{number + 1:02}", round(exp(random.uniform(low, high))), spread)
        for number, spread in enumerate(spreads)
    )


def family_of(cell: str) -> str:
    """Which parts a class of cell is tried with."""
    return cell.split("-", maxsplit=1)[0]


def learning_readings_mg(part: Part, random: Random) -> tuple[int, ...]:
    """Twenty new pieces laid one after the other on a bench scale, as it shows them."""
    masses = (part.piece_mg(random) for _ in range(LEARNING_PIECES))
    return tuple(round(mass / READABILITY_MG) * READABILITY_MG for mass in masses)
