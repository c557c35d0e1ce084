"""A restocker's visit: what was planned, what the weights say, one answer for each bin and session, and lights.

Bin 1 holds 10 filters of 600 g, bin 2 5,000 g of bolts, bin 3 40 bulbs of 21 g. Expected figures are made by hand.
"""

import shutil
from functools import partial
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from cabinet import wire

from edge_gateway import ledger_check
from edge_gateway.feed_format import Restock, RestockOff, Told, ToRestock
from edge_gateway.intake import Intake
from edge_gateway.kiosk_seam import ActionError, PointTo
from edge_gateway.store import Store
from edge_gateway.writer import Writer
from simulator.mortal_database import Fuse, Killed, connect
from tests.gateway.real_cloud import RealCloud
from tests.gateway.test_restore import all_in_cloud, restored
from tests.gateway.told_feed import entry, take
from tests.gateway.world import NOW_MS, Journal, RecordingLink, Shop, document, received, row

pytestmark = pytest.mark.usefixtures("impatient")
UNTIL_MS = NOW_MS + 86_400_000
FULL = {1: 6_000_000, 2: 5_000_000, 3: 840_000}
DONE = """
select visit, bin, part, expected, counted, movement != '', person from restocked order by restocked_ms, visit, bin
"""


def visit(
    *lines: tuple[int, str, int], name: str = "v-1", day: str = "2026-09-21", until_ms: int = UNTIL_MS
) -> Restock:
    """What is to be put into bins of cab-1 (part, and how much)."""
    wanted = [ToRestock("cab-1", number, part, quantity) for number, part, quantity in lines]
    return Restock(name, wanted, until_ms, day, "Liu")


PLAN = visit((3, "BULB", -10), (1, "OF-1", 6), (2, "BLT-8", 2000))


def came(journal: Journal, person: str = "driver", **to_mg: int) -> str:
    """A session in which bins (b1, b2, ...) come to weigh so much."""
    rows = []
    for name, mg in to_mg.items():
        number = int(name[1:])
        rows.append(row(number, journal_mg(journal)[number], mg))
        journal_mg(journal)[number] = mg
    return journal.session(rows, person=person)


def journal_mg(journal: Journal) -> dict[int, int]:
    """What the bins weigh at the end of a journal."""
    found: dict[int, int] = journal.__dict__.setdefault("mg", dict(FULL))
    return found


def take_last(shop: Shop, journal: Journal) -> None:
    """The newest session of a journal."""
    shop.take_journal(journal, len(journal.lines) - 4)


def test_each_bin_is_answered_by_what_the_weight_says_and_what_was_not_touched_waits(
    shop: Shop, journal: Journal
) -> None:
    shop.take_journal(journal)
    take(shop, entry(1, PLAN))
    came(journal, "wang", b3=819_000)  # a mechanic takes a bulb: none of the visit's
    take_last(shop, journal)
    assert shop.query(DONE) == []
    came(journal, b1=9_000_000, b3=609_000)
    take_last(shop, journal)
    first = [("v-1", 1, "OF-1", 6, 5, 1, "driver"), ("v-1", 3, "BULB", -10, -10, 1, "driver")]
    assert shop.query(DONE) == first
    assert (shop.stock(1), shop.stock(3)) == (15, 29)
    came(journal, b1=9_600_000, b2=6_850_000)
    take_last(shop, journal)
    second = [("v-1", 1, "OF-1", 1, 1, 1, "driver"), ("v-1", 2, "BLT-8", 2000, 1850, 1, "driver")]
    assert shop.query(DONE) == first + second
    came(journal, b2=7_000_000)
    take_last(shop, journal)
    came(journal, b1=10_200_000)  # all is there: what comes now is no part of the visit
    take_last(shop, journal)
    assert shop.query(DONE) == [*first, *second, ("v-1", 2, "BLT-8", 150, 150, 1, "driver")]
    sent = [msgspec.json.decode(content) for (content,) in shop.query("select content from outbox order by seq")]
    told = [item for item in sent if item["kind"] == "restocked"]
    assert [item["id"] for item in told] == [
        row[0] for row in shop.query("select id from restocked order by restocked_ms, id")
    ]
    assert told[0]["id"] == f"v-1/1/OF-1/{told[0]['session']}"
    assert (
        shop.value(
            "select sum(quantity) from posting where movement = ? and account = 'bin:cab-1/1'", told[0]["movement"]
        )
        == 5
    )
    again = shop.store.load(shop.clock_ms)
    assert (again.visits, again.came) == (shop.intake.books.visits, shop.intake.books.came)


