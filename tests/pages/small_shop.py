"""A small shop to look at: its document, and a gateway database in the gateway's own tables.

`SmallShop` stands at the seam between the kiosk and the gateway, in front of a real database file.
"""

import json
import sqlite3
import time
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from edge_gateway import certificates, ledger, schema
from edge_gateway.cabinet_updates.state import row as firmware_row
from edge_gateway.catalogue_format import CataloguePage, CataloguePart, Fits, Reference
from edge_gateway.catalogue_store import CatalogueStore
from edge_gateway.feed_format import Count, told
from edge_gateway.identity.service import Identity
from edge_gateway.kiosk_seam import (
    Action,
    ActionError,
    ChargeSession,
    CloseJob,
    CountBin,
    GiveTag,
    Guidance,
    Live,
    OpenJob,
    PinAsked,
    Refusal,
    SeenBin,
)
from edge_gateway.lifecycle.health import Health, health_of
from edge_gateway.refusals import TurnedAway
from edge_gateway.serial_devices.devices import Devices
from edge_gateway.serial_devices.tag_numbers import tag_number
from edge_gateway.settings import EnrolmentSettings, Settings
from edge_gateway.shop_document import Bin, BinPart, Cabinet, Job, Part, Person, ShopDocument, encode_document
from edge_gateway.upload_format import CabinetFirmware, EventItem, encode_content
from edge_gateway.visits import local_day
from tests.pages.told_sessions import write_sessions

EPOCH = "0123456789abcdef"
BOARD = "esp32s3-w5500-12"
_NOTED = ("Resolve", "Contest", "Send", "Point", "Correct", "Teach", "TagDone")  # actions that are only noted
SECOND, MINUTE = 1000, 60_000

PARTS = [
    Part(
        "OF-1012",
        "机油滤清器",
        "Oil filter",
        brand="Mann",
        unit_mass_mg=612_000,
        spread_mg=2_400,
        price_minor=6800,
        gtin="6901234567892",
    ),
    Part("FF-2040", "燃油滤清器", "Fuel filter", unit_mass_mg=438_000, spread_mg=1_700),
    Part("AF-3300", "空调滤清器", "Cabin air filter", unit_mass_mg=186_000, spread_mg=900),
    Part("WS-0450", "油水分离器", "Water separator", unit_mass_mg=724_000, spread_mg=2_600),
    Part("VB-1225", "多楔带", "V-ribbed belt", unit_mass_mg=294_000, spread_mg=1_100),
    Part("BP-2913", "刹车片", "Brake pad", unit_mass_mg=1_215_000, spread_mg=4_000),
    Part("BS-0077", "制动灯开关", "Brake light switch", unit_mass_mg=58_000, spread_mg=250),
    Part("LB-2421", "24V 灯泡 H7", "24 V bulb H7", unit_mass_mg=21_500, spread_mg=90),
    Part("FU-0020", "保险丝 20A", "Blade fuse 20 A", unit_mass_mg=15_000, spread_mg=60),
    Part("WB-0600", "雨刮片 600 mm", "Wiper blade 600 mm", unit_mass_mg=254_000, spread_mg=1_000),
    Part("BT-M800", "M8 螺栓（散装）", "M8 bolts, loose", unit="gram"),
]
# part, capacity, reorder point, order up to, stock
STOCK = [
    ("OF-1012", 14, 4, 12, 9),
    ("FF-2040", 16, 5, 14, 4),
    ("AF-3300", 20, 6, 18, 17),
    ("WS-0450", 10, 3, 9, 7),
    ("VB-1225", 18, 5, 16, 6),
    ("BP-2913", 7, 2, 7, 1),
    ("BS-0077", 30, 8, 25, 22),
    ("LB-2421", 60, 16, 50, 48),
    ("FU-0020", 90, 25, 80, 31),
    ("WB-0600", 20, 6, 18, 13),
    ("", 0, 0, 0, 0),
    ("BT-M800", 6000, 1800, 5000, 3650),
]


