"""Policies the cloud tells stand before the typed-in levels, a person's override ends by itself, bins are reviewed.

Expected figures are worked out by hand: bin 1 of the small shop holds 10 filters, fits 20, and has 4 and 12 typed in.
"""

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

from edge_gateway import ledger_check, status_report
from edge_gateway.feed_format import FeedEntry, FeedError, Levels, Policy, Told, told
from edge_gateway.feed_orders import FeedDesk
from edge_gateway.intake import Intake
from edge_gateway.schema import VERSION
from edge_gateway.store import Store
from edge_gateway.writer import Writer
from simulator.mortal_database import Fuse, Killed, connect
from tests.gateway.real_cloud import RealCloud
from tests.gateway.test_restore import all_in_cloud, restored
from tests.gateway.told_feed import entry, take
from tests.gateway.world import NOW_MS, Journal, RecordingLink, Shop, default_bins, document, row

pytestmark = pytest.mark.usefixtures("impatient")
HOUR_MS = 3_600_000


def one(point: int, up_to: int, until_ms: int = 0, *, number: int = 1, part: str = "OF-1") -> Policy:
    """Levels of bin 1 of cab-1."""
    return Policy([Levels("cab-1", number, part, point, up_to)], until_ms)


def open_requests(shop: Shop) -> list[Any]:
    """(bin, part, quantity) of each."""
    return shop.query("select bin, part, quantity from open_request order by bin, part")


def levels(shop: Shop, number: int = 1) -> tuple[int, int]:
    """What bin 1 is judged by, by the books and by the database."""
    part = shop.intake.books.plan.cabinet("cab-1").bin(number).parts[0]  # type: ignore[union-attr]
    rows = shop.query(
        "select reorder_point, order_up_to from level_in_force where cabinet = 'cab-1' and bin = ?", number
    )
    assert rows in ([], [(part.reorder_point, part.order_up_to)])
    return part.reorder_point, part.order_up_to


def tick(shop: Shop, later_ms: int) -> None:
    """The clock goes on, or jumps, and the writer looks at it."""
    shop.clock_ms += later_ms
    shop.do(lambda: None)
    shop.do(lambda: None)  # what a turn leaves due is written before the next one


def answers(shop: Shop) -> list[Any]:
    """What went up."""
    return shop.query("select number, outcome, why from feed_answer order by number")


def test_a_policy_stands_before_the_planogram_until_told_anew(shop: Shop, journal: Journal) -> None:
    assert take(shop, entry(1, one(10, 40))) == 1
    assert (levels(shop), open_requests(shop)) == ((10, 40), [(1, "OF-1", 10)])  # never over the capacity of 20
    take(shop, entry(2, one(9, 14)))
    assert (levels(shop), open_requests(shop)) == ((9, 14), [])
    journal.session([row(1, 6_000_000, 5_400_000)])
    shop.take_journal(journal)
    assert open_requests(shop) == [(1, "OF-1", 5)]
    shop.put_document(document(version=2))  # another planogram, with the same figures typed in
    assert (levels(shop), open_requests(shop)) == ((9, 14), [(1, "OF-1", 5)])
    take(shop, entry(3, one(-1, -1)))
    assert (levels(shop), open_requests(shop)) == ((4, 12), [])
    assert answers(shop) == [(1, "done", ""), (2, "done", ""), (3, "done", "")]
    assert shop.query("select count(*), count(distinct id) from request") == [(2, 2)]
    assert shop.query("select distinct how from request_end") == [("withdrawn",)]
    sent = shop.value("select count(*) from outbox where cast(content as text) like '%feed_answer%'")
    assert sent == 3


