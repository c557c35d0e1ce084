"""What the verdict on a session becomes: several parts in a bin, parts in the wrong bin, tools, doubt and tags."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_gateway.kiosk_seam import ResolveByCount, ResolveByStock
from tests.gateway.counted_shop import (
    BELT,
    BINS,
    BULB,
    FULL,
    OF_A,
    OF_B,
    PAD,
    PARTS,
    Cabinet,
    counted_cabinet,
    counted_document,
    held,
    moved,
)
from tests.gateway.test_reconcile import verified
from tests.gateway.world import EPOCH, Shop, document


@pytest.fixture
def cabinet(tmp_path: Path) -> Iterator[Cabinet]:
    """A shop with bins of several parts; its ledger must agree with itself in the end."""
    with counted_cabinet(tmp_path) as made:
        yield made


def test_each_part_of_a_bin_is_booked_for_itself(cabinet: Cabinet) -> None:
    session = cabinet.session({1: -OF_A - 2 * OF_B}, plateaus=[[1, 3000, FULL[1] - OF_A, 120]])
    assert moved(cabinet.shop) == [("take", 1, "OF-A", -1), ("take", 1, "OF-B", -2)]
    assert [row[0] for row in cabinet.shop.query("select id from movement where session = ? order by id", session)] == [
        f"cab-1/{EPOCH}/3/1/session",
        f"cab-1/{EPOCH}/3/1/session:OF-B",
    ]
    assert held(cabinet.shop, 1) == {"OF-A": 3, "OF-B": 1}
    assert cabinet.shop.questions() == []


def test_a_part_put_back_into_another_bin_is_moved_there(cabinet: Cabinet) -> None:
    """It was never taken: neither charged nor lost, and known to lie where it does not belong."""
    cabinet.session({2: -PAD, 4: PAD})
    assert cabinet.shop.query("select cause, bin from movement where cause != 'opening'") == [("misplaced", 2)]
    assert (held(cabinet.shop, 2), held(cabinet.shop, 4)) == ({"PAD": 3}, {"BELT": 5, "PAD": 1})
    assert cabinet.shop.query("select bin, part, session, reason, detail from open_discrepancy") == [
        (4, "PAD", "", "misplaced", '{"quantity":1,"belongs_to":[2]}')
    ]
    cabinet.session({4: -PAD})
    assert (held(cabinet.shop, 4), cabinet.shop.questions()) == ({"BELT": 5}, [])
    assert cabinet.shop.value("select note from resolution") == "it lies there no more"
    assert moved(cabinet.shop)[-1] == ("take", 4, "PAD", -1)


def test_a_part_that_was_taken_before_strays_into_a_bin_of_another(cabinet: Cabinet) -> None:
    cabinet.session({2: -PAD})
    cabinet.session({3: PAD})
    assert moved(cabinet.shop) == [("take", 2, "PAD", -1), ("return", 3, "PAD", 1)]
    assert held(cabinet.shop, 3) == {"BULB": 40, "PAD": 1}
    cabinet.session({3: -2 * BULB})
    assert held(cabinet.shop, 3) == {"BULB": 38, "PAD": 1}
    assert cabinet.shop.questions() == [(3, "misplaced")], "told once, however often the bin is used"


def test_a_stray_that_is_none_is_counted_away(cabinet: Cabinet) -> None:
    """It was a tool of just that weight: whoever is sent to bring it home says so."""
    cabinet.session({2: -PAD})
    cabinet.session({3: PAD})
    question = cabinet.shop.value("select id from open_discrepancy")
    cabinet.shop.act(ResolveByStock(question, {"BULB": 40, "PAD": 0}, "wang"))
    assert (held(cabinet.shop, 3), cabinet.shop.questions()) == ({"BULB": 40}, [])


def test_a_stray_whose_bin_the_planogram_gives_to_its_part_belongs_there(cabinet: Cabinet) -> None:
    cabinet.session({2: -PAD, 6: PAD})
    assert cabinet.shop.questions() == [(6, "misplaced")]
    bins = [dict(place) for place in BINS]
    bins[5] = {"bin": 6, "part": "PAD", "capacity": 4}
    cabinet.shop.put_document(document(2, ("cab-1",), parts=PARTS, bins=bins))
    assert (cabinet.shop.questions(), held(cabinet.shop, 6)) == ([], {"PAD": 1})


def test_a_tool_left_behind_stands_until_it_is_gone(cabinet: Cabinet) -> None:
    cabinet.session({2: 731_700})
    assert cabinet.shop.questions() == [(2, "foreign_object")]
    facts = json.loads(cabinet.shop.value("select detail from open_discrepancy"))
    assert abs(facts["foreign_mg"] - 731_700) < 1000
    cabinet.session({2: -PAD})
    assert (held(cabinet.shop, 2), cabinet.shop.questions()) == ({"PAD": 3}, [(2, "foreign_object")])
    cabinet.session({2: -731_700})
    assert (held(cabinet.shop, 2), cabinet.shop.questions()) == ({"PAD": 3}, [])


def test_a_tool_that_went_between_two_sessions_is_gone_too(cabinet: Cabinet) -> None:
    cabinet.session({2: 731_700})
    cabinet.drifts({2: -731_500})
    cabinet.session({})
    assert cabinet.shop.questions() == []


def test_something_that_came_into_a_bin_without_a_part_is_asked(cabinet: Cabinet) -> None:
    cabinet.session({6: 250_000})
    assert cabinet.shop.questions() == [(6, "no_part")]


def test_a_doubt_is_asked_with_its_candidates_and_answered_by_part(cabinet: Cabinet) -> None:
    """Half a filter's weight is missing: no count explains it, and a person says what it was."""
    session = cabinet.session({1: -330_000})
    ((number, reason),) = cabinet.shop.questions()
    assert (number, reason) == (1, "not_this_part")
    question, part, facts = cabinet.shop.query("select id, part, detail from open_discrepancy")[0]
    candidates = json.loads(facts)["candidates"]
    assert part == ""
    assert all(len(candidate) == 3 and isinstance(candidate[2], int) for candidate in candidates)
    assert moved(cabinet.shop) == []
    cabinet.shop.act(ResolveByCount(question, {"OF-B": -1}, "wang"))
    assert held(cabinet.shop, 1) == {"OF-A": 4, "OF-B": 2}
    assert cabinet.shop.value("select session from movement where cause = 'take'") == session


