"""A backup is restored, of the cloud or of the gateway: nothing is lost that anybody holds, nothing is there twice."""

import logging
import shutil
from io import StringIO
from pathlib import Path

import pytest

from edge_gateway import ledger_check, upload, writer
from edge_gateway.cloud_link import CloudLink, CloudTalk
from edge_gateway.disk import DiskWatch
from edge_gateway.opening import put_into_force
from edge_gateway.settings import CloudSettings
from edge_gateway.shop_document import ShopDocument, decode_document
from edge_gateway.status_report import gateway_status, print_status
from tests.firmware.brokers import wait_until
from tests.gateway.real_cloud import KEY, RealCloud
from tests.gateway.world import NOW_MS, Journal, Shop, document, row

pytestmark = pytest.mark.usefixtures("impatient")

TAKE = row(1, 6_000_000, 5_400_000)
BRING = row(1, 5_400_000, 6_000_000)


def linked(shop: Shop, cloud: RealCloud) -> CloudLink:
    """A link as the gateway makes it."""

    def take(new: ShopDocument, data: bytes) -> None:
        put_into_force(new, data, shop.intake.batch, shop.clock_ms)

    settings = CloudSettings(cloud.url, KEY, poll_s=1)
    disk = DiskWatch(shop.path)
    talk = CloudTalk(settings, shop.writer, lambda: gateway_status(shop.path, disk, shop.clock_ms), take)
    link = CloudLink(talk)
    shop.writer.on_commit = link.wake
    link.start()
    return link


def take_visits(shop: Shop, journal: Journal, count: int = 1) -> None:
    """One piece leaves and comes back, so often."""
    start = len(journal.lines)
    for _ in range(count):
        journal.session([TAKE])
        journal.session([BRING])
    shop.take_journal(journal, start)


def wait_for_cloud(shop: Shop) -> None:
    """Until the cloud has confirmed all there is."""

    def done() -> bool:
        return bool(shop.value("select through = (select max(seq) from outbox) from upload"))

    wait_until(done, "the whole outbox in the cloud")


def assert_cloud_has_all(shop: Shop, cloud: RealCloud) -> None:
    """The same movements, events and sessions, and nothing put aside."""
    assert cloud.query("select reason from ingest_quarantine") == []
    for mine, theirs in (
        ("select id from movement order by id", "select id from movement order by id"),
        ("select cabinet, seq from inbox order by 1, 2", "select cabinet, seq from event order by 1, 2"),
        ("select id from session where closed_ms order by id", "select id from cabinet_session order by id"),
    ):
        assert cloud.query(theirs) == shop.query(mine)
    balances = "select account, part, quantity from balance where quantity != 0 order by 1, 2"
    assert cloud.query(balances) == shop.query(balances)


def test_a_cloud_restored_from_a_backup_gets_the_rest_again(shop: Shop, journal: Journal, cloud: RealCloud) -> None:
    link = linked(shop, cloud)
    try:
        shop.take_journal(journal)
        take_visits(shop, journal)
        wait_for_cloud(shop)
        cloud.stop()
        cloud.save("backup.db")
        cloud.start()
        take_visits(shop, journal, 80)  # more than one upload takes
        wait_for_cloud(shop)
        cloud.roll_back("backup.db")
        take_visits(shop, journal)
        wait_for_cloud(shop)
        assert_cloud_has_all(shop, cloud)
        assert shop.value("select in_cloud = through from cursor") == 1
    finally:
        link.close()


def test_an_idle_gateway_finds_out_too(
    shop: Shop, journal: Journal, cloud: RealCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload, "ASK_S", 0.05)
    cloud.stop()
    cloud.save("empty.db")
    cloud.start()
    link = linked(shop, cloud)
    try:
        shop.take_journal(journal)
        take_visits(shop, journal)
        wait_for_cloud(shop)
        cloud.roll_back("empty.db")
        wait_until(lambda: len(cloud.query("select * from event")) == len(journal.lines), "the events once more")
        wait_for_cloud(shop)
        assert_cloud_has_all(shop, cloud)
    finally:
        link.close()


