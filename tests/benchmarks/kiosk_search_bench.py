"""What the dealer's catalogue costs a gateway, and how fast the kiosk's search box answers from 200,000 parts.

A question is a ratio to reading 100 parts by their numbers from the same file in the same run.
"""

import gzip
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from edge_gateway.catalogue_format import encode_page
from edge_gateway.catalogue_search import CatalogueSearch
from edge_gateway.catalogue_store import CatalogueStore
from tests.benchmarks.figures import Figure
from tests.benchmarks.large_catalogue import PARTS, pages, parts

SAMPLE = 300
ASKED_WORDS = (
    "机滤", "刹车片", "柴滤 豪沃", "解放 机油滤清器", "oil filter", "brake pad j6p", "前 制动鼓", "滤芯 wp10",
    "大灯", "水泵 德龙x3000", "左前 大灯", "离合器 天龙",
)  # fmt: skip
MISTYPED = ("fliter", "oil fitler", "brkae pad", "brake drumm", "actross", "机油滤情器", "柴油虑清器")


def measure() -> Iterator[Figure]:
    """Fetching in steps, the size of the file, and questions of each kind."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "catalogue.db"
        yield from _fill(path)
        search = CatalogueSearch(path)
        try:
            yield from _ask(search)
        finally:
            search.close()


def _fill(path: Path) -> Iterator[Figure]:
    store = CatalogueStore(path)
    steps_ms: list[float] = []
    plain = packed = 0
    for page in pages():
        body = encode_page(page)
        plain += len(body)
        packed += len(gzip.compress(body, 6))
        begun = time.perf_counter()
        store.take_page(page)
        steps_ms.append((time.perf_counter() - begun) * 1000)
    store.close()
    yield Figure(f"catalogue of {PARTS:,} parts, as JSON", plain / 1e6, "MB")
    yield Figure("the same on the wire", packed / 1e6, "MB", plain / 1e6, "as JSON")
    yield Figure("its file at the gateway", path.stat().st_size / 1e6, "MB", plain / 1e6, "as JSON")
    yield Figure("taking it in", sum(steps_ms) / 1000, "s")
    yield Figure("one step of 250 parts, 95th percentile", _p95(steps_ms), "ms")


def _ask(search: CatalogueSearch) -> Iterator[Figure]:
    draw = random.Random(7)
    known = [part for index, part in enumerate(parts()) if index % 1009 == 0]
    limit = _p95([_timed(lambda: [search.part(part.number) for part in draw.choices(known, k=100)]) for _ in range(50)])
    own = [part.number.replace("-", " ").lower() for part in known]
    others = [reference.number for part in known for reference in part.references]
    mistyped = [_mistyped(number) for number in own]
    for name, asked, aim_ms in (
        ("its own number", own, 50),
        ("a maker's or competitor's number", others, 50),
        ("a mistyped number", mistyped, 100),
        ("words, two-character Chinese too", ASKED_WORDS, 100),
        ("mistyped words", MISTYPED, 100),
    ):
        taken = [_timed(partial(search.find, draw.choice(asked))) for _ in range(SAMPLE)]
        yield Figure(f"kiosk search by {name}, median", statistics.median(taken), "ms")
        yield Figure(
            f"kiosk search by {name}, 95th percentile (aim {aim_ms} ms)", _p95(taken), "ms", limit, "100 parts"
        )


def _mistyped(number: str) -> str:
    return number[:-2] + "x" + number[-2:]


def _timed(run: Callable[[], object]) -> float:
    begun = time.perf_counter()
    run()
    return (time.perf_counter() - begun) * 1000


def _p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]
