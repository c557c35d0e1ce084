"""A shop whose bins hold several parts, for the tests of counting from the event to the ledger.

Masses are those of a parts list; two filters in one bin, pads, bulbs, belts on a cheap cell, bolts in grams, a
bin without a part, and two controllers that only their tags tell apart.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from edge_gateway.books import Books
from edge_gateway.counting_memory import CountingMemory
from edge_gateway.shop_document import ShopDocument
from tests.gateway.test_reconcile import verified
from tests.gateway.world import NOW_MS, Journal, Shop, document

OF_A, OF_B, PAD, BULB, BELT, ECU = 612_000, 655_000, 1_180_000, 21_000, 340_000, 455_000
GTINS = ("04006381333931", "00614141123452")  # of two controllers that weigh the same
SHOP, DEALER, UNEXPLAINED = "shop:shop-1", "dealer:dealer-1", "unexplained:cab-1:dealer-1"

PARTS: list[dict[str, Any]] = [
    {"number": "OF-A", "name_zh": "机滤甲", "name_en": "filter A", "unit_mass_mg": OF_A, "spread_mg": 1800},
    {"number": "OF-B", "name_zh": "机滤乙", "name_en": "filter B", "unit_mass_mg": OF_B, "spread_mg": 1900},
    {"number": "PAD", "name_zh": "刹车片", "name_en": "pads", "unit_mass_mg": PAD, "spread_mg": 3500},
    {"number": "BULB", "name_zh": "灯泡", "name_en": "bulb", "unit_mass_mg": BULB, "spread_mg": 60},
    {"number": "BELT", "name_zh": "皮带", "name_en": "belt", "unit_mass_mg": BELT, "spread_mg": 1000},
    {"number": "ECU-L", "name_zh": "左", "name_en": "left", "unit_mass_mg": ECU, "spread_mg": 900, "gtin": GTINS[0]},
    {"number": "ECU-R", "name_zh": "右", "name_en": "right", "unit_mass_mg": ECU, "spread_mg": 900, "gtin": GTINS[1]},
    {"number": "BLT-8", "name_zh": "螺栓", "name_en": "bolts", "unit": "gram"},
]  # fmt: skip
BINS: list[dict[str, Any]] = [
    {
        "bin": 1, "part": "OF-A", "capacity": 8, "opening": 4, "reorder_point": 1, "order_up_to": 6,
        "also": [{"part": "OF-B", "capacity": 8, "opening": 3}],
    },
    {"bin": 2, "part": "PAD", "capacity": 6, "opening": 4},
    {"bin": 3, "part": "BULB", "capacity": 60, "opening": 40},
    {"bin": 4, "part": "BELT", "capacity": 10, "opening": 5, "cell": "cheap-10kg"},
    {"bin": 5, "part": "BLT-8", "capacity": 8000, "opening": 5000, "dead_band": 5},
    {"bin": 6},
    {
        "bin": 7, "part": "ECU-L", "capacity": 4, "opening": 2,
        "also": [{"part": "ECU-R", "capacity": 4, "opening": 2}],
    },
]  # fmt: skip
FULL = {1: 4 * OF_A + 3 * OF_B, 2: 4 * PAD, 3: 40 * BULB, 4: 5 * BELT, 5: 5_000_000, 6: 0, 7: 4 * ECU}  # mg, by bin


def counted_document(version: int = 1) -> ShopDocument:
    """Its document."""
    return document(version, ("cab-1",), parts=PARTS, bins=BINS)


class Cabinet:
    """A cabinet that is told what its bins weigh, and writes the journal of it. Minutes pass between sessions."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.journal = Journal()
        self.journal.created()
        self.mg = dict(FULL)
        self.minute = 0
        self.boot = 1
        self._opened_by = 1
        self._taken = 0

    def session(
        self,
        changes: dict[int, int],
        person: str = "wang",
        quality: int | dict[int, int] = 0,
        plateaus: list[list[int]] | None = None,
    ) -> str:
        """A session in which bins change by so many milligrams; its id. `quality`: of all of them, or by bin."""
        opened = self.open(person)
        return self.close(opened, changes, quality, plateaus)

    def open(self, person: str = "wang") -> int:
        """A badge, and the weights before; the number of the event."""
        self.minute += 30
        self._opened_by = self.boot
        opened = len(self.journal.lines) + 1
        by = "badge" if person else "forced"
        bins = [[number, mg, 100, 0] for number, mg in self.mg.items()]
        self._add("session_opened", by=by, badge="04A1B2C3", person=person, door=1, bins=bins)
        return opened

    def close(
        self,
        opened: int,
        changes: dict[int, int],
        quality: int | dict[int, int] = 0,
        plateaus: list[list[int]] | None = None,
        noise_mg: int = 100,
    ) -> str:
        """The end of a session; what it says is taken in. Its id. After a start of the controller it is recovered."""
        before = dict(self.mg)
        for number, change in changes.items():
            self.mg[number] += change
        qualities = quality if isinstance(quality, dict) else dict.fromkeys(changes, quality)
        rows = [
            [number, before[number], 100, mg, noise_mg if number in changes else 100, qualities.get(number, 0)]
            for number, mg in self.mg.items()
        ]
        how = "shut" if self.boot == self._opened_by else "recovered"
        closing = {"how": how, "missing": "", "open_ms": 9000, "bins": rows}
        if plateaus:
            closing["plateaus"] = plateaus
        self._add("session_closed", session=opened, **closing)
        self.tell()
        return f"cab-1/{self.journal.epoch}/{opened}"

    def rests_at(
        self, changes: dict[int, int], minutes: int = 0, noise_mg: dict[int, int] | None = None, quality: int = 0
    ) -> None:
        """Behind shut doors bins change by so much, some minutes later."""
        self.minute += minutes
        rows = [
            [number, self.mg[number], 100, self.mg[number] + change, (noise_mg or {}).get(number, 100), quality]
            for number, change in changes.items()
        ]
        for number, change in changes.items():
            self.mg[number] += change
        self._add("bins_changed", bins=rows)
        self.tell()

    def starts(self, gains: dict[int, float]) -> None:
        """The controller starts anew and weighs its bins; of some the gain is another one, so many times as large."""
        self.boot += 1
        self.minute += 200
        for number, gain in gains.items():
            self.mg[number] = round(self.mg[number] * gain)
        self._add("bins_changed", bins=[[number, None, 0, mg, 100, 0] for number, mg in self.mg.items()])
        self.tell()

    def drifts(self, changes: dict[int, int]) -> None:
        """The same, but nobody is told before the next session."""
        for number, change in changes.items():
            self.mg[number] += change

    def reads_tags(self, session: int, number: int, missing: str = "", came: str = "", seen: int = 9) -> None:
        """An inventory of tags."""
        read = {"rounds": 40, "seen": seen, "more": 0, "missing": missing, "came": came}
        self._add("tags_read", session=session, **read, **{"pass": number})
        self.tell()

    def tell(self) -> None:
        """The gateway takes in what it has not yet, as it happens."""
        self.shop.clock_ms = max(self.shop.clock_ms, self._now_ms())
        self.shop.take_journal(self.journal, self._taken)
        self._taken = len(self.journal.lines)

    def _add(self, kind: str, **fields: Any) -> None:
        self.journal.add(kind, boot=self.boot, **fields, utc_ms=self._now_ms())

    def _now_ms(self) -> int:
        return NOW_MS + self.minute * 60_000 + len(self.journal.lines) * 1000


