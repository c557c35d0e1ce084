"""The database refuses change, and verify-ledger finds what was changed all the same."""

import io
import shutil
import sqlite3
from pathlib import Path

import pytest
from cabinet import wire

from edge_gateway import ledger_check, schema, status_report, tables
from edge_gateway.batch import Batch
from edge_gateway.decision import Cause, Decision
from edge_gateway.feed_format import Restock, ToRestock, Withdraw
from edge_gateway.kiosk_seam import ChargeSession, ContestSession, ResolveByNote
from edge_gateway.store import Store
from edge_gateway.upload_format import ReadAgainItem, ReZeroItem
from tests.gateway.told_feed import entry, take
from tests.gateway.world import EPOCH, Journal, Shop, document, row


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with one of everything, its gateway ended."""
    shop = Shop(tmp_path_factory.mktemp("written"))
    shop.put_document(document())
    journal = Journal()
    journal.created()
    session = journal.session(
        [row(1, 6_000_000, 2_400_000), row(3, 840_000, 700_000)], plateaus=[[1, 4000, 4_200_000, 150]]
    )
    journal.add("person_joined", session=2, badge="x", person="driver")
    journal.session([row(1, 2_400_000, 6_000_000)], person="driver")
    read = {"pass": 1, "rounds": 30, "seen": 11, "more": 0, "missing": "A1" * 12, "came": ""}
    journal.add("tags_read", session=2, **read)
    take(shop, entry(1, Restock("v-1", [ToRestock("cab-1", 1, "OF-1", 6)], 2**50)))
    shop.take_journal(journal)
    shop.act(ChargeSession(session, "job-7", "wang"))
    question = shop.act(ContestSession(session, "wang", "no"))
    shop.act(ResolveByNote(question, "wang", "yes"))
    take(shop, entry(2, Withdraw(9)))  # refused, which is an answer too
    shop.take("partsbay/1/cab-9/event", b"x")
    line = journal.add("bin_well", bin=1).replace(b"bin_well", b"bin_fine")
    shop.take(journal.topic, line[:-10] + wire.crc(line[:-18]).encode() + b'"}')
    shop.close()
    read_since(shop.path, journal)
    return shop.path


def read_since(path: Path, journal: Journal) -> None:
    """The last event of a journal could be read at last."""
    store = Store(path, "gw-1", 0)
    batch = Batch(store.load(0))
    event = f"{journal.cabinet}/{journal.epoch}/{len(journal.lines)}"
    decision = Decision(Cause(event, journal.cabinet, journal.epoch, len(journal.lines), 1, 2))
    decision.rezeros.append(ReZeroItem(f"cab-1/{EPOCH}/5/3/rezero", "cab-1", 3, f"cab-1/{EPOCH}/5", 1, 2, 1, 1))
    batch.add(decision)
    batch.read_again(ReadAgainItem(event, journal.cabinet, 1, 2), journal.epoch, len(journal.lines), 1)
    store.write(batch)
    store.close()


@pytest.fixture
def database(written: Path, tmp_path: Path) -> Path:
    """A copy to do harm to."""
    return Path(shutil.copy(written, tmp_path / "gateway.db"))


@pytest.mark.parametrize("table", tables.APPEND_ONLY)
@pytest.mark.parametrize(
    "change", ["update {0} set {1} = {1}", "delete from {0}", "replace into {0} select * from {0}"]
)
def test_the_database_refuses_change(database: Path, table: str, change: str) -> None:
    db = sqlite3.connect(database)
    try:
        schema.set_pragmas(db)
        assert db.execute(f"select count(*) from {table}").fetchone()[0] > 0
        column = db.execute(f"pragma table_info({table})").fetchone()[1]
        with pytest.raises(sqlite3.IntegrityError, match=f"{table} is append-only"):
            db.execute(change.format(table, column))
    finally:
        db.close()


def test_an_untouched_ledger_agrees(database: Path) -> None:
    out = io.StringIO()
    assert ledger_check.verify(database, out) == 0
    assert "the ledger agrees" in out.getvalue()
    assert "DIFFERS" not in out.getvalue()


# (what a forger does, what the report says)
FORGERIES = {
    "stock stolen from a balance": (
        "update balance set quantity = quantity - 1 where account = 'bin:cab-1/1'",
        "bin:cab-1/1 OF-1: expected 10 by its postings, found 9",
    ),
    "one posting changed": (
        "update posting set quantity = quantity + 1 where account = 'shop:shop-1'",
        "to sum to zero, found 1",
    ),
    "a posting removed": ("delete from posting where line = 1", "expected at least two postings, found 1"),
    "a movement removed": (
        "delete from movement where cause = 'take'",
        "expected a movement for its postings, found none",
    ),
    "an event removed": ("delete from inbox where seq = 3", "expected event 3, found 4"),
    "the last event removed": ("delete from inbox where seq = (select max(seq) from inbox)", "expected a cursor at"),
    "an event rewritten": (
        "update inbox set line = replace(cast(line as text), '2400000', '1800000') where kind = 'session_closed'",
        "expected the digest of its line, found another",
    ),
    "the chain cut": ("update cursor set digest = zeroblob(32)", "expected the cursor to hold the last digest"),
    "evidence without an event": (
        "update weighing set epoch = 'ffffffffffffffff'",
        "expected the event of its weighing rows in the inbox, found none",
    ),
    "a weighing changed": (
        "update weighing set mg = mg + 600000 where bin = 1",
        "expected the weighing rows of its line, found others",
    ),
    "a plateau removed": ("delete from plateau", "expected the plateau rows of its line, found others"),
    "a tag that was heard after all": ("delete from tag_found", "expected the tag_found rows of its line"),
    "a verdict that came first removed": (
        "update verdict set number = 2",
        "expected verdicts 1 to 1, found one numbered 2",
    ),
    "a verdict on nothing": ("update verdict set event = 'cab-1/0/1'", "/verdict: expected its event in the inbox"),
    "a re-zeroing out of nothing": ("update rezero set event = 'x'", "/rezero: expected its event in the inbox"),
    "an outbox item removed": ("delete from outbox where seq = 4", "without gaps"),
    "a cloud that holds too much": ("update upload set through = 9999", "expected the cloud's cursor"),
    "a question removed": ("delete from discrepancy", "expected a discrepancy"),
    "an event read again that was never set aside": (
        "update quarantine_read set seq = 1",
        "/1: expected an event set aside, found journal_created",
    ),
    "a request removed": ("delete from request", "expected a request"),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_ledger_does_not(database: Path, forgery: str) -> None:
    statement, said = FORGERIES[forgery]
    db = sqlite3.connect(database)
    for (trigger,) in db.execute("select name from sqlite_master where type = 'trigger'").fetchall():
        db.execute(f"drop trigger {trigger}")
    assert db.execute(statement).rowcount > 0
    db.commit()
    db.close()
    out = io.StringIO()
    assert ledger_check.verify(database, out) == 1
    assert said in out.getvalue()
    assert "does NOT agree" in out.getvalue()


def test_no_database_is_said(tmp_path: Path) -> None:
    out = io.StringIO()
    assert ledger_check.verify(tmp_path / "gateway.db", out) == 1
    assert "expected a database" in out.getvalue()


def test_a_foreign_database_is_refused(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / "gateway.db")
    db.execute("create table x (y)")
    db.close()
    with pytest.raises(schema.SchemaError, match="expected a gateway database of version 8, found version 0"):
        Shop(tmp_path)


@pytest.mark.parametrize("statement", ["pragma user_version = 1", "drop table outbox"])
def test_a_database_of_another_version_is_refused_by_every_command(database: Path, statement: str) -> None:
    db = sqlite3.connect(database)
    db.execute(statement)
    db.close()
    said = r"expected a gateway database of version 8, found version \d: start with an empty data_dir"
    with pytest.raises(schema.SchemaError, match=said):
        Store(database, "gw-1", 0)
    with pytest.raises(schema.SchemaError, match=said):
        status_report.print_status(database, 0, io.StringIO())
    out = io.StringIO()
    assert ledger_check.verify(database, out) == 1
    assert "expected a gateway database of version 8" in out.getvalue()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    path.write_bytes(b"no database at all, but a longer text of somebody")
    with pytest.raises(schema.SchemaError, match="expected a gateway database of version 8, found file is not"):
        Shop(tmp_path)
    out = io.StringIO()
    assert ledger_check.verify(path, out) == 1
    assert "file is not a database" in out.getvalue()


def test_another_gateways_database_is_refused(database: Path) -> None:

    with pytest.raises(schema.SchemaError, match="expected the database of gateway 'gw-2', found that of 'gw-1'"):
        Store(database, "gw-2", 0)
