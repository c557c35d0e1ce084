"""What counting remembers from event to event: a start changes nothing of it, and reads little for it."""

import sqlite3
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from edge_gateway import ledger_check
from edge_gateway.batch import Batch
from edge_gateway.books import Books
from edge_gateway.counting.evidence import Lump, TagEvidence
from edge_gateway.counting_again import learn_again
from edge_gateway.counting_rows import load_counting
from edge_gateway.kiosk_seam import CorrectCount
from edge_gateway.learned import Learned
from edge_gateway.store import Store
from tests.gateway.counted_shop import (
    BULB,
    ECU,
    GTINS,
    PAD,
    Cabinet,
    assert_same_after_a_start,
    counted_cabinet,
    counted_document,
    held,
)
from tests.gateway.test_later_evidence import LEFT, RIGHT
from tests.gateway.world import NOW_MS, Shop


@pytest.fixture
def cabinet(tmp_path: Path) -> Iterator[Cabinet]:
    """A shop with bins of several parts; what it remembers must be what a start would find."""
    with counted_cabinet(tmp_path) as made:
        yield made
        assert made.shop.do(lambda: learned_again(made.shop)) == made.shop.intake.books.counting.masses


def learned_again(shop: Shop) -> dict[str, Learned]:
    """The masses that are learned when the database is rebuilt."""
    books = shop.store.load(shop.clock_ms)
    books.counting.masses = {}
    learn_again(Batch(books), shop.store)
    return books.counting.masses


