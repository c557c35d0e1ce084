"""The demo's dealer: it has a van and a store, and accepts the first round that its shop's requests lead to.

By the cloud's own API, as a program of the dealer's would. The rest is for whoever looks on: at *Supply, Rounds*.
"""

import asyncio
import contextlib
from typing import Any

import httpx

LOOKED_FOR_S = 3.0
VAN = {
    "name": "一号车",
    "restocker": "restocker@example.com",
    "latitude_e6": 36_066_000,
    "longitude_e6": 120_382_000,
    "max_kg": 800,
    "weekdays": "1234567",
}
PLACE = {"latitude_e6": 36_121_000, "longitude_e6": 120_287_000, "address": "青岛市港口路 12 号"}
ON_HAND = 400


async def plan_first_round(url: str, user: dict[str, Any], shop: tuple[str, str], stopping: asyncio.Event) -> str:
    """Prepare, wait until something is asked for, propose and accept; the visit, "" when the demo ended before."""
    async with httpx.AsyncClient(base_url=url, headers={"Origin": url}, timeout=60) as client:
        await _good(client, "POST", "/api/sign-in", {"email": user["email"], "password": user["password"]})
        await _prepare(client, shop)
        while not stopping.is_set():
            if await _good(client, "GET", "/api/replenishment"):
                await _good(client, "POST", "/api/rounds/propose", {"days": 2})
                visits = await _good(client, "GET", "/api/visits?state=proposed")
                if visits:
                    made = await _good(client, "POST", "/api/rounds/accept", {"visits": [v["id"] for v in visits]})
                    return str(made[0]["id"])
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), LOOKED_FOR_S)
    return ""


async def _prepare(client: httpx.AsyncClient, shop: tuple[str, str]) -> None:
    """A van, where the shop is, and what the store holds; what is there from a demo before stands."""
    if await _good(client, "GET", "/api/vans"):
        return
    await _good(client, "PUT", f"/api/shops/{shop[0]}/facts", {"name": shop[1], **PLACE})
    await _good(client, "POST", "/api/vans", VAN)
    parts = {row["number"] for row in (await _good(client, "GET", "/api/catalogue/parts"))["parts"]}
    for place, part in enumerate(sorted(parts), 1):
        said = {"part": part, "on_hand": ON_HAND, "supplier": "青岛配件批发", "location": f"A-{place:02d}"}
        await _good(client, "PUT", "/api/dealer-stock", said)


async def _good(client: httpx.AsyncClient, method: str, path: str, body: Any = None) -> Any:
    answer = await client.request(method, path, **({} if body is None else {"json": body}))
    answer.raise_for_status()
    return answer.json() if answer.content else None
