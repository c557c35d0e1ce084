"""What a class of load cells must do to be let into a cabinet, in the converter's codes and in milligrams.

Codes are those of a NAU7802 at gain 128 that is fed from its own reference: a cell of 2 mV/V gives 4,294,967 of them at
its capacity, whatever the voltage. Noise: hardware notes, 100 nV rms at ten samples a second for a C3 cell, of a full
scale of 11.7 mV; cheap beams are ten times as noisy (logs). OIML R60 lets a C3 cell be off by 0.7 verification
intervals of a three thousandth, and creep by as much: two readings may differ by a part in a thousand of the load.
"""

from dataclasses import dataclass

_COUNTS_AT_CAPACITY = 4_294_967  # 2 mV/V
_C3_NOISE_COUNTS = 72


@dataclass(frozen=True)
class CellClass:
    """`noise_counts`: deviation of one code; `off_ppm` of the load and `off_mg`: what readings may differ by."""

    name: str
    capacity_mg: int
    noise_counts: int
    off_ppm: int
    off_mg: int

    @property
    def mg_per_count(self) -> float:
        """What a code of a cell with the usual sensitivity means."""
        return self.capacity_mg / _COUNTS_AT_CAPACITY

    def expected_counts(self, mass_mg: int) -> int:
        """What a mass gives on a cell with the usual sensitivity."""
        return mass_mg * _COUNTS_AT_CAPACITY // self.capacity_mg

    def allowed_mg(self, mass_mg: int) -> int:
        """How far a reading at a mass may be off."""
        return self.off_mg + mass_mg * self.off_ppm // 1_000_000

    @property
    def masses_mg(self) -> tuple[int, int]:
        """The two masses it is best calibrated with: a tenth and a fifth of what it bears."""
        return self.capacity_mg // 10, self.capacity_mg // 5


def _c3(kilograms: int) -> CellClass:
    return CellClass(f"c3-{kilograms}kg", kilograms * 1_000_000, _C3_NOISE_COUNTS, 1000, 60 * kilograms)


CLASSES = {
    each.name: each
    for each in (
        *(_c3(kilograms) for kilograms in (3, 5, 10, 20, 50, 150)),
        CellClass("cheap-10kg", 10_000_000, 730, 10_000, 30_000),
    )
}
