"""A gateway that lost its disk is rebuilt from the cloud and the cabinets: everything equal, nothing twice."""

import asyncio
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from cabinet import wire

import partsbay
from cloud import restore as cloud_restore
from cloud.app import create_app
from cloud.ingest import GatewayIdentity
from cloud.services import open_services
from edge_gateway import ledger_check, upload_format
from edge_gateway import restore as restoring
from edge_gateway.kiosk_seam import ChargeSession, ContestSession, CorrectCount, ResolveByCount, ResolveByNote
from edge_gateway.outgoing import Outgoing
from edge_gateway.reread import reread
from edge_gateway.restore import Report, RestoreError, cloud_client, restore
from edge_gateway.settings import CloudSettings, Settings
from edge_gateway.upload_format import UploadError, line_bytes, line_text
from tests.firmware.brokers import wait_until
from tests.gateway.real_cloud import KEY, RealCloud
from tests.gateway.test_journals import HEALTH, health
from tests.gateway.test_restored import assert_cloud_has_all, linked, wait_for_cloud
from tests.gateway.world import EPOCH, NOW_MS, Journal, Shop, document, row

pytestmark = pytest.mark.usefixtures("impatient")

OTHER_EPOCH = "fedcba9876543210"

# What both databases must hold alike, by table: all but what only the lost one knew.
SAME = {
    "inbox": "*",
    "weighing": "*",
    "plateau": "*",
    "tag_read": "*",
    "tag_found": "*",
    "verdict": "*",
    "rezero": "*",
    "part_mass": "part, unit_mass_mg, spread_mg, round(kappa, 6), round(mean_mg, 6), round(alpha, 6)",
    "tag_state": "*",
    "bin_weight": "*",
    "movement": "*",
    "posting": "*",
    "balance": "*",
    "session": "*",
    "session_person": "*",
    "discrepancy": "*",
    "resolution": "*",
    "request": "*",
    "request_end": "*",
    "open_discrepancy": "*",
    "open_request": "*",
    "restocked": "*",
    "policy": "*",
    "visit": "*",
    "feed_answer": "*",
    "quarantine_read": "cabinet, epoch, seq, occurred_ms, read_ms",
    "cursor": "cabinet, epoch, through, digest, begun_ms",
    "document": "version, bytes",
    "quarantine": "topic, bytes, size, reason, received_ms, cabinet, epoch, seq",
}
# A repeat is dated anew: what is told again and booked again has other times of booking.
TIMELESS = {
    "inbox": "cabinet, epoch, seq, kind, reason, line, digest",
    "movement": "id, cause, cabinet, bin, session, person, job, confidence_ppm, corrects, epoch, seq",
    "posting": "*",
    "balance": "*",
    "session": "id, cabinet, door, opened_by, person, badge, how, missing",
    "session_person": "session, person, badge",
    "open_discrepancy": "id, cabinet, bin, part, session, reason, detail",
    "open_request": "id, cabinet, bin, part, quantity, stock",
    "cursor": "cabinet, epoch, through, digest",
}


def restored(folder: Path, cloud: RealCloud, gateway: str = "gw-1", key: str = KEY) -> Report:
    """Restore into a folder."""
    settings = Settings(gateway, folder, CloudSettings(cloud.url, key))

    async def run() -> Report:
        async with cloud_client(settings.cloud) as client:
            return await restore(client, settings, lambda: NOW_MS + 7_200_000)

    return asyncio.run(run())


def rows_of(database: Path, tables: dict[str, str] = SAME) -> dict[str, list[Any]]:
    """Everything that must be the same, by table."""
    with closing(sqlite3.connect(database)) as db:
        return {
            name: sorted(db.execute(f"select {columns} from {name}").fetchall(), key=repr)
            for name, columns in tables.items()
        }


