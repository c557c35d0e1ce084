"""Later evidence corrects earlier: settled weights and second looks at the tags, and what a person has said stands."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_gateway.kiosk_seam import ChargeSession, CorrectCount, ResolveByCount, ResolveByStock
from edge_gateway.schema import open_for_reading
from edge_gateway.status_report import counts_decided_again
from tests.gateway.counted_shop import (
    BULB,
    ECU,
    GTINS,
    PAD,
    Cabinet,
    counted_cabinet,
    held,
    moved,
)
from tests.gateway.tag_writer import write_sgtin
from tests.gateway.world import EPOCH, Shop


@pytest.fixture
def cabinet(tmp_path: Path) -> Iterator[Cabinet]:
    """A shop with bins of several parts; its ledger must agree with itself in the end."""
    with counted_cabinet(tmp_path) as made:
        yield made


def verdicts(shop: Shop) -> list[tuple[int, int, str]]:
    """(bin, number, what is said) of every verdict."""
    return [tuple(row) for row in shop.query("select bin, number, best from verdict order by bin, number")]


def decided_again(shop: Shop) -> tuple[int, int]:
    """What `partsbay gateway status` counts."""
    db = open_for_reading(str(shop.path))
    try:
        return counts_decided_again(db)
    finally:
        db.close()


def test_a_bin_that_had_not_settled_is_booked_by_its_next_settled_weight(cabinet: Cabinet) -> None:
    """In the name of the session, at the session's time, and the question is over."""
    session = cabinet.session({2: -PAD + 60_000}, quality=1)
    assert cabinet.shop.questions() != []
    cabinet.drifts({2: -60_000})
    cabinet.session({})
    assert moved(cabinet.shop, "again") == [("take", 2, "PAD", -1)]
    statement = (
        "select m.session, m.person, m.occurred_ms = s.closed_ms from movement m join session s on s.id = m.session "
        "where m.cause = 'take'"
    )
    assert cabinet.shop.query(statement) == [(session, "wang", 1)]
    assert cabinet.shop.questions() == []
    assert [row[:2] for row in verdicts(cabinet.shop)] == [(2, 1), (2, 2)]
    assert cabinet.shop.query("select person, movement != '' from resolution") == [("", 1)]


@pytest.mark.parametrize("off_mg", [300_000, 30_000])
def test_it_may_settle_behind_shut_doors(cabinet: Cabinet, off_mg: int) -> None:
    cabinet.session({2: -PAD + off_mg}, quality=1)
    cabinet.rests_at({2: -off_mg}, minutes=1)
    assert held(cabinet.shop, 2) == {"PAD": 3}
    assert cabinet.shop.questions() == []
    assert cabinet.shop.value("select count(*) from movement where cause = 'unexplained'") == 0


def test_a_hand_that_rested_on_the_tray_took_nothing(cabinet: Cabinet) -> None:
    cabinet.session({2: 250_000}, quality=1)
    cabinet.drifts({2: -250_000})
    cabinet.session({})
    assert held(cabinet.shop, 2) == {"PAD": 4}
    assert cabinet.shop.questions() == []


def test_a_doubt_that_stays_one_is_asked_once(cabinet: Cabinet) -> None:
    """Each later weight says the same, to a few grams."""
    cabinet.session({2: -700_000})
    asked = cabinet.shop.query("select id from open_discrepancy")
    assert len(asked) == 1
    for _ in range(3):
        cabinet.drifts({2: 40})
        cabinet.session({})
    assert cabinet.shop.query("select id from open_discrepancy") == asked
    assert cabinet.shop.value("select count(*) from verdict") == 1


def test_a_reading_taken_in_a_hurry_is_corrected_and_the_job_with_it(cabinet: Cabinet) -> None:
    """A minute later the bin shows that one bulb fewer had left; it was charged already."""
    session = cabinet.session({3: -3 * BULB})
    assert held(cabinet.shop, 3) == {"BULB": 37}
    cabinet.shop.act(ChargeSession(session, "job-7", "wang"))
    cabinet.rests_at({3: BULB}, minutes=1)
    assert held(cabinet.shop, 3) == {"BULB": 38}
    assert cabinet.shop.query("select cause, corrects from movement where cause = 'correction'") == [
        ("correction", f"cab-1/{EPOCH}/3/3/session")
    ]
    balances = dict(cabinet.shop.query("select account, quantity from balance where part = 'BULB' and quantity != 0"))
    assert balances["job:job-7"] == 2
    assert decided_again(cabinet.shop) == (1, 1)


