"""Who is in a fleet: dealers of different sizes, their shops, and each shop's document. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import ceil, sqrt
from random import Random

from cloud.fleet_seed.asked import SESSIONS_A_DAY, Asked
from cloud.fleet_seed.catalogues import Offer, offers
from cloud.fleet_seed.shop_words import CITIES, DEALERS, GIVEN, NUMBERS_ZH, SIDES, SURNAMES, TRADES
from edge_gateway.shop_document import Bin, Cabinet, Part, Person, Role, ShopDocument

BINS_A_SESSION = 2.1
PIECES_A_TAKE = 1.4
GRAMS_A_TAKE = 160
REGIONS = ((0, 6, 7, 8, 2), (1, 4), (3, 14, 15), (10, 12, 11), (13,))  # by dealer, places in `CITIES`


@dataclass(frozen=True)
class DealerDrawn:
    """A dealer with its catalogue."""

    id: str
    name: str
    sold: list[Offer]


@dataclass(frozen=True)
class BinDrawn:
    """A bin that holds a part, and how often somebody reaches into it beside the others."""

    number: int
    dealer: str
    offer: Offer
    capacity: int
    reorder_point: int
    order_up_to: int


@dataclass(frozen=True)
class ShopDrawn:
    """A shop: who serves it, where it is, and its document."""

    id: str
    dealer: DealerDrawn
    guest: DealerDrawn | None
    latitude_e6: int
    longitude_e6: int
    address: str
    document: ShopDocument
    bins: dict[str, list[BinDrawn]] = field(default_factory=dict)  # by cabinet


def dealers(asked: Asked) -> list[DealerDrawn]:
    """The dealers, the biggest first; a small fleet has fewer."""
    found = [
        DealerDrawn(f"dealer-{number}", name, offers(asked.draw("dealer", number), number))
        for number, (name, _share) in enumerate(DEALERS, 1)
    ]
    return found[: max(1, min(len(found), asked.shops))]


def cities_of(dealer: str) -> Sequence[tuple[str, str, float, float]]:
    """Where a dealer's shops are: a few cities that its vans come round to."""
    return [CITIES[place] for place in REGIONS[(int(dealer.removeprefix("dealer-")) - 1) % len(REGIONS)]]


def shop(asked: Asked, known: Sequence[DealerDrawn], number: int) -> ShopDrawn:
    """The shop of that number, from 1."""
    draw = asked.draw("shop", number)
    dealer = _dealer_of(known, number, asked.shops)
    guest = known[1] if dealer is known[0] and len(known) > 1 and number % 12 == 1 else None
    city, city_en, latitude, longitude = draw.choice(cities_of(dealer.id))
    side, side_en = draw.choice(SIDES)
    trade, trade_en = draw.choice(TRADES)
    name = f"{city_en} {side_en} {trade_en}" if draw.random() < 0.15 else f"{city}{side}{trade}"
    bins = {
        f"cab-{cabinet}": _bins(draw, asked, dealer, guest if cabinet == 1 else None)
        for cabinet in range(1, _cabinets(asked, number) + 1)
    }
    return ShopDrawn(
        id=f"shop-{number}",
        dealer=dealer,
        guest=guest,
        latitude_e6=round((latitude + draw.gauss(0, 0.18)) * 1e6),
        longitude_e6=round((longitude + draw.gauss(0, 0.2)) * 1e6),
        address=f"{city}市{side}{draw.randint(1, 400)}号",
        document=_document(draw, f"shop-{number}", f"{name} {number}", dealer, bins),
        bins=bins,
    )


def _dealer_of(known: Sequence[DealerDrawn], number: int, shops: int) -> DealerDrawn:
    """By their shares, the first shops the biggest dealer's; every dealer has one at the least."""
    place = (number - 0.5) / shops
    for dealer, (_name, share) in zip(known, DEALERS, strict=False):
        if place < share:
            return dealer
        place -= share
    return known[-1]


def shops_of(known: Sequence[DealerDrawn], dealer: DealerDrawn, shops: int) -> int:
    """How many of so many shops are a dealer's."""
    return sum(_dealer_of(known, number, shops) is dealer for number in range(1, shops + 1))


def _cabinets(asked: Asked, number: int) -> int:
    """Cabinets shared out evenly but for a few more or less, in all exactly as many as asked."""
    ends = _ends(asked)
    return ends[number] - ends[number - 1]


