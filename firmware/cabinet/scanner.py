"""Goes through the bins: starts their converters, reads them, and says which ones cannot be trusted.

Fast while something happens, slow for some minutes after, rarely at rest (then a look of sixteen quick scans, so that a
level is never older); once a second while it is undecided whether a bin is well. One scan visits each bin once and
waits for nothing; a converter that needs time to start gets its next step at the next visit. A bin gives a code or a
fault, never a value made up: no answer (or another converter's), saturated, stuck or adrift; a fault is reported
once, and once more when the bin is well again.
"""

import asyncio
import time
from array import array

from cabinet import nau7802

FAST = 100  # paces: milliseconds from scan to scan
SLOW = 2000
RARE = 300000
_DECIDING_MS = 1000
_LOOK = 16  # scans in a row of a rare look: enough for a new level
_FRESH_MS = 1000
_LATE_MS_MAX = 3000  # a scan overdue by more means that scanning has stopped

NO_ANSWER = "no_answer"  # or another one's
STUCK = "stuck"
SATURATED = "saturated"
NOISY = "noisy"
UNCALIBRATED = "uncalibrated"
_FAULTS = (None, NO_ANSWER, STUCK, SATURATED, NOISY)

_OFF = 0  # stages of a converter
_POWERING = 1
_WARMING = 2
_CALIBRATING = 3
_READY = 4

_WARM_MS = 200  # for the excitation to settle
_START_MS_MAX = 2000  # a start that takes longer begins again
_RETRY_MS = 1000
_STRIKES = 3  # bad readings in a row make a fault: one may be a disturbance
_WELL = 16  # good readings in a row end it
_OLD_MS = 1500  # fifteen conversions missed
_JUMP = 24000  # codes: more than this from one to the next is no cell at rest
_WILD = 200  # looks in a row at a bin that does nothing but jump
_SAME = 50  # equal codes in a row: a converter with a bridge has noise
_SUSPECT = 3  # so many may be chance no longer


