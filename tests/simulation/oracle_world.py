"""A small shop for the oracle's tests: the product's own store, intake and ingest, and an oracle that hears them.

It is the product that writes the databases; the oracle reads them. What a test breaks, it breaks in SQL.
"""

import shutil
import sqlite3
from pathlib import Path

from cabinet import wire

from cloud.database import open_database
from cloud.ingest import GatewayIdentity, Ingest
from cloud.restore import held_page
from cloud.seed import Seed, SeedDealer, SeedGateway, SeedShop, store
from edge_gateway.held_format import decode_held
from edge_gateway.kiosk_seam import ChargeSession, CorrectCount, ResolveByStock
from edge_gateway.outgoing import Outgoing, Parcel, take_receipt
from edge_gateway.rebuilding import Rebuilding
from edge_gateway.received import Outgoing as Message
from edge_gateway.store import Store
from simulator.oracle import Oracle
from simulator.verdict import Excused, Truth, Verdict, Violation
from tests.gateway.world import NOW_MS, Journal, RecordingLink, Shop, document, row

TWO = "fedcba9876543210"  # the journal of cab-2
LOCKS = {("cab-1", 1): 5000, ("cab-2", 1): 5000}
IDENTITY = GatewayIdentity("gw-1", "shop-1", "dealer-1")

# What lies in the bins when the story is over: see `live_a_day`.
TRUTH = {
    ("cab-1", 1): Truth("OF-1", "piece", 3),
    ("cab-1", 2): Truth("BLT-8", "gram", 4800, 20),
    ("cab-1", 3): Truth("BULB", "piece", 39),
    ("cab-2", 1): Truth("OF-1", "piece", 9),
}


class TellingLink(RecordingLink):
    """Tells the oracle of every journal_ack that leaves the gateway."""

    def __init__(self, oracle: Oracle) -> None:
        super().__init__()
        self._oracle = oracle

    def send(self, message: Message) -> bool:
        """Say it to the oracle too."""
        if message.leaf == "journal_ack":
            said = wire.decode("journal_ack", message.payload)
            self._oracle.journal_acknowledged(message.cabinet, said["epoch"], said["through"])
        return super().send(message)


class Cloud:
    """The cloud's ingest on a database, called directly."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._database = open_database(f"sqlite:///{path}")
        self._ingest = Ingest(self._database, lambda: NOW_MS + 7_200_000)

    def seed(self) -> None:
        """The shop and its gateway."""
        dealer = SeedDealer("dealer-1", "Dealer")
        shop = SeedShop(SeedGateway("gw-1", "the key of gateway one"), document())
        with self._database.writing() as session:
            store(session, Seed([dealer], [shop]), NOW_MS)

    def take(self, shop: Shop, oracle: Oracle) -> None:
        """Everything the gateway has for it, and the receipts back."""
        books = shop.intake.books
        outgoing = Outgoing(shop.path, books.gateway, books.epoch)
        through = books.upload_through
        parcel: Parcel | None = outgoing.question(through)
        while parcel is not None:
            receipt = self._ingest.receive(IDENTITY, parcel.body)
            oracle.receipt(receipt.epoch, receipt.through)
            last = parcel.last
            through = shop.do(lambda: take_receipt(shop.intake.batch, receipt, last, shop.store))  # noqa: B023
            parcel = outgoing.next_parcel(through)
        outgoing.close()

    def restore(self, path: Path) -> None:
        """Make a gateway's database anew from all this cloud holds."""
        store = Store(path, "gw-1", NOW_MS)
        rebuilding = Rebuilding(store, NOW_MS)
        after, more = "", True
        while more:
            page = decode_held(held_page(self._database, IDENTITY, after))
            rebuilding.take(page)
            after, more = page.next, page.next != ""
        rebuilding.finish()
        store.close()

    def close(self) -> None:
        """End its connections."""
        self._database.close()


