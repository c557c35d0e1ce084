"""The outbox goes up in order, once; the document comes down; the cloud being away is normal."""

import logging
import sqlite3
from collections.abc import Iterator
from hashlib import sha256
from io import StringIO
from pathlib import Path

import pytest
from cabinet import wire

from edge_gateway import cloud_link, writer
from edge_gateway.access_list import AccessListError, access_list
from edge_gateway.cloud_link import CloudLink, CloudTalk
from edge_gateway.disk import DiskWatch
from edge_gateway.document_pull import newer_document
from edge_gateway.opening import put_into_force
from edge_gateway.outgoing import ReceiptError, take_receipt
from edge_gateway.settings import CloudSettings
from edge_gateway.shop_document import DocumentError, ShopDocument, encode_document
from edge_gateway.status_report import gateway_status, print_status
from edge_gateway.upload_format import GatewayStatus, Receipt
from tests.firmware.brokers import wait_until
from tests.gateway.cloud_fake import FakeCloud
from tests.gateway.world import EPOCH, NOW_MS, Journal, Shop, document, row

pytestmark = pytest.mark.usefixtures("impatient")


@pytest.fixture
def cloud() -> Iterator[FakeCloud]:
    """A cloud that answers."""
    cloud = FakeCloud()
    yield cloud
    cloud.close()


def linked(shop: Shop, url: str) -> CloudLink:
    """A link as the gateway makes it."""

    def take(new: ShopDocument, data: bytes) -> None:
        put_into_force(new, data, shop.intake.batch, shop.clock_ms)

    settings = CloudSettings(url, "gateway-key", poll_s=1)
    disk = DiskWatch(shop.path)
    talk = CloudTalk(settings, shop.writer, lambda: gateway_status(shop.path, disk, shop.clock_ms), take)
    link = CloudLink(talk)
    shop.writer.on_commit = link.wake
    link.start()
    return link


def test_everything_goes_up_once_and_in_order(shop: Shop, journal: Journal, cloud: FakeCloud) -> None:
    cloud.faults = ["answer lost", "unavailable", "nonsense"]
    link = linked(shop, cloud.url)
    for number in range(30):
        journal.session([row(1, 6_000_000 - 600_000 * (number % 2), 6_000_000 - 600_000 * ((number + 1) % 2))])
    shop.take_journal(journal)
    last = shop.value("select max(seq) from outbox")
    wait_until(lambda: shop.value("select through from upload") == last, "the outbox in the cloud")
    link.close()
    held = [bytes(content) for (content,) in shop.query("select content from outbox order by seq")]
    assert [content for _seq, content in sorted(cloud.contents.items())] == held
    assert cloud.different == 0
    assert cloud.repeats > 0  # answers were lost, so something was sent twice
    assert cloud.keys == {"Bearer gateway-key"}
    assert shop.value("select in_cloud from cursor") == len(journal.lines)
    assert cloud.kinds()[:7] == ["movement"] * 6 + ["event"]


