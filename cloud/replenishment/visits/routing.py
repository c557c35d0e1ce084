"""Which shop is visited on which day by which van, and in which order: a routing problem with prizes, solved by PyVRP.

Time is one line through all days (day 1 begins at minute 1440); a van is one vehicle a day. A shop is a group of
clients of which at most one is visited, one for each day on which it is open, each with that day's hours. A visit is
worth a prize; what is saved in prizes must be more than the way costs (metres, and `MINUTE_M` for each minute):

- a shop that needs something: `NEED_M`, so large that no way is too long, and less for every day that bins are likely
  empty before it (`EMPTY_DAY_M` for each). Which shops are left when the vans are full follows from `BIN_M` a bin.
- a shop where something is merely worth bringing: `WORTH_M` a bin, at most `WORTH_MOST_M`: a small detour.

The same input gives the same plan: a fixed seed and a number of iterations, no clock. Loads are grams.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cloud.replenishment.visits.travel import metres, minutes
from cloud.replenishment.visits.values import DAY_MIN, ShopAsk, Spot, VanDay, Wish

NEED_M = 3_000_000
BIN_M = 60_000
EMPTY_DAY_M = 60_000
WORTH_M = 10_000
WORTH_MOST_M = 40_000
MINUTE_M = 200
VAN_DAY_M = 10_000  # to send out a van at all
ITERATIONS = 1_500
SEED = 20_261


@dataclass(frozen=True)
class Routed:
    """A van's shops of one day, in order."""

    van_day: VanDay
    shops: tuple[str, ...]


def route(shops: Sequence[ShopAsk], vans: Sequence[VanDay], iterations: int = ITERATIONS) -> list[Routed]:
    """Tours over the shops that have a spot; a shop that is on none was not worth it, or there was no room."""
    asked = [shop for shop in shops if shop.spot is not None and _days_of(shop, vans) and _wishes(shop)]
    if not asked or not vans:
        return []
    return _Problem(asked, vans).solved(iterations)


def _wishes(shop: ShopAsk) -> tuple[Wish, ...]:
    """What it is visited for: where something is needed, what is worth bringing comes along if there is room."""
    return shop.needs or shop.worth


def _days_of(shop: ShopAsk, vans: Sequence[VanDay]) -> list[int]:
    driven = {van.day for van in vans}
    return [day for day, hours in enumerate(shop.hours) if hours is not None and day in driven]


def prize_m(shop: ShopAsk, day: int) -> int:
    """What a visit on a day is worth, in metres of way."""
    if not shop.needs:
        return max(1, min(WORTH_MOST_M, WORTH_M * len(shop.worth)) - 100 * day)
    empty_days = sum(sum(wish.out_by_day[:day]) + (day if wish.request else 0) for wish in shop.needs)
    return max(NEED_M // 2, NEED_M + BIN_M * len(shop.needs) - round(EMPTY_DAY_M * empty_days))


class _Problem:
    """The problem as PyVRP takes it."""

    def __init__(self, shops: Sequence[ShopAsk], vans: Sequence[VanDay]) -> None:
        from pyvrp import Model  # noqa: PLC0415 -- 50 ms that only a proposal needs

        self.model: Any = Model()
        self.vans, self.shops = vans, shops
        self.clients: list[str] = []  # the shop of each client, in the solver's order
        self.spots = sorted({van.spot for van in vans}, key=lambda spot: (spot.latitude_e6, spot.longitude_e6))
        self._add_places()
        self._add_vehicles()
        for at, shop in enumerate(shops):
            self._add_shop(len(self.spots) + at, shop)

    def _add_places(self) -> None:
        spots = [*self.spots, *(shop.spot for shop in self.shops if shop.spot is not None)]
        self.places = [self.model.add_location(spot.longitude_e6, spot.latitude_e6) for spot in spots]
        self.depots = {spot: self.model.add_depot(self.places[at]) for at, spot in enumerate(self.spots)}
        self.profiles = {
            speed: self._add_ways(spots, speed) for speed in sorted({van.km_per_hour for van in self.vans})
        }

    def _add_ways(self, spots: Sequence[Spot], km_per_hour: int) -> Any:
        profile = self.model.add_profile()
        for one, start in enumerate(spots):
            for other, end in enumerate(spots):
                if one != other:
                    way_m = metres(start, end)
                    way = self.places[one], self.places[other], way_m, minutes(way_m, km_per_hour)
                    self.model.add_edge(*way, profile=profile)
        return profile

    def _add_vehicles(self) -> None:
        for van in self.vans:
            depot, first = self.depots[van.spot], van.day * DAY_MIN
            self.model.add_vehicle_type(
                1,
                capacity=[van.max_g],
                start_depot=depot,
                end_depot=depot,
                fixed_cost=VAN_DAY_M,
                tw_early=first + van.starts_min,
                tw_late=first + van.ends_min,
                unit_distance_cost=1,
                unit_duration_cost=MINUTE_M,
                profile=self.profiles[van.km_per_hour],
            )

    def _add_shop(self, place: int, shop: ShopAsk) -> None:
        group = self.model.add_client_group(required=False)
        wishes = _wishes(shop)
        for day in _days_of(shop, self.vans):
            opens, closes = shop.hours[day] or (0, 0)
            self.clients.append(shop.id)
            self.model.add_client(
                self.places[place],
                delivery=[sum(wish.mass_g for wish in wishes)],
                service_duration=shop.service_min,
                tw_early=day * DAY_MIN + opens,
                tw_late=max(day * DAY_MIN + opens, day * DAY_MIN + closes - shop.service_min),
                prize=prize_m(shop, day),
                required=False,
                group=group,
            )

    def solved(self, iterations: int) -> list[Routed]:
        from pyvrp.stop import MaxIterations  # noqa: PLC0415

        result = self.model.solve(MaxIterations(iterations), seed=SEED, display=False, collect_stats=False)
        if not result.is_feasible():
            return []
        return [self._routed(found) for found in result.best.routes()]

    def _routed(self, found: Any) -> Routed:
        shops = tuple(self.clients[activity.idx] for activity in found.schedule() if activity.is_client())
        return Routed(self.vans[found.vehicle_type()], shops)
