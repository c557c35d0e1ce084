"""A week of rounds for 200 shops and six vans, from what bins want to stops with times: seconds of at most a minute.

The shops lie around three towns; three of four need something, the others are merely worth a detour.
"""

import random
import time
from collections.abc import Iterator
from dataclasses import replace

from cloud.replenishment.visits.planning import plan
from cloud.replenishment.visits.values import BinPlace, ShopAsk, Spot, VanDay, Wish
from tests.benchmarks.figures import Figure

SHOPS, DAYS, VANS = 200, 5, 6
LIMIT_S = 60
TOWNS = ((36_650_000, 117_120_000), (36_810_000, 118_050_000), (36_460_000, 115_990_000))
PARTS = 400


def measure() -> Iterator[Figure]:
    """One proposal, and how good it is."""
    shops, vans = _shops(), _vans()
    begun = time.perf_counter()
    made = plan(shops, vans, {})
    seconds = time.perf_counter() - begun
    stops = [stop for tour in made.tours for stop in tour.stops]
    driven_m = sum(stop.travelled_m for stop in stops) + sum(tour.back_m for tour in made.tours)
    needed = sum(bool(shop.needs) for shop in shops)
    name = f"{SHOPS} shops, {DAYS} days, {VANS} vans planned"
    yield Figure(name, seconds, "s", LIMIT_S, "limit", 1.0)
    visited = len({stop.shop for stop in stops if any(wish.purpose == "need" for wish in stop.wishes)})
    yield Figure("shops in need that are visited", visited, "shops", needed, "in need")
    yield Figure("way to a stop", driven_m / 1000 / len(stops), "km")


def _shops() -> list[ShopAsk]:
    draw = random.Random(11)
    return [_shop(draw, number) for number in range(SHOPS)]


def _shop(draw: random.Random, number: int) -> ShopAsk:
    latitude, longitude = TOWNS[number % len(TOWNS)]
    spot = Spot(latitude + round(draw.gauss(0, 150_000)), longitude + round(draw.gauss(0, 180_000)))
    hours = tuple(
        None if draw.random() < 0.1 else (draw.choice((480, 540)), draw.choice((1020, 1080))) for _ in range(DAYS)
    )
    wishes = tuple(_wish(draw, f"s{number}", bin_) for bin_ in range(draw.randint(2, 9)))
    made = ShopAsk(f"s{number}", spot, hours, service_min=20)
    if draw.random() < 0.75:
        return replace(made, needs=wishes[::2], worth=tuple(replace(each, purpose="worth") for each in wishes[1::2]))
    return replace(made, worth=tuple(replace(each, purpose="worth", request="") for each in wishes))


def _wish(draw: random.Random, shop: str, bin_: int) -> Wish:
    soon = draw.random() / 2
    place = BinPlace(shop, "cab-1", bin_, f"P-{draw.randrange(PARTS)}")
    chances = tuple(min(1.0, soon * (1 + day)) for day in range(DAYS))
    return Wish(place, "need", 6 * draw.randint(1, 3), 6, draw.randint(50, 900) * 1000, f"r-{shop}-{bin_}", "", chances)


def _vans() -> list[VanDay]:
    spots = [Spot(*TOWNS[number % len(TOWNS)]) for number in range(VANS)]
    return [VanDay(f"v{van}", day, spots[van], 800_000, km_per_hour=40) for day in range(DAYS) for van in range(VANS)]