def test_what_is_corrected_is_what_was_booked(cabinet: Cabinet) -> None:
    """In between another verdict was reached, too unsure to be booked: the correction is not of that one."""
    cabinet.session({2: -PAD + 30_000, 3: -3 * BULB}, quality={2: 1})
    assert (held(cabinet.shop, 2), held(cabinet.shop, 3)) == ({"PAD": 4}, {"BULB": 37})
    cabinet.rests_at({2: -30_000, 3: 12_500}, minutes=1, noise_mg={3: 6_000})
    assert (held(cabinet.shop, 2), held(cabinet.shop, 3)) == ({"PAD": 3}, {"BULB": 37})
    assert json.loads(verdicts(cabinet.shop)[-1][2]) == [[["BULB", -2]], 0]
    cabinet.rests_at({3: BULB - 12_500}, minutes=1)
    assert held(cabinet.shop, 3) == {"BULB": 38}
    assert moved(cabinet.shop, "again") == [("take", 2, "PAD", -1), ("correction", 3, "BULB", 1)]


def test_an_end_that_was_told_again_is_not_decided_with_the_first_one(cabinet: Cabinet) -> None:
    """What it goes on with is a question; a later weight must not book it into the session and leave the question."""
    opened = cabinet.open()
    cabinet.close(opened, {3: -3 * BULB})
    cabinet.close(opened, {3: -BULB}, quality=1)
    assert cabinet.shop.questions() == [(3, "uncertain_count")]
    cabinet.session({})
    assert held(cabinet.shop, 3) == {"BULB": 37}
    assert cabinet.shop.questions() == [(3, "uncertain_count")]


def test_hours_later_it_is_no_reading_of_the_session_any_more(cabinet: Cabinet) -> None:
    cabinet.session({3: -3 * BULB})
    cabinet.rests_at({3: -BULB}, minutes=120)
    assert moved(cabinet.shop) == [("take", 3, "BULB", -3), ("unexplained", 3, "BULB", -1)]
    assert cabinet.shop.questions() == [(3, "unexplained_change")]


def test_much_is_no_reading_either(cabinet: Cabinet) -> None:
    cabinet.session({2: -PAD})
    cabinet.rests_at({2: -PAD}, minutes=1)
    assert moved(cabinet.shop) == [("take", 2, "PAD", -1), ("unexplained", 2, "PAD", -1)]


def test_what_a_person_said_stands(cabinet: Cabinet) -> None:
    cabinet.session({2: -PAD + 60_000}, quality=1)
    cabinet.shop.act(ResolveByCount(cabinet.shop.value("select id from open_discrepancy"), {"PAD": -1}, "wang"))
    cabinet.drifts({2: -60_000})
    cabinet.session({})
    assert held(cabinet.shop, 2) == {"PAD": 3}
    assert cabinet.shop.questions() == []


def test_it_stands_though_another_bin_of_the_session_is_decided_again(cabinet: Cabinet) -> None:
    """Bin 3 comes to rest and is booked; of bin 2 nothing is said that was not said already, however often."""
    cabinet.session({2: -PAD + 60_000, 3: -BULB}, quality=1)
    about_2 = cabinet.shop.value("select id from open_discrepancy where bin = 2")
    cabinet.shop.act(ResolveByCount(about_2, {"PAD": -1}, "wang"))
    cabinet.drifts({2: -60_000})
    cabinet.session({})
    assert moved(cabinet.shop, "again") == [("take", 3, "BULB", -1)]
    cabinet.session({})
    assert (held(cabinet.shop, 2), held(cabinet.shop, 3)) == ({"PAD": 3}, {"BULB": 39})
    assert cabinet.shop.questions() == []


def test_a_count_that_a_person_corrected_stands(cabinet: Cabinet) -> None:
    cabinet.session({3: -3 * BULB})
    cabinet.shop.act(CorrectCount(f"cab-1/{EPOCH}/3/3/session", 3 + 1, "wang"))
    cabinet.rests_at({3: BULB}, minutes=1)
    assert held(cabinet.shop, 3)["BULB"] == 36
    assert decided_again(cabinet.shop) == (0, 0)