def test_what_the_planogram_does_not_have_is_kept_and_holds_when_it_comes(shop: Shop) -> None:
    later = Policy([
        Levels("cab-1", 4, "NEW", 5, 8), Levels("cab-9", 1, "OF-1", 1, 2), Levels("cab-1", 3, "BULB", 41, 50)
    ])  # fmt: skip
    take(shop, entry(1, later))
    assert (open_requests(shop), answers(shop)) == ([(3, "BULB", 10)], [(1, "done", "")])
    bins = default_bins()
    bins[3] |= {"part": "NEW", "capacity": 10, "opening": 5}
    parts = [*document().parts, {"number": "NEW", "name_zh": "x", "name_en": "x", "unit_mass_mg": 70_000}]
    shop.put_document(document(version=2, bins=bins, parts=parts))
    assert open_requests(shop) == [(3, "BULB", 10), (4, "NEW", 3)]
    again = shop.store.load(shop.clock_ms)
    assert (again.policies, again.plan) == (shop.intake.books.policies, shop.intake.books.plan)
    lines = StringIO()
    status_report.print_status(shop.path, shop.clock_ms, lines)
    assert "levels by the cloud's policy in 3 places, 0 of them by a person's override" in lines.getvalue()


def test_an_override_ends_by_itself_and_the_newest_levels_below_it_hold(shop: Shop, tmp_path: Path) -> None:
    ends_ms = shop.clock_ms + HOUR_MS
    take(shop, entry(1, one(3, 12)), entry(2, one(12, 18, ends_ms)), entry(3, one(11, 15)))
    assert (levels(shop), open_requests(shop)) == ((12, 18), [(1, "OF-1", 8)])  # the nightly one waits below it
    tick(shop, HOUR_MS - 1)
    assert levels(shop) == (12, 18)
    tick(shop, 1)
    assert (levels(shop), open_requests(shop)) == ((11, 15), [(1, "OF-1", 8)])  # never amended
    tick(shop, -2 * HOUR_MS)  # the clock was wrong
    assert levels(shop) == (12, 18)
    tick(shop, 30 * 24 * HOUR_MS)
    assert levels(shop) == (11, 15)
    take(shop, entry(4, one(2, 12)))
    assert (levels(shop), open_requests(shop)) == ((2, 12), [])
    shop.clock_ms -= 30 * 24 * HOUR_MS  # and is put right while the gateway is off
    shop.close()
    again = Shop(tmp_path)
    again.clock_ms = ends_ms - HOUR_MS
    tick(again, 0)
    assert (levels(again), open_requests(again)) == ((12, 18), [(1, "OF-1", 8)])
    tick(again, HOUR_MS)
    assert (levels(again), open_requests(again)) == ((2, 12), [])
    take(again, entry(5, one(12, 18, ends_ms + HOUR_MS)), entry(6, one(-1, -1, ends_ms + HOUR_MS)))
    assert (levels(again), open_requests(again)) == ((2, 12), [])
    take(again, entry(7, one(12, 18, 1)))  # one that is over already: so the cloud takes one back
    assert levels(again) == (2, 12)
    again.close()
    assert ledger_check.verify(again.path, StringIO()) == 0


def test_a_policy_that_cannot_be_understood_is_refused_with_a_sentence(shop: Shop) -> None:
    for levels_, why in (
        (Levels("cab-1", 65, "OF-1", 1, 2), "expected a bin numbered 1 to 64, found 65"),
        (Levels("cab-1", 1, "OF-1", -1, 2), "expected levels of 0 to 1000000000, or both -1, found -1 and 2"),
        (Levels("cab-1", 1, "", 1, 2), "expected a part named by 1 to 64 characters, found ''"),
    ):
        with pytest.raises(FeedError, match=why):
            told(Policy([levels_]))
    strange = FeedEntry(1, "policy", 1, msgspec.Raw(b'{"kind":"policy","levels":[["cab-1",1,"OF-1",-7,2]]}'))
    take(shop, strange, entry(2, one(6, 9)))
    assert [(number, outcome) for number, outcome, _ in answers(shop)] == [(1, "refused"), (2, "done")]
    assert levels(shop) == (6, 9)


# ---- the power goes ----

ENDS_MS = NOW_MS + 500
FEED: tuple[Told, ...] = (one(12, 18, ENDS_MS), one(10, 14), one(30, 60, number=3, part="BULB"), one(3, 9), one(9, 14))