def small_document() -> ShopDocument:
    """One shop, two cabinets (the second with two doors), three people, three jobs."""
    return ShopDocument(
        version=3,
        shop="shop-1",
        shop_name="城东卡车维修",
        dealer="dealer-1",
        dealer_name="华通配件",
        parts=PARTS,
        cabinets=[
            Cabinet("cab-1", "一号柜", "Cabinet 1", _bins(STOCK)),
            Cabinet("cab-2", "二号柜", "Cabinet 2", _bins(STOCK + STOCK[::-1]), doors=2),
        ],
        people=[
            Person("p-wang", "王建国", "mechanic", ["04A1B2C3"]),
            Person("p-li", "李敏", "mechanic", ["04A1B2C4"]),
            Person("p-zhou", "周师傅", "restocker", ["04A1B2C5"]),
        ],
        jobs=[
            Job("J-2041", "更换机油和三滤", "沪A·D8231"),
            Job("J-2042", "刹车异响检查", "苏E·7K552"),
            Job("J-2043", "年检前保养", "浙B·9M301"),
        ],
    )


CATALOGUE = [
    CataloguePart(
        "OF-1012", "机油滤清器", "Oil filter", "Mann", "engine",
        references=[Reference("oe", "一汽解放", "1012010-36D"), Reference("competitor", "Fleetguard", "LF 9009")],
        fits=[
            Fits("一汽解放", "J6P", "CA6DM2", 2012, 2020), Fits("一汽解放", "J7", "CA6DM3", 2019),
            Fits("东风", "天龙", "ISL9.5", 2010, 2018), Fits("中国重汽", "豪沃T7H", "MC11", 2014, 2022, "前"),
        ],
        fits_more=11,
    ),
    CataloguePart("OF-0900", "机油滤清器（旧款）", "Oil filter, old", "Mann", replaced_by="OF-1012", withdrawn=True),
    CataloguePart("BP-5500", "前刹车片", "Front brake pad", "Textar", fits=[Fits("中国重汽", "豪沃T7H")]),
    *(CataloguePart(f"OF-2{n:03d}", f"机油滤清器 {n} 型", f"Oil filter type {n}", "Bosch") for n in range(28)),
]  # fmt: skip


def fill_catalogue(path: Path, *, whole: bool = True) -> None:
    """The dealer's catalogue at the gateway; not `whole`: a page of it is still to come."""
    store = CatalogueStore(path)
    store.take_document(small_document())
    newest = len(CATALOGUE) if whole else 3 * len(CATALOGUE)
    store.take_page(CataloguePage("dealer-1", newest, len(CATALOGUE), "", whole, len(CATALOGUE), CATALOGUE))
    store.close()


def _bins(stock: list[tuple[str, int, int, int, int]]) -> list[Bin]:
    return [
        Bin(number, part, "dealer-1" if part else "", capacity, point, up_to, dead_band=20, opening=held or None)
        for number, (part, capacity, point, up_to, held) in enumerate(stock, 1)
    ]


