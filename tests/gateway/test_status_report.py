"""What the gateway tells of itself and its cabinets: each thing that waits or is missing as a number and a time."""

from io import StringIO

import pytest
from cabinet import wire

from edge_gateway.disk import LOW_BYTES, DiskWatch, Space, growth_bytes_per_day
from edge_gateway.outgoing import take_receipt
from edge_gateway.schema import open_for_reading
from edge_gateway.status_report import gateway_status, print_status, room_sessions
from edge_gateway.upload_format import GatewayStatus, Receipt
from tests.benchmarks import journal_bench
from tests.gateway.world import EPOCH, NOW_MS, Journal, Shop, row

DAY_MS = 86_400_000
HOUR_MS = 3_600_000


def health(**fields: int) -> bytes:
    """A controller's word about itself."""
    said = {
        "epoch": EPOCH, "boot": 1, "up_ms": 1000, "firmware": "0.1.0", "reset_cause": "power_on", "config_version": 1,
        "journal_first": 1, "journal_last": 1, "journal_through": 1, "journal_free_bytes": 1_000_000,
        "mem_free_bytes": 60_000, "mem_free_bytes_min": 50_000, "scan_ms_max": 70, "bins_blind": 0, "sensor_errors": 0,
        "connects": 1, "refused": 0, **fields,
    }  # fmt: skip
    payload: bytes = wire.encode("health", said)
    return payload


def told(shop: Shop, cannot_write_since_ms: int = 0) -> GatewayStatus:
    """The report as of the shop's clock."""
    return gateway_status(shop.path, DiskWatch(shop.path), shop.clock_ms, cannot_write_since_ms)


def printed(shop: Shop) -> str:
    """The report for a terminal."""
    out = StringIO()
    assert print_status(shop.path, shop.clock_ms, out) == 0
    return out.getvalue()


def test_all_is_well(shop: Shop, journal: Journal) -> None:
    shop.take_journal(journal)
    last = shop.value("select max(seq) from outbox")
    shop.do(lambda: take_receipt(shop.intake.batch, Receipt(shop.store.epoch, last), last, shop.store))
    status = told(shop)
    counts = (status.outbox_backlog, status.quarantined, status.broken, status.cannot_write_since_ms)
    times = (status.outbox_oldest_ms, status.quarantine_oldest_ms, status.broken_ms)
    assert (*counts, *times) == (0,) * 7


def test_what_waits_for_the_cloud_is_as_old_as_its_oldest(shop: Shop, journal: Journal) -> None:
    shop.take_journal(journal)
    came_ms = shop.clock_ms
    shop.clock_ms += 3 * HOUR_MS
    journal.session([row(1, 6_000_000, 5_400_000)])
    shop.take_journal(journal, 1)
    waiting = shop.value("select count(*) from outbox")
    status = told(shop)
    assert status.outbox_backlog == waiting
    assert status.outbox_oldest_ms == came_ms
    assert f"in the cloud up to 0, {waiting} waiting, the oldest for 3 hours" in printed(shop)


