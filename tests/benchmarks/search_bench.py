"""The cloud's search box over 200,000 parts, on SQLite and PostgreSQL: by number, by words, mistyped, in Chinese.

A figure is the 95th percentile of whole answers, with stock and order, as a ratio to its limit in milliseconds.
"""

import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from cloud.catalogue.search import Search
from cloud.catalogue.writing import Fits, Reference, change_catalogue
from cloud.database import Database, open_database
from cloud.tables import Balance, Dealer, PlannedBin, Shop, ShopDealer
from cloud.tenancy import signed_in_tenant
from tests.benchmarks.figures import Figure
from tests.benchmarks.large_catalogue import PARTS, parts
from tests.cloud.postgres import PostgresServer, new_database

DEALER = "dealer-1"
NOW_MS = 1_794_873_600_000
SHOPS, CABINETS, BINS, KEPT = 200, 5, 20, 3_000
SAMPLE = 200
NUMBER_MS, WORDS_MS, BUILD_S = 50, 100, 120
WORDS = (
    "解放 J6P 机滤", "oil filter", "柴油滤清器 豪沃", "brake pad j6p", "wp10.336", "前 制动鼓", "水泵 德龙X3000",
    "SKF 轴承", "ISL9.5", "天龙KL 空滤", "重汽 离合器片", "mann air filter",
)  # fmt: skip
SHORT = ("机滤", "空滤", "水泵", "大灯", "油封", "皮带", "轴承", "刹车", "雨刮", "滤芯", "前", "垫片")
MISTYPED = (
    "fliter",
    "oil fitler",
    "brkae pad",
    "brake drumm",
    "actross",
    "机油滤情器",
    "柴油虑清器",
    "altenator",
    "转向助力崩",
)


def measure() -> Iterator[Figure]:
    """Both databases."""
    with tempfile.TemporaryDirectory(prefix="partsbay-bench-") as folder:
        yield from _measure("SQLite", f"sqlite:///{Path(folder) / 'cloud.db'}")
    server = PostgresServer()
    try:
        server.start()
        yield from _measure("PostgreSQL", new_database(str(server.folder), "search"))
    finally:
        server.close()


def _measure(name: str, address: str) -> Iterator[Figure]:
    database = open_database(address)
    with closing(database):
        begun = time.perf_counter()
        _fill(database)
        yield Figure(f"{name}: {PARTS:,} parts written and indexed", time.perf_counter() - begun, "s", BUILD_S, "limit")
        _stock(database)
        for label, asked, limit_ms in _questions():
            taken = sorted(_timed(database, text) for text in asked)
            yield Figure(f"{name}: {label}, median", statistics.median(taken), "ms")
            p95 = taken[int(len(taken) * 0.95)]
            yield Figure(f"{name}: {label}, 95th percentile", p95, "ms", limit_ms, "limit", 1.0)


def _fill(database: Database) -> None:
    rows = list(parts())
    with database.writing() as session:
        session.add(Dealer(id=DEALER, name=DEALER))
        session.flush()
        with change_catalogue(session, DEALER) as change:
            change.put_parts(
                {
                    "number": row.number,
                    "name_zh": row.name_zh,
                    "name_en": row.name_en,
                    "brand": row.brand,
                    "category": row.category,
                    "withdrawn": row.withdrawn,
                }
                for row in rows
            )
            change.put_references(
                Reference(row.number, each.kind, each.brand, each.number) for row in rows for each in row.references
            )
            change.put_fitment(
                Fits(row.number, each.make, each.model, each.engine, each.from_year, each.to_year)
                for row in rows
                for each in row.fits
            )


def _stock(database: Database) -> None:
    """A fleet's bins with stock: what is kept is a few thousand different parts."""
    draw = random.Random(5)
    kept = [f"PB-{number:06d}" for number in draw.sample(range(PARTS), KEPT)]
    with database.writing() as session:
        for shop in (f"shop-{number}" for number in range(SHOPS)):
            session.add(Shop(id=shop, dealer_id=DEALER, name=f"店 {shop}"))
            session.flush()
            session.add(ShopDealer(shop_id=shop, dealer_id=DEALER))
            for cabinet in (f"cab-{number}" for number in range(CABINETS)):
                for bin_ in range(1, BINS + 1):
                    part = kept[int(KEPT * draw.random() ** 3)]
                    session.add_all(_bin(shop, cabinet, bin_, part, stock=draw.randrange(20)))
            session.flush()
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def _bin(shop: str, cabinet: str, bin_: int, part: str, *, stock: int) -> tuple[PlannedBin, Balance]:
    row = {"shop_id": shop, "dealer_id": DEALER, "part": part, "account": f"bin:{cabinet}/{bin_}"}
    return PlannedBin(cabinet=cabinet, bin=bin_, capacity=20, **row), Balance(
        quantity=stock, last_occurred_ms=NOW_MS, **row
    )


def _questions() -> Iterator[tuple[str, list[str], int]]:
    draw = random.Random(7)
    known = [row for index, row in enumerate(parts()) if index % 997 == 0]
    own = [row.number.replace("-", " ").lower() for row in known]
    others = [each.number for row in known for each in row.references]
    yield "its own number", own, NUMBER_MS
    yield "a maker's or competitor's number", others, NUMBER_MS
    yield "the beginning of a number", [number[: max(4, len(number) - 3)] for number in others], NUMBER_MS
    yield "a mistyped number", [_mistyped(draw, number) for number in own], WORDS_MS
    yield "words", [draw.choice(WORDS) for _ in range(SAMPLE)], WORDS_MS
    yield "two-character Chinese", [draw.choice(SHORT) for _ in range(SAMPLE)], WORDS_MS
    yield "mistyped words", [draw.choice(MISTYPED) for _ in range(SAMPLE)], WORDS_MS


def _mistyped(draw: random.Random, number: str) -> str:
    at = draw.randrange(3, len(number) - 1)
    return number[:at] + number[at + 1] + number[at] + number[at + 2 :]


def _timed(database: Database, text: str) -> float:
    tenant = signed_in_tenant(DEALER)
    begun = time.perf_counter()
    with database.reading_as(tenant) as session:
        Search(session, tenant, NOW_MS).answer(text)
    return (time.perf_counter() - begun) * 1000
