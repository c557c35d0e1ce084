"""Weighing on simulated cells: its noise is honest, its plateaus are what lay there; the physics knows none of it."""

import math

import pytest
from cabinet import wire
from cabinet.plateaus import OF_A_BIN_MAX, PLATEAUS_MAX
from cabinet.weighing import SETTLE_MS_MAX, Weighing

from simulator.physics import Cells
from simulator.physics.cells import STEADY

SCAN_MS = 100


class Cabinet:
    """Bins on cells of one class, scanned as the firmware does; `now_ms` goes on with each scan."""

    def __init__(self, cell_class: str, bins: int, seed: int, load_mg: int):
        self.cells = Cells(cell_class, bins, seed, 0, STEADY)
        self.weighing = Weighing(bins)
        self.now_ms = 0
        for bin_ in range(bins):
            self.cells.rest(bin_, load_mg)
            self.weighing.calibrate(bin_ + 1, *self.cells.calibration(bin_))
            self.weighing.blind[bin_] = 0

    def scan(self, pace_ms: int = SCAN_MS) -> None:
        for bin_ in range(self.weighing.bins):
            self.weighing.add(bin_ + 1, self.cells.counts(bin_, self.now_ms * 1000), self.now_ms)
        self.now_ms += pace_ms

    def rest(self, scans: int, pace_ms: int = SCAN_MS) -> int:
        """How many steps were seen with the door shut."""
        steps = 0
        for _ in range(scans):
            self.scan(pace_ms)
            for bin_ in range(1, self.weighing.bins + 1):
                if self.weighing.watch(bin_):
                    self.weighing.take_level(bin_)
                    steps += 1
        return steps

    def play(self, ms: int) -> None:
        for _ in range(ms // SCAN_MS):
            self.scan()

    def reach(self, bin_: int, load_mg: int, still_ms: int) -> None:
        """A hand in the bin for a second, a load when it leaves, and no hand for a while."""
        self.cells.hand(bin_ - 1, self.now_ms * 1000, (self.now_ms + 1000) * 1000)
        self.play(1000)
        self.cells.place(bin_ - 1, load_mg, self.now_ms * 1000)
        self.play(still_ms)

    def shut(self) -> bool:
        """The door falls shut; whether all bins settled in time."""
        self.cells.slam(self.now_ms * 1000)
        self.weighing.restart_all()
        deadline_ms = self.now_ms + SETTLE_MS_MAX
        while not self.weighing.evaluate_all():
            if self.now_ms >= deadline_ms:
                return False
            self.scan()
        return True


def rms(values: list[float]) -> float:
    return math.sqrt(sum(value * value for value in values) / len(values))


@pytest.mark.parametrize("cell_class", ["c3-10kg", "c3-50kg", "cheap-10kg"])
def test_the_noise_that_is_stated_is_the_noise_there_is(cell_class: str) -> None:
    between, truly = [], []
    for seed in range(1, 11):
        cabinet = Cabinet(cell_class, 4, seed, 2_000_000)
        for _ in range(3):
            assert not cabinet.rest(180, 1000)
            cabinet.weighing.open_session(cabinet.now_ms)
            cabinet.play(8000)
            assert cabinet.shut()
            for row in cabinet.weighing.changes():
                _, before_mg, before_noise_mg, after_mg, after_noise_mg, quality = row
                assert quality == 0
                between.append((after_mg - before_mg) / math.hypot(before_noise_mg, after_noise_mg))
                truly.append((after_mg - 2_000_000) / after_noise_mg)
            assert cabinet.weighing.plateaus(4000) == []
            cabinet.weighing.close_session()
    assert 0.6 < rms(between) < 1.3  # between two weighings flicker has less time
    assert 0.7 < rms(truly) < 1.5
    assert max(map(abs, between)) < 4.5


@pytest.mark.parametrize("cell_class", ["c3-10kg", "cheap-10kg"])
def test_what_lay_in_a_bin_between_two_hands_is_a_plateau(cell_class: str) -> None:
    """A kilogram is taken, then half of it put back, then 300 g taken: both levels in between are told."""
    off = []
    for seed in range(1, 13):
        cabinet = Cabinet(cell_class, 2, seed, 3_000_000)
        cabinet.rest(40)
        cabinet.weighing.open_session(cabinet.now_ms)
        cabinet.play(2000)
        for load_mg in (2_000_000, 2_500_000, 2_200_000):
            cabinet.reach(1, load_mg, 3000)
        assert cabinet.shut()
        cabinet.weighing.changes()
        plateaus = cabinet.weighing.plateaus(4000)
        assert [row[0] for row in plateaus] == [1, 1]
        assert 3000 <= plateaus[0][1] < 6500 < plateaus[1][1] < 10500
        # Creep and the way a load lies are no noise of the plateau: 5 per mille of a kilogram, and 5 g a step.
        room_mg = 1_000 if cell_class == "c3-10kg" else 25_000
        for row, load_mg in zip(plateaus, (2_000_000, 2_500_000), strict=True):
            assert abs(row[2] - load_mg) < room_mg
            off.append((row[2] - load_mg) / row[3])
    assert rms(off) < (4 if cell_class == "c3-10kg" else 7)


def test_half_a_second_of_rest_is_enough_for_a_plateau() -> None:
    found = 0
    for seed in range(1, 11):
        cabinet = Cabinet("c3-10kg", 1, seed, 3_000_000)
        cabinet.rest(40)
        cabinet.weighing.open_session(cabinet.now_ms)
        cabinet.cells.set_load(0, 2_000_000, cabinet.now_ms * 1000)  # let down gently: nothing rings
        cabinet.play(600)
        cabinet.cells.set_load(0, 1_000_000, cabinet.now_ms * 1000)
        cabinet.play(3000)
        assert cabinet.shut()
        plateaus = cabinet.weighing.plateaus(4000)
        found += [row[0] for row in plateaus] == [1] and abs(plateaus[0][2] - 2_000_000) < 4 * plateaus[0][3] + 700
    assert found >= 9


def test_taken_and_put_back_leaves_a_plateau_and_no_change() -> None:
    cabinet = Cabinet("c3-10kg", 3, 7, 3_000_000)
    cabinet.rest(40)
    cabinet.weighing.open_session(cabinet.now_ms)
    cabinet.play(1000)
    cabinet.reach(2, 2_600_000, 3000)
    cabinet.reach(2, 3_000_000, 3000)
    assert cabinet.shut()
    rows = cabinet.weighing.changes()
    assert abs(rows[1][3] - rows[1][1]) < 1000
    assert [(row[0], round(row[2], -4)) for row in cabinet.weighing.plateaus(4000)] == [(2, 2_600_000)]


def test_a_hand_that_takes_nothing_leaves_no_plateau() -> None:
    cabinet = Cabinet("c3-10kg", 2, 3, 3_000_000)
    cabinet.rest(40)
    cabinet.weighing.open_session(cabinet.now_ms)
    for _ in range(5):
        cabinet.reach(1, 3_000_000, 2500)
    assert cabinet.shut()
    cabinet.weighing.changes()
    assert cabinet.weighing.plateaus(4000) == []


def test_a_cheap_cell_starts_settles_and_is_at_rest() -> None:
    cabinet = Cabinet("cheap-10kg", 4, 5, 2_000_000)
    assert not cabinet.rest(3000)  # five minutes, ten a second
    assert cabinet.weighing.levelled()
    assert sum(cabinet.weighing.settled) >= 3
    assert not any(cabinet.weighing.unrest)


@pytest.mark.parametrize(("bins", "kept_min"), [(1, 4), (24, 24), (48, 24), (64, 24)])
def test_plateaus_are_bounded_and_leave_the_event_its_room(bins: int, kept_min: int) -> None:
    """Many hands in every bin: the event with all its rows never is too long; the first and the last stay."""
    weighing = Weighing(bins)
    for bin_ in range(1, bins + 1):
        weighing.calibrate(bin_, 0, 2_000_000)
        weighing.blind[bin_ - 1] = 0
    at_ms = 0

    def stand(grams: int, samples: int) -> None:
        nonlocal at_ms
        for k in range(samples):
            for bin_ in range(1, bins + 1):
                weighing.add(bin_, 500_000 + 500 * grams + 20 * (k % 3), at_ms)
            at_ms += SCAN_MS

    stand(0, 40)
    for bin_ in range(1, bins + 1):
        weighing.watch(bin_)
    weighing.open_session(at_ms)
    for k in range(1, 15):
        stand(-100 * k, 8)
    weighing.restart_all()
    stand(-5000, 16)
    assert weighing.evaluate_all()
    rows = weighing.changes()
    plateaus = weighing.plateaus(wire.room(rows))
    assert kept_min <= len(plateaus) <= PLATEAUS_MAX
    for bin_ in range(1, bins + 1):
        assert len([row for row in plateaus if row[0] == bin_]) <= OF_A_BIN_MAX
    assert [row[1] for row in plateaus] == sorted(row[1] for row in plateaus)
    if bins == 1:
        assert abs(plateaus[0][2] - 900_000) < 200
        assert abs(plateaus[-1][2] - (1_000_000 - 1_400_000)) < 200
    body = {
        "kind": "session_closed", "boot": wire.INT_MAX, "up_ms": wire.INT_MAX, "utc_ms": wire.INT_MAX,
        "session": wire.INT_MAX, "how": "recovered", "missing": "m" * 64, "open_ms": wire.INT_MAX,
        "bins": rows, "plateaus": plateaus,
    }  # fmt: skip
    line = wire.encode_event("c" * 32, "0123456789abcdef", wire.INT_MAX, body)
    assert len(line) <= wire.EVENT_BYTES_MAX