@lru_cache(maxsize=4)
def _ends(asked: Asked) -> list[int]:
    draw = asked.draw("cabinets")
    weights = [draw.uniform(0.4, 1.6) for _ in range(asked.shops)]
    spare = asked.cabinets - asked.shops
    ends, through = [0], 0.0
    for number, weight in enumerate(weights, 1):
        through += weight
        ends.append(number + round(spare * through / sum(weights)))
    return ends


def _bins(draw: Random, asked: Asked, dealer: DealerDrawn, guest: DealerDrawn | None) -> list[BinDrawn]:
    count = draw.randint(12, 24)
    theirs = 4 if guest else 0
    chosen = [(dealer.id, offer) for offer in _choose(draw, dealer.sold, count - theirs)]
    chosen += [(guest.id, offer) for offer in _choose(draw, guest.sold, theirs)] if guest else []
    empty = draw.randint(1, count) if draw.random() < 0.5 else 0
    needs = sum(offer.need for _, offer in chosen)
    return [
        _bin(number, whose, offer, offer.need / needs * SESSIONS_A_DAY * asked.scale * BINS_A_SESSION)
        for number, (whose, offer) in enumerate(chosen, 1)
        if number != empty
    ]


def _choose(draw: Random, sold: list[Offer], count: int) -> list[Offer]:
    """Different parts, the more needed ones likelier."""
    return sorted(sold, key=lambda offer: draw.random() ** (1 / (0.3 + offer.need)), reverse=True)[:count]


def _bin(number: int, dealer: str, offer: Offer, takes_a_day: float) -> BinDrawn:
    """A policy for five days until more comes, and a stock for two weeks."""
    is_bulk = offer.part.unit == "gram"
    each = GRAMS_A_TAKE if is_bulk else PIECES_A_TAKE
    while_waiting = takes_a_day * 5
    point = ceil((while_waiting + 1.7 * sqrt(while_waiting)) * each) + (200 if is_bulk else 1)
    up_to = point + max(offer.part.pack_size, ceil(takes_a_day * 12 * each))
    return BinDrawn(number, dealer, offer, ceil(up_to * 1.25), point, up_to)


def _document(
    draw: Random, shop_id: str, name: str, dealer: DealerDrawn, bins: dict[str, list[BinDrawn]]
) -> ShopDocument:
    parts: dict[str, Part] = {place.offer.part.number: place.offer.part for rows in bins.values() for place in rows}
    return ShopDocument(
        version=1,
        shop=shop_id,
        shop_name=name,
        dealer=dealer.id,
        dealer_name=dealer.name,
        parts=[parts[number] for number in sorted(parts)],
        cabinets=[_cabinet(cabinet, rows) for cabinet, rows in bins.items()],
        people=_people(draw),
        jobs=[],
    )


def _cabinet(cabinet: str, rows: list[BinDrawn]) -> Cabinet:
    number = int(cabinet.removeprefix("cab-"))
    zh = NUMBERS_ZH[number - 1] if number <= len(NUMBERS_ZH) else str(number)
    filled = {place.number: place for place in rows}
    bins = [_document_bin(place, filled.get(place)) for place in range(1, max(filled, default=1) + 1)]
    return Cabinet(id=cabinet, name_zh=f"{zh}号柜", name_en=f"Cabinet {number}", bins=bins, doors=2)


def _document_bin(number: int, place: BinDrawn | None) -> Bin:
    if place is None:
        return Bin(bin=number)
    heavy_g = place.order_up_to * (place.offer.part.unit_mass_mg // 1000 if place.offer.part.unit == "piece" else 1)
    return Bin(
        bin=number,
        part=place.offer.part.number,
        dealer=place.dealer,
        capacity=place.capacity,
        reorder_point=place.reorder_point,
        order_up_to=place.order_up_to,
        dead_band=20 if place.offer.part.unit == "gram" else 0,
        opening=place.order_up_to,
        cell="c3-10kg" if heavy_g < 9_000 else "c3-50kg" if heavy_g < 45_000 else "c3-150kg",
    )


def _people(draw: Random) -> list[Person]:
    """A driver of the dealer's, an owner, and four to nine mechanics."""
    roles: list[Role] = ["restocker", "shop_owner", *(["mechanic"] * draw.randint(4, 9))]  # type: ignore[list-item]
    return [
        Person(f"p-{number}", draw.choice(SURNAMES) + draw.choice(GIVEN), role, [f"{draw.getrandbits(32):08X}"])
        for number, role in enumerate(roles, 1)
    ]