class World:
    """Both sides and the oracle, on files in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.oracle = Oracle(folder / "gateway.db", folder / "cloud.db", LOCKS)
        self.journals = [Journal("cab-1"), Journal("cab-2", TWO)]
        self.found: list[Violation] = []
        self.shop: Shop | None = None
        self.cloud: Cloud | None = None

    def start(self) -> Shop:
        """The gateway and the cloud go to work."""
        fresh = not (self.folder / "cloud.db").exists()
        self.shop = shop = Shop(self.folder)
        shop.link = TellingLink(self.oracle)
        shop.writer._link = shop.link  # the seam, before anything is sent
        self.cloud = Cloud(self.folder / "cloud.db")
        if fresh:
            self.cloud.seed()
        return shop

    def stop(self) -> None:
        """Both are closed."""
        self.oracle.release()
        if self.shop is not None:
            self.shop.close()
        if self.cloud is not None:
            self.cloud.close()
        self.shop = self.cloud = None

    def tell(self, journal: Journal, start: int = 0, end: int | None = None) -> None:
        """Events of a journal from `start` to `end`: over the wire and into the gateway, step by step."""
        assert self.shop is not None
        for seq, line in enumerate(journal.lines[start:end], start + 1):
            self.oracle.sent(journal.cabinet, journal.epoch, seq, line)
            self.shop.take(journal.topic, line)
            self.step()

    def upload(self) -> None:
        """All that waits goes up."""
        assert self.shop is not None
        assert self.cloud is not None
        self.cloud.take(self.shop, self.oracle)
        self.step()

    def step(self) -> None:
        """What the oracle finds after a step."""
        self.found += self.oracle.after_step(NOW_MS)

    def on_flash(self) -> dict[str, dict[str, int]]:
        """The last number of every journal."""
        lasts: dict[str, dict[str, int]] = {}
        for journal in self.journals:
            lasts.setdefault(journal.cabinet, {})[journal.epoch] = len(journal.lines)
        return lasts

    def judge(self, excused: Excused | None = None) -> Verdict:
        """The verdict at rest."""
        return self.oracle.at_rest(NOW_MS, TRUTH, self.on_flash(), excused or Excused())


def live_a_day(world: World) -> None:
    """Takes, a restock, grams, a change behind a shut door, a question and its answer, a charge and a correction.

    Bin 1 of cab-1 begins with 10 filters of 600 g: 2 leave, 1 comes back by correction, 6 leave: 3 stay, and a
    request is raised. Bin 2: 5000 g, 200 g leave. Bin 3: 40 bulbs of 21 g, half a bulb's weight leaves: a question,
    answered by a count of 39. Bin 1 of cab-2: one of 10 leaves behind a shut door; that discrepancy stays open.
    """
    shop = world.start()
    shop.put_document(document())
    one, two = world.journals
    one.created()
    first = one.session([row(1, 6_000_000, 4_800_000), row(2, 5_000_000, 4_800_000)])
    world.tell(one)
    shop.act(ChargeSession(session=first, job="job-7", person="wang"))
    take = shop.value("select id from movement where session = ? and bin = 1 and cause = 'take'", first)
    shop.act(CorrectCount(movement=take, quantity=1, person="wang"))
    world.step()
    world.upload()
    start = len(one.lines)
    one.session([row(1, 5_400_000, 1_800_000), row(3, 840_000, 829_500)])
    world.tell(one, start)
    asked = shop.value("select id from open_discrepancy where bin = 3")
    shop.act(ResolveByStock(discrepancy=asked, found=39, person="wang"))
    two.created()
    two.add("bins_changed", bins=[row(1, 6_000_000, 5_400_000)])
    world.tell(two)
    world.upload()


def copy_of(world: World, folder: Path) -> World:
    """Another world on copies of the files, with an oracle that has heard the same. The first one is stopped."""
    folder.mkdir(exist_ok=True)
    copied = World(folder)
    for mine, theirs in zip(copied.journals, world.journals, strict=True):
        mine.lines = list(theirs.lines)
    for file in ("gateway.db", "cloud.db"):
        shutil.copy(world.folder / file, folder / file)
    for journal in world.journals:
        for seq, line in enumerate(journal.lines, 1):
            copied.oracle.sent(journal.cabinet, journal.epoch, seq, line)
        copied.oracle.journal_acknowledged(journal.cabinet, journal.epoch, len(journal.lines))
    copied.step()
    return copied


def break_in(database: Path, *statements: str) -> None:
    """Change what the product would refuse to change: triggers, keys and checks are gone first."""
    db = sqlite3.connect(database, isolation_level=None)
    try:
        db.execute("PRAGMA synchronous = OFF")
        db.execute("BEGIN")
        _loosen(db)
        for statement in statements:
            assert db.execute(statement).rowcount != 0, f"{statement} changed nothing"
        db.execute("COMMIT")
    finally:
        db.close()


def _loosen(db: sqlite3.Connection) -> None:
    for kind, name in db.execute("SELECT type, name FROM sqlite_master WHERE type IN ('trigger', 'view')").fetchall():
        db.execute(f"DROP {kind} {name}")
    for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql != ''").fetchall():
        db.execute(f"CREATE TABLE loose AS SELECT * FROM {table}")
        db.execute(f"DROP TABLE {table}")
        db.execute(f"ALTER TABLE loose RENAME TO {table}")


def change(world: World, side: str, *statements: str) -> list[str]:
    """Add to a database as a wrong program would; what the oracle finds after that step."""
    db = sqlite3.connect(world.folder / f"{side}.db", isolation_level=None)
    try:
        db.execute("BEGIN")
        for statement in statements:
            assert db.execute(statement).rowcount != 0, f"{statement} changed nothing"
        db.execute("COMMIT")
    finally:
        db.close()
    return rules(world)


def rules(world: World) -> list[str]:
    """The rules that do not hold after a step."""
    return [violation.rule for violation in world.oracle.after_step(NOW_MS)]


def visit(world: World) -> int:
    """A session of cab-1 in which nothing is taken; where it begins in the journal."""
    one = world.journals[0]
    start = len(one.lines)
    one.session([row(1, 1_800_000, 1_800_000)])
    return start


def put_back(world: World, name: str, *, told: bool = True) -> None:
    """The copy takes the database's place; the oracle is told, as a rule."""
    world.stop()
    for suffix in ("-wal", "-shm"):
        (world.folder / f"{name}.db{suffix}").unlink(missing_ok=True)
    shutil.copy(world.folder / f"{name}.backup", world.folder / f"{name}.db")
    if told and name == "gateway":
        world.oracle.gateway_replaced("yesterday's backup")
    elif told:
        world.oracle.cloud_replaced("yesterday's backup")
    world.start()
    world.step()