def test_what_nobody_expected_does_not_end_the_link(
    shop: Shop, journal: Journal, cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(cloud_link, "AGAIN_S", 0.02)
    asked: list[int] = []

    def status() -> GatewayStatus:
        asked.append(len(asked))
        if len(asked) < 3:
            raise sqlite3.OperationalError("disk I/O error")
        return gateway_status(shop.path, DiskWatch(shop.path), shop.clock_ms)

    link = CloudLink(CloudTalk(CloudSettings(cloud.url, "gateway-key", poll_s=1), shop.writer, status, lambda *_: None))
    shop.writer.on_commit = link.wake
    link.start()
    shop.take_journal(journal)
    wait_until(lambda: shop.value("select in_cloud from cursor") == 1, "the event in the cloud")
    wait_until(lambda: cloud.statuses, "a status")
    link.close()
    assert caplog.text.count("the talk to the cloud ended") == 2


def test_journal_ack_tells_what_is_in_the_cloud(shop: Shop, journal: Journal, cloud: FakeCloud) -> None:
    shop.take_journal(journal)
    assert shop.acks()[-1]["in_cloud"] == 0
    link = linked(shop, cloud.url)
    wait_until(lambda: shop.value("select in_cloud from cursor") == 1, "the cursor's share in the cloud")
    link.close()
    shop.take_journal(journal)
    assert shop.acks()[-1]["in_cloud"] == 1


def test_the_cloud_is_lost_once_and_back_once(
    shop: Shop, journal: Journal, cloud: FakeCloud, caplog: pytest.LogCaptureFixture
) -> None:
    cloud.close()
    with caplog.at_level(logging.WARNING, "edge_gateway.upload"):
        link = linked(shop, cloud.url)
        shop.take_journal(journal)
        wait_until(lambda: len(caplog.records) > 0, "a word about the cloud")
        again = FakeCloud(cloud.port)
        wait_until(lambda: again.through > 0, "the outbox in the cloud")
        wait_until(lambda: len(caplog.records) > 1, "a word about the cloud being back")
        link.close()
        again.close()
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 2
    assert "is lost" in said[0]
    assert "is back" in said[1]


def test_the_document_comes_down_and_the_status_goes_up(empty_shop: Shop, cloud: FakeCloud) -> None:
    link = linked(empty_shop, cloud.url)
    cloud.document = document(version=4)
    wait_until(lambda: empty_shop.value("select max(version) from document") == 4, "the document")
    assert empty_shop.stock(1) == 10
    wait_until(lambda: cloud.statuses[-1].document_version == 4, "the status")
    cloud.document = document(version=5)
    wait_until(lambda: empty_shop.value("select max(version) from document") == 5, "the next document")
    link.close()
    assert empty_shop.stock(1) == 10


def test_a_document_that_is_none_is_refused() -> None:
    good = encode_document(document(version=3))
    assert newer_document(good, 2).version == 3
    with pytest.raises(DocumentError, match="expected a document newer than version 3, found 3"):
        newer_document(good, 3)
    with pytest.raises(DocumentError, match="expected a shop's document"):
        newer_document(b"{}", 0)


def test_a_receipt_that_cannot_be_moves_nothing(shop: Shop) -> None:
    for receipt, sentence in (
        (Receipt("ffffffffffffffff", 1), "expected a receipt for epoch"),
        (Receipt(shop.store.epoch, -1), "expected the cloud to hold 0 or more, found -1"),
        (Receipt(shop.store.epoch, 999), "expected the cloud to hold at most 6 of epoch .*, found 999"),
    ):
        with pytest.raises(ReceiptError, match=sentence):
            shop.do(lambda receipt=receipt: take_receipt(shop.intake.batch, receipt, 1, shop.store))
    assert shop.value("select through from upload") == 0


def test_what_the_cloud_holds_is_forgotten_in_bounds(
    shop: Shop, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "PRUNE_KEEP", 10)
    monkeypatch.setattr(writer, "PRUNE_ROWS_MAX", 5)
    for _ in range(40):
        journal.add("bin_well", bin=1)
    shop.take_journal(journal)
    last = shop.value("select max(seq) from outbox")
    shop.do(lambda: take_receipt(shop.intake.batch, Receipt(shop.store.epoch, last), last, shop.store))
    wait_until(lambda: shop.value("select pruned from upload") >= last - 15, "old outbox rows forgotten")
    assert shop.value("select min(seq) from outbox") == shop.value("select pruned + 1 from upload")
    journal.add("bin_well", bin=1)
    shop.take_journal(journal, len(journal.lines) - 1)
    assert shop.value("select max(seq) from outbox") == last + 1


def test_an_access_list_is_signed_and_the_same_all_day() -> None:
    key = "ab" * 32
    payload = access_list(document(), "cab-1", key, NOW_MS)
    *lines, mac = payload.split(b"\n")
    header = wire.decode_config_header(lines[0])
    assert (header["people"], header["version"], header["cabinet"]) == (2, 1, "cab-1")
    assert lines[1:] == [b'["04A1B2C3","wang","mechanic"]', b'["04D1D2D3","driver","restocker"]']
    assert mac.decode() == hmac_by_definition(b"\n".join(lines) + b"\n", key)
    assert access_list(document(), "cab-1", key, NOW_MS + 60_000) == payload
    assert access_list(document(), "cab-1", key, NOW_MS + 86_400_000) != payload


def hmac_by_definition(data: bytes, key: str) -> str:
    """HMAC-SHA256 by its definition in RFC 2104, written out."""
    block = bytes.fromhex(key).ljust(64, b"\0")
    inner = sha256(bytes(b ^ 0x36 for b in block) + data).digest()
    return sha256(bytes(b ^ 0x5C for b in block) + inner).hexdigest()


def test_too_many_people_are_refused_with_a_sentence() -> None:
    people = [{"id": f"p{n}", "name": "x", "role": "mechanic", "badges": [f"{n:08X}"]} for n in range(301)]
    with pytest.raises(AccessListError, match="expected people as an integer from 0 to 300, found 301"):
        access_list(document(people=people), "cab-1", "00" * 32, NOW_MS)


def test_a_status_without_a_database(tmp_path: Path) -> None:
    out = StringIO()
    assert print_status(tmp_path / "none.db", NOW_MS, out) == 1
    assert "expected a database" in out.getvalue()


def test_a_status_tells_ages(shop: Shop, journal: Journal) -> None:
    state = wire.encode("state", {"online": 1, "epoch": EPOCH, "boot": 1, "journal_last": 9})
    shop.take("partsbay/1/cab-1/state", state)
    shop.take_journal(journal)
    out = StringIO()
    assert print_status(shop.path, shop.clock_ms + 3 * 3_600_000, out) == 0
    assert "heard 3 hours ago, journal taken in up to 1, 8 more in the cabinet" in out.getvalue()