def test_the_quarantine_and_what_was_asked_for_again(shop: Shop, journal: Journal) -> None:
    shop.take_journal(journal)
    shop.take("partsbay/1/cab-1/health", b"nonsense")
    first_ms = shop.clock_ms
    shop.clock_ms += 2 * DAY_MS
    shop.take("partsbay/1/cab-2/health", b"nonsense")
    shop.take(journal.topic, b"broken", b"broken too")
    status = told(shop)
    assert (status.quarantined, status.quarantine_oldest_ms) == (2, first_ms)
    assert (status.broken, status.broken_ms) == (2, shop.clock_ms // HOUR_MS * HOUR_MS)
    assert "2 in quarantine, the oldest for 2 days" in printed(shop)
    assert "2 broken messages asked for again in 7 days" in printed(shop)
    shop.clock_ms += 8 * DAY_MS
    assert (told(shop).broken, told(shop).broken_ms) == (0, 0)


def test_a_cabinets_backlog_and_how_far_it_was_taken_in(shop: Shop, journal: Journal) -> None:
    shop.take_journal(journal)
    shop.take("partsbay/1/cab-1/health", health(journal_last=9))
    (cabinet,) = told(shop).cabinets
    assert (cabinet.journal_backlog, cabinet.taken_in_ms) == (8, NOW_MS + 1000)
    assert "8 more in the cabinet" in printed(shop)
    assert "  the last event taken in is 59 minutes old" in printed(shop)


def test_what_never_came_is_told_until_somebody_explains_it(shop: Shop, journal: Journal) -> None:
    shop.take_journal(journal)
    shop.take("partsbay/1/cab-1/health", health(journal_first=14, journal_last=20))
    forgotten_ms = shop.clock_ms
    (cabinet,) = told(shop).cabinets
    assert (cabinet.never_came, cabinet.never_came_ms) == (12, forgotten_ms)
    shop.clock_ms += HOUR_MS
    shop.take(journal.topic, b"never whole", b"never whole", b"never whole")
    (cabinet,) = told(shop).cabinets
    assert (cabinet.never_came, cabinet.never_came_ms) == (13, shop.clock_ms)
    assert "  13 events never came, found 0 seconds ago" in printed(shop)
    shop.clock_ms += 31 * DAY_MS
    (cabinet,) = told(shop).cabinets
    assert cabinet.never_came == 12  # nobody has explained it


def test_a_journal_nearly_full_and_one_that_is(shop: Shop, journal: Journal) -> None:
    journal.session([row(number, 6_000_000, 6_000_000) for number in (1, 2, 3)])
    shop.take_journal(journal)
    for free_bytes, sessions, full in ((16_384 + 9_799, 9, False), (16_384, 0, False), (16_383, 0, True)):
        shop.take("partsbay/1/cab-1/health", health(journal_free_bytes=free_bytes))
        (cabinet,) = told(shop).cabinets
        assert (cabinet.journal_room_sessions, cabinet.journal_full) == (sessions, full)
    assert "JOURNAL FULL" in printed(shop)
    assert room_sessions(16_384 + 1_000_000, 12) == 1_000_000 // 1430


def test_the_room_is_what_the_real_journal_takes() -> None:
    figures = journal_bench.measure()
    found = {figure.name.split(": ")[0]: figure.value for figure in figures if figure.unit == "bytes"}
    assert len(found) == 3
    for name, session_bytes in found.items():
        bins = int(name.split()[-2])
        assert room_sessions(16_384 + 1_000_000, bins) == pytest.approx(1_000_000 / session_bytes, rel=0.02)


def test_the_disk(shop: Shop, journal: Journal) -> None:
    for _ in range(60):
        journal.session([row(1, 6_000_000, 6_000_000)])
    shop.take_journal(journal)
    line_bytes = sum(map(len, journal.lines))
    db = open_for_reading(str(shop.path))
    assert growth_bytes_per_day(db, shop.clock_ms) == line_bytes * 15  # its first day
    assert growth_bytes_per_day(db, shop.clock_ms + 3 * DAY_MS) == line_bytes * 15 // 3
    assert growth_bytes_per_day(db, shop.clock_ms + 8 * DAY_MS) == 0
    db.close()
    status = told(shop)
    assert status.disk_free_bytes > 0
    assert status.disk_days == status.disk_free_bytes // (line_bytes * 15)
    assert "MB free, enough for" in printed(shop)


def test_when_a_disk_is_low() -> None:
    assert Space(LOW_BYTES - 1, 0).is_low
    assert not Space(LOW_BYTES, 0).is_low
    assert Space(LOW_BYTES, LOW_BYTES // 13).is_low
    assert not Space(LOW_BYTES, LOW_BYTES // 15).is_low
    assert (Space(LOW_BYTES, 0).days, Space(LOW_BYTES, LOW_BYTES // 13).days) == (-1, 13)


def test_nothing_can_be_written(shop: Shop) -> None:
    assert told(shop, 123).cannot_write_since_ms == 123


def test_a_tag_reader_that_does_not_answer_is_told(shop: Shop, journal: Journal) -> None:
    shop.take_journal(journal)
    shop.take("partsbay/1/cab-1/health", health(tags=0, tag_failures=0, tags_over=0))
    assert "tag reader" not in printed(shop)
    shop.take("partsbay/1/cab-1/health", health(tags=12, tag_failures=3, tags_over=0))
    assert "3 times since its start its tag reader did not answer: nothing was read" in printed(shop)
    assert told(shop).cabinets[0].tag_failures == 3