def test_cut_anywhere_there_is_one_request_for_one_need(tmp_path: Path) -> None:
    """Policies, an override that ends and a take, the power cut at every third step; what was cut comes again."""
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
        again.clock_ms = ENDS_MS
        tick(again, 0)
        take(again, *(entry(number, what) for number, what in enumerate(FEED, 1)))
        again.take_journal(_taken())
        ends.add((levels(again), levels(again, 3), *open_requests(again), *answers(again)))
        twice = again.query("select bin, part from open_request group by bin, part having count(*) > 1")
        again.close()
        assert twice == []
        assert ledger_check.verify(again.path, StringIO()) == 0
        if not was_cut:
            break
        steps += 3  # each statement is two: before and after it in turn
    assert steps > 60
    ((point_1, point_3, *rest),) = ends
    assert (point_1, point_3) == ((9, 14), (30, 60))
    assert rest[0] == (1, "OF-1", 5)


def _taken() -> Journal:
    journal = Journal()
    journal.created()
    journal.session([row(1, 6_000_000, 5_400_000)])
    return journal


def _lived(database: Path, steps: int) -> bool:
    """A gateway's life of so many steps; whether it came to its end before they were over."""
    fuse = Fuse(database, Random(steps))
    clock_ms = NOW_MS
    store = Store(database, "gw-1", NOW_MS, partial(connect, fuse=fuse))
    intake = Intake(store.load(NOW_MS), frozenset({"cab-1"}), store)
    writer = Writer(store, intake, lambda: clock_ms)
    writer.answer_by(RecordingLink())

    def run(job: Callable[[], Any]) -> None:
        done = writer.submit(job)
        writer.turn(0)
        done.result(0)

    def take_one(number: int, what: Told) -> None:
        FeedDesk(intake.books, store, intake.knows, clock_ms).take_into(intake.batch, entry(number, what))

    fuse.light(steps, power=True)
    try:
        for number, what in enumerate(FEED[:3], 1):
            run(partial(take_one, number, what))
        clock_ms = ENDS_MS  # the override ends
        run(lambda: None)
        for number, what in enumerate(FEED[3:], 4):
            run(partial(take_one, number, what))
    except Killed:
        store.close()
        fuse.put_back()
        return False
    fuse.put_out()
    store.close()
    return True


def test_a_database_of_version_6_goes_on(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / "gateway.db")
    db.executescript((Path(__file__).parent / "databases" / "version_6.sql").read_text())
    db.close()
    shop = Shop(tmp_path)
    assert shop.value("pragma user_version") == VERSION
    assert open_requests(shop) == [(1, "OF-1", 8)]
    take(shop, entry(4, one(2, 12)))
    assert (open_requests(shop), set(shop.intake.books.counts)) == ([], {2})
    shop.close()
    assert ledger_check.verify(tmp_path / "gateway.db", StringIO()) == 0


def test_a_gateway_rebuilt_from_the_cloud_has_the_same_levels_at_once(
    shop: Shop, journal: Journal, cloud: RealCloud, tmp_path: Path
) -> None:
    """And reviews its bins by them: no request is withdrawn, none raised a second time."""
    feed = [one(9, 14), one(12, 18, shop.clock_ms + 9 * HOUR_MS), one(30, 60, number=3, part="BULB")]
    numbers = cloud.tell(*feed)
    take(shop, *(entry(number, what) for number, what in zip(numbers, feed, strict=True)))
    journal.session([row(1, 6_000_000, 5_400_000)])
    shop.take_journal(journal)
    before = open_requests(shop), levels(shop), shop.intake.books.policies
    all_in_cloud(shop, cloud)
    shop.close()
    restored(tmp_path / "new", cloud)
    again = Shop(tmp_path / "new")
    tick(again, 0)
    assert (open_requests(again), levels(again), again.intake.books.policies) == before
    assert again.value("select count(*) from request") == shop.value("select count(*) from request")
    take(again, *(entry(number, what) for number, what in zip(numbers, feed, strict=True)))  # the feed, from its start
    assert (open_requests(again), levels(again), again.intake.books.policies) == before
    again.close()