def assert_same(database: Path, expected: Path, tables: dict[str, str] = SAME) -> None:
    """Table by table, so that a difference names its table; and sound in itself."""
    found, should = rows_of(database, tables), rows_of(expected, tables)
    for name in tables:
        assert found[name] == should[name], name
    out = StringIO()
    assert ledger_check.verify(database, out) == 0, out.getvalue()


def work(shop: Shop, journal: Journal) -> None:
    """Something of everything: takes, doubt, answers, requests, people, clockless events, an open session."""
    start = len(journal.lines)
    plateaus = [[1, 2000, 5_700_000, 300], [1, 3000, 5_400_000, 200]]
    first = journal.session([row(1, 6_000_000, 5_400_000), row(2, 5_000_000, 4_800_000)], plateaus=plateaus)
    read = {"rounds": 40, "seen": 3, "more": 0, "missing": "A1" * 12, "came": "B2" * 12 + " " + "C3" * 12}
    journal.add("tags_read", session=start + 1, **read, **{"pass": 2})
    journal.session([row(3, 840_000, 829_000)])
    journal.session([row(1, 5_400_000, 7_200_000)], person="driver")
    journal.add("bins_changed", bins=[row(4, 0, 90_000)])
    journal.add("session_opened", by="badge", badge="04A1B2C3", person="wang", door=1, bins=[[1, 7_200_000, 150, 0]])
    opened = len(journal.lines)
    journal.add("person_joined", session=opened, badge="04D1D2D3", person="driver")
    bins = [row(1, 7_200_000, 1_200_000)]
    journal.add("session_closed", session=opened, how="shut", missing="", open_ms=9000, bins=bins, utc_ms=None)
    journal.add("bin_well", bin=3, utc_ms=None)
    shop.take_journal(journal, start)
    shop.act(ChargeSession(session=first, person="wang", job="job-7"))
    shop.act(CorrectCount(movement=f"{first.rpartition('/')[0]}/{start + 4}/1/session", quantity=2, person="wang"))
    contested = shop.act(ContestSession(session=first, person="wang", bin=1, note="not me"))
    shop.act(ResolveByNote(discrepancy=contested, person="wang", note="I was wrong"))
    doubt = shop.value("select id from open_discrepancy where bin = 3")
    shop.act(ResolveByCount(discrepancy=doubt, change=-1, person="wang"))
    journal.add("session_opened", by="badge", badge="04A1B2C3", person="wang", door=1, bins=[])
    shop.take_journal(journal, len(journal.lines) - 1)


def strange_things(shop: Shop, journal: Journal) -> None:
    """What is not understood, never came, or came damaged for ever; a session without an end; another epoch."""
    start = len(journal.lines)
    journal.session([row(1, 1_200_000, 600_000)])
    body = journal.lines.pop()[:-18].replace(b'"shut"', b'"slid"')
    journal.lines.append(body + b',"crc":"' + wire.crc(body).encode() + b'"}')
    journal.session([row(3, 819_000, 798_000)])
    shop.take_journal(journal, start)
    damaged = b'\xff\x00{"no line of ours"'
    shop.take(journal.topic, damaged, damaged, damaged)
    journal.lines.append(damaged)
    for _ in range(4):
        journal.add("bin_well", bin=1)
    shop.take(HEALTH, health(journal_first=len(journal.lines) + 1, journal_last=len(journal.lines)))
    for _ in range(2):
        journal.add("bin_well", bin=1)
    shop.take(HEALTH, health(journal_first=len(journal.lines), journal_last=len(journal.lines)))
    shop.take_journal(journal, len(journal.lines) - 1)
    shop.clock_ms += 1000
    other = Journal("cab-1", OTHER_EPOCH)
    other.created("lost")
    other.session([row(1, 600_000, 1_200_000)])
    shop.take_journal(other)
    shop.take(HEALTH, health(epoch=OTHER_EPOCH, journal_first=9, journal_last=8))


