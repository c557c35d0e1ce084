"""What the cloud tells a gateway: every order is carried out once or refused with a sentence, whatever is cut off."""

import shutil
import sqlite3
from collections.abc import Callable
from functools import partial
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from cabinet import wire

from cloud.database import open_database
from edge_gateway import ledger_check
from edge_gateway.feed_format import (
    Count,
    FeedEntry,
    FeedError,
    Found,
    JobClosed,
    JobTold,
    Light,
    Resolve,
    Told,
    Withdraw,
    read_entry,
    told,
)
from edge_gateway.feed_orders import FeedDesk
from edge_gateway.gateway import Gateway
from edge_gateway.intake import Intake
from edge_gateway.kiosk_seam import ActionError, ChargeSession, CloseJob, CountBin, OpenJob, ResolveByStock
from edge_gateway.people_actions import decide
from edge_gateway.restore import run as restore
from edge_gateway.schema import VERSION
from edge_gateway.settings import BrokerSettings, CabinetSettings, CloudSettings, KioskSettings, Settings
from edge_gateway.store import Store
from edge_gateway.writer import Writer
from simulator.mortal_database import Fuse, Killed, connect
from simulator.ports import free_port
from tests.firmware.brokers import wait_until
from tests.gateway.real_cloud import KEY, RealCloud
from tests.gateway.told_feed import entry, take
from tests.gateway.world import NOW_MS, Journal, RecordingLink, Shop, document, row

pytestmark = pytest.mark.usefixtures("impatient")
ANSWERS = "select number, outcome, why, movement != '', person, expected, counted from feed_answer order by number"


def contested(shop: Shop, journal: Journal) -> str:
    """A discrepancy about bin 1: what left it is no whole number of filters."""
    journal.session([row(1, 6_000_000, 5_700_000)])
    shop.take_journal(journal)
    found: str = shop.value("select id from open_discrepancy where bin = 1")
    return found


def test_a_discrepancy_is_resolved_by_a_count_or_a_note_and_only_once(shop: Shop, journal: Journal) -> None:
    open_one = contested(shop, journal)
    by_count = Resolve(open_one, "刘（经销商）", "rang the shop", [Found("OF-1", 8)])
    assert take(shop, entry(1, by_count), entry(2, Resolve("no-such", "Liu", "?"))) == 2
    take(shop, entry(3, Resolve(open_one, "Liu", "again")), entry(1, by_count))
    assert shop.stock(1) == 8
    answers = shop.query(ANSWERS)
    assert [(number, outcome) for number, outcome, *_ in answers] == [(1, "done"), (2, "refused"), (3, "refused")]
    assert answers[0][3] == 1 and "expected an open discrepancy, found 'no-such'" in answers[1][2]
    assert shop.value("select person from movement where cause = 'unexplained'") == "刘（经销商）"
    assert shop.value("select count(*) from outbox where cast(content as text) like '%feed_answer%'") == 3


def test_a_count_waits_at_the_kiosk_for_whoever_counts_the_bin(shop: Shop, journal: Journal) -> None:
    open_one = contested(shop, journal)
    take(shop, entry(1, Count("cab-1", 1, "OF-1", "Liu")), entry(2, Count("cab-1", 3, "BULB")))
    take(shop, entry(3, Count("cab-1", 3, "OF-1")), entry(4, Count("cab-9", 3, "OF-1")), entry(5, Withdraw(2)))
    take(shop, entry(6, Withdraw(2)), entry(7, Count("cab-2", 3, "BULB")))
    assert set(shop.intake.books.counts) == {1, 7}
    shop.act(ResolveByStock(open_one, 9, "wang"))  # asked for something else, and counted all the same
    shop.act(CountBin(7, 38, "wang", "two broken"))
    assert shop.stock(3, "cab-2") == 38
    with pytest.raises(ActionError, match="expected a count that is still asked for, found order 7"):
        shop.act(CountBin(7, 38, "wang"))
    assert shop.query(ANSWERS) == [
        (1, "done", "", 1, "wang", 10, 9),
        (2, "withdrawn", "", 0, "", -1, -1),
        (3, "refused", "expected OF-1 in bin 3 of cab-1, found BULB there", 0, "", -1, -1),
        (4, "refused", "expected OF-1 in bin 3 of cab-9, found none there", 0, "", -1, -1),
        (5, "done", "", 0, "", -1, -1),
        (6, "refused", "expected an order that still waits, found 2: it is answered, or never came", 0, "", -1, -1),
        (7, "done", "", 1, "wang", 40, 38),
    ]


