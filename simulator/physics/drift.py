"""What moves slowly: flicker noise, and the temperature of air and cells with what it does to zero and span.

Flicker (1/f) is a sum of six Ornstein-Uhlenbeck processes, each four times slower than the one before. A process goes
on only when an eighth of its time constant has passed, and any number of those steps costs the same.
"""

from array import array

from .cell_classes import CAPACITY_COUNTS, FULL_SCALE, FULL_SCALE_NV, CellClass
from .curves import decayed, fine_sine
from .stream import Stream

TICK_US = 500000  # an eighth of the shortest time constant
_WARM_TICKS = 6  # 2^6 ticks, half a minute: a cell warms by a hundredth of a kelvin meanwhile
_PROCESSES = 6  # SIM: 4, 16, 64, 256, 1024 and 4096 s
_SHARE_PERCENT = 35  # SIM: of the white noise at 10 samples a second, each
_BYTES_SIGMA = 148  # the deviation of a sum of four bytes
_STEPS_MAX = 32  # four time constants: nothing is left
_LONG_AGO = -1 << 20  # ticks: every process has forgotten it
# After n eighths of a time constant, in parts of 32768: what is left, e^-n/8; what has come, sqrt(1 - e^-n/4).
_LEFT = array(
    "i",
    (32768, 28918, 25520, 22521, 19875, 17539, 15479, 13660, 12055, 10638, 9388, 8285, 7312, 6452, 5694, 5025, 4435)
    + (3914, 3454, 3048, 2690, 2374, 2095, 1849, 1631, 1440, 1271, 1121, 990, 873, 771, 680, 0),
)
_COME = array(
    "i",
    (0, 15411, 20554, 23802, 26053, 27679, 28882, 29785, 30470, 30993, 31394, 31703, 31942, 32126, 32269, 32380, 32467)
    + (32533, 32585, 32626, 32657, 32682, 32701, 32716, 32727, 32736, 32743, 32749, 32753, 32756, 32759, 32761, 32768),
)

_DAY_US = 86400000000
_YEAR_US = 31536000000000
_LAG_US = 1200000000  # SIM: a cell follows the air with a time constant of 20 minutes
# A daily cycle reaches the cells 1197 s late (arc tangent), with 996 thousandths of its size.
_DAILY_LATE_US = 1197000000
_DAILY_PERMILLE = 996
_WARMEST_US = 54000000000  # three in the afternoon
_HOTTEST_US = 17280000000000  # 20 July, in a year that begins in January
_QUARTER = 8192  # of a turn of 32768
_OFFSET_NV = (2, 6)  # SIM: the converter's zero, nV per K


class Air:
    """The temperature of a cabinet's cells, in millikelvin above the one they were calibrated at.

    `daily_mk` and `yearly_mk` are from the coldest to the warmest of a day, of a year; `began_us` is how long after
    midnight on New Year's Day the power came on. The cells were calibrated on that midnight.
    """

    def __init__(self, daily_mk: int, yearly_mk: int, began_us: int):
        self._daily_mk = daily_mk
        self._yearly_mk = yearly_mk
        self._began_us = began_us
        self._set_mk = 0
        self._behind_mk = 0
        self._set_us = 0
        self._calibrated_mk = self._cycle_mk(0)

    def set(self, at_us: int, milli_kelvin: int) -> None:
        """From now on the air is this much warmer than the cycle."""
        self._behind_mk = decayed(self._behind_mk, at_us - self._set_us, _LAG_US) + milli_kelvin - self._set_mk
        self._set_mk = milli_kelvin
        self._set_us = at_us

    def cells_mk(self, at_us: int) -> int:
        """How warm the cells are."""
        added_mk = self._set_mk
        if self._behind_mk:
            added_mk -= decayed(self._behind_mk, at_us - self._set_us, _LAG_US)
        return self._cycle_mk(self._began_us + at_us) - self._calibrated_mk + added_mk

    def _cycle_mk(self, world_us: int) -> int:
        daily = _warmth(world_us - _DAILY_LATE_US - _WARMEST_US, _DAY_US) * self._daily_mk * _DAILY_PERMILLE
        return daily // 65534000 + _warmth(world_us - _HOTTEST_US, _YEAR_US) * self._yearly_mk // 65534


