"""Several parts in one bin: in the document, in the ledger, in what is asked and in what is brought."""

import json
from typing import Any

import pytest
from cabinet import wire

from edge_gateway.counting.cells import CELLS
from edge_gateway.decision import may_have_taken
from edge_gateway.kiosk_seam import ActionError, ContestSession, CorrectCount, ResolveByCount, ResolveByStock
from edge_gateway.planogram import arrange
from edge_gateway.shop_document import DEFAULT_CELL, Bin, DocumentError, decode_document, encode_document
from edge_gateway.upload_format import DiscrepancyItem
from tests.gateway.test_reconcile import verified
from tests.gateway.world import PARTS, Journal, Shop, default_bins, document, row

BOTH_MG = 10 * 600_000 + 40 * 21_000


def shared(**also: Any) -> list[dict[str, Any]]:
    """The bins of a small shop; the first holds filters and bulbs."""
    bulbs = {"part": "BULB", "capacity": 60, "opening": 40, "reorder_point": 20, "order_up_to": 55, **also}
    bins = [found for found in default_bins() if found["bin"] != 3]
    bins[0] |= {"also": [bulbs]}
    return bins


@pytest.fixture
def two_in_one(empty_shop: Shop) -> Shop:
    """A shop whose first bin holds ten filters and forty bulbs."""
    empty_shop.put_document(document(cabinets=("cab-1",), bins=shared()))
    return empty_shop


def held(shop: Shop, number: int = 1) -> dict[str, int]:
    account = f"bin:cab-1/{number}"
    return dict(shop.query("select part, quantity from balance where account = ? and quantity != 0", account))


# ---- the document ----


def test_a_document_from_before_bins_held_several_parts_is_read() -> None:
    old = {
        "version": 3, "shop": "s", "shop_name": "S", "dealer": "d", "dealer_name": "D",
        "parts": [{"number": "A", "name_zh": "甲", "name_en": "a", "unit_mass_mg": 5000}],
        "cabinets": [{"id": "cab-1", "name_zh": "x", "name_en": "x", "bins": [
            {"bin": 1, "part": "A", "dealer": "", "capacity": 9, "reorder_point": 2, "order_up_to": 8,
             "dead_band": 0, "opening": 7},
            {"bin": 2, "part": "", "dealer": "", "capacity": 0, "reorder_point": 0, "order_up_to": 0,
             "dead_band": 0, "opening": None}]}],
        "people": [], "jobs": [],
    }  # fmt: skip
    plan = arrange(decode_document(json.dumps(old).encode())).cabinet("cab-1")
    ((part,), cell) = plan.bin(1).parts, plan.bin(1).cell
    assert (part.number, part.capacity, part.reorder_point, part.order_up_to, part.opening) == ("A", 9, 2, 8, 7)
    assert (cell, plan.bin(2).parts) == (DEFAULT_CELL, ())


def test_a_document_that_says_nothing_new_is_read_by_a_gateway_of_before() -> None:
    """It knew neither `also`, `cell` nor `gtin`, and refuses a word that it does not know."""
    text = encode_document(document()).decode()
    assert not [word for word in ("also", "cell", "gtin") if f'"{word}"' in text]
    assert '"also"' in encode_document(document(bins=shared())).decode()


def test_the_cells_of_a_document_are_those_counting_knows() -> None:
    names = Bin.__annotations__["cell"].__args__
    assert set(names) == set(CELLS)
    assert Bin(bin=1).cell == DEFAULT_CELL


def _gtins(*gtins: str) -> list[dict[str, Any]]:
    return [{**part, "gtin": gtin} for part, gtin in zip(PARTS, gtins, strict=False)]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"bins": [{"bin": 1, "also": [{"part": "BULB"}]}]}, "expected a first part in bin 1 of cab-1"),
        ({"bins": shared(part="BLT-8")}, "expected loose parts alone in bin 1 of cab-1, found 'BLT-8' beside others"),
        ({"bins": shared(part="OF-1")}, "expected each part in bin 1 of cab-1 once, found 'OF-1' twice"),
        ({"bins": shared(part="X")}, "expected a known part in bin 1 of cab-1, found 'X'"),
        ({"bins": shared(opening=-1)}, "expected 0 to 10000000 counted of BULB in bin 1"),
        ({"bins": [{"bin": 1, "cell": "best"}]}, "Invalid enum value 'best'"),
        ({"parts": _gtins("4006381333932"), "bins": []}, "expected OF-1 with a GTIN .* sound check digit"),
        ({"parts": _gtins("40063813"), "bins": []}, "expected OF-1 with a GTIN .* found '40063813'"),
        ({"parts": _gtins("4006381333931", "04006381333931"), "bins": []}, "expected each GTIN once"),
    ],
)
def test_what_cannot_share_a_bin_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(DocumentError, match=said):
        document(**changes)


