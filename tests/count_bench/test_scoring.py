"""Scores worked out by hand."""

import pytest
from msgspec.structs import replace

from edge_gateway.counting.cells import CELLS
from edge_gateway.counting.evidence import BinVerdict, Outcome, Verdict
from simulator.count_bench.counted import Counted, foreign_within_mg, is_same_mass, judge, mistake_of
from simulator.count_bench.record import BinRecord, Happened, SessionRecord
from simulator.count_bench.scoring import Share, calibration, expected_calibration_error, score, thresholds


def counted(confidence_ppm: int = 1_000_000, *, exact: bool = True, accepted: bool = True) -> Counted:
    sure_ppm = confidence_ppm if accepted else 0
    return Counted("take", exact, sure_ppm, confidence_ppm, 0 if exact else 2, 4, 100, () if exact else ("missed",))


def test_bounds_are_wilsons() -> None:
    # R: binom::binom.confint(9, 10, methods="wilson") gives 0.5958500, 0.9821238; of 100 of 100, 0.9630065 and 1.
    assert Share(9, 10).bounds() == pytest.approx((0.5958500, 0.9821238), abs=1e-6)
    assert Share(100, 100).bounds() == pytest.approx((0.9630065, 1.0), abs=1e-6)
    assert Share(0, 0).bounds() == (0.0, 1.0)


def test_calibration_error_of_two_groups() -> None:
    # 150 sessions at 90 %, 120 of them right: 10 % off; 150 at 100 %, all right: nothing off; on the mean 5 %.
    sessions = [counted(900_000, exact=at % 5 != 0) for at in range(150)] + [counted()] * 150
    bins = calibration(sessions)
    assert len(bins) == 15
    assert {size for size, _, _ in bins} == {20}
    assert expected_calibration_error(bins) == pytest.approx(0.05, abs=0.01)


def test_a_row_has_its_figures() -> None:
    sessions = [counted()] * 6 + [counted(exact=False)] * 2 + [counted(800_000, accepted=False)] * 2
    row = score(sessions)
    assert (row["sessions"], row["exact"], row["accepted"], row["accepted_exact"]) == (10, 0.8, 0.8, 0.75)
    assert row["count_error_per_1000"] == 100.0  # 4 pieces wrong of 40 moved
    assert row["by_kind"]["take"] == {
        "sessions": 10,
        "wrong": 2,
        "asked": 2,
        "accepted_wrong": 2,
        "mistakes": {"missed": 2},
    }
    assert row["count_ms"] == {"median": 0.1, "p99": 0.1, "max": 0.1}


def test_nothing_accepted_has_no_share() -> None:
    row = score([counted(accepted=False)])
    assert row["accepted_exact"] is None
    assert (row["accepted_exact_low"], row["accepted_exact_high"]) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("truth_mg", "found_mg", "within_mg", "same"),
    [
        (0, 0, 5_000, True),
        (100_000, 0, 5_000, False),
        (0, 100_000, 5_000, False),
        (100_000, 114_000, 5_000, True),
        (100_000, 116_000, 5_000, False),
        (100_000, 116_000, 25_000, True),
        (100_000, 136_000, 25_000, False),
        (20_000, -20_000, 25_000, False),
        (1_000_000, 896_000, 5_000, True),
    ],
)
def test_a_foreign_object_is_named_within_a_tenth_and_what_the_cell_repeats(
    truth_mg: int, found_mg: int, within_mg: int, same: bool
) -> None:
    assert is_same_mass(truth_mg, found_mg, within_mg) == same


def test_a_cell_that_does_not_come_back_may_be_further_off() -> None:
    record = replace(session(), bins=(BinRecord((9,), ((0, 1, 1), (1, 2, 1)), True, Happened((), 40_000)),))
    outcome = Outcome((), 60_000)
    found = Verdict((BinVerdict(1, outcome, 1_000_000, ((outcome, 1_000_000),)),), 1_000_000)
    assert judge(record, found, 1, foreign_within_mg(CELLS["c3-10kg"])).mistakes == ("foreign mass",)
    assert judge(record, found, 1, foreign_within_mg(CELLS["cheap-10kg"])).exact


@pytest.mark.parametrize(
    ("truth", "best", "mistake"),
    [
        (Happened((("P01", -1),)), Outcome((("P01", -1),)), ""),
        (Happened((("P01", -1),)), Outcome((("P01", -2),)), "wrong count"),
        (Happened((("P01", -1),)), Outcome((("P02", -1),)), "wrong part"),
        (Happened((("P01", -1),)), Outcome((("P02", -1), ("P03", -1))), "wrong combination"),
        (Happened((("P01", -1),)), Outcome(), "missed"),
        (Happened(), Outcome((("P01", 1),)), "invented"),
        (Happened((), 90_000), Outcome((("P01", 1),)), "foreign taken for a part"),
        (Happened((("P01", 1),)), Outcome((), 90_000), "part taken for foreign"),
        (Happened((), 90_000), Outcome(), "foreign missed"),
        (Happened(), Outcome((), 90_000), "foreign invented"),
        (Happened((), 90_000), Outcome((), 190_000), "foreign mass"),
    ],
)
def test_a_mistake_is_named(truth: Happened, best: Outcome, mistake: str) -> None:
    assert mistake_of(truth, best, 5_000) == mistake


def test_what_another_threshold_would_come_to() -> None:
    sessions = [counted()] * 6 + [counted(985_000)] * 3 + [counted(985_000, exact=False)]
    found = {ppm: (accepted, exact) for ppm, accepted, exact in thresholds(sessions)}
    assert found[980_000] == (1.0, 0.9)
    assert found[990_000] == (0.6, 1.0)
    assert thresholds([counted(accepted=False)])[0] == (950_000, 0.0, None)
    assert score(sessions)["expected_exact"] == 0.994


def session(settled: bool = True) -> SessionRecord:
    levels = ((0, 900_000, 100), (9000, 800_000, 100))
    untouched = ((0, 500_000, 100), (9000, 500_000, 100))
    bins = (
        BinRecord((9,), levels, settled, Happened((("P01", -2),))),
        BinRecord((5,), untouched, True, Happened()),
    )
    return SessionRecord("take", 0, "mechanic", 0, (), bins, (), ())


def verdict(first: int, second: int, count: int = -2) -> Verdict:
    taken, nothing = Outcome((("P01", count),)), Outcome()
    return Verdict(
        (BinVerdict(1, taken, first, ((taken, first),)), BinVerdict(2, nothing, second, ((nothing, second),))), first
    )


def test_a_session_is_accepted_when_every_bin_is_sure_and_at_rest() -> None:
    sure, unsure = 1_000_000, 900_000
    assert judge(session(), verdict(sure, sure), 1, 0).accepted
    assert not judge(session(), verdict(sure, unsure), 1, 0).accepted
    assert not judge(session(), verdict(unsure, sure), 1, 0).accepted
    assert not judge(session(settled=False), verdict(sure, sure), 1, 0).accepted


def test_a_session_is_exact_when_every_bin_is_whether_asked_or_not() -> None:
    assert judge(session(), verdict(900_000, 900_000), 1, 0).exact
    wrong = judge(session(), verdict(1_000_000, 1_000_000, -3), 1, 0)
    assert not wrong.exact
    assert (wrong.piece_errors, wrong.pieces_moved) == (1, 2)