def all_in_cloud(shop: Shop, cloud: RealCloud) -> None:
    """Until the cloud has confirmed all there is."""
    link = linked(shop, cloud)
    wait_for_cloud(shop)
    link.close()


def test_a_gateway_is_rebuilt_from_the_cloud_alone(
    shop: Shop, journal: Journal, cloud: RealCloud, tmp_path: Path
) -> None:
    shop.take_journal(journal)
    work(shop, journal)
    all_in_cloud(shop, cloud)
    shop.close()
    report = restored(tmp_path / "new", cloud)
    assert_same(tmp_path / "new" / "gateway.db", shop.path)
    last = len(journal.lines)
    assert report.lines() == [
        f"restored gw-1: events {last}, movements 14, sessions 5, document versions 1",
        "open: discrepancies 1, requests 1, sessions 1; set aside until they can be understood: 0",
        f"cab-1: everything up to event {last} of journal {EPOCH}; "
        "what came after it the cabinet sends when the gateway runs",
        "cab-2: nothing; the cabinet sends its journal when the gateway runs",
        "not restored: answers at the kiosk that had not reached the cloud",
    ]
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["gateway.db"]
    again = Shop(tmp_path / "new")
    assert again.store.epoch != shop.store.epoch
    assert again.query("select through = in_cloud from cursor") == [(1,)]
    again.close()


def test_what_people_have_in_hand_comes_back(shop: Shop, journal: Journal, cloud: RealCloud, tmp_path: Path) -> None:
    """Taken, given back, answered and corrected, each in its turn."""
    shop.take_journal(journal)
    for before_mg, after_mg in ((6_000_000, 4_200_000), (4_200_000, 4_800_000)):
        shop.clock_ms += 60_000
        journal.session([row(1, before_mg, after_mg)])
        shop.take_journal(journal, len(journal.lines) - 4)
    shop.clock_ms += 60_000
    shop.act(CorrectCount(movement=f"cab-1/{EPOCH}/5/1/session", quantity=2, person="driver"))
    shop.clock_ms += 60_000
    journal.session([row(3, 840_000, 829_000)])
    shop.take_journal(journal, len(journal.lines) - 4)
    doubt = shop.value("select id from open_discrepancy where bin = 3")
    shop.act(ResolveByCount(discrepancy=doubt, change=-1, person="driver"))
    held = shop.query("select * from hand")
    assert [json.loads(lumps) for _person, lumps in held] == [
        [
            [NOW_MS + 5_000, f"cab-1/{EPOCH}/5/1/session", ["OF-1", 1, 0, 0]],
            [shop.clock_ms, f"{doubt}/resolution", ["BULB", 1, 0, 0]],
        ]
    ]
    all_in_cloud(shop, cloud)
    shop.close()
    restored(tmp_path / "new", cloud)
    assert_same(tmp_path / "new" / "gateway.db", shop.path, {"hand": "*", "tag_state": "*"})


