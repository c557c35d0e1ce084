"""A disk that fills up: nothing is acknowledged that is not written, nothing is lost, and it ends by itself.

The errors are SQLite's own: the database may not grow any further, or lies on a file system that is really full.
"""

import contextlib
import io
import logging
import re
import shutil
import sqlite3
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from cabinet import link, wire
from cabinet.journal import Journal as FlashJournal

from edge_gateway import disk, ledger_check
from edge_gateway.disk import CannotWriteError
from edge_gateway.gateway import Gateway
from edge_gateway.identity.service import Identity
from edge_gateway.kiosk_seam import ActionError, ContestSession
from edge_gateway.outgoing import take_receipt
from edge_gateway.refusals import Refusals
from edge_gateway.settings import Settings
from edge_gateway.shop_document import encode_document
from edge_gateway.status_report import print_status
from edge_gateway.upload_format import Receipt
from simulator.ports import free_port
from tests.firmware.brokers import CABINETS, GATEWAY, broker_of, wait_until
from tests.gateway.program import PASSWORD, GatewayProgram
from tests.gateway.rude_controller import RudeController
from tests.gateway.world import EPOCH, NOW_MS, Journal, RecordingLink, Shop, document, received, row

LIVE = {"up_ms": 1, "session": 0, "person": "", "doors": [[1, 0, 1]], "bins": [[1, 6_000_000, 0]]}


def fill(shop: Shop) -> None:
    """From now on the database may not grow."""
    shop.do(lambda: shop.store.all("pragma max_page_count = 1"))


def make_room(shop: Shop) -> None:
    """It may again, and the next try is due."""
    shop.do(lambda: shop.store.all("pragma max_page_count = 1000000"))
    shop.clock_ms += disk.CALM_MS


def work(journal: Journal, sessions: int = 40) -> None:
    """More than fits into the pages that are there already."""
    for number in range(sessions):
        away = number % 2 == 0
        journal.session([row(1, 6_000_000 - 600_000 * (not away), 6_000_000 - 600_000 * away)])


def through(shop: Shop) -> int:
    """How far the journal is taken in by the database's own word."""
    return int(shop.value("select coalesce(max(through), 0) from cursor"))


def check_ledger(database: Path) -> None:
    """Everything recomputed is what is there."""
    out = io.StringIO()
    assert ledger_check.verify(database, out) == 0, out.getvalue()


def test_nothing_is_acknowledged_that_is_not_written_and_everything_comes_again(shop: Shop, journal: Journal) -> None:
    shop.take_journal(journal)
    work(journal)
    fill(shop)
    shop.take_journal(journal, 1)
    assert not shop.writer.ended.is_set()
    assert shop.writer.trouble.since_ms == shop.clock_ms
    written = through(shop)
    assert written < len(journal.lines)
    assert max(ack["through"] for ack in shop.acks()) == written
    cursor = shop.intake.books.cursors["cab-1", EPOCH]
    assert cursor.through == written
    assert shop.intake.books.balances["bin:cab-1/1", "OF-1"] == shop.stock(1)

    make_room(shop)
    shop.take_journal(journal, written)
    assert through(shop) == len(journal.lines)
    assert shop.acks()[-1]["through"] == len(journal.lines)
    assert shop.writer.trouble.since_ms == 0
    check_ledger(shop.path)


def test_what_waits_is_dropped_until_the_pause_is_over(shop: Shop, journal: Journal) -> None:
    work(journal)
    fill(shop)
    shop.take_journal(journal)
    shop.do(lambda: shop.store.all("pragma max_page_count = 1000000"))
    held = through(shop)
    shop.take_journal(journal)
    assert through(shop) == held
    assert [message.payload for message in shop.link.acknowledged] == journal.lines * 2  # the broker keeps nothing
    shop.clock_ms += disk.PAUSE_MS_MAX
    shop.take_journal(journal)
    assert through(shop) == len(journal.lines)


def test_hands_are_seen_at_the_kiosk_meanwhile(shop: Shop, journal: Journal) -> None:
    work(journal)
    fill(shop)
    shop.take_journal(journal)
    before = shop.writer.changes
    shop.take("partsbay/1/cab-1/live", wire.encode("live", LIVE))
    assert shop.intake.lives["cab-1"].message["doors"] == [[1, 0, 1]]
    assert shop.writer.changes > before


def test_a_person_is_told_and_nothing_is_half_done(shop: Shop, journal: Journal) -> None:
    session = journal.session([row(1, 6_000_000, 5_400_000)])
    shop.take_journal(journal)
    fill(shop)
    note = "x" * 500
    with pytest.raises(CannotWriteError, match="expected room to write on the gateway's disk, found: database or disk"):
        for _ in range(100):  # until the pages that are there are full
            shop.act(ContestSession(session, "wang", note))
    in_memory = {found for bin_ in shop.intake.books.open_in("cab-1").values() for found in bin_}
    assert in_memory == {found for (found,) in shop.query("select id from open_discrepancy")}
    make_room(shop)
    shop.act(ContestSession(session, "wang", note))
    assert shop.writer.trouble.since_ms == 0


