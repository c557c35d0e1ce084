"""The dealer of a simulated shop: tells policies, persons' overrides and visits of a restocker, and calls some off.

What is told goes the product's own way: the cloud's feed, the gateway, the kiosk in front of the restocker.
"""

import asyncio
from random import Random

from cloud.shop_feed import tell
from edge_gateway.feed_format import Levels, Planned, Policy, Restock, RestockOff, ToRestock, told
from simulator.mortal_database import Killed
from simulator.people import Pile
from simulator.simulated_shop import SimulatedShop

_PAUSE_S = (1_800.0, 18_000.0)
HOUR_MS = 3_600_000
_SHOP = "shop-1"


async def plan(shop: SimulatedShop, random: Random) -> None:
    """Tell something now and then."""
    draws = Random(random.random())
    visits: list[str] = []
    while True:
        await asyncio.sleep(draws.uniform(*_PAUSE_S))
        entry = _drawn(shop, draws, visits)
        shop.trace("dealer", type(entry).__name__, _tell(shop, entry))


def _drawn(shop: SimulatedShop, random: Random, visits: list[str]) -> Planned:
    draw = random.random()
    if draw < 0.3:
        return Policy([_levels(shop, random) for _ in range(random.randint(1, 6))])
    if draw < 0.5:
        until_ms = shop.cloud.now_ms() + round(random.uniform(-0.5, 12) * HOUR_MS)
        return Policy([_levels(shop, random)], until_ms)
    if draw < 0.6 and visits:
        return RestockOff(random.choice(visits))
    if draw < 0.7 and visits:  # told anew
        return _visit(shop, random, random.choice(visits))
    visits.append(f"v-{len(visits) + 1}")
    return _visit(shop, random, visits[-1])


def _levels(shop: SimulatedShop, random: Random) -> Levels:
    """Sensible ones, some that do not fit, the planogram's own, and some of a bin that is not there."""
    cabinet, at, pile = _somewhere(shop, random)
    draw = random.random()
    if draw < 0.15:
        return Levels(cabinet, at, pile.part.number, -1, -1)
    if draw < 0.2:
        return Levels("cab-9", at, pile.part.number, 1, 5)
    point = random.randrange(pile.part.stock)
    return Levels(cabinet, at, pile.part.number, point, random.randint(point, pile.part.stock * 3 // 2))


def _visit(shop: SimulatedShop, random: Random, name: str) -> Restock:
    lines = []
    for _ in range(random.randint(1, 6)):
        cabinet, at, pile = _somewhere(shop, random)
        missing = pile.part.stock - pile.quantity
        quantity = missing if missing and random.random() < 0.8 else -random.randint(1, max(1, pile.quantity // 4))
        lines.append(ToRestock(cabinet, at, pile.part.number, quantity))
    until_ms = shop.cloud.now_ms() + round(random.uniform(2, 48) * HOUR_MS)
    return Restock(name, lines, until_ms, "", "dealer")


def _somewhere(shop: SimulatedShop, random: Random) -> tuple[str, int, Pile]:
    cabinet = random.choice(sorted(shop.people))
    (at, _part), pile = random.choice(sorted(shop.people[cabinet].piles.items(), key=lambda each: each[0]))
    return cabinet, at, pile


def _tell(shop: SimulatedShop, entry: Planned) -> str:
    """Into the cloud's feed, when the cloud lives; it may die over it."""
    if shop.cloud.app is None:
        return "nobody there"
    try:
        with shop.cloud.app.state.services.database.writing() as session:
            tell(session, _SHOP, *told(entry), shop.cloud.now_ms())
    except Killed:
        shop.cloud.died()
        return "died"
    return "told"