@pytest.mark.parametrize("starts_again", [False, True])
def test_a_count_of_a_bin_stands_whatever_moved_it_last(cabinet: Cabinet, tmp_path: Path, starts_again: bool) -> None:
    """The question was of an earlier session; the count is of all that moved before it."""
    cabinet.session({3: -BULB}, person="")
    cabinet.session({3: -3 * BULB})
    assert cabinet.shop.questions() == [(3, "no_person")]
    cabinet.shop.act(ResolveByStock(cabinet.shop.value("select id from open_discrepancy"), 37, "wang"))
    if starts_again:
        cabinet.shop.close()
        cabinet.shop = Shop(tmp_path, ("cab-1",))
    cabinet.rests_at({3: BULB}, minutes=1)
    assert held(cabinet.shop, 3) == {"BULB": 37}
    assert decided_again(cabinet.shop) == (0, 0)
    assert cabinet.shop.questions() == []
    cabinet.session({3: -3 * BULB})
    cabinet.rests_at({3: BULB}, minutes=1)
    assert held(cabinet.shop, 3) == {"BULB": 35}


def test_a_count_in_grams_stands_too(cabinet: Cabinet) -> None:
    """What the scale shows later is followed, but on nobody's account: it is no reading of the session."""
    cabinet.session({5: -100_000}, person="")
    session = cabinet.session({5: -400_000})
    cabinet.shop.act(ResolveByStock(cabinet.shop.value("select id from open_discrepancy"), 4510, "wang"))
    cabinet.rests_at({5: 20_000}, minutes=1)
    assert held(cabinet.shop, 5) == {"BLT-8": 4520}
    statement = "select cause, quantity from movement join posting on movement = id where session = ? and quantity > 0"
    assert cabinet.shop.query(statement, session) == [("take", 400)]
    assert decided_again(cabinet.shop) == (0, 0)
    assert cabinet.shop.questions() == [(5, "unexplained_change")]


def test_grams_come_to_rest_too(cabinet: Cabinet) -> None:
    """What the bin shows a minute later is what was taken; the booking is corrected, nothing is unexplained."""
    session = cabinet.session({5: -400_000})
    cabinet.rests_at({5: -12_000}, minutes=1)
    assert held(cabinet.shop, 5) == {"BLT-8": 4588}
    assert cabinet.shop.query("select cause, session from movement where corrects != ''") == [("correction", session)]
    assert decided_again(cabinet.shop) == (1, 1)
    assert cabinet.shop.questions() == []


def test_grams_that_had_not_settled_wait_for_the_next_weight(cabinet: Cabinet) -> None:
    cabinet.session({5: -400_000}, quality=1)
    assert cabinet.shop.questions() == [(5, "uncertain_count")]
    cabinet.drifts({5: -30_000})
    cabinet.session({})
    assert moved(cabinet.shop, "again") == [("take", 5, "BLT-8", -430)]
    assert cabinet.shop.questions() == []


def test_it_is_remembered_over_a_start(cabinet: Cabinet, tmp_path: Path) -> None:
    """What may be decided again is loaded with the books."""
    cabinet.session({2: -PAD + 60_000, 3: -BULB}, quality=1)
    cabinet.shop.close()
    cabinet.shop = Shop(tmp_path, ("cab-1",))
    cabinet.drifts({2: -60_000})
    cabinet.session({})
    assert (held(cabinet.shop, 2), held(cabinet.shop, 3)) == ({"PAD": 3}, {"BULB": 39})
    assert cabinet.shop.questions() == []


# ---- tags ----

LEFT = [write_sgtin(GTINS[0], 7, serial) for serial in (1, 2)]
RIGHT = [write_sgtin(GTINS[1], 7, serial) for serial in (1, 2)]


def test_a_count_that_hangs_on_a_tag_is_booked_after_the_second_look(cabinet: Cabinet) -> None:
    """By weight it may be either of the two; one silence may be chance, two of them are not."""
    cabinet.reads_tags(0, 0, came=" ".join(LEFT + RIGHT), seen=4)
    opened = cabinet.open()
    cabinet.reads_tags(opened, 1, missing=RIGHT[1], seen=3)
    session = cabinet.close(opened, {7: -ECU})
    assert cabinet.shop.questions() == [(7, "uncertain_count")]
    assert held(cabinet.shop, 7) == {"ECU-L": 2, "ECU-R": 2}
    cabinet.reads_tags(opened, 2, missing=RIGHT[1], seen=3)
    assert held(cabinet.shop, 7) == {"ECU-L": 2, "ECU-R": 1}
    assert cabinet.shop.questions() == []
    assert cabinet.shop.query("select session, number, tags from verdict order by number") == [
        (session, 1, '[["ECU-L",2,0,0],["ECU-R",1,1,0]]'),
        (session, 2, '[["ECU-L",2,0,0],["ECU-R",1,1,0]]'),
    ]


