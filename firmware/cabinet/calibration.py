"""What a converter's code means in grams, bin by bin: `calibration.json`, {"<bin>": [zero_counts, ng_per_count]}.

Written beside and renamed. A bin that is missing there is not calibrated and has no weight; nothing here ever sets a
zero by itself.
"""

import json
import os

from cabinet import wire
from cabinet.nau7802 import CODE_HIGH, CODE_LOW

SPAN_COUNTS_MIN = 1000  # less than this between empty and loaded is noise, not a mass
_NG_PER_MG = 1000000


class CalibrationError(ValueError):
    """A bin cannot be calibrated so; the text says why."""


class Calibration:
    """The calibration of all bins, and its file."""

    def __init__(self, path: str, weighing):
        self._path = path
        self._weighing = weighing

    def load(self) -> None:
        """Give the weighing what the file holds; a bin whose row is missing or damaged is not calibrated."""
        try:
            with open(self._path) as file:
                rows = json.load(file)
        except (OSError, ValueError):
            return
        for bin_ in range(1, self._weighing.bins + 1):
            row = rows.get(str(bin_)) if isinstance(rows, dict) else None
            if _is_sound(row):
                self._weighing.calibrate(bin_, row[0], row[1])

    def take(self, bin_: int, mass_mg: int):
        """Calibrate a bin with what lies in it: nothing (0) or a known mass; its new (zero_counts, ng_per_count)."""
        mean = self._weighing.mean_counts(bin_)
        if mean is None:
            raise CalibrationError("expected bin %d at rest" % bin_)
        zero_counts, ng_per_count = self._weighing.calibration(bin_)
        if mass_mg == 0:
            zero_counts = mean
        else:
            ng_per_count = _span(mean - zero_counts, mass_mg)
        self._weighing.calibrate(bin_, zero_counts, ng_per_count)
        self._save()
        return zero_counts, ng_per_count

    def _save(self):
        with open(self._path + ".new", "w") as file:
            separator = "{"
            for bin_ in range(1, self._weighing.bins + 1):
                file.write('%s"%d":[%d,%d]' % ((separator, bin_) + self._weighing.calibration(bin_)))
                separator = ","
            file.write("}\n")
        os.rename(self._path + ".new", self._path)


def _is_sound(row):
    """Whether this is [zero_counts, ng_per_count] as an event could say it."""
    if not isinstance(row, list) or len(row) != 2 or type(row[0]) is not int or type(row[1]) is not int:
        return False
    return CODE_LOW <= row[0] <= CODE_HIGH and abs(row[1]) <= wire.INT_MAX


def _span(counts, mass_mg):
    if abs(counts) < SPAN_COUNTS_MIN:
        raise CalibrationError("expected %d codes from zero, found %d" % (SPAN_COUNTS_MIN, counts))
    ng_per_count = mass_mg * _NG_PER_MG // counts
    if not ng_per_count:
        raise CalibrationError("expected a mass of a nanogram a code or more, found less")
    return ng_per_count