def test_a_gtin_with_a_sound_check_digit_is_kept() -> None:
    plan = arrange(document(parts=_gtins("4006381333931"), bins=[{"bin": 1, "part": "OF-1"}]))  # an EAN in print
    assert plan.cabinet("cab-1").part(1, "OF-1").gtin == "4006381333931"


def test_what_strays_has_a_mass_and_no_policy() -> None:
    plan = arrange(document(bins=shared())).cabinet("cab-1")
    assert [part.number for part in plan.bin(1).parts] == ["OF-1", "BULB"]
    assert plan.belongs_to("BULB") == (1,)
    stray = plan.part(4, "BULB")
    assert (stray.unit_mass_mg, stray.counted, stray.planned, stray.capacity) == (21_000, True, False, 0)
    assert plan.part(1, "BULB").planned


# ---- opening stock, and a part that leaves ----


def test_every_part_has_its_opening_stock(two_in_one: Shop) -> None:
    assert held(two_in_one) == {"OF-1": 10, "BULB": 40}
    two_in_one.put_document(document(version=2, cabinets=("cab-1",), bins=shared(capacity=70)))
    assert held(two_in_one) == {"OF-1": 10, "BULB": 40}
    assert verified(two_in_one) == 0


def test_one_of_two_parts_leaves_and_the_other_stays(two_in_one: Shop) -> None:
    two_in_one.put_document(document(version=2, cabinets=("cab-1",)))
    assert two_in_one.query("select bin, part, reason from open_discrepancy") == [(1, "BULB", "part_changed")]
    question = two_in_one.value("select id from open_discrepancy")
    two_in_one.act(ResolveByStock(question, 3, "driver"))
    assert held(two_in_one) == {"OF-1": 10, "BULB": 3}  # in sight as strays
    two_in_one.put_document(document(version=3, cabinets=("cab-1",)))
    assert two_in_one.questions() == []
    assert verified(two_in_one) == 0


def test_a_bin_whose_parts_all_changed_is_counted_part_by_part(two_in_one: Shop) -> None:
    bins = [{"bin": 1, "part": "NOMASS", "opening": 5, "also": [{"part": "BULB", "opening": 40}]}]
    parts = [*PARTS, {"number": "NEW", "name_zh": "新", "name_en": "new", "unit_mass_mg": 90_000}]
    bins[0]["also"] = [{"part": "NEW", "opening": 6}]
    two_in_one.put_document(document(version=2, cabinets=("cab-1",), parts=parts, bins=bins))
    question = two_in_one.value("select id from open_discrepancy where bin = 1")
    with pytest.raises(ActionError, match="expected at most the 10 that the bin holds by the ledger, found 11"):
        two_in_one.act(ResolveByStock(question, {"OF-1": 11}, "driver"))
    two_in_one.act(ResolveByStock(question, {"NOMASS": 4, "NEW": 6, "BULB": 1}, "driver"))
    assert held(two_in_one) == {"NOMASS": 4, "NEW": 6, "BULB": 1}
    assert verified(two_in_one) == 0


def test_what_strayed_is_no_matter_of_a_new_document(two_in_one: Shop, journal: Journal) -> None:
    journal.session([row(1, BOTH_MG, None, wire.BLIND)])
    two_in_one.take_journal(journal)
    question = two_in_one.value("select id from open_discrepancy")
    two_in_one.act(ResolveByStock(question, {"OF-1": 10, "BULB": 40, "NOMASS": 2}, "wang"))
    assert held(two_in_one) == {"OF-1": 10, "BULB": 40, "NOMASS": 2}
    two_in_one.put_document(document(version=2, cabinets=("cab-1",), bins=shared()))
    assert two_in_one.questions() == []


def test_a_cabinet_that_comes_back_with_other_parts_asks_about_the_old_ones(shop: Shop) -> None:
    shop.put_document(document(version=2, cabinets=("cab-2",)))
    shop.put_document(document(version=3, bins=[{"bin": 1, "part": "BULB", "opening": 30}]))
    asked = shop.query("select bin, part, reason from open_discrepancy where cabinet = 'cab-1' and bin = 1")
    assert asked == [(1, "BULB", "part_changed")]
    assert held(shop) == {"OF-1": 10}


