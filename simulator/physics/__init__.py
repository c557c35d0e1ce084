"""What the cells of a cabinet measure: loads and all that is wrong with a weighing, as converter codes.

Integers only, and a generator of its own, so that CPython and MicroPython give the same stream from the same seed.
It sees no production code, no clock and no file: times are handed in, in microseconds since the power came on.
`docs/physics.md` has every effect with its figure and its source. Read `cells.py` first.
"""

from .cell_classes import CELL_CLASSES, CellClass
from .cells import CYCLE, STEADY, Cells
from .curves import decayed, root, sine
from .drift import Air
from .lying import Lying
from .stream import Stream

__all__ = ("CELL_CLASSES", "CYCLE", "STEADY", "Air", "CellClass", "Cells", "Lying", "Stream", "decayed", "root", "sine")
