"""Vans, a store and accepted rounds for the running cloud of the pages: what a dealer has typed in by its API."""

import contextlib
from collections.abc import Iterator
from typing import Any

import httpx

from tests.pages.cloud_program import EMAIL, PASSWORD

VANS = (
    {"name": "一号车", "restocker": "song@huatong.example", "latitude_e6": 36_650_000, "longitude_e6": 117_120_000,
     "max_kg": 800, "weekdays": "1234567"},
    {"name": "二号车", "latitude_e6": 36_070_000, "longitude_e6": 120_380_000, "max_kg": 400, "weekdays": "12345",
     "starts_min": 450, "ends_min": 1050},
)  # fmt: skip
PLACES = {"shop-1": (36_702_000, 117_205_000), "shop-2": (36_611_000, 117_018_000)}
STORE = """part,on_hand,on_order,supplier,lead_days,order_pack,location
FF-2040,40,0,曼牌滤清器,7,12,A-01-2
BP-2913,9,0,一汽配件,5,4,B-03-1
OF-1012,180,24,曼牌滤清器,7,12,A-01-1
BT-M800,52000,0,青岛紧固件,3,1000,C-02
"""


@contextlib.contextmanager
def signed_in(base: str) -> Iterator[httpx.Client]:
    """The dealer's manager, as a program."""
    with httpx.Client(base_url=base, headers={"Origin": base}, timeout=60) as client:
        good(client.post("/api/sign-in", json={"email": EMAIL, "password": PASSWORD}))
        yield client


def good(answer: httpx.Response) -> Any:
    """What an answer that is well says."""
    assert answer.status_code < 300, (str(answer.request.url), answer.status_code, answer.text)
    return answer.json() if answer.content and "json" in answer.headers["content-type"] else None


def prepare(client: httpx.Client) -> str:
    """Places, vans, hours and the store; the first van."""
    names = {row["id"]: row["name"] for row in good(client.get("/api/shops"))}
    for shop, (latitude, longitude) in PLACES.items():
        facts = {"name": names[shop], "address": "", "latitude_e6": latitude, "longitude_e6": longitude}
        good(client.put(f"/api/shops/{shop}/facts", json=facts))
    first, *_ = [good(client.post("/api/vans", json=van))["id"] for van in VANS]
    week = [{"weekday": day, "opens_min": 540, "closes_min": 1020, "service_min": 25} for day in range(1, 8)]
    good(client.put("/api/shops/shop-1/hours", json=week))
    good(client.post("/api/dealer-stock/csv", content=STORE.encode()))
    return str(first)


def propose(client: httpx.Client) -> list[dict[str, Any]]:
    """A proposal; its visits."""
    good(client.post("/api/rounds/propose", json={"days": 3}))
    found: list[dict[str, Any]] = good(client.get("/api/visits?state=proposed"))
    return found