def test_a_count_in_doubt_is_answered_by_the_likeliest_and_asked(shop: Shop, journal: Journal) -> None:
    shop.take_journal(journal)
    take(shop, entry(1, visit((1, "OF-1", 2), (3, "BULB", 10))))
    journal.session([row(1, 6_000_000, 7_200_000, wire.UNSETTLED), row(3, 840_000, 840_000)], person="driver")
    take_last(shop, journal)
    assert shop.query(DONE) == [("v-1", 1, "OF-1", 2, 2, 0, "driver")]
    assert (shop.stock(1), shop.questions()) == (10, [(1, "uncertain_count")])


def test_visits_are_told_anew_called_off_over_and_taken_in_their_order(shop: Shop, journal: Journal) -> None:
    shop.take_journal(journal)
    first, second = visit((1, "OF-1", 2)), visit((1, "OF-1", 3), name="v-2", day="2026-09-20")
    take(shop, entry(1, first), entry(2, second), entry(3, visit((1, "OF-1", 1), (1, "OF-1", 1), (3, "BULB", 0))))
    came(journal, b1=7_800_000)
    take_last(shop, journal)
    came(journal, b1=9_000_000)
    take_last(shop, journal)
    done = [("v-2", 1, "OF-1", 3, 3, 1, "driver"), ("v-1", 1, "OF-1", 2, 2, 1, "driver")]
    assert shop.query(DONE) == done
    take(shop, entry(4, visit((3, "BULB", 10), name="v-3")), entry(5, RestockOff("v-3")), entry(6, RestockOff("v-9")))
    take(shop, entry(7, visit((3, "BULB", 10), name="v-4", until_ms=NOW_MS - 1)))  # late: kept, and over
    take(shop, entry(8, visit((3, "BULB", 10), name="v-5", until_ms=NOW_MS + 3_600_001)))
    journal.add("door_opened", session=1, door=1, utc_ms=NOW_MS)
    shop.take_journal(journal, len(journal.lines) - 1)
    came(journal, b3=1_050_000)
    take_last(shop, journal)
    assert shop.query(DONE) == [*done, ("v-5", 3, "BULB", 10, 10, 1, "driver")]
    assert shop.query("select distinct outcome from feed_answer") == [("done",)]


# ---- lights ----


def live(shop: Shop, session: int = 1, person: str = "driver", **mg: int) -> list[Any]:
    """What the bins weigh now; the lights that it calls for, as (bin, colour)."""
    before = len(shop.link.sent)
    rows = [[number, mg.get(f"b{number}", full), 0] for number, full in FULL.items()]
    word = {"up_ms": 1, "session": session, "person": person, "doors": [[1, 1, 0]], "bins": rows}
    shop.take("partsbay/1/cab-1/live", wire.encode("live", word))
    told = [wire.decode_command(each.payload) for each in shop.link.sent[before:] if each.leaf == "command"]
    return [(command["bin"], command["colour"]) for command in told]


def opened(shop: Shop, journal: Journal) -> None:
    """The restocker has opened the cabinet; its bins weigh what they hold."""
    rows = [[number, mg, 150, 0] for number, mg in FULL.items()]
    journal.add("session_opened", by="badge", badge="04D1D2D3", person="driver", door=1, bins=rows)
    shop.take_journal(journal)


def test_lights_lead_from_bin_to_bin_as_the_weights_agree(shop: Shop, journal: Journal) -> None:
    take(shop, entry(1, PLAN))
    opened(shop, journal)
    assert live(shop, person="wang") == []
    assert live(shop, session=0) == []
    assert live(shop) == [(1, "green")]
    assert live(shop, b1=8_400_000) == []
    guidance = shop.intake.guide.guidance("cab-1")
    assert guidance is not None and guidance.bins[0][:4] == (1, 4, True, False)
    assert live(shop, b1=9_600_000) == [(1, "off"), (2, "green")]
    assert live(shop, b1=9_600_000, b3=819_000) == [(2, "off"), (3, "blue")]  # hands are in another bin
    with pytest.raises(ActionError, match="expected a restocker at cab-2, found none"):
        point(shop, "cab-2", 1)
    assert point(shop, "cab-1", 2) == [(3, "off"), (2, "green")]
    assert live(shop, b1=9_600_000, b3=819_000) == []
    shop.clock_ms += 55_000
    assert live(shop, b1=9_600_000, b3=819_000) == [(2, "green")]  # before it goes out
    assert live(shop, b1=9_600_000, b2=7_010_000, b3=819_000) == [(2, "off"), (3, "blue")]
    assert live(shop, b1=9_600_000, b2=7_010_000, b3=630_000) == [(3, "off")]
    guidance = shop.intake.guide.guidance("cab-1")
    assert guidance is not None and (guidance.current, [seen.is_done for seen in guidance.bins]) == (0, [True] * 3)
    assert live(shop, b1=9_000_000, b2=7_010_000, b3=630_000) == [(1, "green")]  # one was taken out again
    take(shop, entry(2, RestockOff("v-1")))
    assert live(shop, b1=9_000_000) == [(1, "off")]
    assert (shop.intake.guide.guidance("cab-1"), shop.query(DONE)) == (None, [])


