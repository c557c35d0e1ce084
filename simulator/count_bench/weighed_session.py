"""One cabinet's cells and the firmware's weighing on them, scan by scan, as the firmware calls it.

Runs on CPython and MicroPython alike, integers only. A scan takes a code of every bin, ten times a second.
"""

from cabinet.weighing import Weighing

from simulator.physics import Cells

PLACE = 0  # what a script's action does: a load of so many milligrams from now on, with a knock
HAND = 1  # a hand in the bin for so many milliseconds
SLAM = 2  # the door falls shut

SCAN_MS = 100
SETTLE_MS_MAX = 8000
BEGIN_MS_MAX = 60000
BEFORE_MS = 4000  # scanned before the unlock
_CODE_MAX = 0x7FFFFF


class WeighedCabinet:
    """A cabinet of `bins` bins, numbered from 1 as the firmware does; `now_ms` is its uptime."""

    def __init__(self, cell_class: str, bins: int, seed: int):
        self.cells = Cells(cell_class, bins, seed)
        self.weighing = Weighing(bins)
        self.bins = bins
        self.now_ms = 0
        cells, weighing = self.cells, self.weighing
        for bin_ in range(1, bins + 1):
            zero_counts, ng_per_count = cells.calibration(bin_ - 1)
            weighing.calibrate(bin_, zero_counts, ng_per_count)
            weighing.blind[bin_ - 1] = 0

    def scan(self) -> None:
        """A code of every bin; one at the converter's rail is an error there, not a weight."""
        now_us = self.now_ms * 1000
        counts = self.cells.counts
        add = self.weighing.add
        for i in range(self.bins):
            code = counts(i, now_us)
            if -_CODE_MAX < code < _CODE_MAX:
                add(i + 1, code)

    def begin(self) -> None:
        """The power came on with everything at rest: watch until every bin has a level."""
        while not self.weighing.levelled():
            if self.now_ms >= BEGIN_MS_MAX:
                raise RuntimeError("expected every bin at rest within %d ms" % BEGIN_MS_MAX)
            self._watch_until(self.now_ms + SCAN_MS)

    def rest_until(self, at_ms: int) -> None:
        """Nobody is there."""
        self.now_ms = max(self.now_ms, at_ms - BEFORE_MS)
        self._watch_until(at_ms)

    def _watch_until(self, at_ms: int) -> None:
        """Scan a shut cabinet: the levels follow, and a step is taken for one."""
        watch = self.weighing.watch
        while self.now_ms < at_ms:
            self.scan()
            for bin_ in range(1, self.bins + 1):
                if watch(bin_):
                    self.weighing.take_level(bin_)
            self.now_ms += SCAN_MS

    def session(
        self, shut_ms: int, actions: tuple[tuple[int, int, int, int], ...]
    ) -> tuple[int, list[tuple[int, ...]], list[tuple[int, ...]]]:
        """Unlock now, play the script, settle, close: (open_ms, rows, plateaus) as `session_closed` says them."""
        weighing = self.weighing
        unlocked_ms = self.now_ms
        before = [weighing.before(bin_) for bin_ in range(1, self.bins + 1)]
        at = 0
        while self.now_ms - unlocked_ms < shut_ms:
            at = self._play(actions, at, unlocked_ms)
            self.scan()
            self.now_ms += SCAN_MS
        self._play(actions, at, unlocked_ms)
        weighing.restart_all()
        deadline_ms = self.now_ms + SETTLE_MS_MAX
        while True:
            self.scan()
            if weighing.evaluate_all() or self.now_ms >= deadline_ms:
                break
            self.now_ms += SCAN_MS
        return self._close(unlocked_ms, before)

    def _play(self, actions: tuple[tuple[int, int, int, int], ...], at: int, unlocked_ms: int) -> int:
        """Do what is due; which action comes next."""
        due_ms = self.now_ms - unlocked_ms
        while at < len(actions) and actions[at][0] <= due_ms:
            action_ms, what, bin_, value = actions[at]
            at_us = (unlocked_ms + action_ms) * 1000
            if what == PLACE:
                self.cells.place(bin_, value, at_us)
            elif what == HAND:
                self.cells.hand(bin_, at_us, at_us + value * 1000)
            else:
                self.cells.slam(at_us)
            at += 1
        return at

    def _close(
        self, unlocked_ms: int, before: list[tuple[int, int, int]]
    ) -> tuple[int, list[tuple[int, ...]], list[tuple[int, ...]]]:
        weighing = self.weighing
        rows: list[tuple[int, ...]] = []
        for bin_ in range(1, self.bins + 1):
            was, now = before[bin_ - 1], weighing.now(bin_)
            rows.append((bin_, was[0], was[1], now[0], now[1], max(was[2], now[2])))
            weighing.take_level(bin_)
        return self.now_ms - unlocked_ms, rows, []
