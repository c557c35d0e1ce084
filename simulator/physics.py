"""What the cells of a cabinet measure: loads, noise, hands, ringing, slammed doors and creep, as converter counts.

Integers only, and a generator of its own, so that CPython and MicroPython give the same stream from the same seed.
It sees no production code, no clock and no file: times are handed in, in microseconds since the power came on.
Sources: `R60` OIML R60 class C3, `NAU` Nuvoton's NAU7802 datasheet, `SIM` the project's error model for the simulator.
"""

from array import array

FULL_SCALE = 0x800000  # NAU: half the range of a 24-bit two's complement code
# A 2 mV/V cell (common data sheet value) at gain 128, where full scale is half the reference: the excitation is the
# reference, so it cancels out. 2e-3 * 128 * 2 * 2^23:
CAPACITY_COUNTS = 4294967
FULL_SCALE_NV = 11718750  # NAU: 0.5 * 3.0 V / 128
# SIM: 100 nV rms at 10 samples a second, 300 nV at 80; between and beyond by the square root of the rate.
NOISE_NV = {10: 100, 20: 145, 40: 210, 80: 300, 320: 600}

CELL_CLASSES = {  # capacity in mg, creep in ppm of the load (R60: 0.735 v at 3000 v is 245 ppm in 30 minutes)
    "c3-10kg": (10000000, 245),
    "c3-50kg": (50000000, 245),
    "c3-150kg": (150000000, 245),
}
_CREEP_FAST_MS = 90000  # SIM: two terms, half each
_CREEP_SLOW_MS = 1000000
_ZERO_SPREAD_COUNTS = 85899  # 2 % of capacity: zero balance and the tray
_SPAN_SPREAD_PPM = 1000  # sensitivity tolerance of a C3 cell

_RING_MG = 300000  # SIM: placing or taking rings with (1.5 x mass + 300 g) x U(0.5, 1.5)
_RING_TAU_US = (120000, 220000)
_RING_MHZ = (6000, 14000)  # millihertz
_SLAM_MG = (150000, 400000)  # SIM: 150 to 400 g on all bins at once
_SLAM_TAU_US = (250000, 250000)
_SLAM_MHZ = (9000, 15000)
_HAND_MG = (400000, 2000000)  # SIM: a hand in the bin, at random
_OVER_AFTER_US = 4000000  # a ringing of at most 1 kg x e^-16 is nothing

# A quarter of a sine in 32 steps, as parts of 32767.
_SINE = array(
    "h",
    (0, 1607, 3211, 4807, 6392, 7961, 9511, 11038, 12539, 14009, 15446, 16845, 18204, 19519, 20787, 22004)
    + (23169, 24278, 25329, 26318, 27244, 28105, 28897, 29621, 30272, 30851, 31356, 31785, 32137, 32412, 32609, 32727)
    + (32767,),
)


class Stream:
    """Marsaglia's xorshift32: the same numbers on every runtime."""

    def __init__(self, seed: int):
        self.state = (seed * 2654435761 + 0x9E3779B9) & 0xFFFFFFFF or 1
        for _ in range(8):
            self.next()

    def next(self) -> int:
        """32 bits, never 0."""
        x = self.state
        x ^= x << 13 & 0xFFFFFFFF
        x ^= x >> 17
        x ^= x << 5 & 0xFFFFFFFF
        self.state = x
        return x

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + self.next() % (high - low + 1)


def sine(turn: int) -> int:
    """The sine of an angle in 1/128 of a turn, as parts of 32767."""
    turn &= 127
    if turn < 32:
        return _SINE[turn]
    if turn < 64:
        return _SINE[64 - turn]
    return -sine(turn - 64)


def decayed(amplitude: int, age_us: int, tau_us: int) -> int:
    """An exponential decay by halves, straight between them: at most 6 % off."""
    half_us = tau_us * 693 // 1000
    halves = age_us // half_us
    if halves > 40:
        return 0
    amplitude >>= halves
    return amplitude - (amplitude >> 1) * (age_us - halves * half_us) // half_us