def test_a_tag_that_was_only_silent_is_billed_to_nobody(cabinet: Cabinet) -> None:
    cabinet.reads_tags(0, 0, came=" ".join(LEFT + RIGHT), seen=4)
    opened = cabinet.open()
    cabinet.reads_tags(opened, 1, missing=RIGHT[1], seen=3)
    cabinet.close(opened, {7: -ECU})
    cabinet.reads_tags(opened, 2, missing=LEFT[0], seen=3)
    assert "ECU-R" not in [row[2] for row in moved(cabinet.shop, "again")]
    cabinet.shop.close()
    cabinet.shop = Shop(cabinet.shop.path.parent, ("cab-1",))
    assert cabinet.shop.intake.books.counting.tags["cab-1"].reads_tags


def test_one_look_at_the_tags_bills_nobody_whatever_the_weights_say_later(cabinet: Cabinet) -> None:
    """The next session takes the place of the second look, so the count stays a question."""
    cabinet.reads_tags(0, 0, came=" ".join(LEFT + RIGHT), seen=4)
    opened = cabinet.open()
    cabinet.reads_tags(opened, 1, missing=RIGHT[1], seen=3)
    cabinet.close(opened, {7: -ECU})
    cabinet.session({})
    assert held(cabinet.shop, 7) == {"ECU-L": 2, "ECU-R": 2}
    assert cabinet.shop.questions() == [(7, "uncertain_count")]


def test_a_look_that_misses_no_tag_is_the_last_one(cabinet: Cabinet) -> None:
    """By weight it may be nothing or one bulb; no second look will come, for all tags are heard."""
    cabinet.reads_tags(0, 0, came=" ".join(LEFT + RIGHT), seen=4)
    opened = cabinet.open()
    cabinet.reads_tags(opened, 1, seen=4)
    cabinet.close(opened, {7: -20_000}, noise_mg=90_000)
    assert held(cabinet.shop, 7) == {"ECU-L": 2, "ECU-R": 2}
    assert cabinet.shop.questions() == []


def test_the_second_look_is_remembered_for_a_bin_that_has_not_settled(cabinet: Cabinet, tmp_path: Path) -> None:
    cabinet.reads_tags(0, 0, came=" ".join(LEFT + RIGHT), seen=4)
    opened = cabinet.open()
    cabinet.reads_tags(opened, 1, missing=RIGHT[1], seen=3)
    cabinet.close(opened, {7: -ECU}, quality=1)
    cabinet.reads_tags(opened, 2, missing=RIGHT[1], seen=3)
    assert held(cabinet.shop, 7) == {"ECU-L": 2, "ECU-R": 2}
    cabinet.shop.close()
    cabinet.shop = Shop(tmp_path, ("cab-1",))
    cabinet.session({})
    assert held(cabinet.shop, 7) == {"ECU-L": 2, "ECU-R": 1}
    assert cabinet.shop.questions() == []


def test_weights_that_are_sure_without_the_tags_do_not_wait_for_them(cabinet: Cabinet) -> None:
    cabinet.reads_tags(0, 0, came=" ".join(LEFT + RIGHT), seen=4)
    opened = cabinet.open()
    cabinet.reads_tags(opened, 1, seen=4)
    cabinet.close(opened, {2: -PAD})
    assert held(cabinet.shop, 2) == {"PAD": 3}
    cabinet.reads_tags(opened, 2, seen=4)
    assert decided_again(cabinet.shop) == (0, 0)


def test_a_doubt_is_asked_once_though_its_weight_wanders(cabinet: Cabinet) -> None:
    """An object of a few grams more or less is the same doubt; a day later the drift says nothing of the session."""
    cabinet.session({2: -PAD + 61_000})
    asked = cabinet.shop.query("select id, reason from open_discrepancy")
    assert [reason for _id, reason in asked] == ["not_this_part"]
    for _ in range(3):
        cabinet.drifts({2: -700})
        cabinet.session({})
    cabinet.minute += 24 * 60
    cabinet.drifts({2: 5_000})
    cabinet.session({})
    assert cabinet.shop.query("select id, reason from discrepancy where reason = 'not_this_part'") == asked
    assert cabinet.shop.query("select id, reason from open_discrepancy") == asked