def test_an_unsettled_weight_is_not_booked(cabinet: Cabinet) -> None:
    cabinet.session({2: -PAD}, quality=1)
    assert cabinet.shop.questions() == [(2, "uncertain_count")]
    assert held(cabinet.shop, 2) == {"PAD": 4}


def test_verdicts_are_kept_with_all_they_rest_on(cabinet: Cabinet) -> None:
    session = cabinet.session({1: -OF_A, 4: -BELT}, plateaus=[[1, 2000, FULL[1] - OF_A - 900, 150]])
    rows = cabinet.shop.query(
        "select bin, number, event, confidence_ppm, best, levels, steps from verdict where session = ? order by bin",
        session,
    )
    assert [row[:3] for row in rows] == [(1, 1, f"cab-1/{EPOCH}/3"), (4, 1, f"cab-1/{EPOCH}/3")]
    assert [json.loads(row[4]) for row in rows] == [[[["OF-A", -1]], 0], [[["BELT", -1]], 0]]
    assert min(row[3] for row in rows) >= 999_000
    assert json.loads(rows[0][5]) == [
        [0, FULL[1], 100],
        [2000, FULL[1] - OF_A - 900, 150],
        [2000, FULL[1] - OF_A, 100],
    ]
    assert json.loads(rows[0][6])[0][:3] == [1, [["OF-A", -1]], 0]
    assert cabinet.shop.query("select bin, number, at_ms from plateau") == [(1, 1, 2000)]


def test_bins_that_stood_still_are_not_counted(cabinet: Cabinet) -> None:
    cabinet.session({2: -PAD, 1: 150})
    assert cabinet.shop.query("select bin from verdict") == [(2,)]


def test_a_restocker_fills_both_parts_of_a_bin(cabinet: Cabinet) -> None:
    cabinet.session({1: 2 * OF_A + OF_B}, person="driver", plateaus=[[1, 4000, FULL[1] + 2 * OF_A, 150]])
    assert moved(cabinet.shop) == [("restock", 1, "OF-A", 2), ("restock", 1, "OF-B", 1)]
    assert held(cabinet.shop, 1) == {"OF-A": 6, "OF-B": 4}