class CountedRows:
    """A store whose queries are counted."""

    def __init__(self, store: Store) -> None:
        self.queries = 0
        self._store = store

    def one(self, statement: str, values: Sequence[Any] = ()) -> Any:
        self.queries += 1
        return self._store.one(statement, values)

    def all(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        self.queries += 1
        return self._store.all(statement, values)

    def last_role(self, person: str) -> str:
        return self._store.last_role(person)


def queries_of_a_start(shop: Shop) -> int:
    """How many queries it takes to remember everything."""

    def load() -> int:
        books, rows = Books("gw-1", "epoch"), CountedRows(shop.store)
        books.cursors, books.present = shop.intake.books.cursors, shop.intake.books.present
        load_counting(books, rows, shop.clock_ms)
        return rows.queries

    queries: int = shop.do(load)
    return queries


def takes_one(cabinet: Cabinet, missing: str) -> None:
    """A session in which a tagged piece leaves, looked at twice."""
    opened = cabinet.open()
    cabinet.reads_tags(opened, 1, missing=missing, seen=3)
    cabinet.close(opened, {7: -ECU})
    cabinet.reads_tags(opened, 2, missing=missing, seen=3)


# ---- tags ----


def test_a_start_reads_no_more_however_many_inventories_there_were(cabinet: Cabinet) -> None:
    cabinet.reads_tags(0, 0, came=" ".join(LEFT + RIGHT), seen=4)
    takes_one(cabinet, RIGHT[1])
    after_one = queries_of_a_start(cabinet.shop)
    takes_one(cabinet, LEFT[0])
    for _ in range(5):
        opened = cabinet.open()
        cabinet.reads_tags(opened, 1, seen=2)
        cabinet.close(opened, {})
    assert queries_of_a_start(cabinet.shop) == after_one


def test_a_start_in_the_middle_of_an_inventory_forgets_none_of_it(cabinet: Cabinet, tmp_path: Path) -> None:
    cabinet.reads_tags(0, 0, came=" ".join(LEFT + RIGHT), seen=4)
    opened = cabinet.open()
    cabinet.reads_tags(opened, 1, missing=RIGHT[1], seen=3)
    assert_same_after_a_start(cabinet.shop)
    cabinet.shop.close()
    cabinet.shop = Shop(tmp_path, ("cab-1",))
    cabinet.close(opened, {7: -ECU})
    cabinet.session({})  # nobody reads the tags of this one
    assert_same_after_a_start(cabinet.shop)


def test_an_end_told_again_is_no_session_without_an_inventory(cabinet: Cabinet) -> None:
    """Told late, after the next session's inventory: what is silent then left in that one all the same."""
    cabinet.reads_tags(0, 0, came=" ".join(LEFT + RIGHT), seen=4)
    first = cabinet.open()
    cabinet.reads_tags(first, 1, seen=4)
    cabinet.close(first, {})
    second = cabinet.open()
    cabinet.reads_tags(second, 1, missing=RIGHT[1], seen=3)
    cabinet.close(first, {})


# ---- hands ----


def in_hand(cabinet: Cabinet, person: str = "wang") -> list[tuple[str, int, int]]:
    """(part, pieces, mg) of what somebody may bring back now."""
    now_ms = NOW_MS + cabinet.minute * 60_000
    return [(lump.part, lump.pieces, lump.mg) for lump in cabinet.shop.intake.books.counting.hands.of(person, now_ms)]


def test_what_is_in_hand_is_what_a_later_weight_corrected(cabinet: Cabinet) -> None:
    """Three bulbs, as the weight says in a hurry; a minute later it is two."""
    cabinet.session({3: -3 * BULB})
    assert in_hand(cabinet) == [("BULB", 3, 3 * BULB)]
    cabinet.rests_at({3: BULB}, minutes=1)
    assert in_hand(cabinet) == [("BULB", 2, 2 * BULB)]


def test_a_take_that_never_was_is_in_no_hand(cabinet: Cabinet) -> None:
    cabinet.session({2: -PAD})
    cabinet.session({3: -BULB})
    cabinet.rests_at({3: BULB}, minutes=1)
    assert in_hand(cabinet) == [("PAD", 1, PAD)]


def test_what_was_given_back_of_it_stays_given_back(cabinet: Cabinet) -> None:
    """Of three, two more than were booked, one is back already."""
    session = cabinet.session({3: -BULB})
    cabinet.session({3: BULB})
    assert in_hand(cabinet) == []
    cabinet.shop.act(CorrectCount(f"{session[:-1]}{int(session[-1]) + 1}/3/session", 3, "wang"))
    assert in_hand(cabinet) == [("BULB", 2, 0)]


def test_a_correction_changes_the_hand_of_whoever_took_it(cabinet: Cabinet) -> None:
    """The driver corrects what was booked to the mechanic."""
    session = cabinet.session({2: -2 * PAD})
    cabinet.shop.act(CorrectCount(f"{session[:-1]}{int(session[-1]) + 1}/2/session", 1, "driver"))
    assert in_hand(cabinet) == [("PAD", 1, 0)]
    assert in_hand(cabinet, "driver") == []


def test_a_return_that_is_corrected_leaves_more_in_hand(cabinet: Cabinet) -> None:
    cabinet.session({2: -2 * PAD})
    session = cabinet.session({2: 2 * PAD})
    assert in_hand(cabinet) == []
    cabinet.shop.act(CorrectCount(f"{session[:-1]}{int(session[-1]) + 1}/2/session", 1, "wang"))
    assert in_hand(cabinet) == [("PAD", 1, 0)]


@pytest.mark.parametrize("starts_again", [False, True])
@pytest.mark.parametrize("years", [-4, 4])
def test_one_wrong_clock_forgets_nobody_and_keeps_nothing_for_ever(
    cabinet: Cabinet, tmp_path: Path, years: int, starts_again: bool
) -> None:
    cabinet.session({2: -PAD})
    minute, clock_ms = cabinet.minute, cabinet.shop.clock_ms
    cabinet.minute += years * 365 * 24 * 60
    cabinet.shop.clock_ms += max(0, years) * 365 * 86_400_000  # the gateway's own was wrong
    cabinet.session({3: -BULB})
    assert in_hand(cabinet) == [("BULB", 1, BULB)]
    cabinet.minute, cabinet.shop.clock_ms = minute, clock_ms
    if starts_again:
        cabinet.shop.close()
        cabinet.shop = Shop(tmp_path, ("cab-1",))
    assert in_hand(cabinet) == [("PAD", 1, PAD)]
    cabinet.minute += 15 * 24 * 60
    assert in_hand(cabinet) == []


# ---- masses ----


def taught(cabinet: Cabinet, part: str) -> tuple[float, float, float]:
    """(pieces' worth of lessons, their mean mass, how many lessons) beyond the catalogue's twenty pieces."""
    learned = cabinet.shop.intake.books.counting.masses[part]
    known = learned.known
    weight = known.kappa - 20.0
    mean_mg = (known.kappa * known.mean_mg - 20.0 * learned.unit_mass_mg) / weight if weight > 1e-6 else 0.0
    return weight, mean_mg, 2.0 * (known.alpha - 4.0)


@pytest.mark.parametrize("starts_again", [False, True])
def test_a_session_that_is_corrected_teaches_once(cabinet: Cabinet, tmp_path: Path, starts_again: bool) -> None:
    """Three bulbs of 21.0 g at first; it is two of 21.1 g, and only they teach."""
    cabinet.session({3: -BULB})
    once = taught(cabinet, "BULB")
    assert once[1] == pytest.approx(21_000)
    assert once[2] == 1.0
    cabinet.session({3: -3 * BULB})
    if starts_again:
        cabinet.shop.close()
        cabinet.shop = Shop(tmp_path, ("cab-1",))
    cabinet.rests_at({3: BULB - 200}, minutes=1)
    assert held(cabinet.shop, 3) == {"BULB": 37}
    weight, mean_mg, lessons = taught(cabinet, "BULB")
    assert lessons == 2.0
    assert once[0] < weight < once[0] + 2.0
    assert mean_mg == pytest.approx((once[0] * 21_000 + (weight - once[0]) * 21_100) / weight)


def test_a_correction_to_nothing_takes_the_lesson_back(cabinet: Cabinet) -> None:
    cabinet.session({3: -BULB})
    cabinet.rests_at({3: BULB}, minutes=1)
    assert held(cabinet.shop, 3) == {"BULB": 40}
    weight, _mean_mg, lessons = taught(cabinet, "BULB")
    assert weight == pytest.approx(0.0, abs=1e-9)
    assert lessons == 0.0


# ---- a database of before ----


def test_a_database_of_version_4_remembers_what_it_did(tmp_path: Path) -> None:
    """One that version 4 wrote: tags inside, a session half read, a piece in hand, a question a person answered."""
    db = sqlite3.connect(tmp_path / "gateway.db")
    db.executescript((Path(__file__).parent / "databases" / "version_4.sql").read_text())
    db.close()
    shop = Shop(tmp_path, ("cab-1",))
    book = shop.intake.books.counting.tags["cab-1"]
    found = book.evidence("cab-1/0123456789abcdef/9", dict(zip(GTINS, ("ECU-L", "ECU-R"), strict=True)))
    assert found == {"ECU-L": TagEvidence((), 2, 0), "ECU-R": TagEvidence((857,), 1, 0)}
    lumps = shop.intake.books.counting.hands.of("wang", NOW_MS + 3_600_000)
    assert lumps == (Lump("PAD", 1, PAD, 504), Lump("BULB", 3, 0, 0))
    shop.put_document(counted_document(2))
    assert_same_after_a_start(shop)
    shop.close()
    assert ledger_check.verify(tmp_path / "gateway.db", StringIO()) == 0