def moved(shop: Shop, what: str = "session") -> list[Any]:
    """(cause, bin, part, change of the bin) of what was booked under names that begin so."""
    return shop.query(
        "select m.cause, m.bin, p.part, p.quantity from movement m "
        "join posting p on p.movement = m.id and p.account = 'bin:cab-1/' || m.bin "
        f"where m.id like '%/{what}%' order by m.booked_ms, m.seq, m.bin, p.part"
    )


def held(shop: Shop, number: int) -> dict[str, int]:
    """What a bin holds by the ledger, by part, where it is not nothing."""
    rows = shop.query("select part, quantity from balance where account = ? and quantity != 0", f"bin:cab-1/{number}")
    return dict(rows)


def assert_same_after_a_start(shop: Shop) -> None:
    """What counting remembers is what a start of the gateway would find in its database."""
    running, found = shop.do(lambda: (shop.intake.books, shop.store.load(shop.clock_ms)))
    running.counting.forget(running.sessions_in_doubt())
    assert remembered(found.counting) == remembered(running.counting)
    assert open_in_order(found) == open_in_order(running)


def open_in_order(books: Books) -> dict[tuple[str, int], list[str]]:
    """What is open of each bin, in the order in which it is looked through."""
    by_bin = {
        (cabinet, number): list(of) for cabinet, bins in books.discrepancies.items() for number, of in bins.items()
    }
    return {place: found for place, found in by_bin.items() if found}


def remembered(counting: CountingMemory) -> dict[str, Any]:
    """A memory as values that can be compared; what is empty is not there."""
    return {
        "masses": counting.masses,
        "references": {cabinet: bins for cabinet, bins in counting.references.items() if bins},
        "gains": {cabinet: bins for cabinet, bins in counting.gains.items() if bins},
        "moved": {cabinet: bins for cabinet, bins in counting.moved.items() if bins},
        "takes": {place: count for place, count in counting.takes.items() if count},
        "hands": {person: kept for person in counting.hands.persons if (kept := counting.hands.kept(person))},
        "tags": {cabinet: vars(book) for cabinet, book in counting.tags.items()},
        "verdicts": counting.verdicts,
        "answered": {place for place in counting.answered if place[0] in counting.verdicts},
        "charged": {session: of for session, of in counting.charged.items() if session in counting.verdicts},
    }


@contextmanager
def counted_cabinet(folder: Path) -> Iterator[Cabinet]:
    """Such a shop's cabinet; in the end its ledger agrees with itself, and it remembers what a start would find."""
    shop = Shop(folder, ("cab-1",))
    shop.put_document(counted_document())
    made = Cabinet(shop)
    yield made
    assert verified(made.shop) == 0
    assert_same_after_a_start(made.shop)
    made.shop.close()
