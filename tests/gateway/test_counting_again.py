"""When a session is decided again: how old a weight may be, whose doubt it is, and what was booked by then."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_gateway.kiosk_seam import ResolveByCount
from tests.gateway.counted_shop import (
    BINS,
    BULB,
    OF_A,
    PAD,
    PARTS,
    Cabinet,
    counted_cabinet,
    held,
    moved,
)
from tests.gateway.world import document


@pytest.fixture
def cabinet(tmp_path: Path) -> Iterator[Cabinet]:
    """A shop with bins of several parts; its ledger must agree with itself in the end."""
    with counted_cabinet(tmp_path) as made:
        yield made


@pytest.mark.parametrize(("hours", "left"), [(0, 3), (3, 4)])
def test_a_doubt_is_decided_by_a_weight_of_the_same_hour_only(cabinet: Cabinet, hours: int, left: int) -> None:
    """The bin comes to weigh what it does without one pad; later that may be anything."""
    cabinet.session({2: -PAD + 61_000})
    cabinet.minute += 60 * hours
    cabinet.shop.clock_ms += 3_600_000 * (hours + 1)
    cabinet.drifts({2: -61_000})
    cabinet.session({})
    assert held(cabinet.shop, 2) == {"PAD": left}
    assert bool(cabinet.shop.questions()) == (left == 4)


def test_a_doubt_of_one_session_is_not_ended_by_the_next(cabinet: Cabinet) -> None:
    """What the first one did is still unknown when the weight that the second one left is clear."""
    first = cabinet.session({2: -PAD + 61_000})
    second = cabinet.session({2: -PAD + 30_000}, quality=1)
    statement = "select d.session from open_discrepancy o join discrepancy d on d.id = o.id where d.bin = 2"
    assert {session for (session,) in cabinet.shop.query(statement)} == {first, second}
    cabinet.rests_at({2: -30_000}, minutes=1)
    assert [session for (session,) in cabinet.shop.query(statement)] == [first]


def test_a_later_weight_that_is_unsure_corrects_nothing(cabinet: Cabinet) -> None:
    """One bulb fewer, or two, or none: what was sure stands, and no verdict is made of it."""
    cabinet.session({3: -3 * BULB})
    cabinet.rests_at({3: BULB}, minutes=1, noise_mg={3: 30_000})
    assert held(cabinet.shop, 3) == {"BULB": 37}
    assert cabinet.shop.value("select count(*) from verdict where bin = 3") == 1


FUSES = {"number": "FUSE", "name_zh": "保险丝", "name_en": "fuses", "unit_mass_mg": 32_000, "spread_mg": 60}


def test_a_correction_is_corrected_in_its_turn(cabinet: Cabinet) -> None:
    """A bulb went, by the next weight a box of fuses, and by the one after it a bulb: nothing was ever brought back."""
    also = {"also": [{"part": "FUSE", "capacity": 60, "opening": 20}]}
    bins = [found | (also if found["bin"] == 3 else {}) for found in BINS]
    cabinet.shop.put_document(document(2, ("cab-1",), parts=[*PARTS, FUSES], bins=bins))
    cabinet.mg[3] += 20 * 32_000
    cabinet.session({3: -BULB})
    for change_mg, left in ((-11_000, {"BULB": 40, "FUSE": 19}), (11_000, {"BULB": 39, "FUSE": 20})):
        cabinet.rests_at({3: change_mg}, minutes=1)
        assert held(cabinet.shop, 3) == left
    causes = dict(cabinet.shop.query("select cause, count(*) from movement where session != '' group by cause"))
    assert causes == {"take": 2, "correction": 3}


def test_a_doubt_is_asked_anew_when_it_is_another_one(cabinet: Cabinet) -> None:
    """What lies where a pad was weighs 61 g at first, and then 141 g: whoever answers must see that."""
    cabinet.session({2: -PAD + 61_000})
    ((asked, reason),) = cabinet.shop.query("select id, reason from open_discrepancy")
    cabinet.drifts({2: 80_000})
    cabinet.session({})
    ((now, again),) = cabinet.shop.query("select id, reason from open_discrepancy")
    assert reason == again == "not_this_part"
    assert now != asked


def test_what_moves_twice_behind_shut_doors_is_told_twice(cabinet: Cabinet) -> None:
    """Only after a session does a bin come to rest; by itself nothing leaves it."""
    for left in (39, 38):
        cabinet.rests_at({3: -BULB}, minutes=1)
        assert held(cabinet.shop, 3) == {"BULB": left}
    assert cabinet.shop.query("select cause, count(*) from movement where cause != 'opening' group by cause") == [
        ("unexplained", 2)
    ]


def test_grams_are_not_fewer_than_none(cabinet: Cabinet) -> None:
    """All bolts went while the bin still rang; its scale comes to rest 12 g below zero."""
    cabinet.session({5: -4_990_000}, quality=1)
    cabinet.rests_at({5: -22_000}, minutes=1)
    assert held(cabinet.shop, 5) == {}
    assert cabinet.shop.questions() == []


def test_what_a_person_said_is_not_booked_again_when_the_session_grows_clear(cabinet: Cabinet) -> None:
    """A heavy filter among the pads is asked, as a hand lay where it had left; the hand goes, and all is clear."""
    heavy = OF_A + 4_000
    cabinet.session({1: 300_000 - heavy, 2: heavy}, quality={1: 1})
    asked = cabinet.shop.value("select id from open_discrepancy where bin = 2 and reason = 'uncertain_count'")
    cabinet.shop.act(ResolveByCount(asked, {"OF-A": 1}, "wang"))
    cabinet.drifts({1: -300_000})
    cabinet.session({})
    assert held(cabinet.shop, 2) == {"OF-A": 1, "PAD": 4}
    assert held(cabinet.shop, 1)["OF-A"] == 3
    assert moved(cabinet.shop, "again") == [("take", 1, "OF-A", -1)]


# ---- what is worth a look at all ----


def test_a_bin_at_which_something_stood_in_between_is_looked_at_though_it_weighs_the_same(cabinet: Cabinet) -> None:
    """A pad was in somebody's hand for two seconds: the session can show that it was put back."""
    cabinet.session({}, plateaus=[[2, 2_000, 3 * PAD, 100]])
    ((best, steps),) = cabinet.shop.query("select best, steps from verdict where bin = 2")
    assert best == "[[],0]"
    assert steps.count('"PAD"') == 2
    assert held(cabinet.shop, 2) == {"PAD": 4}


def test_bolts_that_go_after_a_session_that_took_none_are_nobodys(cabinet: Cabinet) -> None:
    """Only where a session moved something can what comes a minute later be the rest of it."""
    cabinet.session({3: -BULB})
    cabinet.rests_at({5: -30_000}, minutes=1)
    assert cabinet.shop.query("select cause, session from movement where bin = 5 and cause != 'opening'") == [
        ("unexplained", "")
    ]
