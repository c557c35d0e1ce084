"""The cloud's ingest against raw inserts of the very rows it wrote; over HTTP, against COPY of them."""

import json
import tempfile
import time
from contextlib import closing
from pathlib import Path

from cloud import seed, settings
from cloud.database import open_database
from cloud.ingest import GatewayIdentity, Ingest
from edge_gateway.upload_format import (
    EventItem,
    Item,
    MovementItem,
    PostingItem,
    SessionItem,
    Upload,
    encode_upload,
)
from simulator import scenario
from tests.benchmarks import http_ingest
from tests.benchmarks.figures import Figure
from tests.benchmarks.limits import raw_seconds

SESSIONS = 10_000
BATCH = 500
EPOCH = "00112233445566778899aabbccddeeff"[:16]
AIM = 0.4


def measure() -> list[Figure]:
    """Items per second through `Ingest.receive`, with the raw rows of the same database as the limit."""
    with tempfile.TemporaryDirectory(prefix="partsbay-bench-") as folder:
        return [_sqlite(Path(folder)), *http_ingest.measure()]


def _sqlite(folder: Path) -> Figure:
    database = folder / "cloud.db"
    address = f"sqlite:///{database}"
    _seed(folder, address)
    bodies = _uploads()
    opened = open_database(address)
    with closing(opened):
        ingest = Ingest(opened, lambda: 1_800_000_000_000)
        identity = GatewayIdentity(gateway="gw-1", shop=scenario.SHOP[0], dealer=scenario.DEALER[0])
        started = time.perf_counter()
        for body in bodies:
            receipt = ingest.receive(identity, body)
        seconds = time.perf_counter() - started
    items = receipt.through
    limit = items / raw_seconds(database, folder / "raw.db", len(bodies))
    name = f"cloud ingest, SQLite, {BATCH} items an upload"
    return Figure(name, items / seconds, "items/s", limit, "raw sqlite3, same rows", AIM)


def _seed(folder: Path, address: str) -> None:
    configuration = folder / "cloud.toml"
    configuration.write_text(f'database_url = "{address}"\nsecret = "{"s" * 64}"\n')
    document = scenario.document()
    entry = {"gateway": {"id": "gw-1", "key": "k" * 64}, "document": document}
    dealer = {"id": scenario.DEALER[0], "name": scenario.DEALER[1], "users": []}
    (folder / "seed.json").write_text(json.dumps({"dealers": [dealer], "shops": [entry]}))
    seed.load(settings.load(configuration), folder / "seed.json")


def _uploads() -> list[bytes]:
    items = [item for at in range(SESSIONS) for item in _session(at)]
    return [
        encode_upload(Upload(gateway="gw-1", epoch=EPOCH, items=items[at : at + BATCH]))
        for at in range(0, len(items), BATCH)
    ]


def _session(at: int) -> list[Item]:
    """What one ordinary session sends up: two events, the session, one movement of two postings."""
    first = at * 4 + 1
    moment = 1_800_000_000_000 + at * 1000
    session = f"cab-1/{EPOCH}/{at * 2 + 1}"
    line = '{"v":1,' + "x" * 600
    return [
        Item(first, EventItem("cab-1", EPOCH, at * 2 + 1, moment, moment, line)),
        Item(first + 1, SessionItem(session, "cab-1", "p-li", "badge", "shut", "", moment, moment + 9000, moment)),
        Item(first + 2, _movement(at, session, moment)),
        Item(first + 3, EventItem("cab-1", EPOCH, at * 2 + 2, moment, moment, line)),
    ]


def _movement(at: int, session: str, moment: int) -> MovementItem:
    return MovementItem(
        id=f"{EPOCH}-{at}",
        cause="take",
        cabinet="cab-1",
        session=session,
        person="p-li",
        job="",
        occurred_ms=moment,
        booked_ms=moment,
        confidence_ppm=999_000,
        corrects="",
        note="",
        postings=[
            PostingItem(f"bin:cab-1/{at % 11 + 1}", scenario.PARTS[at % 11].number, -1),
            PostingItem(f"shop:{scenario.SHOP[0]}", scenario.PARTS[at % 11].number, 1),
        ],
    )
