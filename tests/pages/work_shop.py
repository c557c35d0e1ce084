"""What shop-2's gateway tells of two months of work, and what its dealer says of prices, vehicles and claims."""

import contextlib
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx

from edge_gateway import ledger
from edge_gateway.upload_format import (
    Content,
    DiscrepancyItem,
    Item,
    JobOpenedItem,
    MovementItem,
    PostingItem,
    Upload,
    encode_upload,
)
from tests.pages.cloud_program import EMAIL, KEYS, PASSWORD

DAY_MS = 86_400_000
# days before today, part, bin, quantity, job, person
USES = [
    (58, "OF-1012", 1, 1, "J-2041", "p-wang"), (58, "FF-2040", 2, 1, "J-2041", "p-wang"),
    (44, "LB-2421", 8, 2, "J-2043", "p-li"), (33, "BP-2913", 6, 4, "J-2042", "p-wang"),
    (31, "BS-0077", 7, 1, "J-2042", "p-li"), (21, "OF-1012", 1, 2, "J-2041", "p-li"),
    (12, "WB-0600", 10, 2, "J-2043", "p-wang"), (9, "FU-0020", 9, 5, "", "p-li"),
    (4, "AF-3300", 3, 1, "K261120-7KQ2", "p-wang"), (3, "BT-M800", 12, 340, "J-2042", "p-wang"),
]  # fmt: skip
PRICES = {"OF-1012": 6800, "FF-2040": 12850, "LB-2421": 1890, "BP-2913": 23900, "BS-0077": 4550, "WB-0600": 3900,
          "FU-0020": 120, "BT-M800": 3}  # fmt: skip


@contextlib.contextmanager
def told_work(base: str) -> Iterator[httpx.Client]:
    """Tell all of it; a client of the dealer's manager, signed in."""
    now = int(time.time() * 1000)
    upload = Upload("gw-2", "0f1e2d3c4b5a6978", [Item(seq, content) for seq, content in enumerate(_contents(now), 1)])
    headers = {"Authorization": f"Bearer {KEYS['gw-2']}"}
    answer = httpx.post(f"{base}/api/gateway/upload", content=encode_upload(upload), headers=headers, timeout=30)
    assert answer.status_code == 200, answer.text
    with httpx.Client(base_url=base, headers={"Origin": base}, timeout=30) as client:
        _good(client.post("/api/sign-in", json={"email": EMAIL, "password": PASSWORD}))
        _say_prices(client, now)
        _keep_vehicle(client, now)
        yield client


def _contents(now: int) -> list[Content]:
    contents: list[Content] = [
        JobOpenedItem("K261120-7KQ2", "空调异味", "沪A·D8231", "LFWSRXSJ8M1F12345", 318_450, "p-wang", now - 5 * DAY_MS)
    ]
    for number, (days, part, bin_, quantity, job, person) in enumerate(USES, 1):
        at_ms = now - days * DAY_MS
        name = f"cab-1/0123456789abcdef/{500 + number}/{bin_}/session"
        taken = ledger.transfer(f"bin:cab-1/{bin_}", "shop:shop-2", part, quantity)
        contents.append(_moved(name, "take", taken, at_ms, person))
        if job:
            charged = ledger.transfer("shop:shop-2", f"job:{job}", part, quantity)
            moved = _moved(f"{name}/charge-1-0a1b2c3d", "charge", charged, at_ms + 600_000, person, job=job)
            contents.append(moved)
    pads = "cab-1/0123456789abcdef/504/6/session"
    back = ledger.transfer("job:J-2042", "bin:cab-1/6", "BP-2913", 2)
    contents.append(
        _moved(f"{pads}/correction-1-0a1b2c3d", "correction", back, now - 32 * DAY_MS, "p-wang", corrects=pads)
    )
    contents.append(DiscrepancyItem("d-work", "cab-1", 4, "WS-0450", "", "balance", now - 40 * DAY_MS, "{}"))
    return contents


def _moved(
    name: str,
    cause: str,
    lines: tuple[ledger.Posting, ...],
    at_ms: int,
    person: str,
    *,
    job: str = "",
    corrects: str = "",
) -> MovementItem:
    postings = [PostingItem(line.account, line.part, line.quantity) for line in lines]
    return MovementItem(name, cause, "cab-1", "", person, job, at_ms, at_ms, 999_000, corrects, "", postings)


def _say_prices(client: httpx.Client, now: int) -> None:
    first = datetime.fromtimestamp(now / 1000 - 400 * 86_400, UTC).date().isoformat()
    for part, minor in PRICES.items():
        body = {"from_day": first, "price_minor": minor, "currency": "CNY", "tax_ppm": 130_000}
        _good(client.post(f"/api/catalogue/prices/{part}", json=body))


def _keep_vehicle(client: httpx.Client, now: int) -> None:
    shop = "/api/shops/shop-2"
    [truck] = _good(client.get("/api/vehicles", params={"words": "沪A D8231", "shop": "shop-2"}))
    path = f"{shop}/vehicles/{truck['id']}"
    facts = {"make": "解放", "model": "J6P", "engine": "CA6DM3", "year": 2021, "owner": "上海通达运输有限公司"}
    _good(client.patch(path, json=facts))
    for days, km in ((160, 276_300), (90, 297_800), (58, 305_900), (21, 351_000), (20, 315_200)):
        _good(client.post(f"{path}/readings", json={"km": km, "at_ms": now - days * DAY_MS}))
    for title, part, km, months, last in (
        ("机油和机滤", "OF-1012", 20_000, 6, 0), ("刹车片", "BP-2913", 60_000, 0, 255_000), ("年检", "", 0, 12, 0),
    ):  # fmt: skip
        body = {"title": title, "part": part, "every_km": km, "every_months": months, "last_km": last,
                "last_ms": now - 350 * DAY_MS}  # fmt: skip
        _good(client.put(f"{path}/intervals", json=body))
    _good(client.post(f"{shop}/vehicles", json={"plate": "沪A·D823I", "vin": "F12345"}))
    pads = "cab-1/0123456789abcdef/504/6/session/charge-1-0a1b2c3d"
    for kind, quantity, reason in (("warranty", 1, "一周后异响"), ("core", 1, "")):
        body = {"kind": kind, "movement": pads, "part": "BP-2913", "quantity": quantity, "reason": reason}
        claim = _good(client.post(f"{shop}/claims", json=body))
        if kind == "warranty":
            _good(client.post(f"{shop}/claims/{claim['id']}/accept", json={"note": "已验"}))


def _good(answer: httpx.Response) -> Any:
    assert answer.status_code < 300, (str(answer.request.url), answer.status_code, answer.text)
    return answer.json() if answer.content else None
