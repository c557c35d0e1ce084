"""The aim that is computed with, moved so that what is reached becomes what was promised. Pure.

A forecast that is a little too sure of itself reaches less than it says. So the share that is *missing* is steered:

    missing  <-  missing * (promised missing / missing in truth) ** DAMPING

one step whenever enough was asked for since the last one (`PIECES_MIN` pieces and `WEEKS_MIN` weeks), never more than
`STEP_MOST` times at once, and always within `TIGHTER_MOST` times less and `LOOSER_MOST` times more than the aim itself.
Only what was asked for since the last step counts, so that nothing is corrected twice. On a logarithmic scale the step
is half of the distance: it halves an error that does not depend on the aim, and swings for none whose effect is less
than four times its cause. The bounds hold it where the truth cannot be reached, as with bins that are too small.
"""

from dataclasses import dataclass

PPM = 1_000_000
PIECES_MIN = 200.0
WEEKS_MIN = 4
DAMPING = 0.5
STEP_MOST = 1.5
TIGHTER_MOST = 4.0
LOOSER_MOST = 2.0


@dataclass(frozen=True, slots=True)
class Reached:
    """Asked for since the last step, in pieces or steps of bulk: what lay there, and what did not (estimated)."""

    served: float = 0.0
    missed: float = 0.0
    weeks: int = 0

    @property
    def asked(self) -> float:
        """All of it."""
        return self.served + self.missed

    @property
    def ppm(self) -> int:
        """The share that lay there; -1 when nothing was asked for."""
        return round(PPM * self.served / self.asked) if self.asked > 0 else -1

    @property
    def is_enough(self) -> bool:
        """Whether a step may rest on it."""
        return self.asked >= PIECES_MIN and self.weeks >= WEEKS_MIN

    def __add__(self, other: "Reached") -> "Reached":
        return Reached(self.served + other.served, self.missed + other.missed, max(self.weeks, other.weeks))


def corrected(aim_ppm: int, corrected_ppm: int, reached: Reached) -> int:
    """What to compute with from now on, where `corrected_ppm` was computed with until now."""
    aimed = 1 - aim_ppm / PPM
    before = min(max(1 - corrected_ppm / PPM, aimed / TIGHTER_MOST), aimed * LOOSER_MOST)
    if not reached.is_enough:
        return _ppm(before)
    missing = max(reached.missed, 0.5) / reached.asked  # none seen is not none at all
    step = min(max((aimed / missing) ** DAMPING, 1 / STEP_MOST), STEP_MOST)
    return _ppm(min(max(before * step, aimed / TIGHTER_MOST), aimed * LOOSER_MOST))


def moved(aim_ppm: int, was_aim_ppm: int, corrected_ppm: int) -> int:
    """What to compute with when the aim is another than it was: as far from it as before."""
    ratio = (1 - corrected_ppm / PPM) / max(1 - was_aim_ppm / PPM, 1e-9)
    return _ppm((1 - aim_ppm / PPM) * min(max(ratio, 1 / TIGHTER_MOST), LOOSER_MOST))


def _ppm(missing: float) -> int:
    return round(PPM * (1 - min(max(missing, 1e-4), 0.5)))