class Scanner:
    """All converters of a cabinet. `on_fault(bin, fault or None)` is called once for each change."""

    def __init__(self, mux, adc, weighing, clock, on_fault):
        bins = weighing.bins
        self.turned = True  # set when a bin goes blind or sees again; cleared by who looks
        self.errors = 0
        self.scan_ms_max = 0
        self.due_ms = 0
        self._pace_ms = FAST
        self._left = 0  # scans of a rare look that are still to come
        self._scanned_ms = 0
        self._hurry = asyncio.Event()
        self._mux = mux
        self._adc = adc
        self._weighing = weighing
        self._clock = clock
        self._on_fault = on_fault
        self._stage = bytearray(bins)
        self._strikes = bytearray(bins)
        self._good = bytearray(bins)
        self._fault = bytearray(bins)
        self._same = bytearray(bins)
        self._code = array("i", [0] * bins)
        self._since_ms = [-_RETRY_MS] * bins  # of the stage, or of the last conversion

    async def run(self, on_scan) -> None:
        """Scan for ever; `on_scan()` after each."""
        while True:
            self.scan()
            on_scan()
            left_ms = self.due_ms - self._clock.up_ms()
            if left_ms > FAST:
                await self._rest(left_ms)
            else:
                await asyncio.sleep_ms(max(1, left_ms))

    async def _rest(self, ms):
        """Wait for the next scan, or until it is wanted sooner."""
        self._hurry.clear()
        try:
            await asyncio.wait_for_ms(self._hurry.wait(), ms)
        except asyncio.TimeoutError:
            pass

    def pace(self, ms: int) -> None:
        """From now on scan every `ms`: FAST, SLOW or RARE."""
        self._pace_ms = ms
        if ms > FAST and self._is_undecided():
            ms = min(ms, _DECIDING_MS)
        elif ms == RARE and self._left:
            ms = FAST
        due_ms = self._scanned_ms + ms
        if due_ms < self.due_ms:
            self._hurry.set()
        self.due_ms = due_ms

    def going_on(self, now_ms: int) -> bool:
        """Whether bins are scanned when they are due."""
        return now_ms < self.due_ms + _LATE_MS_MAX

    def is_fast(self) -> bool:
        """Whether something is happening."""
        return self._pace_ms == FAST

    def freshen(self) -> None:
        """Scan now if the last time was a while ago."""
        if self._clock.up_ms() - self._scanned_ms > _FRESH_MS:
            self.scan()
            self._hurry.set()  # the next scan is due sooner than `run` rests for

    def scan(self) -> None:
        """Visit each bin once."""
        start = time.ticks_ms()
        self._scanned_ms = now_ms = self._clock.up_ms()
        self._left = (self._left or _LOOK) - 1 if self._pace_ms == RARE else 0
        self.due_ms = now_ms + (FAST if self._left else self._pace_ms)
        for bin_ in range(1, self._weighing.bins + 1):
            self._visit(bin_, now_ms)
        self.scan_ms_max = max(self.scan_ms_max, time.ticks_diff(time.ticks_ms(), start))

    def fault(self, bin_: int):
        """What is wrong with a bin's converter, or None."""
        return _FAULTS[self._fault[bin_ - 1]]

    def starting(self) -> bool:
        """Whether a bin without a fault has not given enough codes yet."""
        for i in range(self._weighing.bins):
            if self._weighing.blind[i] and not self._fault[i]:
                return True
        return False

    def blind(self) -> int:
        """How many bins have no weight: faulty, starting or not calibrated."""
        weighing = self._weighing
        bins = range(1, weighing.bins + 1)
        return sum([1 for bin_ in bins if weighing.blind[bin_ - 1] or not weighing.calibration(bin_)[1]])

    # ---- one bin ----

    def _is_undecided(self):
        """Whether a bin is on its way from well to faulty, or back."""
        for i in range(self._weighing.bins):
            if self._fault[i]:
                if self._good[i] or self._stage[i] not in (_OFF, _READY):
                    return True
            elif self._strikes[i] or self._same[i] >= _SUSPECT or self._good[i] < _WELL:
                return True
        return False

    def _visit(self, bin_, now_ms):
        i = bin_ - 1
        if self._stage[i] == _OFF and now_ms - self._since_ms[i] < _RETRY_MS:
            return
        try:
            self._mux.select(bin_)
            self._adc.bin = bin_
            if self._stage[i] == _READY:
                self._sample(i, now_ms)
            else:
                self._start(i, now_ms)
        except OSError:
            self._strike(i, NO_ANSWER)
            if self._stage[i] != _READY or self._fault[i]:
                self._go(i, _OFF, now_ms)

    def _start(self, i, now_ms):
        """One step towards a converter that converts."""
        adc = self._adc
        stage = self._stage[i]
        waited_ms = now_ms - self._since_ms[i]
        if stage == _OFF:
            adc.reset()
            self._go(i, _POWERING, now_ms)
        elif stage == _POWERING and adc.powered():
            adc.configure()
            self._go(i, _WARMING, now_ms)
        elif stage == _WARMING and waited_ms >= _WARM_MS:
            adc.calibrate()
            self._go(i, _CALIBRATING, now_ms)
        elif stage == _CALIBRATING and adc.calibrated():
            adc.convert()
            self._weighing.restart(i + 1)
            self._same[i] = 0
            self._go(i, _READY, now_ms)
        elif waited_ms > _START_MS_MAX:
            raise OSError("expected a converter that starts within %d ms" % _START_MS_MAX)

    def _go(self, i, stage, now_ms):
        self._stage[i] = stage
        self._since_ms[i] = now_ms

    def _sample(self, i, now_ms):
        code = self._adc.read()
        if code is None:
            if now_ms - self._since_ms[i] > _OLD_MS:
                self._begin(i, STUCK)
                self._go(i, _OFF, now_ms)
            return
        self._since_ms[i] = now_ms
        self._same[i] = min(_SAME, self._same[i] + 1) if code == self._code[i] else 0
        if self._fault[i] and abs(code - self._code[i]) > _JUMP:
            self._good[i] = 0
        self._code[i] = code
        if not nau7802.CODE_LOW < code < nau7802.CODE_HIGH:
            self._strike(i, SATURATED)
        elif self._same[i] == _SAME:
            self._begin(i, STUCK)
        elif self._weighing.wild[i] >= _WILD:
            self._begin(i, NOISY)
        else:
            self._take(i, code, now_ms)

    def _take(self, i, code, now_ms):
        self._strikes[i] = 0
        self._weighing.add(i + 1, code, now_ms)
        if self._good[i] < _WELL:
            self._good[i] += 1
            if self._good[i] == _WELL:
                self._end(i)

    # ---- faults ----

    def _strike(self, i, fault):
        self.errors += 1
        self._strikes[i] = min(_STRIKES, self._strikes[i] + 1)
        if self._strikes[i] == _STRIKES:
            self._begin(i, fault)

    def _begin(self, i, fault):
        self._good[i] = self._weighing.wild[i] = 0
        self._weighing.blind[i] = 1
        self.turned = True
        self._weighing.restart(i + 1)
        if not self._fault[i]:
            self._fault[i] = _FAULTS.index(fault)
            self._on_fault(i + 1, fault)

    def _end(self, i):
        self._weighing.blind[i] = 0
        self.turned = True
        if self._fault[i]:
            self._fault[i] = 0
            self._on_fault(i + 1, None)
