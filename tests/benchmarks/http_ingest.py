"""What gateways send over HTTP to `partsbay cloud ingest`, against COPY of the very rows into the same table.

Two processes, batches of 500 events of eight gateways, PostgreSQL as in production (it survives a power cut). Rounds
of both take turns, so that whatever else the machine does meanwhile strikes both alike; the median ratio counts.
"""

import http.client
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

import msgspec
import psycopg

from cloud import seed, settings
from edge_gateway.upload_format import EventItem, Item, Upload, encode_upload
from simulator import scenario
from tests.benchmarks.figures import Figure
from tests.cloud.postgres import PostgresServer, new_database

WORKERS = 2
GATEWAYS = 8
BATCHES = 24  # of each gateway
BATCH = 500
ROUNDS = 5
AIM = 0.6
READY = re.compile(r"cloud ingest ready (http://\S+)\n")
COLUMNS = "shop_id, cabinet, epoch, seq, dealer_id, received_ms, occurred_ms, line, ingested_ms"


@dataclass(frozen=True)
class Round:
    """How long the same events took by either way."""

    http_s: float
    copy_s: float
    one_copy_s: float


def measure() -> list[Figure]:
    """Events per second over HTTP, with COPY as the limit: batch by batch as over HTTP, and all in one."""
    server = PostgresServer(durable=True)
    try:
        server.start()
        with tempfile.TemporaryDirectory(prefix="partsbay-bench-") as folder:
            rounds = _rounds(Path(folder), new_database(str(server.folder), "ingest_bench"))
    finally:
        server.close()
    events = GATEWAYS * BATCHES * BATCH
    name = f"events over HTTP, PostgreSQL, {WORKERS} processes, {BATCH} a batch"
    found = []
    for what, limits in (
        ("COPY, a commit each batch", [each.copy_s for each in rounds]),
        ("COPY, all in one", [each.one_copy_s for each in rounds]),
    ):
        ratio = median(limit / each.http_s for limit, each in zip(limits, rounds, strict=True))
        limit_per_s = events / median(limits)
        found.append(Figure(name, ratio * limit_per_s, "events/s", limit_per_s, what, AIM))
    return found


def _rounds(folder: Path, address: str) -> list[Round]:
    configuration = _seeded(folder, address)
    bodies = {gateway: list(_uploads(gateway)) for gateway in range(GATEWAYS)}
    with _running(configuration) as url:
        _send_all(url, bodies, "warm")
        return [_round(url, address, bodies, f"round{number}") for number in range(ROUNDS)]


def _round(url: str, address: str, bodies: dict[int, list[bytes]], epoch: str) -> Round:
    _empty(address)
    http_s = _send_all(url, bodies, epoch)
    batches = _as_copied(address)
    _empty(address)
    copy_s = _copy(address, batches)
    _empty(address)
    return Round(http_s, copy_s, _copy(address, [b"".join(batches)]))


def _seeded(folder: Path, address: str) -> Path:
    configuration = folder / "cloud.toml"
    configuration.write_text(
        f'database_url = "{address}"\nsecret = "{"s" * 64}"\nworkers = {WORKERS}\ningest_port = 0\n'
    )
    shops = [
        {
            "gateway": {"id": f"gw-{number}", "key": _key(number)},
            "document": {**scenario.document(), "shop": f"shop-{number}"},
        }
        for number in range(GATEWAYS)
    ]
    dealer = {"id": scenario.DEALER[0], "name": scenario.DEALER[1], "users": []}
    (folder / "seed.json").write_text(json.dumps({"dealers": [dealer], "shops": shops}))
    seed.load(settings.load(configuration), folder / "seed.json")
    return configuration


def _key(number: int) -> str:
    return f"{number}" * 32


@contextmanager
def _running(configuration: Path) -> Iterator[str]:
    """The program, once all its processes are ready; ended by its process id."""
    command = [sys.executable, "-m", "partsbay", "cloud", "ingest", "--config", str(configuration)]
    program = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield _ready(iter(program.stdout or []))
    finally:
        program.terminate()
        program.wait()


