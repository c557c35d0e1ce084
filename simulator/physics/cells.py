"""The cells of a cabinet, and the converter codes they give.

All that moves slowly (creep, flicker, warmth) is worked out twice a second at most and kept as a bin's still code; a
code at rest is that and white noise. However long nobody looked, the next code costs the same.
"""

from .cell_classes import CAPACITY_COUNTS, FULL_SCALE, FULL_SCALE_NV, cell_class
from .curves import decayed
from .disturbance import Disturbances
from .drift import TICK_US, Air, Drift
from .lying import Lying
from .stream import Stream

CYCLE = (10000, 15000, 0)  # mK from coldest to warmest of a day and of a year; us since midnight on New Year's Day
STEADY = (0, 0, 0)

_SPAN_SPREAD_PPM = 1000  # sensitivity tolerance of a cell
_CREEP_FAST_US = 90000000  # SIM: two terms, half each
_CREEP_SLOW_US = 1000000000
_RESTART_PERCENT = 30  # SIM: of starts of the front end whose gain is off
_RESTART_PPB = 7500000  # SIM: by 0.75 % of the load, one deviation
_SPIKE_BELOW = 8590  # SIM: 2 in a million samples, of 2^32
_BYTES_SIGMA = 209  # the deviation of a sum of eight bytes, whose mean is 1020

_RING_MG = 300000  # SIM: placing or taking rings with (1.5 x mass + 300 g) x U(0.5, 1.5)
_RING_TAU_US = (120000, 220000)
_RING_MHZ = (6000, 14000)  # millihertz
_SLAM_MG = (150000, 400000)  # SIM: 150 to 400 g on all bins at once
_SLAM_TAU_US = (250000, 250000)
_SLAM_MHZ = (9000, 15000)


