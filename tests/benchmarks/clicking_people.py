"""Fifty people who click every five seconds, each on another page; says as JSON how long they waited, page by page.

A program of its own (`page_bench.py` starts it), so that it does not wait for what it measures. Their sign-ins are
made beforehand: how long argon2 takes is not a page's time.
"""

import asyncio
import json
import os
import random
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles
from urllib.parse import quote

import httpx
from sqlmodel import col, select

from cloud.api.access import COOKIE
from cloud.database import open_database
from cloud.identity import Identity
from cloud.tables import CabinetSession, CataloguePart, PlannedBin, Shop, ShopDealer, User, Vehicle

PEOPLE = 50
EVERY_S = 5.0
WARM_S = 20.0  # a cloud that has just started decodes every document once; what that costs is said apart
SECRET = "a secret of the bench that is long enough"


@dataclass(frozen=True)
class Seen:
    """One click."""

    page: str
    status: int
    ms: float
    at_s: float  # since they began


def main(bases: Sequence[str], address: str) -> int:
    """Click for as long as `PARTSBAY_BENCH_S` says, and print what was seen; each person stays with one of `bases`."""
    seconds = WARM_S + float(os.environ.get("PARTSBAY_BENCH_S", "60"))
    cookies, pages = _prepare(address)
    seen = asyncio.run(_everybody(bases, cookies, pages, seconds))
    sys.stdout.write(json.dumps(_summary(seen)))
    return 0


def _prepare(address: str) -> tuple[list[str], dict[str, list[str]]]:
    """Cookies of fifty sign-ins of one dealer's admin, and addresses of every page to choose from."""
    database = open_database(address)
    try:
        with database.reading() as session:
            user = session.exec(select(User).where(col(User.email) == "admin@dealer-1.example")).one()
            shops = session.exec(
                select(Shop)
                .join(ShopDealer, (col(ShopDealer.shop_id) == col(Shop.id)) & (col(ShopDealer.dealer_id) == "dealer-1"))
                .order_by(col(Shop.id))
            ).all()
            some = [shop.id for shop in shops][:40]
            bins = session.exec(select(PlannedBin).where(col(PlannedBin.shop_id).in_(some))).all()
            sessions = [
                session.exec(
                    select(CabinetSession)
                    .where(col(CabinetSession.shop_id) == shop, col(CabinetSession.dealer_id) == "dealer-1")
                    .order_by(col(CabinetSession.closed_ms).desc())
                ).first()
                for shop in some
            ]
            vehicles = session.exec(select(Vehicle).where(col(Vehicle.shop_id).in_(some)).limit(200)).all()
            parts = session.exec(select(CataloguePart).where(col(CataloguePart.dealer_id) == "dealer-1")).all()
        identity = Identity(database, SECRET, lambda: int(time.time() * 1000))
        cookies = [identity.begin(user.id or 0) for _ in range(PEOPLE)]
    finally:
        database.close()
    cabinets = sorted({f"/shops/{row.shop_id}/cabinets/{row.cabinet}" for row in bins})
    words = [
        "机油",
        "Oil filter",
        parts[0].number,
        parts[-1].number.lower(),
        "刹车",
        vehicles[0].plate,
        vehicles[0].vin,
    ]
    return cookies, {
        "floor (nothing asked)": ["/healthz"],
        "shops": ["/"],
        "map": ["/?view=map"],
        "shop": [f"/shops/{shop}" for shop in some],
        "cabinet": cabinets,
        "movements": [f"/shops/{shop}/movements" for shop in some],
        "session": [f"/shops/{row.shop_id}/session?id={quote(row.id, safe='')}" for row in sessions if row],
        "consumption": [f"/consumption?shop={shop}&span=month" for shop in some],
        "to bring": ["/to-bring"],
        "discrepancies": ["/discrepancies"],
        "counts": ["/counts"],
        "transfers": ["/transfers"],
        "part": [f"/part?number={quote(part.number, safe='')}" for part in parts[:100]],
        "search": [f"/search?q={quote(word)}" for word in words],
        "vehicles": ["/vehicles"],
        "vehicle": [f"/shops/{row.shop_id}/vehicles/{quote(row.id, safe='')}" for row in vehicles],
        "jobs": [f"/shops/{shop}/jobs" for shop in some],
        "statement": [f"/shops/{shop}/statement" for shop in some],
        "planogram": [f"/shops/{shop}/planogram" for shop in some],
        "imports": ["/imports"],
        "people": ["/people"],
        "gateways": ["/gateways"],
        "audit": ["/audit"],
    }


async def _everybody(
    bases: Sequence[str], cookies: Sequence[str], pages: dict[str, list[str]], seconds: float
) -> list[Seen]:
    seen: list[Seen] = []
    async with asyncio.TaskGroup() as people:
        for number, cookie in enumerate(cookies):
            people.create_task(_somebody(bases[number % len(bases)], (number, cookie), pages, seconds, seen))
    return seen


async def _somebody(
    base: str, who: tuple[int, str], pages: dict[str, list[str]], seconds: float, seen: list[Seen]
) -> None:
    """Somebody who looks at each page for five seconds, as a browser that keeps its connection does."""
    number, cookie = who
    draw = random.Random(number)
    names = draw.sample(list(pages), len(pages))
    begun = time.perf_counter()
    async with httpx.AsyncClient(base_url=base, cookies={COOKIE: cookie}, timeout=60) as client:
        await asyncio.sleep(number * EVERY_S / PEOPLE)
        for click in range(10_000):
            due = begun + number * EVERY_S / PEOPLE + click * EVERY_S
            if due - begun > seconds:
                return
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            name = names[click % len(names)]
            seen.append(await _click(client, name, draw.choice(pages[name]), time.perf_counter() - begun))


async def _click(client: httpx.AsyncClient, name: str, path: str, at_s: float) -> Seen:
    started = time.perf_counter()
    async with client.stream("GET", path) as answer:
        async for _ in answer.aiter_raw():
            break
        ms = (time.perf_counter() - started) * 1000
        await answer.aread() if not answer.is_stream_consumed else None
    return Seen(name, answer.status_code, ms, at_s)


def _summary(seen: list[Seen]) -> list[dict[str, float | str]]:
    by_page: dict[str, list[Seen]] = defaultdict(list)
    first = [each for each in seen if each.at_s < WARM_S]
    warm = [each for each in seen if each.at_s >= WARM_S]
    for each in warm:
        by_page[each.page].append(each)
    found: list[dict[str, float | str]] = []
    for name, clicks in [*sorted(by_page.items()), ("any", warm), (f"any, the first {WARM_S:.0f} s", first)]:
        wrong = [each for each in clicks if each.status != 200]
        if wrong:
            sys.stderr.write(f"page {name}: {len(wrong)} of {len(clicks)} answered {wrong[0].status}\n")
        times = sorted(each.ms for each in clicks if each.status == 200)
        if len(times) > 1:
            cuts = quantiles(times, n=100, method="inclusive")
            found.append(
                {"name": name, "count": len(times), "p50_ms": cuts[49], "p95_ms": cuts[94], "p99_ms": cuts[98]}
            )
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1].split(","), sys.argv[2]))
