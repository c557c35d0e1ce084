"""How fast what was taken away stops working: a badge, a person's sign-in, a cabinet's certificate at the broker.

A whole shop with cloud, gateway, broker and the real firmware; each is taken away as a person would, and the time runs
until it is refused. The limit of each is what docs/security.md promises.
"""

import asyncio
import contextlib
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from simulator import scenario
from simulator.demo import Demo
from tests.benchmarks.figures import Figure
from tests.gateway.guarded_shop import GuardedShop
from tests.gateway.knocking import Peer

TIMES = 5
PROMISED = "what docs/security.md promises"


def measure() -> list[Figure]:
    """All figures of taking away."""
    with tempfile.TemporaryDirectory(prefix="partsbay-bench-") as folder:
        badges, sign_in = asyncio.run(_in_a_shop(Path(folder) / "shop"))
        certificates = {kind: _certificates(Path(folder) / kind, kind) for kind in ("nats", "mosquitto")}
    return [
        _figure("badge: cloud to the cabinet's list, median", statistics.median(badges), 5),
        _figure("badge: the slowest", max(badges), 5),
        _figure("sign-in of a person who was removed", sign_in, 1),
        *(
            _figure(f"cabinet's certificate, {kind}: connection ended", max(found), 5)
            for kind, found in certificates.items()
        ),
    ]


def _figure(name: str, seconds: float, promised_s: float) -> Figure:
    return Figure(name, seconds * 1000, "ms", promised_s * 1000, PROMISED, 1.0)


async def _in_a_shop(folder: Path) -> tuple[list[float], float]:
    demo = Demo(folder, 1.0, seed=5, cabinets=1)
    try:
        await demo.start()
        await _until(lambda: _lists_taken(demo) >= 1)
        async with httpx.AsyncClient(base_url=demo.shop.cloud_url, timeout=30) as dealer:
            await _sign_in(dealer, str(scenario.DEALER_USER["email"]))
            badges = [await _change_a_badge(demo, dealer, number) for number in range(TIMES)]
            return badges, await _remove_somebody(demo, dealer)
    finally:
        await demo.shop.stop()


async def _change_a_badge(demo: Demo, dealer: httpx.AsyncClient, number: int) -> float:
    """Take a badge away, or give it again; until the cabinet's controller has said that it holds the other list."""
    path = f"/api/shops/{scenario.SHOP[0]}/people"
    people = (await dealer.get(path)).json()["people"]
    person = next(each for each in people if not each["left_ms"])
    before, begun = _lists_taken(demo), time.monotonic()
    badges = [] if number % 2 == 0 else ["04AABBCC"]
    answer = await dealer.patch(f"{path}/{person['id']}", json={"badges": badges})
    answer.raise_for_status()
    await _until(lambda: _lists_taken(demo) > before)
    return time.monotonic() - begun


async def _remove_somebody(demo: Demo, dealer: httpx.AsyncClient) -> float:
    """From the removal of a person until their browser is refused."""
    async with httpx.AsyncClient(base_url=demo.shop.cloud_url, timeout=30) as other:
        await _sign_in(other, str(scenario.OTHER_USERS[0]["email"]))
        members = (await dealer.get("/api/people/members")).json()["members"]
        number = next(each["id"] for each in members if each["email"] == scenario.OTHER_USERS[0]["email"])
        begun = time.monotonic()
        (await dealer.delete(f"/api/people/members/{number}")).raise_for_status()
        while (await other.get(f"/api/shops/{scenario.SHOP[0]}/people")).status_code != httpx.codes.UNAUTHORIZED:
            pass
        return time.monotonic() - begun


async def _sign_in(client: httpx.AsyncClient, email: str) -> None:
    told = {"email": email, "password": str(scenario.DEALER_USER["password"])}
    (await client.post("/api/sign-in", json=told)).raise_for_status()


def _lists_taken(demo: Demo) -> int:
    with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(demo.shop.gateway_database)) as db:
        return int(db.execute("select count(*) from inbox where kind = 'config_taken'").fetchone()[0])
    return 0


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.01)


def _certificates(folder: Path, kind: str) -> list[float]:
    found = []
    with GuardedShop(folder, kind) as shop:
        for _ in range(TIMES):
            held = shop.authority.cabinet("cab-2")
            shop.admit()
            with Peer(shop.port, shop.authority.client(held), "cab-2") as peer:
                begun = time.monotonic()
                shop.authority.revoke(held)
                shop.admit()
                peer.cut_off_after_s()
                found.append(time.monotonic() - begun)
    return found
