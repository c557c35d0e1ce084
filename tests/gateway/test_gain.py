"""After a start of its controller a cell may read too much: learned from the first weight, on the record."""

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

from edge_gateway import replay_session
from edge_gateway.balance import Holding, Reference, judge_start
from edge_gateway.counting.cells import CELLS
from edge_gateway.counting.evidence import Level, Mass
from edge_gateway.gain import START_PPM, Gain, Load, across_start, blurred, learn, load_before
from edge_gateway.kiosk_seam import ResolveByStock
from tests.gateway.counted_shop import BULB, FULL, OF_A, PAD, Cabinet, counted_cabinet, held, moved

C3 = CELLS["c3-10kg"]
PADS = Mass(float(PAD), 3500.0)
BULBS = Mass(float(BULB), 60.0)
STARTED = Gain(boot=2)


@pytest.fixture
def cabinet(tmp_path: Path) -> Iterator[Cabinet]:
    """A cabinet that was weighed by its first start; its ledger must agree with itself in the end."""
    with counted_cabinet(tmp_path) as made:
        made.session({})
        yield made


def gain_of(cabinet: Cabinet, number: int) -> tuple[int, int, int]:
    """(gain_ppm, sigma_ppm, boot) as it is kept."""
    rows = cabinet.shop.query("select gain_ppm, sigma_ppm, boot from bin_gain where bin = ?", number)
    ppm, sigma_ppm, boot = rows[0]
    return ppm, sigma_ppm, boot


# ---- what a weight says of a gain ----


def test_a_known_load_says_how_much_too_much_is_read() -> None:
    """5 kg that read 5040 g: eight in a thousand, to what a zero may have wandered, half a gram in five thousand."""
    gain = learn(STARTED, Level(0, 5_040_000, 100), Load(5_000_000, 0.0), C3)
    assert gain.ppm == pytest.approx(8_000, abs=10)
    assert 80 < gain.sigma_ppm < 150
    assert (gain.load_mg(5_040_000), gain.reads_mg(5_000_000)) == pytest.approx((5_000_000, 5_040_000), abs=50)


def test_an_empty_bin_says_nothing() -> None:
    assert learn(STARTED, Level(0, 300, 100), Load(0.0, 0.0), C3) == Gain(0, START_PPM, 2)
    few = learn(STARTED, Level(0, 21_300, 100), Load(21_000, 0.0), C3)
    assert few.sigma_ppm > START_PPM * 0.9, "half a gram in twenty"


def test_a_load_that_is_known_badly_says_little() -> None:
    gain = learn(STARTED, Level(0, 5_040_000, 100), Load(5_000_000, 50_000.0), C3)
    assert 0 < gain.ppm < 4_000 < gain.sigma_ppm


def test_what_no_start_does_is_no_gain() -> None:
    """A tool of 200 g on 4 kg of pads: five in a hundred."""
    assert learn(STARTED, Level(0, 4_200_000, 100), Load(4_000_000, 0.0), C3) == Gain(0, START_PPM, 2)


def test_a_weight_of_before_is_what_lay_there() -> None:
    assert load_before(5_040_000, Gain(8_000, 100, 1)) == pytest.approx((5_000_000, 500))
    level = across_start(Level(7, 5_040_000, 100), Gain(8_000, 100, 1))
    assert (level.at_ms, level.mg) == (7, 5_000_000)
    assert level.noise_mg == pytest.approx(37_500, rel=0.01), "three quarters of a per cent of 5 kg"


def test_a_cell_is_as_good_as_its_gain() -> None:
    assert blurred(C3, Gain(8_000, 0, 1)) is C3
    assert blurred(C3, Gain(0, 1_200, 1)).scale_ppm == 1_300


# ---- the first weight after a start ----


def bulbs(stock: int) -> Holding:
    """By the ledger, before anything is known of the gain."""
    return Holding(C3, ((stock, BULBS),), gain=Gain(0, START_PPM, 2))


def test_a_step_of_less_than_half_a_piece_is_the_gain() -> None:
    judged, gain = judge_start(Level(0, 844_000, 100), Reference(840_000, 0), bulbs(40), Gain(boot=1))
    assert judged.agrees
    assert gain.ppm == pytest.approx(4_000 / 0.84, rel=0.05)


@pytest.mark.parametrize("pieces", [-2, -1, 1])
def test_a_step_that_may_be_a_piece_is_asked(pieces: int) -> None:
    judged, gain = judge_start(Level(0, 840_000 + pieces * BULB, 100), Reference(840_000, 0), bulbs(40), Gain(boot=1))
    assert not judged.agrees
    assert (gain.ppm, gain.sigma_ppm) == (0, START_PPM)


def test_a_gain_that_is_as_calibrated_again_is_no_question() -> None:
    """40 bulbs that were known to read 14 g too much read what they weigh; one that is gone besides is missed."""
    known = Gain(16_667, 200, 1)
    back, gain = judge_start(Level(0, 840_000, 100), Reference(854_000, 14_000), bulbs(40), known)
    assert back.agrees
    assert back.reference == Reference(840_000, 0)
    assert (back.rezero_mg, abs(gain.ppm) < 400) == (854_000, True)
    gone, gain = judge_start(Level(0, 840_000 - BULB, 100), Reference(854_000, 14_000), bulbs(40), known)
    assert not gone.agrees
    assert gain.sigma_ppm == START_PPM


# ---- from the event to the ledger ----


