"""What counting remembers is the same after a loss of the database: what was said for good, and what cells read."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from edge_gateway.batch import Batch
from edge_gateway.books import Books
from edge_gateway.counting_again import gain_again
from edge_gateway.kiosk_seam import CorrectCount, ResolveByCount
from tests.gateway.counted_shop import BELT, ECU, PAD, Cabinet, counted_cabinet, counted_document, held
from tests.gateway.real_cloud import RealCloud
from tests.gateway.test_later_evidence import LEFT, RIGHT
from tests.gateway.test_restore import all_in_cloud, restored
from tests.gateway.world import Shop

# A verdict on bin 2 once more, of another session, earlier than it was.
MORE_VERDICTS = """
insert into verdict select id || '~' || ?1, cabinet, session || '~' || ?1, bin, number, event, decided_ms - 1 - ?1,
    confidence_ppm, best, candidates, levels, steps, tags, ground, algorithm
from verdict where bin = 2 and id not like '%~%'
"""

pytestmark = pytest.mark.usefixtures("impatient")


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[RealCloud]:
    """The cloud of a shop with bins of several parts."""
    made = RealCloud(tmp_path / "cloud", counted_document())
    made.start()
    yield made
    made.close()


@pytest.fixture
def cabinet(tmp_path: Path) -> Iterator[Cabinet]:
    """Such a shop's cabinet."""
    with counted_cabinet(tmp_path) as made:
        yield made


def lose(cabinet: Cabinet, cloud: RealCloud) -> None:
    """The gateway's disk is lost, and its database rebuilt."""
    all_in_cloud(cabinet.shop, cloud)
    folder = cabinet.shop.path.parent / "new"
    cabinet.shop.close()
    restored(folder, cloud)
    cabinet.shop = Shop(folder, ("cab-1",))


def test_what_a_person_said_is_not_booked_again_by_the_second_look(cabinet: Cabinet, cloud: RealCloud) -> None:
    """A booking was corrected before, so that something is known to be said for good; the second look comes after."""
    session = cabinet.session({4: -BELT})
    cabinet.shop.act(CorrectCount(f"{session[:-1]}{int(session[-1]) + 1}/4/session", 2, "wang"))
    cabinet.reads_tags(0, 0, came=" ".join(LEFT + RIGHT), seen=4)
    opened = cabinet.open()
    cabinet.reads_tags(opened, 1, missing=RIGHT[1], seen=3)
    cabinet.close(opened, {7: -ECU})
    asked = cabinet.shop.value("select id from open_discrepancy where bin = 7")
    cabinet.shop.act(ResolveByCount(asked, {"ECU-L": -1}, "wang"))
    lose(cabinet, cloud)
    cabinet.reads_tags(opened, 2, missing=RIGHT[1], seen=3)
    assert held(cabinet.shop, 7) == {"ECU-L": 1, "ECU-R": 2}


# ---- years of verdicts ----


class CountedRows:
    """A database that says how much SQLite did to read it."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self.steps = 0
        db.set_progress_handler(self._step, 100)

    def _step(self) -> int:
        self.steps += 1
        return 0

    def one(self, statement: str, values: Sequence[Any] = ()) -> Any:
        """The first row of a query, or None."""
        return self._db.execute(statement, values).fetchone()

    def all(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        """All rows of a query."""
        return self._db.execute(statement, values).fetchall()

    def last_role(self, person: str) -> str:
        """Nobody is asked for here."""
        raise NotImplementedError(person)


def test_what_cells_read_is_found_in_years_of_verdicts(cabinet: Cabinet) -> None:
    """Four times the verdicts are four times the work, and the last of each bin counts."""
    cabinet.session({})
    cabinet.starts({2: 1.004})
    cabinet.session({2: -PAD})
    gain = cabinet.shop.intake.books.counting.gains["cab-1"][2]
    assert gain.ppm
    work = []
    with closing(sqlite3.connect(cabinet.shop.path)) as db:
        for verdicts in (300, 1200):
            db.executemany(MORE_VERDICTS, [(number,) for number in range(verdicts)])
            rows, batch = CountedRows(db), Batch(Books("gw-1", ""))
            gain_again(batch, rows)
            found = batch.books.counting.gains["cab-1"][2]
            assert (found.ppm, found.boot) == (gain.ppm, gain.boot)
            work.append(rows.steps)
            db.rollback()
    assert work[1] < 8 * work[0]
