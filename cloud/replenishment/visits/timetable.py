"""When a van is where, and where in a round one more shop costs least. Pure.

A van leaves as late as its first shop allows, waits for a shop to open, and must be back when its driver's day ends.
Shops whose place is not known come last, each with `UNKNOWN_WAY_MIN` of way, and without a time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from cloud.replenishment.visits.travel import metres, minutes
from cloud.replenishment.visits.values import ShopAsk, Stop, Tour, VanDay, heaviest_g

UNKNOWN_WAY_MIN = 40


@dataclass(frozen=True)
class Timed:
    """A round with its times. `too_late`: shops that are reached too late, or "" for the way back."""

    tour: Tour
    too_late: tuple[str, ...] = ()

    @property
    def way_m(self) -> int:
        """How far the van drives."""
        return sum(stop.travelled_m for stop in self.tour.stops) + self.tour.back_m


def timed(van: VanDay, stops: Sequence[Stop], shops: Mapping[str, ShopAsk]) -> Timed:
    """The stops in this order (shops without a place behind the others), with their times."""
    known = [stop for stop in stops if shops[stop.shop].spot is not None]
    unknown = [stop for stop in stops if shops[stop.shop].spot is None]
    at, now_min, made, too_late = van.spot, -1, [], []
    for stop in known:
        shop = shops[stop.shop]
        way_m = metres(at, shop.spot) if shop.spot else 0
        opens, closes = shop.hours[van.day] or (0, 0)
        takes = minutes(way_m, van.km_per_hour)
        arrives = max(opens, (now_min if now_min >= 0 else van.starts_min) + takes)
        now_min = arrives + shop.service_min
        if now_min > closes:
            too_late.append(stop.shop)
        at = shop.spot or at
        made.append(replace(stop, arrives_min=arrives, leaves_min=now_min, travelled_m=way_m))
    back_m = metres(at, van.spot)
    back_min = (now_min if now_min >= 0 else van.starts_min) + minutes(back_m, van.km_per_hour)
    for stop in unknown:
        back_min += UNKNOWN_WAY_MIN + shops[stop.shop].service_min
        made.append(replace(stop, arrives_min=None, leaves_min=None, travelled_m=0))
    if back_min > van.ends_min:
        too_late.append("")
    return Timed(Tour(van.van, van.day, tuple(made), back_min, back_m), tuple(too_late))


def fits(van: VanDay, found: Timed) -> bool:
    """Whether nothing is too late or too heavy."""
    return not found.too_late and heaviest_g(found.tour.stops) <= van.max_g


def inserted(van: VanDay, stops: Sequence[Stop], stop: Stop, shops: Mapping[str, ShopAsk]) -> Timed | None:
    """The shortest round with one more stop; None when there is none that fits."""
    shop = shops[stop.shop]
    if shop.hours[van.day] is None:
        return None
    places = [len(stops)] if shop.spot is None else range(len(stops) + 1)
    tried = [timed(van, [*stops[:at], stop, *stops[at:]], shops) for at in places]
    good = [found for found in tried if fits(van, found)]
    return min(good, key=lambda found: found.way_m) if good else None
