"""By how much a cell reads too much since its controller's last start, in millionths of the load.

Pure. A front end that gets power calibrates itself anew, and after some starts its gain is another one: by users'
reports, a weight of 100 g reads 98.65 to 100.67 g from one start to the next. The load does not change with it, so the
first weight after a start says by how much: it is held against the load that the last weight before it, or a sure
count, tells. As long as the gain is known less well than its cell, every change of weight is blurred by it.
"""

from dataclasses import replace
from math import hypot, sqrt
from typing import NamedTuple

from edge_gateway.counting.evidence import Cell, Level

START_PPM = 7_500  # of the load: one deviation of what a start makes of the gain
_WANDERED = 4  # times what a cell wanders in a minute: its zero, while no controller looked
_FURTHEST = 4  # deviations: what is further off than a start can be is something else that lies there, or does not
_MILLION = 1e6


class Gain(NamedTuple):
    """Of one bin: `ppm` too much, known to `sigma_ppm`; since the controller's start `boot`, heard at `since_ms`."""

    ppm: int = 0
    sigma_ppm: int = 0
    boot: int = 0
    since_ms: int = 0

    def load_mg(self, mg: float) -> float:
        """What lies there when so much is read."""
        return mg * _MILLION / (_MILLION + self.ppm) if self.ppm else mg

    def reads_mg(self, load_mg: float) -> float:
        """What is read when so much lies there."""
        return load_mg * (_MILLION + self.ppm) / _MILLION if self.ppm else load_mg

    def learned(self, ppm: float, sigma_ppm: float) -> "Gain":
        """The same start, better known."""
        return self._replace(ppm=round(ppm), sigma_ppm=round(sigma_ppm))


class Load(NamedTuple):
    """What lies in a bin by other evidence than the weight in question, and the deviation of that."""

    mg: float
    sigma_mg: float


def unknown(boot: int, since_ms: int) -> Gain:
    """After a start, before anything tells."""
    return Gain(0, START_PPM, boot, since_ms)


def load_before(mg: float, gain: Gain) -> Load:
    """What a bin held when it was weighed last before a start. `gain`: of then."""
    load_mg = gain.load_mg(mg)
    return Load(load_mg, abs(load_mg) * gain.sigma_ppm / _MILLION)


def learn(gain: Gain, found: Level, load: Load, cell: Cell) -> Gain:
    """What a weight says of the gain since a start, where the load is known otherwise."""
    if load.mg <= 0:
        return gain.learned(0, START_PPM)
    zero_mg = _WANDERED * cell.floor_mg
    off_ppm = (found.mg - load.mg) / load.mg * _MILLION
    blur_ppm = sqrt(load.sigma_mg**2 + cell.variance(found.noise_mg) + zero_mg**2) / load.mg * _MILLION
    if abs(off_ppm) > _FURTHEST * hypot(START_PPM, blur_ppm):
        return gain.learned(0, START_PPM)
    share = START_PPM**2 / (START_PPM**2 + blur_ppm**2)
    return gain.learned(share * off_ppm, START_PPM * sqrt(1.0 - share))


def across_start(before: Level, gain: Gain) -> Level:
    """A weight from before a start, as one after it may be compared with it. `gain`: of then."""
    load = load_before(before.mg, gain)
    blur_mg = hypot(before.noise_mg, load.sigma_mg, load.mg * START_PPM / _MILLION)
    return Level(before.at_ms, round(load.mg), round(blur_mg))


def blurred(cell: Cell, gain: Gain) -> Cell:
    """A cell whose scale is known only as well as its gain."""
    if not gain.sigma_ppm:
        return cell
    return replace(cell, scale_ppm=round(hypot(cell.scale_ppm, gain.sigma_ppm)))


def sigma_ppm(cell: Cell, of_class: Cell) -> float:
    """How well a gain was known, from the cell that was blurred by it and the class it is of."""
    return sqrt(max(cell.scale_ppm**2 - of_class.scale_ppm**2, 0))