def test_what_a_later_cloud_tells_is_refused_and_blocks_nobody(shop: Shop) -> None:
    strange = FeedEntry(1, "sing", 1, msgspec.Raw(b'{"kind":"sing","song":"x"}'))
    broken = FeedEntry(2, "count", 1, msgspec.Raw(b'{"kind":"count","bin":"seven"}'))
    late = Light("cab-1", 3, shop.clock_ms - 5000)
    take(shop, strange, broken, entry(3, late), entry(4, Light("cab-1", 3, shop.clock_ms + 5000)))
    take(shop, entry(5, JobTold("j-1", "oil", "鲁B12345")))
    assert [outcome for _n, outcome, *_ in shop.query(ANSWERS)] == ["refused"] * 3 + ["done"]
    assert "a later version knows it" in shop.query(ANSWERS)[0][2]
    lit = [wire.decode_command(message.payload) for message in shop.link.sent if message.leaf == "command"]
    assert [(command["kind"], command["bin"]) for command in lit] == [("light", 3)]
    assert "j-1" in shop.intake.books.open_jobs()
    with pytest.raises(FeedError, match="expected a bin numbered 1 to 64, found 65"):
        told(Count("cab-1", 65, "OF-1"))
    with pytest.raises(FeedError, match="expected what a job tells"):
        read_entry("job", b'{"kind":"count","cabinet":"c","bin":1,"part":"p"}')


def test_jobs_come_from_the_cloud_and_from_the_kiosk_and_can_be_charged(shop: Shop, journal: Journal) -> None:
    session = journal.session([row(1, 6_000_000, 5_400_000)])
    shop.take_journal(journal)
    job = shop.act(OpenJob("机油保养", "鲁B·12345", "wang", km=120_000))
    assert shop.act(OpenJob("机油保养", "鲁b 12345", "wang")) == job  # asked for twice
    take(shop, entry(1, JobTold("c-1", "brakes", "A-1")), entry(2, JobTold(job, "大保养", "鲁B12345")))
    take(shop, entry(3, JobClosed("job-7", 5)), entry(4, JobClosed("c-1", 5)))
    assert set(shop.intake.books.open_jobs()) == {"job-8", job}
    assert shop.intake.books.jobs[job].title == "大保养"
    assert (shop.intake.books.jobs[job].km, shop.intake.books.jobs[job].source) == (120_000, "kiosk")
    shop.act(ChargeSession(session, job, "wang"))
    assert shop.value("select quantity from balance where account = ?", f"job:{job}") == 1
    shop.act(CloseJob(job, "wang"))
    for refused in (
        CloseJob(job, "wang"),
        OpenJob("", " -", "wang"),
        OpenJob("x", "", "stranger"),
        OpenJob("x", "", "wang", km=-2),
    ):
        with pytest.raises(ActionError):
            shop.act(refused)
    news = [
        b["kind"]
        for (c,) in shop.query("select content from outbox")
        if (b := msgspec.json.decode(c))["kind"][:3] == "job"
    ]
    assert news == ["job_opened", "job_closed"]
    books = shop.store.load(shop.clock_ms)
    assert (books.jobs, books.counts, books.feed_through) == (shop.intake.books.jobs, {}, 4)


FEED: tuple[Told, ...] = (JobTold("c-1", "oil"), Count("cab-1", 1, "OF-1"), Count("cab-1", 3, "BULB"), Withdraw(3))


def test_cut_at_any_step_the_feed_is_carried_out_once(tmp_path: Path) -> None:
    """The power goes at every step of taking entries and of a count at the kiosk: the same end, each answer once."""
    seed = Shop(tmp_path / "seed")
    seed.put_document(document())
    seed.close()
    ends, steps = set(), 0
    while True:
        folder = tmp_path / str(steps)
        folder.mkdir()
        shutil.copy(seed.path, folder)
        was_cut = not _lived(folder / "gateway.db", steps)
        again = Shop(folder)
        take(again, *(entry(number, what) for number, what in enumerate(FEED, 1)))
        if 2 in again.intake.books.counts:
            again.act(CountBin(2, 7, "wang"))
        ends.add((again.stock(1), *again.query(ANSWERS), *sorted(again.intake.books.open_jobs())))
        sent = again.value("select count(*) from outbox where cast(content as text) like '%feed_answer%'")
        again.close()
        assert sent == 3
        assert ledger_check.verify(again.path, StringIO()) == 0
        if not was_cut:
            break
        steps += 2  # each statement is two
    assert steps > 60
    assert len(ends) == 1


def _lived(database: Path, steps: int) -> bool:
    """A gateway's life of so many steps; whether it came to its end before they were over."""
    fuse = Fuse(database, Random(steps))
    store = Store(database, "gw-1", NOW_MS, partial(connect, fuse=fuse))
    intake = Intake(store.load(NOW_MS), frozenset({"cab-1"}), store)
    writer = Writer(store, intake, lambda: NOW_MS)
    writer.answer_by(RecordingLink())

    def run(job: Callable[[], Any]) -> None:
        done = writer.submit(job)
        writer.turn(0)
        done.result(0)

    def take_one(what: FeedEntry) -> None:
        FeedDesk(intake.books, store, intake.knows, NOW_MS).take_into(intake.batch, what)

    def count() -> None:
        intake.batch.add(decide(CountBin(2, 7, "wang"), intake.books, store, NOW_MS)[0])

    fuse.light(steps, power=True)
    try:
        for number, what in enumerate(FEED, 1):
            run(partial(take_one, entry(number, what)))
        run(count)
    except Killed:
        store.close()
        fuse.put_back()
        return False
    fuse.put_out()
    store.close()
    return True