def _warmth(since_us: int, period_us: int) -> int:
    """Of a cycle whose warmest moment was `since_us` ago, from -32767 to 32767."""
    return fine_sine((since_us % period_us << 15) // period_us + _QUARTER)


class Drift:
    """What flicker noise and warmth add to the codes of bins 0 to `bins` - 1."""

    def __init__(self, cell: CellClass, bins: int, seed: int, run: int, air: Air):
        self._air = air
        self._sigma = cell.noise_nv[10] * FULL_SCALE * 256 * _SHARE_PERCENT // (FULL_SCALE_NV * 100)  # counts / 256
        self._random = [0] * bins  # state of each bin's generator
        self._flicker = [0] * (bins * _PROCESSES)  # counts / 256
        self._flickers = [0] * bins  # their sum
        self._ticks = [_LONG_AGO] * bins
        self._counts_per_kk = [0] * bins  # of zero
        self._ppb_per_k = [0] * bins  # of span
        self._mk = 0  # the cells'
        self._warmed = _LONG_AGO  # when that was worked out, in half minutes
        for bin_ in range(bins):
            own = Stream(seed * 1000 + bin_ + 1 + 600000)
            self._counts_per_kk[bin_] = _zero_per_kk(own, cell)
            self._ppb_per_k[bin_] = own.normal(cell.warm_span_ppb)
            self._random[bin_] = Stream(own.next() + run).next()

    def counts(self, bin_: int, at_us: int) -> int:
        """What drift adds to a bin's code at `at_us`."""
        tick = at_us // TICK_US
        if tick > self._ticks[bin_]:
            self._flicker_on(bin_, tick)
        if tick >> _WARM_TICKS != self._warmed:
            self._warmed = tick >> _WARM_TICKS
            self._mk = self._air.cells_mk(at_us)
        return (self._flickers[bin_] >> 8) + self._counts_per_kk[bin_] * self._mk // 1000000

    def span_ppb(self, bin_: int) -> int:
        """By how much the span is off, as `counts` last found it."""
        return self._ppb_per_k[bin_] * self._mk // 1000

    def _flicker_on(self, bin_: int, tick: int) -> None:
        """Bring the processes that are due to `tick`."""
        before = self._ticks[bin_]
        self._ticks[bin_] = tick
        x = self._random[bin_]
        at = bin_ * _PROCESSES
        more = 0
        for _ in range(_PROCESSES):
            steps = tick - before
            if not steps:
                break  # the slower ones are not due either
            if steps > _STEPS_MAX:
                steps = _STEPS_MAX
            x ^= x << 13 & 0xFFFFFFFF
            x ^= x >> 17
            x ^= x << 5 & 0xFFFFFFFF
            pairs = (x & 0xFF00FF) + (x >> 8 & 0xFF00FF)
            push = ((pairs & 0xFFFF) + (pairs >> 16) - 510) * self._sigma // _BYTES_SIGMA
            was = self._flicker[at]
            now = self._flicker[at] = was * _LEFT[steps] + push * _COME[steps] >> 15
            more += now - was
            at += 1
            tick >>= 2
            before >>= 2
        self._random[bin_] = x
        self._flickers[bin_] += more


def _zero_per_kk(own: Stream, cell: CellClass) -> int:
    """How a bin's zero moves, in counts per 1000 K: its cell's and its converter's part."""
    cell_part = own.normal(CAPACITY_COUNTS * cell.warm_zero_ppm // 1000)
    converter_nv = own.between(1000 * _OFFSET_NV[0], 1000 * _OFFSET_NV[1])
    converter_part = converter_nv * FULL_SCALE // FULL_SCALE_NV
    return cell_part + (converter_part if own.next() >> 16 & 1 else -converter_part)
