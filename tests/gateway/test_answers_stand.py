"""Nothing is billed twice, lost, or said otherwise after a start: what was answered, charged and asked stands."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_gateway.counting_again import answered_again
from edge_gateway.kiosk_seam import ChargeSession, CorrectCount, ResolveByCount, ResolveByStock
from tests.gateway.counted_shop import (
    BELT,
    BULB,
    ECU,
    GTINS,
    OF_A,
    OF_B,
    PAD,
    Cabinet,
    counted_cabinet,
    held,
    moved,
)
from tests.gateway.tag_writer import write_sgtin
from tests.gateway.test_later_evidence import LEFT, RIGHT
from tests.gateway.world import EPOCH, Shop


@pytest.fixture
def cabinet(tmp_path: Path) -> Iterator[Cabinet]:
    """A shop with bins of several parts; what it remembers must be what a start would find."""
    with counted_cabinet(tmp_path) as made:
        yield made


def start_again(cabinet: Cabinet) -> None:
    """The gateway is ended and started."""
    cabinet.shop.close()
    cabinet.shop = Shop(cabinet.shop.path.parent, ("cab-1",))


def on_account(cabinet: Cabinet, part: str) -> dict[str, int]:
    """What is on whose account of a part, but for the bins and the dealer."""
    rows = cabinet.shop.query("select account, quantity from balance where part = ? and quantity != 0", part)
    return {account: quantity for account, quantity in rows if account.split(":")[0] not in ("bin", "dealer")}


# ---- answers ----


@pytest.mark.parametrize("starts_again", [False, True])
def test_what_a_person_said_of_a_change_behind_shut_doors_stands(cabinet: Cabinet, starts_again: bool) -> None:
    cabinet.rests_at({3: -3 * BULB + 10_500}, quality=1)
    cabinet.shop.act(ResolveByCount(cabinet.shop.value("select id from open_discrepancy"), {"BULB": -3}, "wang"))
    if starts_again:
        start_again(cabinet)
    cabinet.drifts({3: -10_500})
    cabinet.session({})
    assert held(cabinet.shop, 3) == {"BULB": 37}
    assert moved(cabinet.shop, "again") == []


def test_a_database_of_before_finds_what_was_answered(cabinet: Cabinet) -> None:
    """From the answers themselves: of an event outside any session, of a session, of a booking that was corrected."""
    cabinet.rests_at({3: -3 * BULB + 10_500}, quality=1)
    cabinet.shop.act(ResolveByCount(cabinet.shop.value("select id from open_discrepancy"), {"BULB": -3}, "wang"))
    cabinet.session({2: -PAD + 60_000}, quality=1)
    cabinet.shop.act(ResolveByCount(cabinet.shop.value("select id from open_discrepancy"), {"PAD": -1}, "wang"))
    session = cabinet.session({4: -BELT})
    cabinet.shop.act(CorrectCount(f"{session[:-1]}{int(session[-1]) + 1}/4/session", 2, "wang"))
    counting = cabinet.shop.intake.books.counting
    assert {number for _session, number in counting.answered} == {2, 3, 4}
    assert cabinet.shop.do(lambda: answered_again(counting, cabinet.shop.store)) == counting.answered


@pytest.mark.parametrize("starts_again", [False, True])
def test_a_count_is_of_all_that_moved_the_bin_before(cabinet: Cabinet, starts_again: bool) -> None:
    """Bin 3 is counted after its second session: the first, which waits for bin 2, says nothing of it any more."""
    cabinet.session({2: -PAD + 60_000, 3: -3 * BULB}, quality={2: 1})
    cabinet.session({3: -BULB}, person="")
    (question,) = [row[0] for row in cabinet.shop.query("select id from open_discrepancy where bin = 3")]
    cabinet.shop.act(ResolveByStock(question, 35, "wang"))
    cabinet.session({3: -BULB})
    if starts_again:
        start_again(cabinet)
    answered = cabinet.shop.intake.books.counting.answered
    assert f"cab-1/{EPOCH}/2" in {session for session, number in answered if number == 3}


# ---- what lies there ----


@pytest.mark.parametrize("starts_again", [False, True])
@pytest.mark.parametrize(("taken_mg", "stays"), [(317_000, 11), (336_000, 9)])
def test_of_two_like_things_the_one_that_weighs_as_much_is_gone(
    cabinet: Cabinet, starts_again: bool, taken_mg: int, stays: int
) -> None:
    """Two tools of nearly one mass lie in a bin, one left in event 9 and one in event 11; one of them is taken."""
    for _ in range(3):
        cabinet.session({})
    cabinet.session({7: 317_000})
    cabinet.session({7: 336_000})
    assert cabinet.shop.questions() == [(7, "foreign_object")] * 2
    if starts_again:
        start_again(cabinet)
    cabinet.session({7: -taken_mg})
    assert cabinet.shop.query("select id from open_discrepancy") == [(f"cab-1/{EPOCH}/{stays}/7/foreign_object",)]


@pytest.mark.parametrize("starts_again", [False, True])
def test_strays_are_weighed_in_one_order(cabinet: Cabinet, starts_again: bool) -> None:
    """A filter of the second kind strayed among the pads first, one of the first kind later."""
    cabinet.session({1: -OF_B, 2: OF_B})
    cabinet.session({1: -OF_A, 2: OF_A})
    assert held(cabinet.shop, 2) == {"PAD": 4, "OF-A": 1, "OF-B": 1}
    if starts_again:
        start_again(cabinet)
    cabinet.session({2: -PAD})
    (ground,) = cabinet.shop.query("select ground from verdict where bin = 2 order by decided_ms desc limit 1")
    assert [part["part"] for part in json.loads(ground[0])["bin"]["held"]] == ["PAD", "OF-A", "OF-B"]


# ---- charges ----


def test_a_job_is_charged_what_was_taken_as_corrected(cabinet: Cabinet) -> None:
    """Three bulbs at first, two a minute later: the job pays for two, and again for two on another job."""
    session = cabinet.session({3: -3 * BULB})
    cabinet.rests_at({3: BULB}, minutes=1)
    cabinet.shop.act(ChargeSession(session, "job-7", "wang"))
    assert on_account(cabinet, "BULB") == {"job:job-7": 2}


def test_more_taken_than_was_booked_is_charged_too(cabinet: Cabinet) -> None:
    session = cabinet.session({3: -2 * BULB})
    cabinet.rests_at({3: -BULB}, minutes=1)
    cabinet.shop.act(ChargeSession(session, "job-7", "wang"))
    assert on_account(cabinet, "BULB") == {"job:job-7": 3}


def test_a_person_corrects_what_stands_after_a_later_weight(cabinet: Cabinet) -> None:
    """Three, then two by weight; there was one, somebody says."""
    session = cabinet.session({3: -3 * BULB})
    cabinet.rests_at({3: BULB}, minutes=1)
    cabinet.shop.act(CorrectCount(f"{session[:-1]}{int(session[-1]) + 1}/3/session", 1, "wang"))
    assert held(cabinet.shop, 3) == {"BULB": 39}
    assert on_account(cabinet, "BULB") == {"shop:shop-1": 1}


# ---- tags ----


def test_a_bin_that_rests_before_the_second_look_is_booked_by_it(cabinet: Cabinet) -> None:
    cabinet.reads_tags(0, 0, came=" ".join(LEFT + RIGHT), seen=4)
    opened = cabinet.open()
    cabinet.reads_tags(opened, 1, missing=RIGHT[1], seen=3)
    cabinet.close(opened, {7: -ECU + 3_000}, quality=1)
    cabinet.rests_at({7: -3_000}, minutes=1)
    cabinet.reads_tags(opened, 2, missing=RIGHT[1], seen=3)
    assert held(cabinet.shop, 7) == {"ECU-L": 2, "ECU-R": 1}
    assert cabinet.shop.questions() == []


@pytest.mark.parametrize("starts_again", [False, True])
def test_the_second_look_comes_after_a_start_too(cabinet: Cabinet, starts_again: bool) -> None:
    """A left one is brought back and a right one taken: by weight nothing happened, and only the second look tells."""
    cabinet.reads_tags(0, 0, came=" ".join(LEFT + RIGHT), seen=4)
    opened = cabinet.open()
    cabinet.reads_tags(opened, 1, missing=LEFT[0], seen=3)
    cabinet.close(opened, {7: -ECU})
    cabinet.reads_tags(opened, 2, missing=LEFT[0], seen=3)
    assert held(cabinet.shop, 7) == {"ECU-L": 1, "ECU-R": 2}
    opened = cabinet.open()
    full = cabinet.mg[7]
    cabinet.close(opened, {7: 150}, plateaus=[[7, 2000, full - ECU - 300, 200], [7, 3000, full - ECU - 310, 200]])
    if starts_again:
        start_again(cabinet)
    cabinet.reads_tags(opened, 2, missing=RIGHT[0], came=LEFT[0], seen=3)
    assert held(cabinet.shop, 7) == {"ECU-L": 2, "ECU-R": 1}


def test_a_part_that_only_the_second_look_heard_come_may_lie_in_any_bin(cabinet: Cabinet) -> None:
    """A controller is put among the pads; the first look was not finished."""
    stranger = write_sgtin(GTINS[0], 7, 3)
    cabinet.reads_tags(0, 0, came=" ".join(LEFT + RIGHT), seen=4)
    opened = cabinet.open()
    cabinet.close(opened, {2: ECU})
    assert held(cabinet.shop, 2) == {"PAD": 4}
    cabinet.reads_tags(opened, 2, came=stranger, seen=5)
    assert held(cabinet.shop, 2) == {"PAD": 4, "ECU-L": 1}