def _ready(lines: Iterator[str]) -> str:
    found: list[str] = []
    for line in lines:
        if match := READY.fullmatch(line):
            found.append(match[1])
            if len(found) == WORKERS:
                return found[0]
    raise RuntimeError(f"expected {WORKERS} processes to be ready, found {len(found)}")


def _uploads(gateway: int) -> Iterator[bytes]:
    for first in range(1, BATCHES * BATCH, BATCH):
        items = [Item(seq, _event(seq)) for seq in range(first, first + BATCH)]
        yield encode_upload(Upload(f"gw-{gateway}", "epoch", items))


def _event(seq: int) -> EventItem:
    moment = 1_800_000_000_000 + seq * 1000
    line = {
        "v": 1, "kind": "session_closed", "cabinet": "cab-1", "epoch": "00112233", "seq": seq, "utc_ms": moment,
        "up_ms": seq * 1000, "session": seq // 2, "how": "shut", "missing": [], "open_ms": 9000,
        "bins": [{"bin": 3, "before_mg": 2_001_500, "after_mg": 1_901_500, "noise_mg": 812}],
        "plateaus": [{"bin": 3, "at_ms": at, "mg": 2_001_500 - at, "noise_mg": 799} for at in (100, 4000, 8000)],
    }  # fmt: skip
    return EventItem("cab-1", "00112233", seq, moment, moment, json.dumps(line, separators=(",", ":")))


def _send_all(url: str, bodies: dict[int, list[bytes]], epoch: str) -> float:
    """Seconds until every gateway has its last receipt."""
    renamed = {
        gateway: [body.replace(b'"epoch":"epoch"', f'"epoch":"{epoch}"'.encode(), 1) for body in some]
        for gateway, some in bodies.items()
    }
    started = time.perf_counter()
    with ThreadPoolExecutor(GATEWAYS) as gateways:
        list(gateways.map(lambda gateway: _send(url, gateway, renamed[gateway]), renamed))
    return time.perf_counter() - started


def _send(url: str, gateway: int, bodies: list[bytes]) -> None:
    where = urlsplit(url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port)
    headers = {"Authorization": f"Bearer {_key(gateway)}", "Content-Type": "application/json"}
    for body in bodies:
        connection.request("POST", "/api/gateway/upload", body, headers)
        answer = connection.getresponse()
        receipt = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"expected a receipt, found {answer.status}: {receipt[:200]!r}")
    if msgspec.json.decode(receipt)["through"] != BATCHES * BATCH:
        raise RuntimeError(f"expected everything to be booked, found {receipt!r}")
    connection.close()


def _as_copied(address: str) -> list[bytes]:
    """The rows that are in the table, batch by batch as they came, as COPY writes and reads them."""
    batches = []
    with psycopg.connect(address) as connection:
        for first in range(1, BATCHES * BATCH, BATCH):
            for gateway in range(GATEWAYS):
                query = (
                    f"COPY (SELECT {COLUMNS} FROM event WHERE shop_id = 'shop-{gateway}' "
                    f"AND seq BETWEEN {first} AND {first + BATCH - 1} ORDER BY seq) TO STDOUT"
                )
                with connection.cursor().copy(query) as copy:
                    batches.append(b"".join(bytes(data) for data in copy))
    return batches


def _copy(address: str, batches: list[bytes]) -> float:
    """Seconds to copy them over one connection, with a commit behind each."""
    with psycopg.connect(address) as connection:
        started = time.perf_counter()
        for batch in batches:
            with connection.cursor().copy(f"COPY event ({COLUMNS}) FROM STDIN") as copy:
                copy.write(batch)
            connection.commit()
        return time.perf_counter() - started


def _empty(address: str) -> None:
    """Empty the table, past its triggers, and let the database write down what it has, so that no round pays it."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("TRUNCATE event")
        connection.execute("CHECKPOINT")
