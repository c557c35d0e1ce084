"""One cabinet's cells and the firmware's weighing on them, scan by scan, as the firmware calls it.

Runs on CPython and MicroPython alike, integers only. A scan takes a code of every bin: ten times a second while
something happens, every two seconds for some minutes after, every five minutes at rest (`cabinet/scanner.py`,
`cabinet/attendant.py`).
"""

from cabinet.weighing import SETTLE_MS_MAX, Weighing

from simulator.physics import Cells

# What an action (at_ms since the unlock, what, bin from 0, for_ms, mg) of a script does:
PLACE = 0  # a load of so many milligrams from now on, with a knock
HAND = 1  # a hand moves in the bin
LEAN = 2  # an arm rests on the tray
SLAM = 3  # the door falls shut

FAST_MS = 100
SLOW_MS = 2000
RARE_MS = 300000
LOOK = 16  # scans of a rare look
SPARSE_MS = 1800000  # between looks while hours pass
MOVING_MS = 5000  # scanned fast for so long after a bin began to move while shut
CALM_MS = 180000  # after the last of it, for so long, slowly
BEGIN_MS_MAX = 60000
PLATEAUS_BYTES = 1400
_CODE_MAX = 0x7FFFFF


class WeighedCabinet:
    """A cabinet of bins numbered from 1, as the firmware does; `now_ms` is its uptime."""

    def __init__(self, cell_class: str, loads_mg: tuple[int, ...], seed: int, began_us: int):
        self.bins = len(loads_mg)
        self.cells = Cells(cell_class, self.bins, seed, 0, (10000, 15000, began_us))
        self.weighing = Weighing(self.bins)
        self.now_ms = 0
        self._moving_until_ms = 0
        for bin_ in range(self.bins):
            self.cells.rest(bin_, loads_mg[bin_])
            zero_counts, ng_per_count = self.cells.calibration(bin_)
            self.weighing.calibrate(bin_ + 1, zero_counts, ng_per_count)
            self.weighing.blind[bin_] = 0
        while not self.weighing.levelled():
            if self.now_ms >= BEGIN_MS_MAX:
                raise RuntimeError("expected every bin at rest within %d ms" % BEGIN_MS_MAX)
            self._watch()
            self.now_ms += FAST_MS
        self._moving_until_ms = self.now_ms

    def scan(self) -> None:
        """A code of every bin; one at the converter's rail is an error there, not a weight."""
        now_ms = self.now_ms
        now_us = now_ms * 1000
        counts = self.cells.counts
        add = self.weighing.add
        for i in range(self.bins):
            code = counts(i, now_us)
            if -_CODE_MAX < code < _CODE_MAX:
                add(i + 1, code, now_ms)

    # ---- shut ----

    def set_load(self, bin_: int, mg: int) -> None:
        """Behind everybody's back, without a knock: another load in a bin, from 0."""
        self.cells.set_load(bin_, mg, self.now_ms * 1000)

    def rest_until(self, at_ms: int) -> None:
        """Nobody is there: scan at the firmware's pace, or less often where hours pass; the looks left out would only
        have moved the levels in smaller steps.
        """
        while True:
            self._watch()
            calm_ms = self.now_ms - self._moving_until_ms
            pace_ms = FAST_MS if calm_ms < 0 else SLOW_MS
            if calm_ms >= CALM_MS:
                self._look_on()
                pace_ms = SPARSE_MS if at_ms - self.now_ms > SPARSE_MS + RARE_MS else RARE_MS
            if self.now_ms + pace_ms > at_ms:
                self.now_ms = max(self.now_ms, at_ms)
                return
            self.now_ms += pace_ms

    def _look_on(self) -> None:
        """The other scans of a rare look."""
        for _ in range(LOOK - 1):
            self.now_ms += FAST_MS
            self._watch()

    def _watch(self) -> None:
        """A scan of a shut cabinet: the levels follow, and a step is taken for one."""
        self.scan()
        weighing = self.weighing
        for bin_ in range(1, self.bins + 1):
            if weighing.watch(bin_):
                weighing.take_level(bin_)
        for i in range(self.bins):
            if weighing.unrest[i]:
                self._moving_until_ms = self.now_ms + MOVING_MS
                weighing.unrest[i] = 0

    # ---- a session ----

    def session(
        self, shut_ms: int, actions: tuple[tuple[int, int, int, int, int], ...]
    ) -> tuple[int, list[tuple[int, ...]], list[tuple[int, ...]]]:
        """Unlock now, play the script, settle, close: (open_ms, rows, plateaus) as `session_closed` says them."""
        weighing = self.weighing
        unlocked_ms = self.now_ms
        self._watch()
        weighing.open_session(unlocked_ms)
        at = 0
        while self.now_ms - unlocked_ms < shut_ms:
            self.now_ms += FAST_MS
            at = self._play(actions, at, unlocked_ms)
            self.scan()
        weighing.restart_all()
        deadline_ms = self.now_ms + SETTLE_MS_MAX
        while not weighing.evaluate_all() and self.now_ms < deadline_ms:
            self.now_ms += FAST_MS
            self.scan()
        rows = weighing.changes()
        plateaus = weighing.plateaus(PLATEAUS_BYTES)
        weighing.close_session()
        self._moving_until_ms = self.now_ms
        return self.now_ms - unlocked_ms, rows, plateaus

    def _play(self, actions: tuple[tuple[int, int, int, int, int], ...], at: int, unlocked_ms: int) -> int:
        """Do what is due; which action comes next."""
        due_ms = self.now_ms - unlocked_ms
        while at < len(actions) and actions[at][0] <= due_ms:
            action_ms, what, bin_, for_ms, mg = actions[at]
            at_us = (unlocked_ms + action_ms) * 1000
            if what == PLACE:
                self.cells.place(bin_, mg, at_us)
            elif what == HAND:
                self.cells.hand(bin_, at_us, at_us + for_ms * 1000)
            elif what == LEAN:
                self.cells.lean(bin_, at_us, at_us + for_ms * 1000, mg)
            else:
                self.cells.slam(at_us)
            at += 1
        return at


def play(
    cell_class: str,
    loads_mg: tuple[int, ...],
    seed: int,
    began_us: int,
    steps: list[tuple[int, list[tuple[int, int]], int, tuple[tuple[int, int, int, int, int], ...]]],
) -> list[tuple[int, list[tuple[int, ...]], list[tuple[int, ...]]]]:
    """A cabinet's whole life from what was done to it: what each session closed with.

    A step is (at_ms, [(bin, mg)...], shut_ms, actions): loads changed behind the last session, and a session at that
    time.
    """
    cabinet = WeighedCabinet(cell_class, loads_mg, seed, began_us)
    closed = []
    for at_ms, changed, shut_ms, actions in steps:
        for bin_, mg in changed:
            cabinet.set_load(bin_, mg)
        cabinet.rest_until(at_ms)
        closed.append(cabinet.session(shut_ms, actions))
    return closed
