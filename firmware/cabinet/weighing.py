"""What the bins weigh: from converter codes to weighings with a noise figure and a verdict.

Pure and in integers: codes in, weighings out; no bus, no clock, no file. Inside it counts in converter codes, because
the noise of a converter in codes does not depend on the size of its cell, and turns to milligrams at its border.

Each bin has a ring of samples, and a *level*: the last settled mean while the cabinet was shut. A lone sample far from
its neighbours is a spike and dropped; two in a row are motion and start the ring anew. The level follows slow drift but
never crosses a step: a step is reported as a change. Nothing here is ever set to zero by itself.

All evidence of a session comes from here, on a board and on a host alike. The calls, in their order:

    weighing = Weighing(bins)
    weighing.calibrate(bin, zero_counts, ng_per_count); weighing.blind[bin - 1] = 0      for each bin
    weighing.add(bin, counts, at_ms); weighing.watch(bin)     shut: each sample of each bin; `watch` says whether it
                                                              settled a step away (then `take_level(bin)`)
    weighing.before(bin)                                      the rows of `session_opened`
    weighing.open_session(at_ms)
    weighing.add(bin, counts, at_ms)                          open: each sample; plateaus are found
    weighing.restart_all()                                    the last door has shut: the slam, too, is forgotten;
                                                              set `looking` when one is opened again
    weighing.add(bin, counts, at_ms)                          each sample, and after each round of all bins
    weighing.evaluate_all()                                   whether all have settled; wait for it `SETTLE_MS_MAX`
    weighing.changes()                                        the rows of `session_closed`
    weighing.plateaus(room_bytes)                             its plateaus, no more than fit into so many bytes
    weighing.close_session()                                  the weights after are the levels from now on

`at_ms` never goes back. A bin that is added no samples for a while (a host need not simulate the untouched ones) keeps
its level, but has no weight after until its ring is full again.
"""

from array import array

from cabinet.plateaus import Plateaus, isqrt

RING = 16  # samples that make a verdict: 1.6 s at ten a second
SETTLE_MS_MAX = 8000  # from the last door shut; then a bin says what it can, as unsettled
SETTLED = 0  # as in wire.py
UNSETTLED = 1
BLIND = 2

_HALF = RING // 2
_QUIET_MIN = 40
_QUIET_MAX = 2000  # codes; beyond this a bin is in motion, not noisy
_QUIET_START = 150  # until a ring has been heard: twice the NAU7802's white noise at 10 SPS and gain 128
_SPIKE = 12  # a lone sample this many times the usual noise away is no weight
_SPIKE_MIN = 1500
_UNHEARD = _SPIKE * _QUIET_MAX  # how far is far as long as a bin's noise is not known
_STEP = 6  # a change of level this many times the noise of a mean is a step
_STEP_MIN = 300
_APART_S = 30  # means this far apart tell how much a bin wanders
_WILD = 60  # looks at a bin that only jumps: that is no weight at all
_BASE_MAX = 8000  # codes from the base: squares stay small
_FAR_MAX = 32767
_NG_PER_MG = 1000000
_MG_MAX = 2000000000  # two tonnes, the wire's limit


