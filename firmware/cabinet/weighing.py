"""What the bins weigh: from converter codes to weighings with a noise figure and a verdict.

Pure and in integers: codes in, weighings out; no bus, no clock, no file. Inside it counts in converter codes, because
the noise of a converter in codes does not depend on the size of its cell, and turns to milligrams at its border.

Each bin has a ring of samples, and a *level*: the last settled mean while the cabinet was shut. A lone sample far from
its neighbours is a spike and dropped; two in a row are motion and start the ring anew. The level follows slow drift but
never crosses a step: a step is reported as a change. Nothing here is ever set to zero by itself.
"""

from array import array

RING = 16  # samples that make a verdict: 1.6 s at ten a second
SETTLED = 0  # as in wire.py
UNSETTLED = 1
BLIND = 2

_QUIET_START = 150  # codes: twice the converter's white noise at 10 SPS and gain 128 (100 nV, 1.4 nV a code)
_QUIET_MIN = 40
_QUIET_MAX = 2000  # beyond this a bin is in motion, not noisy
_SPIKE = 12  # a lone sample this many times the usual noise away is no weight
_SPIKE_MIN = 1500
_STEP = 6  # a change of level this many times the noise of a mean is a step
_STEP_MIN = 300
_NG_PER_MG = 1000000
_MG_MAX = 2000000000  # two tonnes, the wire's limit