class SmallShop:
    """A gateway as the kiosk sees it, without cabinets: charging is really booked, anything else is noted."""

    gateway = "gw-1"

    def __init__(self, folder: Path, filled: bool = True) -> None:
        self.devices = Devices()
        self.pins: list[PinAsked] = []
        self.database = folder / "gateway.db"
        self.catalogue = folder / "catalogue.db"
        self.asked: list[Action] = []
        self.refusal: Refusal | None = None  # why nothing is done any more
        self.refused_document = ""
        now = self.now_ms()
        self.refused = [TurnedAway("publish", "cab-2", "partsbay/1/cab-1/event", now - 9_000_000, now - 60_000, 3)]
        self.cannot_write_ms = 0  # since when the disk is full
        self._changes = 0
        self._document = small_document() if filled else None
        self._live: dict[str, Live] = {}
        self.guided: dict[str, Guidance] = {}
        self._write = sqlite3.connect(self.database, check_same_thread=False, isolation_level=None)
        schema.prepare(self._write)
        self._write.execute("insert into identity values (1, ?, ?, ?)", (self.gateway, EPOCH, self.now_ms()))
        if filled:
            _fill(self._write, self.now_ms())
            fill_catalogue(self.catalogue)
            self._live["cab-2"] = Live(open_door_message(), self.now_ms())

    def close(self) -> None:
        """Let the database go."""
        self._write.close()

    def document(self) -> ShopDocument | None:
        return self._document

    def rename(self, person: str, name: str) -> None:
        """Give somebody another name, as a newer document would."""
        assert self._document is not None
        people = [msgspec.structs.replace(p, name=name) if p.id == person else p for p in self._document.people]
        self._document = msgspec.structs.replace(self._document, people=people)
        self._changes += 1

    def share(self) -> None:
        """Bin 11 of the first cabinet holds two parts, and fuses that strayed in; what left it is not sure."""
        assert self._document is not None
        both = [BinPart("AF-3300", 20, 6, 18, opening=12), BinPart("WB-0600", 20, 6, 18, opening=4)]
        first, *others = self._document.cabinets
        shared = Bin(11, "AF-3300", "dealer-1", 20, 6, 18, also=both[1:])
        bins = [shared if place.bin == 11 else place for place in first.bins]
        self._document = msgspec.structs.replace(
            self._document, cabinets=[msgspec.structs.replace(first, bins=bins), *others]
        )
        account = ledger.bin_account("cab-1", 11)
        for part, amount in (*((placed.part, placed.opening or 0) for placed in both), ("FU-0020", 3)):
            lines = ledger.transfer(ledger.dealer_account("dealer-1"), account, part, amount)
            _book(self._write, _Move(f"opening/cab-1/11/{part}", "opening", lines, bin=11), self.now_ms())
        either = [[[["AF-3300", -1], ["WB-0600", -1]], 0, 61_000], [[["WB-0600", -1]], 186_400, 2_000]]
        facts = {"candidates": [[[["WB-0600", -2]], 0, 937_000], *either], "delta_mg": -440_000}
        _open(self._write, "cab-1/x/92/11", ("cab-1", 11, "", "", "uncertain_count"), facts, self.now_ms())
        self._live["cab-1"] = Live(open_door_message() | {"bins": [[11, -440_000, 0]]}, self.now_ms())
        weight = ("cab-1", 11, 0, 300, self.now_ms())
        self._write.execute("insert or replace into bin_weight values (?, ?, ?, ?, ?)", weight)
        self._changes += 1

    def opened_by(self, person: str) -> None:
        """Somebody has just been at the second cabinet."""
        _session(self._write, (77, "cab-2", person), self.now_ms(), [])
        self._changes += 1

    def want_count(self) -> None:
        """The dealer wants the cabin filters counted."""
        kind, body = told(Count("cab-1", 3, "AF-3300", "刘芳（华通配件）", "月底盘点"))
        self._write.execute(
            "insert into feed_entry values (1, ?, ?, ?, ?)", (kind, body, self.now_ms() - 20 * MINUTE, self.now_ms())
        )
        self._changes += 1

    def tell_stray(self) -> None:
        """The fuses in bin 11 are known to belong to bin 9."""
        facts = {"quantity": 3, "belongs_to": [9]}
        about = ("cab-1", 11, "FU-0020", "", "misplaced")
        _open(self._write, "cab-1/x/93/11/misplaced:FU-0020", about, facts, self.now_ms())
        self._changes += 1

    def live(self, cabinet: str) -> Live | None:
        found = self._live.get(cabinet)
        return Live(found.message, self.now_ms() - 400) if found else None

    def guidance(self, cabinet: str) -> Guidance | None:
        return self.guided.get(cabinet)

    def plan_visit(self) -> None:
        """A restocker comes today: four bins of the first cabinet, one to be taken out of, and one of the second."""
        lines = [("cab-1", 1, "OF-1012", 6), ("cab-1", 3, "AF-3300", -4), ("cab-1", 12, "BT-M800", 1500)]
        lines += [("cab-1", 9, "FU-0020", 50), ("cab-2", 4, "WS-0450", 2)]
        wanted = [[*line] for line in lines]
        today = local_day(self.now_ms())
        row = ("v-1", 5, today, "刘芳（华通配件）", self.now_ms() + 24 * 60 * MINUTE, 0, json.dumps(wanted))
        self._write.execute("insert into visit values (?, ?, ?, ?, ?, ?, ?)", row)
        session = f"cab-1/{EPOCH}/3"  # an hour ago, with forty fuses
        came = (f"v-1/9/{session}", "v-1", "cab-1", 9, "FU-0020", session, "p-zhou", 50, 40, "", self.now_ms())
        self._write.execute("insert into restocked values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", came)
        self._changes += 1

    def guide(self, current: int, *bins: SeenBin) -> None:
        """The restocker stands at the open first cabinet."""
        self.guided["cab-1"] = Guidance(9, "p-zhou", current, bins)
        self._live["cab-1"] = Live(open_door_message() | {"person": "p-zhou", "bins": []}, self.now_ms())
        self._changes += 1

    def tell_levels(self) -> None:
        """The dealer's policy for bin 1, and somebody's override for bin 2."""
        told = ("cab-1", 1, "OF-1012", 7, 16, 3, -1, -1, 0, 0, 0)
        by_hand = ("cab-1", 2, "FF-2040", 2, 9, 3, 5, 14, 4, self.now_ms() + 24 * 60 * MINUTE, 1)
        for row in (told, by_hand):
            self._write.execute("insert into policy values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        self._changes += 1

    def changes(self) -> int:
        return self._changes + self.devices.changes

    def now_ms(self) -> int:
        return int(time.time() * 1000)

    def pins_asked(self) -> tuple[PinAsked, ...]:
        return tuple(self.pins)

    def health(self) -> Health:
        """Always well."""
        return health_of(self.gateway, self.database, trial=False, trouble="")

    @cached_property
    def identity(self) -> Identity:
        """The shop's own authority, whose first cabinet has a certificate."""
        told = Settings(self.gateway, self.database.parent, enrolment=EnrolmentSettings("127.0.0.1", 0))
        made = Identity(told, self.now_ms, lambda _trust: None, lambda *_: None)
        request = certificates.new_request(certificates.new_key(), "cab-1")
        made.shop.enrol(made.shop.make_code("cab-1", "周师傅").code.text, request, "192.168.1.23")
        return made

    def cannot_write_since_ms(self) -> int:
        return self.cannot_write_ms

    def turned_away(self) -> list[TurnedAway]:
        return list(self.refused)

    def document_refused(self) -> str:
        return self.refused_document

    def act(self, action: Action) -> str:
        self.asked.append(action)
        if self.refusal:
            raise ActionError("expected another world, found this one", self.refusal)
        if isinstance(action, ChargeSession):
            self._charge(action)
        elif isinstance(action, OpenJob):
            row = ("K-1", action.title, action.plate, action.vin, action.km, action.person, self.now_ms(), "kiosk", 0)
            self._write.execute("insert into job values (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
            self._changes += 1
            return "K-1"
        elif isinstance(action, CloseJob):
            self._write.execute("update job set closed_ms = 1 where id = ?", (action.job,))
        elif isinstance(action, GiveTag):
            return tag_number(PARTS[0].gtin, 10_419_703, action.company_digits)
        elif isinstance(action, CountBin):
            answer = (action.order, "done", "", "", self.now_ms(), action.person, 17, action.counted)
            self._write.execute("insert into feed_answer values (?, ?, ?, ?, ?, ?, ?, ?)", answer)
        elif not action.__class__.__name__.startswith(_NOTED):
            raise ActionError(f"expected a known action, found {action!r}")
        self._changes += 1
        return "done"

    def _charge(self, action: ChargeSession) -> None:
        rows = self._write.execute(
            "select p.part, sum(p.quantity) from movement m join posting p on p.movement = m.id "
            "where m.session = ? and p.account like 'shop:%' group by p.part having sum(p.quantity) > 0",
            (action.session,),
        ).fetchall()
        for part, quantity in rows:
            _book(
                self._write,
                _Move(
                    f"{action.session}/charge/{part}",
                    "charge",
                    ledger.transfer(ledger.shop_account("shop-1"), ledger.job_account(action.job), part, quantity),
                    session=action.session,
                    person=action.person,
                    job=action.job,
                ),
                self.now_ms(),
            )


class _Move:
    """One movement to write, with what most of them have in common."""

    def __init__(self, identity: str, cause: str, postings: tuple[ledger.Posting, ...], **fields: Any) -> None:
        self.identity, self.cause, self.postings = identity, cause, postings
        self.fields = {
            "cabinet": "cab-1",
            "bin": 0,
            "session": "",
            "person": "",
            "job": "",
            "confidence_ppm": 1_000_000,
            "corrects": "",
            **fields,
        }


def _book(database: sqlite3.Connection, move: _Move, at_ms: int) -> None:
    ledger.check(move.cause, move.postings)
    row = {
        "id": move.identity, "cause": move.cause, "note": "", "epoch": "", "seq": 0,
        "occurred_ms": at_ms, "booked_ms": at_ms, **move.fields,
    }  # fmt: skip
    places = ",".join(row)
    database.execute(f"insert into movement ({places}) values ({','.join('?' * len(row))})", tuple(row.values()))
    for line, posting in enumerate(move.postings, 1):
        database.execute(
            "insert into posting values (?, ?, ?, ?, ?)",
            (move.identity, line, posting.account, posting.part, posting.quantity),
        )
        key = (posting.account, posting.part)
        database.execute("insert or ignore into balance values (?, ?, 0)", key)
        database.execute(
            "update balance set quantity = quantity + ? where account = ? and part = ?", (posting.quantity, *key)
        )


def _fill(database: sqlite3.Connection, now: int) -> None:
    database.execute("insert into document values (3, ?, ?)", (encode_document(small_document()), now - 40 * MINUTE))
    for cabinet in small_document().cabinets:
        _fill_cabinet(database, cabinet, now)
    takes = [(1, "OF-1012", -2, 999_400), (2, "FF-2040", -1, 999_900), (12, "BT-M800", -140, 1_000_000)]
    _session(database, (1, "cab-1", "p-wang"), now - 12 * SECOND, takes)
    _session(database, (2, "cab-2", "p-li"), now - 4 * MINUTE, [(6, "BP-2913", -2, 962_000)], question=True)
    _session(database, (3, "cab-1", "p-zhou"), now - 55 * MINUTE, [(9, "FU-0020", 40, 998_000)], cause="restock")
    _session(database, (4, "cab-2", "p-wang"), now - 3 * 60 * MINUTE, [(4, "WS-0450", -1, 999_000)], how="recovered")
    _session(database, (5, "cab-1", "p-li"), now - 26 * 60 * MINUTE, [])
    write_sessions(database, now)
    _discrepancies(database, now)
    for outbox in range(1, 8):
        item = EventItem("cab-1", EPOCH, outbox, now - 2 * 60 * MINUTE, now - 2 * 60 * MINUTE, "{}")
        database.execute("insert into outbox values (?, ?, 'cab-1', ?, 0)", (outbox, encode_content(item), EPOCH))
    database.execute("insert into upload values (1, 4, 0)")
    _wrong(database, now)
    _updates(database, now)


def _updates(database: sqlite3.Connection, now: int) -> None:
    """One cabinet is given new firmware, the other has gone back to its own."""
    loading = CabinetFirmware("cab-1", "0.2.0", "a", False, "0.3.0", "loading", "", now, 1, BOARD, 45_000, 90_000)
    reason = "expected at most 0 blind bins, found 12"
    returned = CabinetFirmware("cab-2", "0.2.0", "b", False, "0.3.0", "returned", reason, now, 1, BOARD)
    for firmware in (loading, returned):
        marks = ", ".join("?" * 16)
        database.execute(f"insert into cabinet_firmware values ({marks})", firmware_row(firmware, "d" * 64))


def _wrong(database: sqlite3.Connection, now: int) -> None:
    """What the second cabinet has come through: damaged messages, strange ones, and a journal nearly full."""
    topic = "partsbay/1/cab-2/event"
    for number in range(2):
        row = (None, topic, b"nonsense", 8, "expected JSON", now - (5 + number) * 24 * 60 * MINUTE, "cab-2", "", 0)
        database.execute("insert into quarantine values (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    hour = (now - 4 * 60 * MINUTE) // (60 * MINUTE)
    database.execute("insert into refusal values ('cab-2', ?, 0, 0, 0, 3)", (hour,))
    taken_in = ("cab-2", EPOCH, 208, now, now - 95 * MINUTE, "door_shut", "", b"", b"")
    database.execute("insert into inbox values (?, ?, ?, ?, ?, ?, ?, ?, ?)", taken_in)
    facts = {"epoch": EPOCH, "through": 31, "journal_first": 44, "missing": 12}
    _open(database, "cab-2/x/44", ("cab-2", 0, "", "", "journal_forgotten"), facts, now - 2 * 24 * 60 * MINUTE)


def _fill_cabinet(database: sqlite3.Connection, cabinet: Cabinet, now: int) -> None:
    masses = {part.number: part.unit_mass_mg or 1000 for part in PARTS}
    for place in cabinet.bins:
        if place.opening:
            postings = ledger.transfer(
                ledger.dealer_account("dealer-1"),
                ledger.bin_account(cabinet.id, place.bin),
                place.part,
                place.opening,
            )
            opening = _Move(f"opening/{cabinet.id}/{place.bin}", "opening", postings, cabinet=cabinet.id, bin=place.bin)
            _book(database, opening, now - 3 * 24 * 60 * MINUTE)
            weight = (cabinet.id, place.bin, place.opening * masses[place.part], 300, now - 12 * SECOND)
            database.execute("insert into bin_weight values (?, ?, ?, ?, ?)", weight)
    first = cabinet.id == "cab-1"
    health = {"firmware": "0.1.0", "bins_blind": int(not first), "journal_free_bytes": 1_020_000 if first else 93_000}
    heard = now - (3 * SECOND if first else 27 * MINUTE)
    row = (cabinet.id, 1, heard, EPOCH, 1, 210, json.dumps(health | ({} if first else {"left_out": 4})))
    database.execute("insert into controller_status values (?, ?, ?, ?, ?, ?, ?)", row)
    cursor = (cabinet.id, EPOCH, 208 if cabinet.id == "cab-2" else 210, 200, b"x", now)
    database.execute("insert into cursor values (?, ?, ?, ?, ?, ?)", cursor)


def _session(
    database: sqlite3.Connection,
    who: tuple[int, str, str],
    at_ms: int,
    changes: list[tuple[int, str, int, int]],
    *,
    how: str = "shut",
    cause: str = "take",
    question: bool = False,
) -> None:
    seq, cabinet, person = who
    session = f"{cabinet}/{EPOCH}/{seq}"
    missing = "bins 7-12" if how == "recovered" else ""
    row = (session, cabinet, 1, "badge", person, "", how, missing, at_ms - 20 * SECOND, at_ms, at_ms + 900)
    database.execute(f"insert into session values ({','.join('?' * len(row))})", row)
    for bin_number, part, change, confidence in changes:
        other = ledger.dealer_account("dealer-1") if cause == "restock" else ledger.shop_account("shop-1")
        own = ledger.bin_account(cabinet, bin_number)
        source, target = (other, own) if change > 0 else (own, other)
        fields = {"cabinet": cabinet, "bin": bin_number, "session": session, "person": person}
        move = _Move(
            f"{session}/{bin_number}/session",
            cause,
            ledger.transfer(source, target, part, abs(change)),
            confidence_ppm=confidence,
            **fields,
        )
        if change < 0:  # the stock of the list is what is left
            postings = ledger.transfer(ledger.dealer_account("dealer-1"), own, part, -change)
            _book(database, _Move(f"{session}/{bin_number}/before", "opening", postings, cabinet=cabinet), at_ms)
        _book(database, move, at_ms)
    if question:
        facts = {"candidates": [[-3, 640_000], [-2, 350_000], [0, 6_000]], "delta_mg": -3_010_000, "stock": 9}
        _open(database, f"{session}/5", (cabinet, 5, "VB-1225", session, "uncertain_count"), facts, at_ms)


def _open(
    database: sqlite3.Connection,
    identity: str,
    about: tuple[str, int, str, str, str],
    facts: dict[str, Any],
    at_ms: int,
) -> None:
    cabinet, bin_number, part, session, reason = about
    row = (identity, cabinet, bin_number, part, session, reason, at_ms, json.dumps(facts, ensure_ascii=False))
    database.execute("insert into discrepancy values (?, ?, ?, ?, ?, ?, ?, ?)", row)


def _discrepancies(database: sqlite3.Connection, now: int) -> None:
    level = {"found_mg": 3_100_000, "expected_mg": 4_132_000, "stock": 22, "limit_mg": 29_000}
    _open(database, "cab-1/x/90/7", ("cab-1", 7, "BS-0077", "", "balance"), level, now - 50 * MINUTE)
    _open(database, "cab-1/x/91/11", ("cab-1", 11, "", "", "no_part"), {"delta_mg": 85_000}, now - 90 * MINUTE)


def open_door_message() -> dict[str, Any]:
    """The live message of a cabinet whose door is open: two filters are out, a hand is still at the belts."""
    return {
        "v": 1,
        "up_ms": 1000,
        "session": 9,
        "person": "p-li",
        "doors": [[1, 1, 1], [2, 0, 1]],
        "bins": [[1, 7 * 612_000 + 1_200, 0], [5, 7 * 294_000 - 700, 1], [12, 3_650_400, 0]],
    }