class Cells:
    """The cells of bins 0 to `bins` - 1, all of one class; loads begin at rest.

    `seed` makes the cells, `run` the noise and the knocks of one run with them. `air` is (daily_mk, yearly_mk,
    began_us) as `drift.Air` says. Times never go back by more than a moment.
    """

    def __init__(
        self, class_name: str, bins: int, seed: int, run: int = 0, air: tuple[int, int, int] = CYCLE, steps: bool = True
    ):
        cell = cell_class(class_name)
        self.capacity_mg = cell.capacity_mg
        self._creep_ppm = cell.creep_ppm
        self._steps = steps  # whether the gain may be off after a start
        self._stream = Stream(seed * 1000 + run * 1000000)  # of knocks, hands and starts
        self._lying = Lying(class_name, bins, seed)
        self._air = Air(air[0], air[1], air[2])
        self._drift = Drift(cell, bins, seed, run, self._air)
        self._disturbances = Disturbances(self._stream)
        self._touched = self._disturbances.bins
        # White noise in counts / 65536, for each step of the sum of bytes.
        self._white = {
            rate: nv * FULL_SCALE * 65536 // (FULL_SCALE_NV * _BYTES_SIGMA) for rate, nv in cell.noise_nv.items()
        }
        self._noise = [0] * bins  # state of each bin's generator
        self._zero = [0] * bins
        self._span_ppm = [0] * bins
        self._creeps_up = [0] * bins  # 0: the other way; SIM: fixed per cell
        self._gain_ppb = [0] * bins  # what the last start put into the front end
        self._load_mg = [0] * bins
        self._lies_mg = [0] * bins  # what the way the load lies adds
        self._fast_ug = [0] * bins  # what of the load each creep term has still to follow
        self._slow_ug = [0] * bins
        self._crept_us = [0] * bins
        self._still = [0] * bins  # the code without noise
        self._due_us = [-1] * bins  # when that is to be worked out anew
        for bin_ in range(bins):
            own = Stream(seed * 1000 + bin_ + 1)
            zero = CAPACITY_COUNTS * cell.zero_ppm // 1000000
            self._zero[bin_] = own.between(-zero, zero)
            self._span_ppm[bin_] = 1000000 + own.between(-_SPAN_SPREAD_PPM, _SPAN_SPREAD_PPM)
            self._creeps_up[bin_] = own.next() >> 16 & 1
            self._noise[bin_] = Stream(own.next() + run).next()

    def calibration(self, bin_: int) -> tuple[int, int]:
        """(zero_counts, ng_per_count), as a certified weight on the bin would give them."""
        counts = CAPACITY_COUNTS * self._span_ppm[bin_] // 1000000
        return self._zero[bin_], (self.capacity_mg * 1000000 + counts // 2) // counts

    # ---- what happens ----

    def rest(self, bin_: int, load_mg: int, lies_mg: int = 0) -> None:
        """Have a load in the bin that has been there for long."""
        self._load_mg[bin_] = load_mg
        self._lies_mg[bin_] = lies_mg
        self._fast_ug[bin_] = self._slow_ug[bin_] = 0
        self._due_us[bin_] = -1

    def set_load(self, bin_: int, load_mg: int, at_us: int, lies_mg: int | None = None) -> None:
        """Change the load without a hand or a knock; the cell creeps from now on.

        `lies_mg`: how it lies from now on, as a `Lying` of somebody else's found it.
        """
        before_mg = self._load_mg[bin_]
        self._creep(bin_, at_us)
        self._fast_ug[bin_] += (load_mg - before_mg) * 1000
        self._slow_ug[bin_] += (load_mg - before_mg) * 1000
        self._load_mg[bin_] = load_mg
        if lies_mg is not None:
            self._lies_mg[bin_] = lies_mg
        elif load_mg != before_mg:
            self._lies_mg[bin_] = self._lying.moved(bin_, before_mg, load_mg)
        self._due_us[bin_] = -1

    def place(self, bin_: int, load_mg: int, at_us: int, lies_mg: int | None = None) -> None:
        """Change the load as a hand does: a step that rings."""
        change_mg = abs(load_mg - self._load_mg[bin_])
        self.set_load(bin_, load_mg, at_us, lies_mg)
        amplitude_mg = (change_mg * 3 // 2 + _RING_MG) * self._stream.between(500, 1500) // 1000
        self._disturbances.ring(bin_, at_us, amplitude_mg, _RING_MHZ, _RING_TAU_US)

    def hand(self, bin_: int, from_us: int, to_us: int) -> None:
        """A hand moves in the bin."""
        self._disturbances.hand(bin_, from_us, to_us)

    def lean(self, bin_: int, from_us: int, to_us: int, mg: int) -> None:
        """Somebody leans on the tray, with `mg` more or less; below zero it is lifted."""
        self._disturbances.lean(bin_, from_us, to_us, mg)

    def slam(self, at_us: int) -> None:
        """A door falls shut and shakes every bin."""
        for bin_ in range(len(self._load_mg)):
            amplitude_mg = self._stream.between(_SLAM_MG[0], _SLAM_MG[1])
            self._disturbances.ring(bin_, at_us, amplitude_mg, _SLAM_MHZ, _SLAM_TAU_US)

    def restart(self, bin_: int, at_us: int) -> None:
        """The front end has been powered up and calibrated again: its gain may be another one."""
        off = self._steps and self._stream.between(1, 100) <= _RESTART_PERCENT
        self._gain_ppb[bin_] = self._stream.normal(_RESTART_PPB) if off else 0
        self._due_us[bin_] = -1

    def air(self, at_us: int, milli_kelvin: int) -> None:
        """From now on the air is this much warmer than the day and the year make it; the cells follow."""
        self._air.set(at_us, milli_kelvin)

    # ---- what is measured ----

    def counts(self, bin_: int, at_us: int, rate_sps: int = 10) -> int:
        """What the converter sees at `at_us`, not yet cut to 24 bits."""
        if at_us >= self._due_us[bin_]:
            self._work_out(bin_, at_us)
        # White noise is a sum of eight bytes, from two steps of the bin's generator.
        x = self._noise[bin_]
        x ^= x << 13 & 0xFFFFFFFF
        x ^= x >> 17
        x ^= x << 5 & 0xFFFFFFFF
        y = x ^ x << 13 & 0xFFFFFFFF
        y ^= y >> 17
        y ^= y << 5 & 0xFFFFFFFF
        self._noise[bin_] = y
        pairs = (x & 0xFF00FF) + (x >> 8 & 0xFF00FF) + (y & 0xFF00FF) + (y >> 8 & 0xFF00FF)
        code = self._still[bin_] + (((pairs & 0xFFFF) + (pairs >> 16) - 1020) * self._white[rate_sps] + 32768 >> 16)
        if bin_ in self._touched:
            code += self._disturbances.mg(bin_, at_us) * CAPACITY_COUNTS // self.capacity_mg
        if y < _SPIKE_BELOW:
            code += Stream(x).between(-CAPACITY_COUNTS, CAPACITY_COUNTS)
        return code

    def _work_out(self, bin_: int, at_us: int) -> None:
        """The code without noise and knocks, as it is until the next tick."""
        self._creep(bin_, at_us)
        self._due_us[bin_] = at_us - at_us % TICK_US + TICK_US
        drift = self._drift.counts(bin_, at_us)
        mg = self._load_mg[bin_] + self._lies_mg[bin_]
        behind_ug = self._fast_ug[bin_] + self._slow_ug[bin_]
        if behind_ug:
            creep_mg = behind_ug * self._creep_ppm // 2000000000
            mg += -creep_mg if self._creeps_up[bin_] else creep_mg
        span_ppb = self._span_ppm[bin_] * 1000 + self._gain_ppb[bin_] + self._drift.span_ppb(bin_)
        weighed = mg * CAPACITY_COUNTS // self.capacity_mg
        self._still[bin_] = self._zero[bin_] + weighed * span_ppb // 1000000000 + drift

    def _creep(self, bin_: int, at_us: int) -> None:
        """Let both creep terms follow the load up to `at_us`."""
        passed_us = at_us - self._crept_us[bin_]
        if passed_us <= 0:
            return
        self._crept_us[bin_] = at_us
        if self._slow_ug[bin_] or self._fast_ug[bin_]:
            self._fast_ug[bin_] = decayed(self._fast_ug[bin_], passed_us, _CREEP_FAST_US)
            self._slow_ug[bin_] = decayed(self._slow_ug[bin_], passed_us, _CREEP_SLOW_US)