# ---- what is answered ----


@pytest.fixture
def blind(two_in_one: Shop, journal: Journal) -> str:
    """A session at the shared bin of which nobody knows what it was."""
    journal.session([row(1, BOTH_MG, None, wire.BLIND)])
    two_in_one.take_journal(journal)
    question: str = two_in_one.value("select id from open_discrepancy")
    return question


def test_what_left_is_booked_part_by_part(two_in_one: Shop, blind: str) -> None:
    made = two_in_one.act(ResolveByCount(blind, {"OF-1": -1, "BULB": -2}, "wang"))
    assert held(two_in_one) == {"OF-1": 9, "BULB": 38}
    rows = two_in_one.query("select id, cause, bin from movement where cause = 'take' order by id")
    assert rows == [(made, "take", 1), (f"{made}-2", "take", 1)]
    assert two_in_one.questions() == []
    assert verified(two_in_one) == 0


def test_what_was_counted_is_booked_part_by_part(two_in_one: Shop, blind: str) -> None:
    two_in_one.act(ResolveByStock(blind, {"OF-1": 9, "BULB": 41}, "wang"))
    assert held(two_in_one) == {"OF-1": 9, "BULB": 41}
    assert verified(two_in_one) == 0


def test_a_count_must_say_of_which_part(two_in_one: Shop, blind: str, journal: Journal) -> None:
    session = two_in_one.value("select id from session")
    contested = two_in_one.act(ContestSession(session, "wang", "not me", bin=1))
    with pytest.raises(ActionError, match="expected a count for each part of bin 1, found 9 alone"):
        two_in_one.act(ResolveByStock(contested, 9, "wang"))
    with pytest.raises(ActionError, match="expected a part of this shop, found 'X'"):
        two_in_one.act(ResolveByStock(contested, {"X": 9}, "wang"))
    with pytest.raises(ActionError, match="expected a quantity from 0"):
        two_in_one.act(ResolveByStock(contested, {"BULB": -1}, "wang"))
    two_in_one.act(ResolveByStock(contested, {"BULB": 39}, "wang"))
    assert held(two_in_one) == {"OF-1": 10, "BULB": 39}


# ---- what is brought ----


def test_each_part_is_asked_for_and_brought_by_itself(two_in_one: Shop, blind: str) -> None:
    two_in_one.act(ResolveByCount(blind, {"OF-1": -8, "BULB": -30}, "wang"))
    asked = two_in_one.query("select part, quantity, stock from open_request order by part")
    assert asked == [("BULB", 50, 10), ("OF-1", 10, 2)]
    session = two_in_one.value("select id from session")
    contested = two_in_one.act(ContestSession(session, "wang", "more are there", bin=1))
    two_in_one.act(ResolveByStock(contested, {"OF-1": 9}, "wang"))
    assert two_in_one.query("select part from open_request") == [("BULB",)]
    two_in_one.put_document(document(version=2, cabinets=("cab-1",)))
    assert two_in_one.query("select part from open_request") == []
    assert verified(two_in_one) == 0


def test_a_count_corrected_twice_may_ask_twice(shop: Shop, journal: Journal) -> None:
    session = journal.session([row(1, 6_000_000, 4_800_000)])
    shop.take_journal(journal)
    take = shop.value("select id from movement where session = ?", session)
    for quantity in (7, 2, 8):
        shop.act(CorrectCount(take, quantity, "wang"))
    assert shop.query("select part, stock from open_request") == [("OF-1", 2)]
    assert shop.value("select count(*) from request") == 2


def _open(part: str, **detail: Any) -> DiscrepancyItem:
    return DiscrepancyItem("d", "cab-1", 1, part, "", "uncertain_count", 0, json.dumps(detail))


def test_what_may_have_been_taken_is_known_by_part() -> None:
    candidates = [[[["A", -2]], 0, 600_000], [[["A", -1], ["B", -3]], 0, 300_000], [[], -512_000, 99_500],
                  [[["B", -9]], 0, 400], [[["A", 1]], 0, 100]]  # fmt: skip
    assert may_have_taken(_open("", candidates=candidates)) == {"A": 2, "B": 3}
    assert may_have_taken(_open("A", candidates=[[-3, 700_000], [-4, 500], [1, 100]])) == {"A": 4}
    assert may_have_taken(_open("A", candidates=[[-250, 0]])) == {"A": 250}
    assert may_have_taken(_open("A", found_mg=7)) == {}