def test_what_was_forgotten_is_missed_aloud_and_once(
    shop: Shop, journal: Journal, cloud: RealCloud, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(writer, "PRUNE_KEEP", 0)
    monkeypatch.setattr(writer, "PRUNE_ROWS_MAX", 5)
    monkeypatch.setattr(upload, "ASK_S", 0.3)  # the writer forgets when it has had nothing to do for 0.1 s
    monkeypatch.setattr(upload, "FORGOTTEN_PAUSE_S", 0.3)
    cloud.stop()
    cloud.save("empty.db")
    cloud.start()
    link = linked(shop, cloud)
    try:
        shop.take_journal(journal)
        take_visits(shop, journal, 3)
        wait_for_cloud(shop)
        wait_until(lambda: shop.value("select pruned from upload") >= 5, "old outbox rows forgotten")
        cloud.stop()
        cloud.save("whole.db")
        with caplog.at_level(logging.ERROR, "edge_gateway.upload"):
            cloud.roll_back("empty.db")
            wait_until(lambda: shop.value("select through from upload") == 0, "the cloud's answer")
            assert shop.query("select in_cloud from cursor") == [(0,)]
            take_visits(shop, journal)
            wait_until(lambda: said(caplog), "a word about it")
            out = StringIO()
            assert print_status(shop.path, NOW_MS, out) == 0
            assert "NOTHING GOES UP: the cloud wants 1 to" in out.getvalue()
            assert cloud.query("select * from event") == []
            cloud.roll_back("whole.db")  # a better backup was found
            wait_for_cloud(shop)
        assert len(said(caplog)) == 1
        assert_cloud_has_all(shop, cloud)
        assert shop.value("select in_cloud = through from cursor") == 1
    finally:
        link.close()


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the uploader said of what was forgotten."""
    return [text for record in caplog.records if "which were forgotten here" in (text := record.getMessage())]


def test_a_gateway_restored_from_a_backup_begins_a_new_epoch(
    shop: Shop, journal: Journal, cloud: RealCloud, tmp_path: Path
) -> None:
    """What came after the backup is still in the cabinet; the cloud books it once, whatever its number."""
    link = linked(shop, cloud)
    shop.take_journal(journal)
    take_visits(shop, journal)
    wait_for_cloud(shop)
    link.close()
    shop.close()
    backup = shutil.copytree(tmp_path, tmp_path / "backup", ignore=shutil.ignore_patterns("cloud"))
    later = Shop(tmp_path)
    link = linked(later, cloud)
    take_visits(later, journal, 3)
    wait_for_cloud(later)
    link.close()
    later.close()
    restored = Shop(backup)
    epoch = restored.store.epoch
    link = linked(restored, cloud)
    try:
        wait_until(lambda: restored.store.epoch != epoch, "a new epoch")
        restored.take_journal(journal, 1)  # as the cabinet sends it again from the cursor on, and from before it
        take_visits(restored, journal)
        wait_for_cloud(restored)
        assert_cloud_has_all(restored, cloud)
        out = StringIO()
        assert ledger_check.verify(restored.path, out) == 0, out.getvalue()
    finally:
        link.close()
        restored.close()
    again = Shop(backup)
    assert again.store.epoch == restored.store.epoch
    again.close()


def test_a_restored_gateway_that_went_on_without_the_cloud_contradicts_it_in_sight(
    shop: Shop, journal: Journal, cloud: RealCloud, tmp_path: Path
) -> None:
    """Nobody can tell then that it was restored: what differs under one number is put aside, never passed over."""
    shop.take_journal(journal)
    shop.close()
    backup = shutil.copytree(tmp_path, tmp_path / "backup", ignore=shutil.ignore_patterns("cloud"))
    later = Shop(tmp_path)
    link = linked(later, cloud)
    take_visits(later, journal)
    wait_for_cloud(later)
    link.close()
    later.close()
    restored = Shop(backup)
    other = Journal("cab-2")
    other.created()
    restored.take_journal(other)
    take_visits(restored, other, 3)
    link = linked(restored, cloud)
    try:
        wait_for_cloud(restored)
        reasons = cloud.query("select distinct reason from ingest_quarantine")
        assert reasons == [("expected the content that was received under this number before, found another",)]
    finally:
        link.close()
        restored.close()


def test_a_restored_cloud_gives_a_document_no_version_the_gateway_has_had(shop: Shop, cloud: RealCloud) -> None:
    link = linked(shop, cloud)
    try:
        cloud.stop()
        cloud.save("backup.db")
        cloud.start()
        assert cloud.seed(document(jobs=[])) == 2
        wait_until(lambda: shop.value("select max(version) from document") == 2, "the second version")
        cloud.roll_back("backup.db")
        wait_until(lambda: cloud.query("select document_version from gateway") == [(2,)], "a status")
        assert cloud.seed(document()) == 3  # the very document the backup holds: the gateway has another
        wait_until(lambda: shop.value("select max(version) from document") == 3, "the third version")
        newest = decode_document(shop.value("select bytes from document order by version desc limit 1"))
        assert [job.id for job in newest.jobs] == ["job-7", "job-8"]
    finally:
        link.close()