def isqrt(value: int) -> int:
    """The integer square root."""
    if value < 2:
        return value
    root = 1
    while root * root <= value:
        root <<= 1
    while True:
        better = (root + value // root) >> 1
        if better >= root:
            return root
        root = better


class Weighing:
    """All bins of a cabinet; bins are numbered from 1."""

    def __init__(self, bins: int):
        self.bins = bins
        self.spikes = 0
        self.settled = bytearray(bins)  # verdict of the last `evaluate`
        self.unrest = bytearray(bins)  # set when a bin at rest begins to move; cleared by who looks
        self.blind = bytearray([1] * bins)  # set and cleared by the scanner
        self._ring = array("i", [0] * (bins * RING))
        self._held = bytearray(bins)  # samples in the ring
        self._next = bytearray(bins)  # where the next one goes
        self._fresh = bytearray(bins)  # samples since the level last moved
        self._far = array("i", [0] * bins)  # a sample that may be a spike
        self._has_far = bytearray(bins)
        self._mean = array("i", [0] * bins)
        self._spread = array("i", [0] * bins)  # standard deviation of one sample
        self._quiet = array("i", [_QUIET_START] * bins)  # the usual spread of this bin
        self._wander = array("i", [0] * bins)  # how far means of quiet rings differ
        self._level = array("i", [0] * bins)
        self._level_noise = array("i", [0] * bins)
        self._has_level = bytearray(bins)
        self._zero = array("i", [0] * bins)
        self._ng_per_count = array("q", [0] * bins)

    # ---- calibration ----

    def calibrate(self, bin_: int, zero_counts: int, ng_per_count: int) -> None:
        """What a code of this bin means; 0 ng a count: not calibrated."""
        self._zero[bin_ - 1] = zero_counts
        self._ng_per_count[bin_ - 1] = ng_per_count

    def calibration(self, bin_: int):
        """The bin's (zero_counts, ng_per_count)."""
        return self._zero[bin_ - 1], self._ng_per_count[bin_ - 1]

    def mean_counts(self, bin_: int):
        """The settled mean in codes, None when there is none."""
        i = bin_ - 1
        return self._mean[i] if self.settled[i] and not self.blind[i] else None

    # ---- samples ----

    def add(self, bin_: int, counts: int) -> None:
        """One conversion of a bin."""
        i = bin_ - 1
        if self._held[i] and self._is_far(i, counts, self._newest(i)):
            self._add_far(i, counts)
            return
        if self._has_far[i]:
            self._has_far[i] = 0
            self.spikes += 1
        self._push(i, counts)

    def restart(self, bin_: int) -> None:
        """Forget the samples of a bin, not its level: what comes now has nothing to do with what was."""
        i = bin_ - 1
        self._held[i] = self._next[i] = self._fresh[i] = self._has_far[i] = self.settled[i] = 0

    def restart_all(self) -> None:
        """Forget all samples, as when a door has just shut."""
        for bin_ in range(1, self.bins + 1):
            self.restart(bin_)

    def _is_far(self, i, counts, other):
        return abs(counts - other) > max(_SPIKE_MIN, _SPIKE * self._quiet[i])

    def _newest(self, i):
        return self._ring[i * RING + (self._next[i] - 1) % RING]

    def _add_far(self, i, counts):
        """Far from the last sample: a spike if the next is near that one again, motion otherwise."""
        self.unrest[i] = 1
        if not self._has_far[i]:
            self._has_far[i] = 1
            self._far[i] = counts
            return
        before = self._far[i]
        self.restart(i + 1)
        if not self._is_far(i, counts, before):
            self._push(i, before)
        self._push(i, counts)

    def _push(self, i, counts):
        at = self._next[i]
        self._ring[i * RING + at] = counts
        self._next[i] = (at + 1) % RING
        if self._held[i] < RING:
            self._held[i] += 1
        if self._fresh[i] < RING:
            self._fresh[i] += 1

    # ---- verdict ----

    def evaluate(self, bin_: int) -> bool:
        """Look at the ring: mean, spread, and whether the bin has settled."""
        i = bin_ - 1
        held = self._held[i]
        if not held:
            return False
        first = i * RING
        reference = self._ring[first]
        older = newer = squares = 0
        start = self._next[i] if held == RING else 0
        for k in range(held):
            difference = self._ring[first + (start + k) % RING] - reference
            squares += difference * difference
            if k < held // 2:
                older += difference
            else:
                newer += difference
        total = older + newer
        self._mean[i] = reference + (2 * total + held) // (2 * held)
        self._spread[i] = isqrt(max(0, squares - total * total // held) // max(1, held - 1))
        self.settled[i] = held == RING and not self._has_far[i] and self._is_quiet(i, older, newer)
        return bool(self.settled[i])

    def _is_quiet(self, i, older, newer):
        quiet = self._quiet[i]
        return self._spread[i] <= 3 * quiet and abs(newer - older) // (RING // 2) <= 2 * quiet

    def evaluate_all(self) -> bool:
        """Evaluate every bin that can see; whether all of those have settled."""
        all_settled = True
        for bin_ in range(1, self.bins + 1):
            if not self.blind[bin_ - 1] and not self.evaluate(bin_):
                all_settled = False
        return all_settled

    def _noise(self, i):
        """Standard deviation of the ring's mean, in codes: of its samples, and of such means among each other."""
        spread, wander = self._spread[i], self._wander[i]
        return isqrt(spread * spread // max(1, self._held[i]) + wander * wander) + 1

    # ---- the level while shut ----

    def watch(self, bin_: int) -> bool:
        """Evaluate a bin of a shut cabinet and let its level follow; whether it has settled a step away from it."""
        i = bin_ - 1
        if self.blind[i]:
            return False
        was_settled = self.settled[i]
        settled = self.evaluate(bin_)
        if was_settled and not settled:
            self.unrest[i] = 1
        if self._fresh[i] < RING:
            return False
        if not settled:
            self._learn_quiet(i)
            return False
        if not self._has_level[i]:
            self.take_level(bin_)
            return False
        difference = abs(self._mean[i] - self._level[i])
        if difference > max(_STEP_MIN, _STEP * self._noise(i)):
            return True
        self._learn_quiet(i)
        self._wander[i] = (3 * self._wander[i] + difference + 2) // 4
        self.take_level(bin_)
        return False

    def levelled(self) -> bool:
        """Whether every bin that is not blind has settled since the start."""
        for i in range(self.bins):
            if not self._has_level[i] and not self.blind[i]:
                return False
        return True

    def take_level(self, bin_: int) -> None:
        """The ring's mean is the bin's level from now on."""
        i = bin_ - 1
        self._level[i] = self._mean[i]
        self._level_noise[i] = self._noise(i)
        self._has_level[i] = 1
        self._fresh[i] = 0

    def _learn_quiet(self, i):
        """Once a ring: move the usual spread a quarter of the way, bounded."""
        quiet = (3 * self._quiet[i] + self._spread[i]) // 4
        self._quiet[i] = min(_QUIET_MAX, max(_QUIET_MIN, quiet))
        self._fresh[i] = 0

    # ---- rows ----

    def level(self, bin_: int):
        """(mg, noise_mg, quality) of the last settled weight while shut, though the bin may be blind by now."""
        i = bin_ - 1
        if not self._has_level[i]:
            return None, 0, BLIND
        return self._weighed(i, self._level[i], self._level_noise[i], SETTLED)

    def before(self, bin_: int):
        """The level as evidence for now: a blind bin has none, one in motion may have left it."""
        i = bin_ - 1
        if self.blind[i]:
            return None, 0, BLIND
        mg, noise_mg, quality = self.level(bin_)
        return mg, noise_mg, quality if quality == BLIND or self.settled[i] else UNSETTLED

    def now(self, bin_: int):
        """(mg, noise_mg, quality) of the samples in the ring."""
        i = bin_ - 1
        if self.blind[i] or not self._held[i]:
            return None, 0, BLIND
        return self._weighed(i, self._mean[i], self._noise(i), SETTLED if self.settled[i] else UNSETTLED)

    def _weighed(self, i, counts, noise_counts, quality):
        """Codes as milligrams; blind without a calibration, or with one that makes more than a bin can hold."""
        ng_per_count = self._ng_per_count[i]
        mg = (counts - self._zero[i]) * ng_per_count // _NG_PER_MG
        noise_mg = -(-noise_counts * abs(ng_per_count) // _NG_PER_MG)
        if not ng_per_count or abs(mg) > _MG_MAX or noise_mg > _MG_MAX:
            return None, 0, BLIND
        return mg, noise_mg, quality