def test_the_first_weight_after_a_start_teaches_and_changes_are_counted_by_it(cabinet: Cabinet) -> None:
    """Four pads read 1.2 % too much: 57 g of 4.7 kg. So does each that is taken, by 14 g, four deviations of a pad."""
    cabinet.starts({2: 1.012})
    assert cabinet.shop.questions() == []
    ppm, sigma, boot = gain_of(cabinet, 2)
    assert abs(ppm - 12_000) < 150
    assert boot == 2
    assert sigma < 200
    session = cabinet.session({2: round(-PAD * 1.012)})
    assert (moved(cabinet.shop), cabinet.shop.questions()) == ([("take", 2, "PAD", -1)], [])
    steps = json.loads(cabinet.shop.value("select steps from verdict where bin = 2"))
    assert steps[0][3] == pytest.approx(-PAD, abs=300), "what is learned and looked for again is the pad itself"
    out = StringIO()
    assert replay_session.run(cabinet.shop.path, session, [], False, out) == 0
    assert "reads +1.2" in out.getvalue()


def test_a_start_is_on_the_record(cabinet: Cabinet) -> None:
    cabinet.starts({2: 1.03})
    assert cabinet.shop.query("select bin, from_mg, to_mg from rezero") == [(2, FULL[2], round(FULL[2] * 1.03))]


def test_a_piece_that_went_without_power_is_asked_and_no_gain(cabinet: Cabinet) -> None:
    cabinet.drifts({3: -BULB})
    cabinet.starts({})
    assert cabinet.shop.questions() == [(3, "balance")]
    assert gain_of(cabinet, 3) == (0, START_PPM, 2)
    cabinet.session({3: -2 * BULB})
    assert cabinet.shop.questions() == [(3, "balance")], "a sure take says nothing of the piece before"
    cabinet.shop.act(ResolveByStock(cabinet.shop.value("select id from open_discrepancy"), 37, "wang"))
    cabinet.session({})
    cabinet.session({})
    assert (held(cabinet.shop, 3), cabinet.shop.questions()) == ({"BULB": 37}, [])
    assert gain_of(cabinet, 3)[1] < 1_500, "a count tells what lies there, and so the gain"


def test_a_power_cut_in_a_session_books_no_gain(cabinet: Cabinet) -> None:
    """Two and a half per cent of 840 g are a bulb: nobody knows whether one came or the gain is another."""
    opened = cabinet.open()
    cabinet.boot += 1
    cabinet.close(opened, {3: BULB})
    assert moved(cabinet.shop) == []
    assert cabinet.shop.questions() == [(3, "uncertain_count")]


def test_a_power_cut_in_a_session_hides_no_heavy_part(cabinet: Cabinet) -> None:
    opened = cabinet.open()
    cabinet.boot += 1
    cabinet.close(opened, {1: -OF_A, 2: -PAD + 9_000})
    assert (2, "PAD", -1) in {row[1:] for row in moved(cabinet.shop)}
    assert held(cabinet.shop, 3) == {"BULB": 40}


def test_what_is_known_of_a_gain_survives_the_gateways_restart(cabinet: Cabinet) -> None:
    cabinet.starts({2: 1.012})
    known = cabinet.shop.intake.books.counting.gains["cab-1"]
    assert cabinet.shop.store.load(0).counting.gains["cab-1"] == known


def test_a_start_that_hides_half_of_what_is_missing_teaches_nothing(cabinet: Cabinet) -> None:
    """A bulb is gone and asked about; the next start makes the rest read 1.5 % more, as if it were half a bulb."""
    cabinet.drifts({3: -BULB})
    cabinet.session({})
    cabinet.starts({3: 1.015})
    assert cabinet.shop.questions() == [(3, "balance")]
    assert gain_of(cabinet, 3) == (0, START_PPM, 2)


def test_a_person_who_counts_and_leaves_a_tool_there_is_asked_again(cabinet: Cabinet) -> None:
    """A tool of 17 g came while the power was off: of 861 g two in a hundred, more than a start is believed to do."""
    cabinet.drifts({3: 17_000})
    cabinet.starts({})
    assert cabinet.shop.questions() == [(3, "balance")]
    cabinet.shop.act(ResolveByStock(cabinet.shop.value("select id from open_discrepancy"), 40, "wang"))
    cabinet.session({})
    assert cabinet.shop.questions() == [(3, "balance")]


def test_a_piece_that_weighs_as_much_as_the_gain_is_asked() -> None:
    """Of 40 bulbs that were known to read a bulb too much one is gone; or the gain is as it was calibrated."""
    known = Gain(25_000, 200, 1)
    gone, gain = judge_start(Level(0, 861_000 - 21_525, 100), Reference(861_000, 0), bulbs(40), known)
    assert not gone.agrees
    assert gain.sigma_ppm == START_PPM


def test_the_first_weight_after_a_start_is_no_later_weight_of_the_session_before(cabinet: Cabinet) -> None:
    """Two bulbs went; a minute later the controller starts, by a clock that stands still, and reads a bulb more."""
    cabinet.session({3: -2 * BULB})
    taken = held(cabinet.shop, 3)
    cabinet.minute -= 200 + 2
    cabinet.starts({3: 1.026})
    assert held(cabinet.shop, 3) == taken
    assert [reason for _bin, reason in cabinet.shop.questions()] == ["balance"]


def test_a_torn_session_leaves_what_reads_the_same_alone(cabinet: Cabinet) -> None:
    """Bulbs of 21.5 g, read to 3 g while the bins swing: a piece and a gain that makes up for it are no question."""
    opened = cabinet.open()
    cabinet.boot += 1
    cabinet.close(opened, {3: -100}, noise_mg=3_000)
    assert [bin_ for bin_, _reason in cabinet.shop.questions()] == []
    assert held(cabinet.shop, 3) == {"BULB": 40}