def test_a_database_of_version_5_goes_on(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / "gateway.db")
    db.executescript((Path(__file__).parent / "databases" / "version_5.sql").read_text())
    db.close()
    shop = Shop(tmp_path)
    assert shop.value("pragma user_version") == VERSION
    take(
        shop,
        entry(1, JobTold("c-1", "oil")),
        entry(2, Resolve(shop.value("select id from open_discrepancy"), "Liu", "ok")),
    )
    assert set(shop.intake.books.open_jobs()) == {"job-7", "job-8", "c-1"}
    assert shop.questions() == []
    shop.close()
    assert ledger_check.verify(tmp_path / "gateway.db", StringIO()) == 0


# ---- with the real cloud ----


def gateway_of(folder: Path, cloud: RealCloud, poll_s: int = 25) -> Gateway:
    """A gateway that talks to a cloud, its broker somebody else's that is not there."""
    cabinets = {name: CabinetSettings("cabinet-secret", "0" * 64) for name in ("cab-1", "cab-2")}
    talk = CloudSettings(cloud.url, KEY, poll_s)
    return Gateway(Settings("gw-1", folder, talk, KioskSettings(port=0), BrokerSettings(port=free_port()), cabinets))


def test_orders_reach_a_waiting_gateway_and_its_answers_reach_the_cloud(tmp_path: Path, cloud: RealCloud) -> None:
    cloud.tell(JobTold("c-1", "oil", "A1"), Count("cab-1", 1, "OF-1"))
    gateway = gateway_of(tmp_path / "gw", cloud)
    gateway.start()
    try:
        books = gateway.writer.intake.books
        wait_until(lambda: set(gateway.writer.intake.books.counts) == {2}, "the order to count")
        cloud.tell(Count("cab-1", 3, "BULB"), Light("cab-77", 1, 2**50), Withdraw(3))  # while it waits in its poll
        wait_until(lambda: gateway.writer.intake.books.feed_through == 5, "the rest of the feed")
        job = gateway.act(OpenJob("oil", "鲁B12345", "wang", "", 88_000))
        gateway.act(CountBin(2, 7, "wang"))
        answers = "select number, outcome, expected, counted from feed_answer order by number"
        wait_until(lambda: len(cloud.query(answers)) == 4, "the answers in the cloud")
        assert cloud.query(answers) == [
            (2, "done", 10, 7),
            (3, "withdrawn", -1, -1),
            (4, "refused", -1, -1),
            (5, "done", -1, -1),
        ]
        wait_until(lambda: cloud.query("select id, plate, km from kiosk_job") == [(job, "鲁B12345", 88_000)], "the job")
        wait_until(lambda: cloud.query("select source from job where closed_ms = 0 and id like 'K%'"), "the shop's job")
        assert cloud.query("select count(*) from ingest_quarantine") == [(0,)]
        assert books.gateway == "gw-1"
    finally:
        gateway.close()
    _goes_on_after_restores(tmp_path, cloud, job)


def _goes_on_after_restores(tmp_path: Path, cloud: RealCloud, job: str) -> None:
    """The gateway's database is lost and comes back from the cloud; then the cloud is put back to before the feed."""
    settings = gateway_of(tmp_path / "anew", cloud)
    settings.writer.store.close()
    (tmp_path / "anew" / "gateway.db").unlink()
    assert restore(settings.settings) == 0
    gateway = gateway_of(tmp_path / "anew", cloud, poll_s=1)
    gateway.start()
    try:
        ((last,),) = cloud.query("select feed_number from shop")
        wait_until(lambda: gateway.writer.intake.books.feed_through == last, "the feed from its start")
        assert gateway.writer.intake.books.counts == {}
        assert {job, "c-1"} <= set(gateway.writer.intake.books.open_jobs())
        cloud.stop()
        database = open_database(cloud.settings.database_url)
        with database.engine.begin() as connection:
            connection.exec_driver_sql("update shop set feed_number = 0")
        database.close()
        cloud.start()
        wait_until(lambda: cloud.query("select feed_number from shop") == [(last,)], "no number given away twice")
        cloud.tell(JobClosed("c-1", 9))
        wait_until(lambda: "c-1" not in gateway.writer.intake.books.open_jobs(), "the job's end")
        assert cloud.query("select count(*) from ingest_quarantine") == [(0,)]
    finally:
        gateway.close()
