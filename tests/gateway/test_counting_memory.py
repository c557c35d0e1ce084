"""What counting remembers from event to event: a start changes nothing of it, and reads little for it."""

import sqlite3
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from edge_gateway import ledger_check
from edge_gateway.books import Books
from edge_gateway.counting.evidence import TagEvidence
from edge_gateway.counting_rows import load_counting
from edge_gateway.store import Store
from tests.gateway.counted_shop import ECU, GTINS, Cabinet, assert_same_after_a_start, counted_document
from tests.gateway.test_later_evidence import LEFT, RIGHT
from tests.gateway.test_reconcile import verified
from tests.gateway.world import Shop


@pytest.fixture
def cabinet(tmp_path: Path) -> Iterator[Cabinet]:
    """A shop with bins of several parts; what it remembers must be what a start would find."""
    shop = Shop(tmp_path, ("cab-1",))
    shop.put_document(counted_document())
    made = Cabinet(shop)
    yield made
    assert verified(made.shop) == 0
    assert_same_after_a_start(made.shop)
    made.shop.close()


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
        load_counting(books, rows)
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
    shop.put_document(counted_document(2))
    assert_same_after_a_start(shop)
    shop.close()
    assert ledger_check.verify(tmp_path / "gateway.db", StringIO()) == 0