def point(shop: Shop, cabinet: str, number: int) -> list[Any]:
    """As the kiosk asks for it."""
    action = PointTo(cabinet, number)
    messages = shop.do(lambda: shop.intake.guide.point(action.cabinet, action.bin, shop.intake.books, shop.clock_ms))
    told = [wire.decode_command(each.payload) for each in messages]
    return [(command["bin"], command["colour"]) for command in told]


def test_several_parts_in_one_bin_are_weighed_together(shop: Shop, journal: Journal) -> None:
    bins = [
        {
            "bin": 3,
            "part": "BULB",
            "capacity": 60,
            "opening": 40,
            "also": [{"part": "OF-1", "capacity": 9, "opening": 0}],
        }
    ]
    bins += [{"bin": 5, "part": "NOMASS", "capacity": 10}]
    shop.put_document(document(version=2, bins=bins))
    take(shop, entry(1, visit((3, "BULB", 10), (3, "OF-1", -1), (5, "NOMASS", 4))))
    opened(shop, journal)
    assert live(shop) == [(3, "blue")]  # 210 g in, 600 g out
    guidance = shop.intake.guide.guidance("cab-1")
    assert guidance is not None and guidance.bins[0][:4] == (3, 0, False, False)
    assert live(shop, b3=450_000) == [(3, "off"), (5, "green")]  # of no known mass: whoever stands there says when


# ---- the power goes ----


def test_cut_anywhere_every_bin_is_answered_once(tmp_path: Path) -> None:
    """A visit in two sessions, the power cut at every seventh step of the gateway; cabinets send again what was cut."""
    seed = Shop(tmp_path / "seed")
    seed.put_document(document())
    take(seed, entry(1, PLAN))
    seed.close()
    journal = Journal()
    journal.created()
    came(journal, b1=9_000_000, b3=630_000)
    came(journal, b2=7_000_000)
    ends, steps = set(), 0
    while True:
        folder = tmp_path / str(steps)
        folder.mkdir()
        shutil.copy(seed.path, folder)
        was_cut = not _lived(folder / "gateway.db", steps, journal)
        again = Shop(folder)
        again.take_journal(journal)
        ends.add((*again.query(DONE), *again.query("select id from restocked order by id")))
        sent = again.value("select count(*) from outbox where cast(content as text) like '%restocked%'")
        again.close()
        assert sent == 3
        assert ledger_check.verify(again.path, StringIO()) == 0
        if not was_cut:
            break
        steps += 7  # each statement is two: before and after it in turn
    assert steps > 60
    assert len(ends) == 1


def _lived(database: Path, steps: int, journal: Journal) -> bool:
    """A gateway's life of so many steps; whether it came to its end before they were over."""
    fuse = Fuse(database, Random(steps))
    store = Store(database, "gw-1", NOW_MS, partial(connect, fuse=fuse))
    writer = Writer(store, Intake(store.load(NOW_MS), frozenset({"cab-1"}), store), lambda: NOW_MS)
    writer.answer_by(RecordingLink())
    fuse.light(steps, power=True)
    try:
        for line in journal.lines:
            writer.put(received(journal.topic, line))
            writer.turn(0)
    except Killed:
        store.close()
        fuse.put_back()
        return False
    fuse.put_out()
    store.close()
    return True


def test_a_rebuilt_gateway_goes_on_with_the_visit(
    shop: Shop, journal: Journal, cloud: RealCloud, tmp_path: Path
) -> None:
    feed: list[Told] = [PLAN, visit((1, "OF-1", 1), name="v-2"), RestockOff("v-2")]
    numbers = cloud.tell(*feed)
    told = [entry(number, what) for number, what in zip(numbers, feed, strict=True)]
    take(shop, *told)
    shop.take_journal(journal)
    came(journal, b1=9_000_000)
    take_last(shop, journal)
    books = shop.intake.books
    all_in_cloud(shop, cloud)
    assert cloud.query("select visit, bin, expected, counted from restocked_bin") == [("v-1", 1, 6, 5)]
    shop.close()
    restored(tmp_path / "new", cloud)
    again = Shop(tmp_path / "new")
    assert (again.intake.books.visits, again.intake.books.came) == (books.visits, books.came)
    take(again, *told)  # the feed, from its start
    came(journal, b1=9_600_000, b2=7_000_000)
    take_last(again, journal)
    assert again.query(DONE)[1:] == [
        ("v-1", 1, "OF-1", 1, 1, 1, "driver"),
        ("v-1", 2, "BLT-8", 2000, 2000, 1, "driver"),
    ]
    assert again.query("select number, outcome from feed_answer") == [(number, "done") for number in numbers]
    again.close()
    assert cloud.query("select count(*) from ingest_quarantine") == [(0,)]
