"""Weights at which bins stood still while somebody worked in the cabinet: the plateaus of a session.

Pure and in converter codes: samples in, plateaus out; no clock, no file, no weight is ever changed by one. A bin stands
still when five samples in a row, half a second, lie as close together as it usually is; the first two of them may still
ring and do not count. From then on every sample that fits refines the mean, until two in a row do not. One plateau
after another that agrees with it is the same one: hands came and took nothing.

All memory is taken once. At most `PLATEAUS_MAX` are kept, of a bin `OF_A_BIN_MAX`: what must be forgotten is the middle
one of the bin that has most, so that how it began and what came last stay.
"""

from array import array

PLATEAUS_MAX = 32
OF_A_BIN_MAX = 10
_WINDOW = 5
_COUNTED = 3  # of the window
_CLOSE = 4  # times the usual noise: the range of five samples, and how far one may lie from the mean
_STEP_SHARE = 10  # a heavy load rings on for seconds: calm enough is also so small a share of its step
_MEMORY = 64  # samples the mean reaches back: it follows a cell that creeps
_HAND_MS = 700  # a hand, and a window after it
_FOR_EVER = 0x3FFFFFFF
_AGREE = 4  # times their noise


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


class Plateaus:
    """The plateaus of one session; bins are counted from 0 here."""

    def __init__(self, bins: int):
        self.count = 0  # kept so far
        self.bin = bytearray(PLATEAUS_MAX)  # of each, in the order in which they ended
        self.at_ms = array("i", [0] * PLATEAUS_MAX)
        self.counts = array("i", [0] * PLATEAUS_MAX)
        self.noise = array("i", [0] * PLATEAUS_MAX)
        self._opened_ms = 0
        self._window = array("i", [0] * (bins * _WINDOW))
        self._seen = bytearray(bins)  # samples since the last motion
        self._held = bytearray(bins)  # samples in the mean, 0: it does not stand
        self._odd = bytearray(bins)  # the last sample did not fit
        self._base = array("i", [0] * bins)
        self._sum = array("i", [0] * bins)  # of samples less the base
        self._squares = array("i", [0] * bins)  # of the same, in 64ths
        self._since_ms = array("i", [0] * bins)
        self._stood = array("i", [0] * bins)  # what it stood at last, or the session's first sample
        self._has_stood = bytearray(bins)
        self._rough = array("i", [0] * bins)  # the range of the calmest samples while it still rings, 0: none yet
        self._calm = array("i", [0] * bins)  # and the middle of them

    def begin(self, at_ms: int) -> None:
        """A session begins: none so far."""
        self.count = 0
        self._opened_ms = at_ms
        for i in range(len(self._held)):
            self._seen[i] = self._held[i] = self._has_stood[i] = self._rough[i] = 0

    def add(self, i: int, counts: int, quiet: int, wander: int, at_ms: int) -> None:
        """One sample; `quiet` is the usual spread of this bin's samples, `wander` that of its means."""
        n = self._held[i]
        if not n:
            self._look(i, counts, quiet, at_ms)
            return
        difference = counts - self._base[i]
        total = self._sum[i]
        limit = _CLOSE * quiet * n
        if -limit <= difference * n - total <= limit:
            if n < _MEMORY:
                self._held[i] = n + 1
            else:
                total -= (total + n // 2) // n
                self._squares[i] -= self._squares[i] // n
            self._sum[i] = total + difference
            self._squares[i] += difference * difference >> 6
            self._odd[i] = 0
        elif not self._odd[i]:
            self._odd[i] = 1
        else:
            self.stop(i, quiet, wander)
            self._look(i, counts, quiet, at_ms)

    def _look(self, i, counts, quiet, at_ms):
        """Whether the last samples stand still."""
        seen = self._seen[i]
        if not seen and not self._has_stood[i]:
            self._stood[i] = counts
            self._has_stood[i] = 1
        first = i * _WINDOW
        window = self._window
        window[first + seen % _WINDOW] = counts
        self._seen[i] = seen = seen + 1 if seen < 2 * _WINDOW - 1 else _WINDOW
        if seen < _WINDOW:
            return
        low = high = counts
        for k in range(first, first + _WINDOW):
            sample = window[k]
            if sample < low:
                low = sample
            elif sample > high:
                high = sample
        if high - low > _CLOSE * quiet:
            self._look_rough(i, low, high, at_ms)
            return
        total = squares = 0
        for k in range(1, _COUNTED + 1):
            difference = window[first + (seen - k) % _WINDOW] - counts
            total += difference
            squares += difference * difference >> 6
        self._base[i] = counts
        self._sum[i] = total
        self._squares[i] = squares
        self._held[i] = _COUNTED
        self._odd[i] = 0
        if not self._rough[i] or abs(counts - self._calm[i]) > 2 * self._rough[i]:
            self._end_rough(i, at_ms)
            self._since_ms[i] = at_ms - self._opened_ms
        self._rough[i] = 0

    def _look_rough(self, i, low, high, at_ms):
        """Whether it rings so little by now, for the step it made, that its level is worth keeping; the calmest is."""
        rough = high - low
        calm = (low + high) // 2
        if rough * _STEP_SHARE > abs(calm - self._stood[i]):
            return
        if self._rough[i] and abs(calm - self._calm[i]) > self._rough[i]:
            self._end_rough(i, at_ms)
        if not self._rough[i]:
            self._since_ms[i] = at_ms - self._opened_ms
        elif rough >= self._rough[i]:
            return
        self._rough[i] = rough
        self._calm[i] = calm

    def _end_rough(self, i, at_ms):
        """It moves again before it stood still; what another level follows too soon for a hand was only ringing."""
        if self._rough[i] and at_ms - self._opened_ms - self._since_ms[i] >= _HAND_MS:
            self._stood[i] = self._calm[i]
            self._keep(i, self._calm[i], self._rough[i] // 2)
        self._rough[i] = 0

    def stop(self, i: int, quiet: int, wander: int) -> None:
        """The bin moves: what it stood at is kept."""
        n = self._held[i]
        self._seen[i] = self._held[i] = 0
        if n:
            total = self._sum[i]
            counts = self._base[i] + (2 * total + n) // (2 * n)
            variance = max(quiet * quiet, ((self._squares[i] << 6) - total * total // n) // (n - 1))
            self._stood[i] = counts
            self._keep(i, counts, isqrt(variance // n + wander * wander) + 1)
        else:
            self._end_rough(i, _FOR_EVER)

    def agree(self, k: int, counts: int, noise: int) -> bool:
        """Whether plateau `k` is this weight."""
        return abs(self.counts[k] - counts) <= _AGREE * isqrt(self.noise[k] * self.noise[k] + noise * noise)

    def _keep(self, i, counts, noise):
        at = self.count - 1
        while at >= 0 and self.bin[at] != i:
            at -= 1
        if at >= 0 and self.agree(at, counts, noise):
            if noise < self.noise[at]:
                self.counts[at] = counts
                self.noise[at] = noise
            return
        if self._of(i) == OF_A_BIN_MAX or self.count == PLATEAUS_MAX:
            self.thin()
        at = self.count
        self.bin[at] = i
        self.at_ms[at] = self._since_ms[i]
        self.counts[at] = counts
        self.noise[at] = noise
        self.count = at + 1

    def _of(self, i):
        """How many plateaus a bin has."""
        found = 0
        for k in range(self.count):
            if self.bin[k] == i:
                found += 1
        return found

    def thin(self) -> None:
        """Forget the middle one of the bin that has most."""
        left = most = 0
        for k in range(self.count):
            found = self._of(self.bin[k])
            if found > most:
                most = found
                i = self.bin[k]
        for k in range(self.count):
            if self.bin[k] == i:
                if left == most // 2:
                    self.drop(k)
                    return
                left += 1

    def drop(self, k: int) -> None:
        """Forget plateau `k`."""
        for kept in (self.bin, self.at_ms, self.counts, self.noise):
            for later in range(k + 1, self.count):
                kept[later - 1] = kept[later]
        self.count -= 1