def test_what_was_strange_is_as_strange_as_before(
    shop: Shop, journal: Journal, cloud: RealCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With pages of a few items: every kind of item ends a page somewhere."""
    monkeypatch.setattr(cloud_restore, "PAGE_ITEMS_MAX", 3)
    monkeypatch.setattr(cloud_restore, "_ROWS_AT_ONCE", 2)
    shop.take_journal(journal)
    work(shop, journal)
    strange_things(shop, journal)
    kinds = {kind for (kind,) in shop.query("select kind from inbox")}
    assert kinds >= {"quarantined", "unreadable", "forgotten"}
    assert {how for (how,) in shop.query("select how from session")} >= {"shut", "unended"}
    all_in_cloud(shop, cloud)
    shop.close()
    restored(tmp_path / "new", cloud)
    assert_same(tmp_path / "new" / "gateway.db", shop.path)


@pytest.mark.parametrize(
    "line",
    [b"", b'{"v":1}', "货柜".encode(), b"\xff\xfe", b"a\0b", b"base64:", b"base64:AAAA", b"\\x00", bytes(range(256))],
)
def test_any_line_comes_back_from_its_text(line: bytes) -> None:
    text = line_text(line)
    assert "\0" not in text
    assert line_bytes(text) == line


def test_a_text_that_is_no_line_is_said() -> None:
    with pytest.raises(UploadError, match="expected a line in base64, found 'base64:!'"):
        line_bytes("base64:!")


def test_what_was_read_again_is_not_read_twice(
    shop: Shop, journal: Journal, cloud: RealCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.take_journal(journal)
    journal.session([row(1, 6_000_000, 5_400_000)])
    with monkeypatch.context() as older:
        older.setattr(wire, "VERSION", 3)  # it understands versions 2 and 3
        shop.take_journal(journal, 1)
    shop.close()
    settings = Settings("gw-1", tmp_path)
    assert len(reread(settings, lambda: NOW_MS + 3_700_000).read) == 4
    shop = Shop(tmp_path)
    all_in_cloud(shop, cloud)
    shop.close()
    restored(tmp_path / "new", cloud)
    assert_same(tmp_path / "new" / "gateway.db", shop.path)
    assert reread(Settings("gw-1", tmp_path / "new"), lambda: 0).read == ()


def control(folder: Path, *journals: Journal) -> Path:
    """The database of a gateway that took all in and never died."""
    folder.mkdir()
    shop = Shop(folder)
    shop.put_document(document())
    for journal in journals:
        shop.take_journal(journal)
    shop.close()
    return shop.path


def send_the_rest(shop: Shop, journal: Journal) -> None:
    """What a cabinet does when it hears how far the gateway is: it begins after that."""
    (ack,) = [wire.decode("journal_ack", message.payload) for message in greeted(shop, journal)][-1:]
    shop.take_journal(journal, ack["through"])


def greeted(shop: Shop, journal: Journal) -> list[Any]:
    """The gateway's answers to a cabinet that connects."""
    before = len(shop.link.sent)
    said = {"online": 1, "epoch": journal.epoch, "boot": 1, "journal_last": len(journal.lines)}
    shop.take(f"partsbay/1/{journal.cabinet}/state", wire.encode("state", said))
    return [message for message in shop.link.sent[before:] if message.leaf == "journal_ack"]


def visits(journal: Journal) -> None:
    """Visits that leave something sure, something doubtful and something to bring."""
    journal.session([row(1, 6_000_000, 3_600_000), row(3, 840_000, 829_000)])
    journal.session([row(1, 3_600_000, 2_400_000)])
    journal.session([row(2, 5_000_000, 4_700_000)], person="")
    journal.session([row(1, 2_400_000, 7_200_000)], person="driver")


def test_what_the_cloud_does_not_hold_comes_again_from_the_cabinets(
    shop: Shop, journal: Journal, cloud: RealCloud, tmp_path: Path
) -> None:
    """The gateway dies with events it had acknowledged and not sent on; the cabinets go on without it."""
    shop.take_journal(journal)
    visits(journal)
    shop.take_journal(journal, 1)
    all_in_cloud(shop, cloud)
    in_cloud = len(journal.lines)
    acknowledged = journal.session([row(1, 7_200_000, 6_600_000)])
    shop.take_journal(journal, in_cloud)
    shop.act(ChargeSession(session=acknowledged, person="wang", job="job-7"))
    assert shop.acks()[-1] == {"v": 1, "epoch": EPOCH, "through": len(journal.lines), "in_cloud": in_cloud, "again": 0}
    shop.close()
    journal.session([row(3, 829_000, 808_000)])
    other = Journal("cab-2")
    other.created()
    other.session([row(1, 6_000_000, 4_800_000)])

    report = restored(tmp_path / "new", cloud)
    assert [(found.cabinet, found.through) for found in report.journals] == [("cab-1", in_cloud)]
    again = Shop(tmp_path / "new")
    link = linked(again, cloud)
    try:
        send_the_rest(again, journal)
        send_the_rest(again, other)
        again.take_journal(journal)  # and all of it once more, as rude as it may be
        wait_for_cloud(again)
        assert_cloud_has_all(again, cloud)
        assert again.query("select in_cloud = through from cursor") == [(1,), (1,)]
    finally:
        link.close()
        again.close()
    assert_same(again.path, control(tmp_path / "control", journal, other), TIMELESS)


def uploads(shop: Shop, cloud: RealCloud) -> Iterator[int]:
    """Send the outbox to the cloud's database, upload by upload; after each, how far it is."""
    services = open_services(cloud.settings)
    sender = Outgoing(shop.path, "gw-1", shop.store.epoch)
    try:
        through = 0
        while (parcel := sender.next_parcel(through)) is not None:
            through = services.ingest.receive(GatewayIdentity("gw-1", "shop-1", "dealer-1"), parcel.body).through
            yield through
    finally:
        sender.close()
        services.close()


async def restored_in_process(folder: Path, cloud: RealCloud) -> Path:
    """Restore from the cloud's app, without a socket."""
    settings = Settings("gw-1", folder, CloudSettings("http://cloud", KEY))
    app = create_app(cloud.settings, pages=False)
    try:
        async with cloud_client(settings.cloud, httpx.ASGITransport(app)) as client:
            await restore(client, settings, lambda: NOW_MS + 7_200_000)
    finally:
        app.state.services.close()
    return settings.database


def test_at_whatever_upload_it_died_everything_is_there_in_the_end(
    shop: Shop, journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The outbox goes up in small uploads; after each one the gateway is lost once."""
    cloud = RealCloud(tmp_path / "cloud", document())
    cloud.close()  # nobody needs its socket
    monkeypatch.setattr(upload_format, "UPLOAD_ITEMS_MAX", 9)
    visits(journal)
    shop.take_journal(journal)
    whole = control(tmp_path / "control", journal)
    times = 0
    for times, _through in enumerate(uploads(shop, cloud), 1):
        database = asyncio.run(restored_in_process(tmp_path / f"new-{times}", cloud))
        again = Shop(database.parent)
        send_the_rest(again, journal)
        again.close()
        assert_same(database, whole, TIMELESS)
    assert times >= 5


def test_no_upload_ends_in_the_middle_of_what_belongs_together(
    shop: Shop, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends with an event, which comes after all it led to, or with all there is."""
    shop.take_journal(journal)
    work(shop, journal)
    last = shop.value("select max(seq) from outbox")
    ends = {seq for (seq,) in shop.query("select seq from outbox where event_seq > 0")} | {last}
    sender = Outgoing(shop.path, "gw-1", shop.store.epoch)
    for items_max in range(8, 24):
        monkeypatch.setattr(upload_format, "UPLOAD_ITEMS_MAX", items_max)
        through = 6  # behind the opening stock, which is known by its own name
        while (parcel := sender.next_parcel(through)) is not None:
            assert parcel.last in ends
            assert parcel.first == through + 1
            assert parcel.last - through <= items_max
            through = parcel.last
        assert through == last
    sender.close()


def test_what_belongs_together_and_is_too_much_for_one_upload_goes_up_all_the_same(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload_format, "UPLOAD_ITEMS_MAX", 2)
    sender = Outgoing(shop.path, "gw-1", shop.store.epoch)
    parcels = [sender.next_parcel(through) for through in (0, 2, 4)]
    sender.close()
    assert [(parcel.first, parcel.last) for parcel in parcels if parcel is not None] == [(1, 2), (3, 4), (5, 6)]


def test_a_cloud_put_back_after_that_is_told_everything_again(
    shop: Shop, journal: Journal, cloud: RealCloud, tmp_path: Path
) -> None:
    """Its backup is older than the restored gateway, and the lost one tells it nothing any more."""
    cloud.stop()
    cloud.save("empty.db")
    cloud.start()
    shop.take_journal(journal)
    work(shop, journal)
    all_in_cloud(shop, cloud)
    shop.close()
    restored(tmp_path / "new", cloud)
    again = Shop(tmp_path / "new")
    link = linked(again, cloud)
    try:
        wait_for_cloud(again)
        cloud.roll_back("empty.db")
        journal.add("bin_well", bin=1)
        again.take_journal(journal, len(journal.lines) - 1)
        wait_until(lambda: len(cloud.query("select 1 from event")) == len(journal.lines), "the events once more")
        wait_for_cloud(again)
        assert_cloud_has_all(again, cloud)
    finally:
        link.close()
        again.close()


def test_a_database_begun_anew_before_does_no_harm(
    shop: Shop, journal: Journal, cloud: RealCloud, tmp_path: Path
) -> None:
    """A supervisor started the gateway on the empty disk: it worked and reported for a while, and was put away."""
    shop.take_journal(journal)
    visits(journal)
    journal.session([row(1, 7_200_000, 1_200_000)])  # opens a request
    shop.take_journal(journal, 1)
    all_in_cloud(shop, cloud)
    shop.close()
    gone = len(journal.lines)
    anew = tmp_path / "anew"
    anew.mkdir()
    begun = Shop(anew)
    begun.put_document(document())
    begun.take(HEALTH, health(journal_first=gone + 1, journal_last=gone))
    journal.session([row(1, 1_200_000, 600_000)])
    begun.take_journal(journal, gone)
    assert (0, "journal_forgotten") in begun.questions()
    all_in_cloud(begun, cloud)
    begun.close()
    restored(tmp_path / "new", cloud)
    again = Shop(tmp_path / "new")
    journal.session([row(1, 600_000, 600_000)])
    send_the_rest(again, journal)
    questions, requests = again.questions(), again.query("select bin, count(*) from open_request group by bin")
    again.close()
    whole = control(tmp_path / "control", journal)
    assert_same(again.path, whole, {name: TIMELESS[name] for name in ("inbox", "balance", "cursor", "session")})
    assert questions == rows_of(whole, {"open_discrepancy": "bin, reason"})["open_discrepancy"]
    assert requests == [(1, 1)]


def test_the_opening_stock_is_booked_when_the_cloud_never_heard_of_it(
    cloud: RealCloud, tmp_path: Path, shop: Shop, journal: Journal
) -> None:
    """The gateway died before its first upload; meanwhile the document got another version."""
    assert cloud.seed(document(jobs=[])) == 2
    restored(tmp_path / "new", cloud)
    again = Shop(tmp_path / "new")
    visits(journal)
    send_the_rest(again, journal)
    assert again.query("select version from document") == [(1,), (2,)]
    assert (again.stock(1), again.stock(2)) == (12, 4700)
    again.close()
    assert_same(again.path, control(tmp_path / "control", journal), TIMELESS)


class Troubled(httpx.AsyncBaseTransport):
    """The network, with trouble before every page but the first."""

    def __init__(self, trouble: Callable[[], None]) -> None:
        self._network = httpx.AsyncHTTPTransport()
        self._trouble = trouble
        self.pages = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass it on."""
        self.pages += 1
        if self.pages > 1:
            self._trouble()
        return await self._network.handle_async_request(request)

    async def aclose(self) -> None:
        """Close what is behind."""
        await self._network.aclose()


def restored_with_trouble(folder: Path, cloud: RealCloud, trouble: Callable[[], None]) -> None:
    """Restore over a network with trouble."""
    settings = Settings("gw-1", folder, CloudSettings(cloud.url, KEY))

    async def run() -> None:
        async with cloud_client(settings.cloud, Troubled(trouble)) as client:
            await restore(client, settings, lambda: NOW_MS)

    asyncio.run(run())


def test_broken_off_in_the_middle_it_is_started_again(
    shop: Shop, journal: Journal, cloud: RealCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cloud_restore, "PAGE_ITEMS_MAX", 5)
    monkeypatch.setattr(restoring, "TRIES", 2)
    shop.take_journal(journal)
    work(shop, journal)
    all_in_cloud(shop, cloud)
    shop.close()

    def gone() -> None:
        raise httpx.ConnectError("the line is cut")

    with pytest.raises(RestoreError, match="to answer, found: the line is cut; start again when it does"):
        restored_with_trouble(tmp_path / "new", cloud, gone)
    assert not (tmp_path / "new" / "gateway.db").exists()
    (tmp_path / "new" / "gateway.db-wal").write_bytes(b"of the database before")
    restored(tmp_path / "new", cloud)
    assert_same(tmp_path / "new" / "gateway.db", shop.path)


def test_books_that_move_meanwhile_are_refused(
    shop: Shop, journal: Journal, cloud: RealCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gateway that was thought dead still runs."""
    monkeypatch.setattr(cloud_restore, "PAGE_ITEMS_MAX", 5)
    shop.take_journal(journal)
    work(shop, journal)
    all_in_cloud(shop, cloud)

    def still_at_work() -> None:
        start = len(journal.lines)
        journal.add("bin_well", bin=1)
        shop.take_journal(journal, start)
        all_in_cloud(shop, cloud)

    with pytest.raises(RestoreError, match="to stand still, found that something was booked: end whatever still runs"):
        restored_with_trouble(tmp_path / "new", cloud, still_at_work)
    assert not (tmp_path / "new" / "gateway.db").exists()


def test_a_database_that_is_there_is_never_written_over(shop: Shop, cloud: RealCloud, tmp_path: Path) -> None:
    before = shop.query("select * from identity")
    with pytest.raises(RestoreError, match=r"expected no database at .*gateway\.db, found one: end the gateway"):
        restored(tmp_path, cloud)
    assert shop.query("select * from identity") == before


def test_another_key_and_another_gateway_are_refused(cloud: RealCloud, tmp_path: Path) -> None:
    with pytest.raises(
        RestoreError, match=r"expected what the cloud holds, found 401: .*expected the key of a gateway"
    ):
        restored(tmp_path / "new", cloud, key="not the key")
    with pytest.raises(RestoreError, match="expected the key of gw-2, found that of gw-1"):
        restored(tmp_path / "new", cloud, gateway="gw-2")
    assert not (tmp_path / "new" / "gateway.db").exists()


def test_without_a_cloud_there_is_nothing_to_ask(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "gateway.toml").write_text(f'gateway = "gw-1"\ndata_dir = "{tmp_path / "data"}"\n')
    assert partsbay.main(["gateway", "restore", "--config", str(tmp_path / "gateway.toml")]) == 2
    assert "expected [cloud] with url and key in the settings, found none" in capsys.readouterr().err


def test_the_commands_say_what_they_did(
    shop: Shop, journal: Journal, cloud: RealCloud, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.take_journal(journal)
    all_in_cloud(shop, cloud)
    shop.close()
    config = tmp_path / "gateway.toml"
    config.write_text(
        f'gateway = "gw-1"\ndata_dir = "{tmp_path / "data"}"\n[cloud]\nurl = "{cloud.url}"\nkey = "{KEY}"\n'
    )
    assert partsbay.main(["gateway", "restore", "--config", str(config)]) == 0
    assert "restored gw-1: events 1, " in capsys.readouterr().out
    assert partsbay.main(["gateway", "reread", "--config", str(config)]) == 0
    assert capsys.readouterr().out == "events that were set aside: 0; read and booked now: 0; waiting on: 0\n"
    assert partsbay.main(["gateway", "verify-ledger", "--config", str(config)]) == 0
    assert partsbay.main(["gateway", "restore", "--config", str(config)]) == 2
