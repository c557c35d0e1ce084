"""From the end of one recorded visit to the beginning of the next at the same bin: does the weight go on?

The weight at a beginning was read at rest, the one at an end while the visitor left: where they differ by little, the
later reading corrects the visit before. A large rise is a refill, a large drop a removal; both happened in between.
Pure; counts what the recording holds, and decides nothing for the product.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.recorded_visits import RecordedVisit

TICK_G = 100  # the resolution of the recording
# Beyond this nothing came to rest late, something was done: the recording has 6,480 differences of 100 to 500 g, two
# from 500 g to a kilogram either way that stand alone, and then refills of tens of kilograms.
SETTLING_G_MAX = 500


@dataclass(frozen=True, slots=True)
class Continuity:
    """Shares are of `pairs`: a visit and the next one at its bin. Masses in grams.

    `corrected`: visits whose mass is another by the settled reading of the next one; `corrected_g_*`: by how much.
    `corrected_to_nothing` moved nothing after all, `corrected_from_nothing` did.
    """

    visits: int
    pairs: int
    continuity_exact: float
    continuity_within_tick: float
    refills: int
    removals: int
    corrected: int
    corrected_share: float
    corrected_g_mean: float
    corrected_g_max: int
    corrected_g_net: int
    corrected_to_nothing: int
    corrected_from_nothing: int


def measure(visits: Sequence[RecordedVisit]) -> Continuity:
    """How well visits, in order of their start, go on from one to the next at their bin."""
    pairs = list(_pairs(visits))
    gaps_g = [after.before_g - before.after_g for before, after in pairs]
    corrected = [
        (before, gap) for (before, _), gap in zip(pairs, gaps_g, strict=True) if 0 < abs(gap) <= SETTLING_G_MAX
    ]
    moved_g = [(before.after_g - before.before_g, gap) for before, gap in corrected]
    return Continuity(
        visits=len(visits),
        pairs=len(pairs),
        continuity_exact=_share(sum(gap == 0 for gap in gaps_g), len(pairs)),
        continuity_within_tick=_share(sum(abs(gap) <= TICK_G for gap in gaps_g), len(pairs)),
        refills=sum(gap > SETTLING_G_MAX for gap in gaps_g),
        removals=sum(gap < -SETTLING_G_MAX for gap in gaps_g),
        corrected=len(corrected),
        corrected_share=_share(len(corrected), len(pairs)),
        corrected_g_mean=round(sum(abs(gap) for _, gap in corrected) / max(1, len(corrected)), 1),
        corrected_g_max=max((abs(gap) for _, gap in corrected), default=0),
        corrected_g_net=sum(gap for _, gap in corrected),
        corrected_to_nothing=sum(moved + gap == 0 for moved, gap in moved_g),
        corrected_from_nothing=sum(moved == 0 for moved, _ in moved_g),
    )


def _pairs(visits: Sequence[RecordedVisit]) -> list[tuple[RecordedVisit, RecordedVisit]]:
    """Each visit with the next one at its bin."""
    last: dict[int, RecordedVisit] = {}
    pairs = []
    for visit in visits:
        if visit.bin in last:
            pairs.append((last[visit.bin], visit))
        last[visit.bin] = visit
    return pairs


def is_settling(gap_g: int) -> bool:
    """Whether a difference between an end and the next beginning is a reading that came to rest late."""
    return 0 < abs(gap_g) <= SETTLING_G_MAX


def _share(count: int, of: int) -> float:
    return round(count / of, 4) if of else 0.0
