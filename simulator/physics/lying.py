"""How loads lie on their trays: what that adds to the weight of a bin.

A mass beside the middle weighs a little more or less, by as much as it lies beside it; and a cheap cell does not come
back to where it was. Both change when something is placed or taken and stay until the next time: they belong to the
world, not to the run of a controller.
"""

from .cell_classes import cell_class
from .curves import root
from .stream import Stream

_BESIDE_UM = 60000  # SIM: a mass is put 6 cm off the middle, one deviation
_SHARE = 1048576


class Lying:
    """The loads of bins 0 to `bins` - 1; they begin in the middle."""

    def __init__(self, class_name: str, bins: int, seed: int):
        self._cell = cell_class(class_name)
        self._stream = Stream(seed * 1000 + 500000)
        self._moment_mg_um = [0] * bins

    def moved(self, bin_: int, before_mg: int, after_mg: int) -> int:
        """A hand changes the load: how many milligrams too many the bin weighs from now on."""
        self._moment_mg_um[bin_] = self._moment(self._moment_mg_um[bin_], before_mg, after_mg)
        corner_mg = self._moment_mg_um[bin_] // 10000 * self._cell.corner_ppb // 1000000000
        return corner_mg + (self._stream.normal(self._cell.repeat_mg) if self._cell.repeat_mg else 0)

    def _moment(self, moment: int, before_mg: int, after_mg: int) -> int:
        """What is added lies anywhere; what is taken lay anywhere among the rest, and the last of it takes all."""
        beside_um = self._stream.normal(_BESIDE_UM)
        if after_mg > before_mg:
            return moment + (after_mg - before_mg) * beside_um
        if after_mg <= 0:
            return 0
        left = after_mg * _SHARE // before_mg
        taken = (before_mg - after_mg) * beside_um * root(left * _SHARE) // _SHARE
        return moment * left // _SHARE - taken
