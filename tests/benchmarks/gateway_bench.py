"""The gateway's writing path, alone and behind a real broker, against raw inserts of the very rows it wrote."""

import asyncio
import json
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path

import paho.mqtt.client as paho
from cabinet import wire

from edge_gateway.intake import Intake
from edge_gateway.opening import put_into_force
from edge_gateway.received import Received
from edge_gateway.shop_document import decode_document
from edge_gateway.store import Store
from simulator import scenario
from simulator.whole_shop import WholeShop
from tests.benchmarks.figures import Figure
from tests.benchmarks.limits import raw_seconds
from tests.firmware.brokers import hang_up

EPOCH = "0123456789abcdef"
SESSIONS = 4000
BATCH = 200  # events a transaction: the largest group the writer makes
NOW_MS = 1_800_000_000_000
BINS = 12
IN_FLIGHT = 64


def measure() -> list[Figure]:
    """Durable events per second: the store alone, with decoding and booking, and through MQTT."""
    lines = _journal()
    with tempfile.TemporaryDirectory(prefix="partsbay-bench-") as folder:
        place = Path(folder)
        figures, limit = _in_process(place, lines)
        return [*figures, asyncio.run(_through_mqtt(place / "shop", lines, limit))]


# ---- the store alone ----


def _in_process(folder: Path, lines: list[bytes]) -> tuple[list[Figure], float]:
    database = folder / "gateway.db"
    store = Store(database, "gw-1", NOW_MS)
    with closing(store):
        intake = Intake(store.load(NOW_MS), frozenset({"cab-1"}), store)
        data = json.dumps(_document()).encode()
        put_into_force(decode_document(data), data, intake.batch, NOW_MS)
        store.write(intake.batch)
        deciding, writing = _take_all(store, intake, lines)
    transactions = -(-len(lines) // BATCH)
    limit = len(lines) / raw_seconds(database, folder / "raw.db", transactions)
    limit_name = f"raw sqlite3, same rows, {BATCH} a batch"
    return [
        Figure("gateway: rows to disk", len(lines) / writing, "events/s", limit, limit_name, 0.5),
        Figure("gateway: decode, count, book, disk", len(lines) / (deciding + writing), "events/s", limit, limit_name),
    ], limit


def _take_all(store: Store, intake: Intake, lines: list[bytes]) -> tuple[float, float]:
    """Seconds spent deciding and seconds spent writing."""
    topic = wire.topic("cab-1", "event")
    deciding = writing = 0.0
    for at in range(0, len(lines), BATCH):
        intake.start_batch(intake.books)
        started = time.perf_counter()
        for line in lines[at : at + BATCH]:
            intake.take(Received(topic, line, NOW_MS))
        decided = time.perf_counter()
        store.write(intake.batch)
        deciding += decided - started
        writing += time.perf_counter() - decided
    through = intake.books.cursors["cab-1", EPOCH].through
    if through != len(lines):
        raise RuntimeError(f"expected {len(lines)} events taken in, found {through}")
    return deciding, writing


# ---- behind a broker ----


async def _through_mqtt(folder: Path, lines: list[bytes], limit: float) -> Figure:
    shop = WholeShop(folder, _document(), [], {"cab-1": "esp32s3-w5500-12"})
    try:
        await shop.start()
        shop.stopping.set()
        await shop.cloud.stop()  # the figure is the gateway's; what goes up waits in its outbox
        password = shop.cabinet_password("cab-1")
        seconds = await asyncio.to_thread(_publish_all, shop.mqtt_port, password, _payloads(lines), len(lines))
    finally:
        await shop.stop()
    name = "gateway: MQTT, decode, count, book, disk"
    return Figure(name, len(lines) / seconds, "events/s", limit, f"raw sqlite3, same rows, {BATCH} a batch", 0.3)


def _publish_all(port: int, password: str, payloads: list[bytes], last: int) -> float:
    """Seconds from the first publish until the gateway has acknowledged the last event."""
    done, subscribed = threading.Event(), threading.Event()
    slots = threading.Semaphore(IN_FLIGHT)
    client = paho.Client(paho.CallbackAPIVersion.VERSION2, "partsbay-cab-1")
    client.username_pw_set("cab-1", password)
    client.max_inflight_messages_set(IN_FLIGHT)

    def on_message(_client: paho.Client, _user: object, message: paho.MQTTMessage) -> None:
        if wire.decode("journal_ack", message.payload)["through"] >= last:
            done.set()

    client.on_message = on_message
    client.on_publish = lambda *_: slots.release()
    client.on_subscribe = lambda *_: subscribed.set()
    client.connect("127.0.0.1", port)
    client.loop_start()
    try:
        client.subscribe(wire.topic("cab-1", "journal_ack"), 1)
        _wait(subscribed, "a subscription")
        started = time.perf_counter()
        for payload in payloads:
            slots.acquire()
            client.publish(wire.topic("cab-1", "event"), payload, 1)
        _wait(done, "the last acknowledgement")
        return time.perf_counter() - started
    finally:
        hang_up(client)


def _wait(event: threading.Event, what: str) -> None:
    if not event.wait(120):
        raise TimeoutError(f"expected {what} within 120 s")


# ---- what is sent ----


def _payloads(lines: list[bytes]) -> list[bytes]:
    """Whole lines joined as a controller joins them."""
    payloads, size = [[]], 0
    for line in lines:
        if size + len(line) + 1 > wire.PUBLISH_BYTES_MAX:
            payloads.append([])
            size = 0
        payloads[-1].append(line)
        size += len(line) + 1
    return [b"\n".join(payload) for payload in payloads]


def _document() -> dict[str, object]:
    document = scenario.document()
    document["cabinets"] = document["cabinets"][:1]
    return document


def _journal() -> list[bytes]:
    """Sessions of 12 bins in which one piece is taken from one bin, and a restock when it runs out."""
    parts = [scenario.part(number) for number in scenario.LAYOUT["cab-1"]]
    stock = [part.stock for part in parts]
    bodies: list[dict[str, object]] = [{"kind": "journal_created", "reason": "first"}]
    for at in range(SESSIONS):
        which = at % (BINS - 1)  # the last bin holds bulk
        before = _masses(parts, stock)
        restock = stock[which] == 0
        stock[which] = parts[which].stock if restock else stock[which] - 1
        badge, person = ("C0FFEE01", "p-chen") if restock else ("04A1B2C3", "p-li")
        opened = len(bodies) + 1
        bodies += _session(opened, badge, person, before, _masses(parts, stock))
    return [
        wire.encode_event("cab-1", EPOCH, seq, {"boot": 1, "up_ms": seq * 1000, **body})
        for seq, body in enumerate(bodies, start=1)
    ]


def _masses(parts: list[scenario.ScenarioPart], stock: list[int]) -> list[int]:
    return [p.mass_mg * n if p.unit == "piece" else n * 1000 for p, n in zip(parts, stock, strict=True)]


def _session(opened: int, badge: str, person: str, before: list[int], after: list[int]) -> list[dict[str, object]]:
    rows = [[at, mg, 170, 0] for at, mg in enumerate(before, start=1)]
    changes = [[at, mg, 170, now, 170, 0] for at, (mg, now) in enumerate(zip(before, after, strict=True), start=1)]
    closed = {"session": opened, "how": "shut", "missing": "", "open_ms": 8000, "bins": changes}
    return [
        {"kind": "session_opened", "by": "badge", "badge": badge, "person": person, "door": 1, "bins": rows},
        {"kind": "door_opened", "session": opened, "door": 1},
        {"kind": "door_shut", "session": opened, "door": 1},
        {"kind": "session_closed", **closed},
    ]