def test_a_kiosk_is_told_why_nothing_was_booked(tmp_path: Path) -> None:
    gateway = Gateway(Settings("gw-1", tmp_path), lambda: NOW_MS)
    gateway.writer.start(RecordingLink())
    try:
        new = document()
        gateway.put_document(new, encode_document(new))
        journal = Journal()
        journal.created()
        session = journal.session([row(1, 6_000_000, 5_400_000)])
        gateway.writer.put(received(journal.topic, b"\n".join(journal.lines)))
        gateway.writer.submit(lambda: gateway.writer.store.all("pragma max_page_count = 1")).result(20)
        assert gateway.cannot_write_since_ms() == 0
        with pytest.raises(ActionError) as refused:
            for _ in range(100):  # until the pages that are there are full
                gateway.act(ContestSession(session, "wang", "x" * 500))
        assert refused.value.refusal == "cannot_write"
        assert gateway.cannot_write_since_ms() == NOW_MS
        assert gateway.status().cannot_write_since_ms == NOW_MS
    finally:
        gateway.writer.close()
        gateway.close()


def test_it_is_said_once_and_ends_without_a_message(
    shop: Shop, journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    work(journal)
    fill(shop)
    with caplog.at_level(logging.WARNING, "edge_gateway.disk"):
        for _ in range(5):
            shop.take_journal(journal)
            shop.clock_ms += disk.PAUSE_MS_MAX
        make_room(shop)
        wait_until(lambda: shop.writer.trouble.since_ms == 0, "the writer to find out by itself")
    said = [record.message for record in caplog.records]
    assert len(said) == 2
    assert said[0].startswith("the database cannot be written: database or disk is full")
    assert said[1] == "the database can be written again"


def test_a_receipt_of_the_cloud_that_cannot_be_noted_is_asked_for_again(shop: Shop, journal: Journal) -> None:
    work(journal)
    shop.take_journal(journal)
    shop.do(lambda: shop.store.all("pragma query_only = on"))  # as a disk that became read-only
    last = shop.value("select max(seq) from outbox")

    def note() -> int:
        return take_receipt(shop.intake.batch, Receipt(shop.store.epoch, last), last, shop.store)

    with pytest.raises(CannotWriteError):
        shop.do(note)
    assert shop.intake.books.upload_through == 0
    shop.do(lambda: shop.store.all("pragma query_only = off"))
    assert shop.do(note) == last
    assert shop.value("select through from upload") == last


def test_a_database_that_another_program_holds_is_waited_for(shop: Shop, journal: Journal) -> None:
    shop.do(lambda: shop.store.all("pragma busy_timeout = 0"))
    with contextlib.closing(sqlite3.connect(shop.path, isolation_level=None)) as other:
        other.execute("begin immediate")
        shop.take_journal(journal)
        assert shop.writer.trouble.since_ms
        assert through(shop) == 0
    shop.clock_ms += disk.CALM_MS
    shop.take_journal(journal)
    assert through(shop) == 1
    assert not shop.writer.trouble.since_ms


def test_a_damaged_database_still_ends_the_program(tmp_path: Path) -> None:
    first = Shop(tmp_path)
    first.put_document(document())
    page = first.value("select rootpage from sqlite_master where name = 'inbox'")
    size = first.value("pragma page_size")
    first.close()
    with first.path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    shop = Shop(tmp_path)
    journal = Journal()
    shop.writer.put(received(journal.topic, journal.created()))
    assert shop.writer.ended.wait(10)
    assert isinstance(shop.writer.failure, sqlite3.DatabaseError)
    assert "malformed" in str(shop.writer.failure)
    assert shop.link.acknowledged == []
    shop.close()


def test_the_firmwares_window_brings_everything_again(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "ticks_diff", lambda late, early: late - early, raising=False)
    flash = FlashJournal(str(tmp_path / "journal"), "cab-1", 1 << 20)
    flash.open(None, None)
    flash.append({"kind": "journal_created", "boot": 1, "up_ms": 0, "reason": "first"})
    rows = [[number, 1_000_000, 10, 1_000_000, 10, 0] for number in range(1, 48)]
    for number in range(1, 60):
        flash.append({"kind": "bins_changed", "boot": 1, "up_ms": number, "utc_ms": NOW_MS + number, "bins": rows})
    window = link.Window(flash)
    fill(shop)
    now, heard = 0, 0
    while flash.through < flash.last:
        while (payload := window.take(now)) is not None:
            shop.take("partsbay/1/cab-1/event", payload)
        for ack in shop.acks()[heard:]:
            window.acknowledge(ack, now)
        heard = len(shop.acks())
        now += 100
        shop.clock_ms += 100
        window.go_back_if_stuck(now)
        if now == 20_000:
            assert shop.writer.trouble.since_ms > 0
            assert flash.through < flash.last
            make_room(shop)
        assert now < 200_000
    flash.close()
    assert through(shop) == 60
    check_ledger(shop.path)


# ---- a file system that is really full ----


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of 8 MB; skips by name where mounting is not permitted. Not below pytest's folders, which it
    empties at its end even of a test that was killed."""
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if mount is None or umount is None:
        pytest.skip("mount is not there, so no file system can be really full")
    place = Path(tempfile.mkdtemp(prefix="partsbay-small-disk-"))
    command = [mount, "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(place)]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode:
        place.rmdir()
        pytest.skip(f"mounting a small file system is not permitted here: {mounted.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run([umount, "-l", str(place)], check=True)
        place.rmdir()


def fill_up(place: Path) -> Path:
    """A file that takes all that is left."""
    filler = place / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\0" * 4096)
    return filler


def test_certificates_and_who_was_turned_away_wait_for_room(small_disk: Path, caplog: pytest.LogCaptureFixture) -> None:
    refusals = Refusals(small_disk / "refusals.db", lambda: NOW_MS)
    identity = Identity(Settings("gw-1", small_disk), lambda: NOW_MS, lambda _trust: None, lambda *_: None)
    filler = fill_up(small_disk)
    for _ in range(2):
        identity.look_now()
        refusals.note("password", "cab-9")
        refusals.write()
    assert refusals.newest() == []
    filler.unlink()
    identity.look_now()
    assert identity.shop.authority.certificate
    identity.close()
    assert [(each.who, each.times) for each in refusals.newest()] == [("cab-9", 2)]
    said = [record.message.split(":")[0] for record in caplog.records]
    assert said == ["certificates cannot be seen to", "who was turned away cannot be recorded"]  # each said once


def test_a_log_that_filled_the_disk_while_somebody_read_is_folded_in(small_disk: Path) -> None:
    """A reader that takes long keeps the log from beginning anew; then it is the log that takes the room."""
    with contextlib.closing(Shop(small_disk)) as shop:
        shop.put_document(document())
        journal = Journal()
        journal.created()
        work(journal, 60)
        with contextlib.closing(sqlite3.connect(shop.path, isolation_level=None)) as reader:
            reader.execute("begin")
            reader.execute("select count(*) from inbox").fetchone()
            for line in journal.lines:
                shop.take(journal.topic, line)
            assert shop.writer.trouble.since_ms
        for _ in range(2):  # the first one still finds no room, and makes some
            shop.clock_ms += disk.PAUSE_MS_MAX
            shop.take_journal(journal, through(shop))
        assert through(shop) == len(journal.lines)
        check_ledger(shop.path)


@pytest.mark.parametrize("kind", ["embedded", "mosquitto"])
def test_the_program_outlives_a_full_disk(small_disk: Path, kind: str) -> None:
    """With the broker's own files on the full disk, and with a broker elsewhere that keeps 20 messages in flight."""
    journals = [Journal(cabinet) for cabinet in ("cab-1", "cab-2")]
    for journal in journals:
        journal.created()
        work(journal, 60)
    with contextlib.ExitStack() as ends:
        where, passwords = f'kind = "embedded"\nport = {free_port()}', dict.fromkeys(("cab-1", "cab-2"), PASSWORD)
        if kind != "embedded":
            broker = broker_of(kind)
            ends.callback(broker.close)
            broker.start()
            where = f'kind = "external"\nport = {broker.port}\nusername = "{GATEWAY[0]}"\npassword = "{GATEWAY[1]}"'
            passwords = CABINETS
        program = GatewayProgram(small_disk, where)
        ends.callback(program.close)
        program.start()
        kiosk = re.search(r"kiosk=(\S+)", program.ready)[1]  # type: ignore[index]
        full = threading.Event()
        controllers = [
            RudeController(
                program.mqtt_port(),
                j.cabinet,
                passwords[j.cabinet],
                j.lines,
                may_send=lambda seq: seq <= 1 or full.is_set(),
            )
            for j in journals
        ]
        for controller in controllers:
            controller.start()
            ends.callback(controller.close)
        wait_until(lambda: all(controller.through for controller in controllers), "everybody to hear each other")
        filler = fill_up(small_disk)
        full.set()
        told = "网关的磁盘写不进去"
        wait_until(lambda: told in httpx.get(kiosk, timeout=60).text, "the kiosk to say that the disk is full")
        assert not all(controller.done for controller in controllers)
        out = io.StringIO()
        assert print_status(program.database, int(time.time() * 1000), out) == 0
        assert "LOW DISK: 0 MB free" in out.getvalue()
        filler.unlink()
        wait_until(lambda: all(controller.done for controller in controllers), "both journals", 120)
        assert program.stop() == 0
    for journal in journals:
        assert lines_of(program.database, journal.cabinet) == journal.lines
    check_ledger(program.database)


def lines_of(database: Path, cabinet: str) -> list[bytes]:
    """What a database has of a cabinet's journal."""
    with contextlib.closing(sqlite3.connect(database)) as db:
        rows = db.execute("select line from inbox where cabinet = ? order by seq", (cabinet,))
        return [bytes(line) for (line,) in rows]
