"""What pieces of a part weigh in this shop: the catalogue's word, and what sure counts have taught since.

Pure. A count teaches when it is as good as certain, of one part alone and settled; a part whose mass or spread is
changed in the catalogue is learned anew. Parts are learned for the shop as a whole, whatever bin they lie in.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from edge_gateway.counting.evidence import Mass, Step
from edge_gateway.counting.learning import Known, catalogued, learn
from edge_gateway.planogram import PartPlan

TEACHES_PPM = 999_900  # a count less certain than this teaches nothing


class Learned(NamedTuple):
    """What is known of a part, and of what catalogue's figures it began."""

    unit_mass_mg: int
    spread_mg: int
    known: Known
    mass: Mass  # of `known`, as counting wants it


Masses = Mapping[str, Learned]


def known_of(part: PartPlan, masses: Masses) -> Learned:
    """What is known of a part of the planogram now."""
    found = masses.get(part.number)
    if found is not None and (found.unit_mass_mg, found.spread_mg) == (part.unit_mass_mg, part.spread_mg):
        return found
    return begun(part.unit_mass_mg, part.spread_mg, catalogued(part.unit_mass_mg, part.spread_mg))


def begun(unit_mass_mg: int, spread_mg: int, known: Known) -> Learned:
    """What is known, from the four figures that are kept."""
    return Learned(unit_mass_mg, spread_mg, known, known.mass())


def taught_by(steps: tuple[Step, ...], confidence_ppm: int) -> Iterator[tuple[str, int, int, float]]:
    """(part, pieces, their mass in mg, the variance of that) of every step that teaches something."""
    if confidence_ppm < TEACHES_PPM:
        return
    for step in steps:
        if len(step.changes) == 1 and not step.foreign_mg:
            ((part, pieces),) = step.changes
            yield part, abs(pieces), abs(step.mg), float(step.noise_mg) ** 2


def after_lesson(learned: Learned, pieces: int, total_mg: int, variance: float) -> Learned:
    """What is known once so many pieces were weighed."""
    return begun(learned.unit_mass_mg, learned.spread_mg, learn(learned.known, pieces, total_mg, variance))
