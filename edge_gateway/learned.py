"""What pieces of a part weigh in this shop: the catalogue's word, and what sure counts have taught since.

Pure. A count teaches when it is as good as certain, of one part alone and settled; a part whose mass or spread is
changed in the catalogue is learned anew, as is one that somebody weighs at the bench. Parts are learned for the shop
as a whole, whatever bin they lie in.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from edge_gateway.counting.cells import CELLS
from edge_gateway.counting.evidence import Cell, Mass, Step
from edge_gateway.counting.learning import Known, catalogued, lesson_weight, with_lesson, without_lesson
from edge_gateway.gain import sigma_ppm
from edge_gateway.planogram import PartPlan

TEACHES_PPM = 999_900  # a count less certain than this teaches nothing


class Learned(NamedTuple):
    """What is known of a part, and of what catalogue's figures it began."""

    unit_mass_mg: int
    spread_mg: int
    known: Known
    mass: Mass  # of `known`, as counting wants it
    taught: str = ""  # the teaching at the bench that it began with, "" for the catalogue's figures


class Lesson(NamedTuple):
    """What a count taught of a part, so that it can be taken back when the count was another.

    `weight`: how many pieces' worth; `piece_mg`: what one weighed. The catalogue's figures are those of then.
    """

    part: str
    unit_mass_mg: int
    spread_mg: int
    weight: float
    piece_mg: float
    taught: str = ""  # the teaching it went on from: a later one has begun anew


Masses = Mapping[str, Learned]


def known_of(part: PartPlan, masses: Masses) -> Learned:
    """What is known of a part of the planogram now."""
    found = masses.get(part.number)
    if found is not None and (found.unit_mass_mg, found.spread_mg) == (part.unit_mass_mg, part.spread_mg):
        return found
    return begun(part.unit_mass_mg, part.spread_mg, catalogued(part.unit_mass_mg, part.spread_mg))


def begun(unit_mass_mg: int, spread_mg: int, known: Known, taught: str = "") -> Learned:
    """What is known, from the figures that are kept."""
    return Learned(unit_mass_mg, spread_mg, known, known.mass(), taught)


def taught_by(
    steps: tuple[Step, ...], confidence_ppm: int, cell: Cell | None = None
) -> Iterator[tuple[str, int, int, float]]:
    """(part, pieces, their mass in mg, the variance of that) of every step that teaches something.

    `cell`: as it was counted with, blurred where its gain is not known.
    """
    if confidence_ppm < TEACHES_PPM:
        return
    blur = 0.0 if cell is None else sigma_ppm(cell, CELLS[cell.name]) / 1e6
    for step in steps:
        if len(step.changes) == 1 and not step.foreign_mg:
            ((part, pieces),) = step.changes
            yield part, abs(pieces), abs(step.mg), float(step.noise_mg) ** 2 + (blur * step.mg) ** 2


class Lessons:
    """What one event teaches: `changed` is what is known of parts with it, beside the masses known before it."""

    def __init__(self, masses: Masses, changed: dict[str, Learned]) -> None:
        self._masses, self._changed = masses, changed

    def learn(self, part: PartPlan, pieces: int, total_mg: int, variance: float) -> Lesson:
        """So many pieces were weighed."""
        before = self._known(part)
        weight = lesson_weight(before.known, pieces, variance)
        figures = before.unit_mass_mg, before.spread_mg, weight, total_mg / pieces
        lesson = Lesson(part.number, *figures, before.taught)
        self.repeat(part, lesson)
        return lesson

    def repeat(self, part: PartPlan, lesson: Lesson) -> None:
        """Learn what was learned before; not what began with other figures of the catalogue."""
        before = self._known(part)
        if _is_of(before, lesson):
            known = with_lesson(before.known, lesson.weight, lesson.piece_mg)
            self._changed[part.number] = begun(before.unit_mass_mg, before.spread_mg, known, before.taught)

    def take_back(self, lessons: Iterable[Lesson]) -> None:
        """What was taught by a count that is another now."""
        for lesson in lessons:
            before = self._changed.get(lesson.part) or self._masses.get(lesson.part)
            if before is not None and _is_of(before, lesson):
                known = without_lesson(before.known, lesson.weight, lesson.piece_mg)
                self._changed[lesson.part] = begun(before.unit_mass_mg, before.spread_mg, known, before.taught)

    def _known(self, part: PartPlan) -> Learned:
        found = self._changed.get(part.number)
        return found if found is not None else known_of(part, self._masses)


def _is_of(learned: Learned, lesson: Lesson) -> bool:
    began = learned.unit_mass_mg, learned.spread_mg, learned.taught
    return began == (lesson.unit_mass_mg, lesson.spread_mg, lesson.taught)