def test_what_moves_without_a_person_is_unexplained_part_by_part(cabinet: Cabinet) -> None:
    cabinet.session({1: -OF_A - OF_B}, person="", plateaus=[[1, 3000, FULL[1] - OF_A, 120]])
    assert moved(cabinet.shop) == [("unexplained", 1, "OF-A", -1), ("unexplained", 1, "OF-B", -1)]
    assert cabinet.shop.questions() == [(1, "no_person"), (1, "no_person")]


def test_masses_are_learned_from_sure_counts(cabinet: Cabinet) -> None:
    """The catalogue says 1180 g; what is taken weighs 1183 g each time."""
    for _ in range(3):
        cabinet.session({2: -1_183_000})
    before, after = PAD, cabinet.shop.value("select mean_mg from part_mass where part = 'PAD'")
    assert before < after < 1_183_000
    cabinet.shop.put_document(counted_document(2))
    assert cabinet.shop.intake.books.counting.masses["PAD"].mass.mean_mg == after


def test_a_counted_bin_is_weighed_anew(cabinet: Cabinet) -> None:
    cabinet.drifts({2: -PAD})
    cabinet.session({})
    assert cabinet.shop.questions() == [(2, "balance")]
    cabinet.shop.act(ResolveByStock(cabinet.shop.value("select id from open_discrepancy"), 3, "wang"))
    cabinet.session({})
    assert cabinet.shop.questions() == []
    assert cabinet.shop.value("select reference_mg from bin_state where bin = 2") == 3 * PAD


@pytest.fixture
def crude(tmp_path: Path) -> Iterator[Cabinet]:
    """Seventy castings, together good to a third of one: only the last weight is sharp."""
    shop = Shop(tmp_path, ("cab-1",))
    parts = [{"number": "CAST", "name_zh": "铸件", "name_en": "casting", "unit_mass_mg": 100_000, "spread_mg": 4_000}]
    shop.put_document(document(1, ("cab-1",), parts=parts, bins=[{"bin": 1, "part": "CAST", "opening": 70}]))
    cabinet = Cabinet(shop)
    cabinet.mg = {1: 7_000_000}
    cabinet.session({})
    yield cabinet
    assert verified(shop) == 0
    shop.close()


def test_what_is_missing_is_missing_still_after_a_session(crude: Cabinet) -> None:
    """A sure take of another casting, weighed to its end, says nothing of the one that is gone."""
    shop = crude.shop
    crude.drifts({1: -100_000})
    crude.session({1: -101_000})
    assert moved(shop) == [("take", 1, "CAST", -1)]
    assert shop.questions() == [(1, "balance")]
    crude.session({1: -99_000})
    assert (held(shop, 1), shop.questions()) == ({"CAST": 68}, [(1, "balance")])
    crude.drifts({1: 100_000})
    crude.session({})
    assert shop.questions() == [], "it was laid back"


def test_what_lies_there_beyond_the_ledger_may_be_what_is_taken_away(cabinet: Cabinet) -> None:
    """A tool of two bulbs' weight came unseen. Who takes so much away may have taken it, or two bulbs."""
    cabinet.drifts({3: 2 * BULB})
    cabinet.session({})
    assert cabinet.shop.questions() == [(3, "balance")]
    cabinet.session({3: -2 * BULB})
    assert held(cabinet.shop, 3) == {"BULB": 40}
    assert {number for number, _reason in cabinet.shop.questions()} == {3}
    cabinet.session({3: -BULB})
    assert held(cabinet.shop, 3) == {"BULB": 39}, "a bulb is a bulb"


def test_a_missing_piece_is_no_drift_because_of_a_drift(crude: Cabinet) -> None:
    """A casting of 100 g is gone, and the weight comes half way back: that is less than half of one, and no answer."""
    crude.drifts({1: -100_000})
    crude.session({})
    assert crude.shop.questions() == [(1, "balance")]
    crude.drifts({1: 60_000})
    crude.session({})
    assert crude.shop.questions() == [(1, "balance")]
    crude.drifts({1: 35_000})
    crude.session({})
    assert crude.shop.questions() == []


def test_bolts_in_grams_are_no_pieces_in_hand(cabinet: Cabinet) -> None:
    """A belt was taken, then half a kilogram of bolts: a belt that comes back is as sure as without the bolts."""
    cabinet.session({4: -BELT})
    cabinet.session({5: -500_000})
    cabinet.session({4: BELT})
    assert moved(cabinet.shop)[-1] == ("return", 4, "BELT", 1)
    assert cabinet.shop.questions() == []