class Weighing:
    """All bins of a cabinet; bins are numbered from 1."""

    def __init__(self, bins: int):
        self.bins = bins
        self.spikes = 0
        self.settled = bytearray(bins)  # verdict of the last `evaluate`
        self.unrest = bytearray(bins)  # set when a bin at rest begins to move; cleared by who looks
        self.blind = bytearray([1] * bins)  # set and cleared by the scanner
        self.wild = bytearray(bins)  # looks in a row that found no four samples together; cleared by the scanner
        self._ring = array("h", [0] * (bins * RING))  # less the base
        self._base = array("i", [0] * bins)
        self._held = bytearray(bins)  # samples in the ring
        self._next = bytearray(bins)  # where the next one goes
        self._sum = array("i", [0] * bins)  # of the ring
        self._newer = array("i", [0] * bins)  # of its newer half
        self._squares = [0] * bins
        self._fresh = bytearray(bins)  # samples since the level last moved
        self._far = array("i", [0] * bins)  # a sample that may be a spike
        self._has_far = bytearray(bins)
        self._spike = array("h", [_UNHEARD] * bins)  # how far is far
        self._quiet = array("h", [_QUIET_START] * bins)  # the usual spread of this bin: standard deviation of a sample
        self._wander = array("h", [_QUIET_START] * bins)  # how far means differ beyond that
        self._level = array("i", [0] * bins)
        self._level_noise = array("i", [0] * bins)
        self._has_level = bytearray(bins)
        self._anchor = array("i", [0] * bins)  # a level some time ago
        self._anchors = bytearray(bins)  # of them in a row, each half a minute after the one before
        self._anchor_before = array("i", [0] * bins)
        self._anchored_s = array("i", [0] * bins)
        self._now_s = 0
        self._zero = array("i", [0] * bins)
        self._ng_per_count = array("q", [0] * bins)
        self._plateaus = Plateaus(bins)
        self.looking = False  # for plateaus: a session's doors are open
        self._were_blind = b""  # when it was opened

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
        return self._mean(i) if self.settled[i] and not self.blind[i] else None

    # ---- samples ----

    def add(self, bin_: int, counts: int, at_ms: int = 0) -> None:
        """One conversion of a bin."""
        i = bin_ - 1
        if self.looking:
            self._plateaus.add(i, counts, self._quiet[i], self._wander[i], at_ms)
        if self._held[i]:
            away = counts - self._base[i] - self._ring[i * RING + (self._next[i] - 1) % RING]
            if not -self._spike[i] <= away <= self._spike[i]:
                self._add_far(i, counts, at_ms)
                return
            if self._has_far[i]:
                self._has_far[i] = 0
                self.spikes += 1
        self._push(i, counts, at_ms)

    def restart(self, bin_: int) -> None:
        """Forget the samples of a bin, not its level: what comes now has nothing to do with what was."""
        i = bin_ - 1
        if self.looking:
            self._plateaus.stop(i, self._quiet[i], self._wander[i])
        self._begin_anew(i)

    def _begin_anew(self, i):
        self._held[i] = self._next[i] = self._fresh[i] = self._has_far[i] = self.settled[i] = 0
        self._anchored_s[i] = 0

    def restart_all(self) -> None:
        """Forget all samples, as when a door has just shut; where a bin stood until then is a plateau."""
        for bin_ in range(1, self.bins + 1):
            self.restart(bin_)
        self.looking = False

    def _add_far(self, i, counts, at_ms):
        """Far from the last sample: a spike if the next is near that one again, motion otherwise."""
        self.unrest[i] = 1
        if not self._has_far[i]:
            self._has_far[i] = 1
            self._far[i] = counts
            return
        before = self._far[i]
        self._begin_anew(i)
        if abs(counts - before) <= self._spike[i]:
            self._push(i, before, at_ms)
        self._push(i, counts, at_ms)

    def _push(self, i, counts, at_ms):
        held = self._held[i]
        if not held:
            self._base[i] = counts
            self._sum[i] = self._newer[i] = self._squares[i] = 0
        sample = counts - self._base[i]
        if not -_BASE_MAX <= sample <= _BASE_MAX:
            self._rebase(i, sample)
            held = self._held[i]
            sample = 0
        ring = self._ring
        first = i * RING
        at = self._next[i]
        squares = self._squares[i] + sample * sample
        total = self._sum[i] + sample
        if held < RING:
            self._held[i] = held + 1
        else:
            old = ring[first + at]
            total -= old
            squares -= old * old
        self._sum[i] = total
        self._squares[i] = squares
        if held < _HALF:
            self._newer[i] += sample
        else:
            self._newer[i] += sample - ring[first + (at - _HALF) % RING]
        ring[first + at] = sample
        self._next[i] = (at + 1) % RING
        if self._fresh[i] < RING:
            self._fresh[i] += 1
        self._now_s = at_ms // 1000

    def _rebase(self, i, by):
        """Count from a base `by` codes higher; samples too far from it are forgotten, for the bin is in motion."""
        first = i * RING
        ring = self._ring
        self._base[i] += by
        total = squares = 0
        for k in range(first, first + self._held[i]):
            sample = ring[k] - by
            if not -_FAR_MAX <= sample <= _FAR_MAX:
                self._begin_anew(i)
                self._sum[i] = self._newer[i] = self._squares[i] = 0
                return
            ring[k] = sample
            total += sample
            squares += sample * sample
        self._sum[i] = total
        self._squares[i] = squares
        self._newer[i] -= by * min(self._held[i], _HALF)

    # ---- verdict ----

    def evaluate(self, bin_: int) -> bool:
        """Look at the ring: whether the bin has settled."""
        i = bin_ - 1
        if self._held[i] < RING or self._has_far[i]:
            self.settled[i] = 0
            self.wild[i] = min(255, self.wild[i] + 1) if self._held[i] < 4 else 0
            return False
        self.wild[i] = 0
        if self._spike[i] == _UNHEARD:
            self._learn_quiet(i)
        total = self._sum[i]
        quiet = self._quiet[i]
        # The spread within twice the usual one, the halves within one and a half: a ring-down has neither.
        drift = 2 * self._newer[i] - total
        limit = 3 * quiet * _HALF // 2
        at_rest = (
            -limit <= drift <= limit
            and RING * self._squares[i] - total * total <= 4 * RING * (RING - 1) * quiet * quiet
        )
        self.settled[i] = at_rest
        return at_rest

    def evaluate_all(self) -> bool:
        """Evaluate every bin that can see; whether all of those have settled."""
        all_settled = True
        for bin_ in range(1, self.bins + 1):
            if not self.blind[bin_ - 1] and not self.evaluate(bin_):
                all_settled = False
        return all_settled

    def _mean(self, i):
        held = self._held[i]
        return self._base[i] + (2 * self._sum[i] + held) // (2 * held)

    def _variance(self, i):
        """Of the samples in the ring."""
        total, held = self._sum[i], self._held[i]
        return max(0, self._squares[i] - total * total // held) // max(1, held - 1)

    def _noise(self, i):
        """Standard deviation of the ring's mean, in codes: of its samples, and of such means among each other."""
        quiet, wander = self._quiet[i], self._wander[i]
        return isqrt(max(quiet * quiet, self._variance(i)) // self._held[i] + wander * wander) + 1

    # ---- the level while shut ----

    def watch(self, bin_: int) -> bool:
        """Evaluate a bin of a shut cabinet and let its level follow; whether it has settled a step away from it."""
        i = bin_ - 1
        if self.blind[i]:
            return False
        settled = self.evaluate(bin_)
        if self._has_level[i] and self._held[i] and self._is_off(i):
            self.unrest[i] = 1
        if self._fresh[i] < RING:
            return False
        self._fresh[i] = 0
        if not settled:
            self._learn_quiet(i)
            return False
        if not self._has_level[i]:
            self.take_level(bin_)
            return False
        mean = self._mean(i)
        if abs(mean - self._level[i]) > max(_STEP_MIN, _STEP * self._noise(i)):
            return True
        self._learn_quiet(i)
        self._learn_wander(i, mean)
        self.take_level(bin_)
        return False

    def _is_off(self, i):
        """Whether the newest sample is further from the level than noise and flicker bring it.

        That a bin does not settle is not enough: flicker does that now and then, and a cabinet at rest would be scanned
        fast for ever.
        """
        off = self._base[i] + self._ring[i * RING + (self._next[i] - 1) % RING] - self._level[i]
        limit = _STEP * (self._quiet[i] + self._wander[i])
        return not -limit <= off <= limit

    def levelled(self) -> bool:
        """Whether every bin that is not blind has settled since the start."""
        for i in range(self.bins):
            if not self._has_level[i] and not self.blind[i]:
                return False
        return True

    def take_level(self, bin_: int) -> None:
        """The ring's mean is the bin's level from now on."""
        i = bin_ - 1
        self._level[i] = self._mean(i)
        self._level_noise[i] = self._noise(i)
        self._has_level[i] = 1

    def _learn_quiet(self, i):
        """Once a ring: the first is believed; then the usual spread moves a quarter of the way, faster down than up."""
        spread = min(_QUIET_MAX, max(_QUIET_MIN, isqrt(self._variance(i))))
        quiet = self._quiet[i]
        if self._spike[i] == _UNHEARD:
            quiet = spread
            self._wander[i] = 3 * quiet // 4  # until it has been seen
        elif 2 * spread < quiet:
            quiet = (quiet + spread) // 2
            self._wander[i] = min(self._wander[i], quiet)
        else:
            quiet = (3 * quiet + spread) // 4
        self._quiet[i] = quiet
        self._spike[i] = max(_SPIKE_MIN, _SPIKE * quiet)

    def _learn_wander(self, i, mean):
        """How far means half a minute apart lie off the line through their neighbours, beyond what the samples' noise
        explains; an eighth of the way. Off the line: creep and warmth move all of them, and are no noise.
        """
        apart_s = self._now_s - self._anchored_s[i]
        if self._anchored_s[i] and apart_s < _APART_S:
            return
        in_a_row = self._anchored_s[i] and apart_s < 3 * _APART_S
        self._anchors[i] = min(2, self._anchors[i] + 1) if in_a_row else 0
        if self._anchors[i] == 2:
            quiet = self._quiet[i]
            bend = min(abs(mean - 2 * self._anchor[i] + self._anchor_before[i]), 2 * _QUIET_MAX)
            variance = self._wander[i] * self._wander[i]
            seen = bend * bend // 6 - quiet * quiet // RING
            self._wander[i] = max(5 * quiet // 8, isqrt(max(0, 7 * variance + seen) // 8))
        self._anchor_before[i] = self._anchor[i]
        self._anchor[i] = mean
        self._anchored_s[i] = max(1, self._now_s)

    # ---- a session ----

    def open_session(self, at_ms: int) -> None:
        """From now on plateaus are looked for; the levels are the weights before."""
        self._were_blind = bytes(self.blind)
        self.looking = True
        self._plateaus.begin(at_ms)

    def changes(self, before=None):
        """A row for each bin: (bin, before_mg, before_noise_mg, after_mg, after_noise_mg, quality).

        `before`: four numbers a bin (bin, mg, noise_mg, quality) of an earlier boot; without them, the levels.
        """
        return [self.change(bin_, self._before(bin_, before)) for bin_ in range(1, self.bins + 1)]

    def change(self, bin_: int, before):
        """One such row: from `before` (mg, noise_mg, quality) to what the ring says."""
        after = self.now(bin_)
        return (bin_, before[0], before[1], after[0], after[1], max(before[2], after[2]))

    def _before(self, bin_, before):
        if before is None:
            return (None, 0, BLIND) if self._were_blind[bin_ - 1] else self.level(bin_)
        for k in range(0, len(before), 4):
            if before[k] == bin_ and before[k + 3] != BLIND:
                return before[k + 1], before[k + 2], before[k + 3]
        return None, 0, BLIND

    def plateaus(self, room_bytes: int):
        """Rows (bin, at_ms, mg, noise_mg) of plateaus that tell more than before and after do, in the order of time."""
        plateaus = self._plateaus
        for i in range(self.bins):
            self._trim(i)
        while True:
            rows = []
            bytes_ = 0
            for k in range(plateaus.count):
                mg, noise_mg, quality = self._weighed(plateaus.bin[k], plateaus.counts[k], plateaus.noise[k], SETTLED)
                if quality == SETTLED:
                    rows.append((plateaus.bin[k] + 1, plateaus.at_ms[k], mg, noise_mg))
                    bytes_ += len("[%d,%d,%d,%d]," % rows[-1])
            if bytes_ <= room_bytes:
                return sorted(rows, key=lambda row: row[1])
            plateaus.thin()

    def _trim(self, i):
        """Forget what a bin stood at before anything was done to it, and after all was done."""
        plateaus = self._plateaus
        own = [k for k in range(plateaus.count) if plateaus.bin[k] == i]
        gone = []
        if self._has_level[i]:
            while own and plateaus.agree(own[0], self._level[i], self._level_noise[i]):
                gone.append(own.pop(0))
        if self._held[i]:
            mean, noise = self._mean(i), self._noise(i)
            while own and plateaus.agree(own[-1], mean, noise):
                gone.append(own.pop())
        for k in sorted(gone, reverse=True):
            plateaus.drop(k)

    def close_session(self) -> None:
        """What the rings say are the levels from now on."""
        self.looking = False
        for bin_ in range(1, self.bins + 1):
            if not self.blind[bin_ - 1] and self._held[bin_ - 1]:
                self.take_level(bin_)

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
        if self.blind[i] or not self._held[i] or self.wild[i] >= _WILD:
            return None, 0, BLIND
        return self._weighed(i, self._mean(i), self._noise(i), SETTLED if self.settled[i] else UNSETTLED)

    def _weighed(self, i, counts, noise_counts, quality):
        """Codes as milligrams; blind without a calibration, or with one that makes more than a bin can hold."""
        ng_per_count = self._ng_per_count[i]
        mg = (counts - self._zero[i]) * ng_per_count // _NG_PER_MG
        noise_mg = -(-noise_counts * abs(ng_per_count) // _NG_PER_MG)
        if not ng_per_count or abs(mg) > _MG_MAX or noise_mg > _MG_MAX:
            return None, 0, BLIND
        return mg, noise_mg, quality