class Cells:
    """The cells of bins 0 to `bins` - 1, all of one class; loads begin at rest.

    `seed` makes the cells, `run` the noise and the knocks of one run with them.
    """

    def __init__(self, cell_class: str, bins: int, seed: int, run: int = 0):
        if cell_class not in CELL_CLASSES:
            raise ValueError("expected a cell class of %s, found %r" % (", ".join(sorted(CELL_CLASSES)), cell_class))
        self.capacity_mg, self._creep_ppm = CELL_CLASSES[cell_class]
        self._stream = Stream(seed * 1000 + run * 1000000)  # of knocks and hands
        self._noise = array("L", [0] * bins)  # state of each bin's generator
        self._zero = array("l", [0] * bins)
        self._span_ppm = array("l", [0] * bins)
        self._creeps_up = bytearray(bins)  # 0: the other way; SIM: fixed per cell
        # "l" holds 64 bits on every host; MicroPython makes an object of each "q" it reads.
        self._load_mg = array("l", [0] * bins)
        self._fast_ug = array("l", [0] * bins)  # what of the load each creep term has followed
        self._slow_ug = array("l", [0] * bins)
        self._looked_us = array("l", [0] * bins)
        self._ringing: dict[
            int, list[tuple[int, int, int, int]]
        ] = {}  # bin: [(start_us, amplitude_mg, millihertz, tau_us)]
        self._hands: dict[int, tuple[int, int, int]] = {}  # bin: (from_us, to_us, amplitude_mg)
        for bin_ in range(bins):
            own = Stream(seed * 1000 + bin_ + 1)
            self._zero[bin_] = own.between(-_ZERO_SPREAD_COUNTS, _ZERO_SPREAD_COUNTS)
            self._span_ppm[bin_] = 1000000 + own.between(-_SPAN_SPREAD_PPM, _SPAN_SPREAD_PPM)
            self._creeps_up[bin_] = own.next() >> 16 & 1
            self._noise[bin_] = Stream(own.next() + run).next()

    def calibration(self, bin_: int) -> tuple[int, int]:
        """(zero_counts, ng_per_count), as a certified weight on the bin would give them."""
        counts = CAPACITY_COUNTS * self._span_ppm[bin_] // 1000000
        return self._zero[bin_], (self.capacity_mg * 1000000 + counts // 2) // counts

    def rest(self, bin_: int, load_mg: int) -> None:
        """Have a load in the bin that has been there for long."""
        self._load_mg[bin_] = load_mg
        self._fast_ug[bin_] = self._slow_ug[bin_] = load_mg * 1000

    def set_load(self, bin_: int, load_mg: int, at_us: int) -> None:
        """Change the load without a hand or a knock; the cell creeps from now on."""
        self._creep(bin_, at_us)
        self._load_mg[bin_] = load_mg

    def place(self, bin_: int, load_mg: int, at_us: int) -> None:
        """Change the load as a hand does: a step that rings."""
        change_mg = abs(load_mg - self._load_mg[bin_])
        self.set_load(bin_, load_mg, at_us)
        amplitude_mg = (change_mg * 3 // 2 + _RING_MG) * self._stream.between(500, 1500) // 1000
        self._ring(bin_, at_us, amplitude_mg, _RING_MHZ, _RING_TAU_US)

    def hand(self, bin_: int, from_us: int, to_us: int) -> None:
        """A hand moves in the bin."""
        self._hands[bin_] = (from_us, to_us, self._stream.between(_HAND_MG[0], _HAND_MG[1]))

    def slam(self, at_us: int) -> None:
        """A door falls shut and shakes every bin."""
        for bin_ in range(len(self._load_mg)):
            self._ring(bin_, at_us, self._stream.between(_SLAM_MG[0], _SLAM_MG[1]), _SLAM_MHZ, _SLAM_TAU_US)

    def counts(self, bin_: int, at_us: int, rate_sps: int = 10) -> int:
        """What the converter sees at `at_us`, not yet cut to 24 bits."""
        self._creep(bin_, at_us)
        load_mg = self._load_mg[bin_]
        behind_ug = 2000 * load_mg - self._fast_ug[bin_] - self._slow_ug[bin_]
        creep_mg = behind_ug * self._creep_ppm // 2000000000
        load_mg += -creep_mg if self._creeps_up[bin_] else creep_mg
        if self._ringing or self._hands:
            load_mg += self._disturbance_mg(bin_, at_us)
        weighed = load_mg * CAPACITY_COUNTS // self.capacity_mg
        return self._zero[bin_] + weighed * self._span_ppm[bin_] // 1000000 + self._white(bin_, rate_sps)

    def _white(self, bin_: int, rate_sps: int) -> int:
        """White noise in counts: the sum of eight bytes has a deviation of 209 about 1020."""
        x = self._noise[bin_]
        total = 0
        for _ in (0, 1):
            x ^= x << 13 & 0xFFFFFFFF
            x ^= x >> 17
            x ^= x << 5 & 0xFFFFFFFF
            pairs = (x & 0xFF00FF) + (x >> 8 & 0xFF00FF)
            total += (pairs & 0xFFFF) + (pairs >> 16)
        self._noise[bin_] = x
        scale = NOISE_NV[rate_sps] * FULL_SCALE
        return ((total - 1020) * scale + 104 * FULL_SCALE_NV) // (209 * FULL_SCALE_NV)

    def _creep(self, bin_: int, at_us: int) -> None:
        """Let both creep terms follow the load up to `at_us`."""
        passed_ms = (at_us - self._looked_us[bin_]) // 1000
        if passed_ms <= 0:
            return
        self._looked_us[bin_] += passed_ms * 1000
        load_ug = self._load_mg[bin_] * 1000
        if self._slow_ug[bin_] == load_ug:
            self._fast_ug[bin_] = load_ug
            return
        self._fast_ug[bin_] = _followed(self._fast_ug[bin_], load_ug, passed_ms, _CREEP_FAST_MS)
        self._slow_ug[bin_] = _followed(self._slow_ug[bin_], load_ug, passed_ms, _CREEP_SLOW_MS)

    def _ring(
        self, bin_: int, at_us: int, amplitude_mg: int, millihertz: tuple[int, int], taus_us: tuple[int, int]
    ) -> None:
        frequency = self._stream.between(millihertz[0], millihertz[1])
        tau = self._stream.between(taus_us[0], taus_us[1])
        self._ringing.setdefault(bin_, []).append((at_us, amplitude_mg, frequency, tau))

    def _disturbance_mg(self, bin_: int, at_us: int) -> int:
        """Hands and ringing at `at_us`; what is over is forgotten."""
        total_mg = 0
        if bin_ in self._hands:
            from_us, to_us, amplitude_mg = self._hands[bin_]
            if from_us <= at_us < to_us:
                total_mg += self._stream.between(-amplitude_mg, amplitude_mg)
            elif at_us >= to_us:
                del self._hands[bin_]
        for ring in self._ringing.get(bin_, ()):
            total_mg += _ring_mg(ring, at_us)
        if bin_ in self._ringing:
            rings = [ring for ring in self._ringing[bin_] if at_us - ring[0] < _OVER_AFTER_US]
            if rings:
                self._ringing[bin_] = rings
            else:
                del self._ringing[bin_]
        return total_mg


def _ring_mg(ring: tuple[int, int, int, int], at_us: int) -> int:
    start_us, amplitude_mg, millihertz, tau_us = ring
    age_us = at_us - start_us
    if age_us < 0:
        return 0
    turn = age_us * millihertz * 128 // 1000000000
    return decayed(amplitude_mg, age_us, tau_us) * sine(turn) // 32767


def _followed(value: int, towards: int, passed_ms: int, tau_ms: int) -> int:
    """A first-order lag: exact for small steps, and never past its goal."""
    if passed_ms >= tau_ms:
        passed_ms = tau_ms
    value += (towards - value) * passed_ms // tau_ms
    return value
