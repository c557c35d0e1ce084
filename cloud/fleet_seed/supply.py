"""What a drawn dealer brings parts with: vans in its cities, shops' hours, and a store with suppliers. Pure."""

from collections.abc import Iterator

from cloud.fleet_seed.asked import Asked
from cloud.fleet_seed.fleets import DealerDrawn, ShopDrawn, cities_of
from cloud.tables import DealerStock, ShopHours, Van

SHOPS_A_VAN = 34  # so many shops one van comes round to in a week
NAMES_ZH = "一二三四五六七八九十"
SUPPLIERS = ("一汽备件中心", "重汽配件总库", "潍柴后市场", "曼牌滤清器", "青岛轴承", "河北紧固件")


def vans(asked: Asked, dealer: DealerDrawn, shops: int) -> Iterator[Van]:
    """One in each city of the dealer's, more where it has many shops; the dealer's restocker drives the first."""
    cities = cities_of(dealer.id)
    count = max(1, min(len(NAMES_ZH), max(min(len(cities), shops), -(-shops // SHOPS_A_VAN))))
    draw = asked.draw("vans", dealer.id)
    for number in range(1, count + 1):
        city, _, latitude, longitude = cities[(number - 1) % len(cities)]
        yield Van(
            dealer_id=dealer.id,
            id=f"{dealer.id}-van-{number}",
            name=f"{NAMES_ZH[number - 1]}号车（{city}）",
            restocker=f"restocker@{dealer.id}.example" if number == 1 else "",
            latitude_e6=round((latitude + draw.gauss(0, 0.02)) * 1e6),
            longitude_e6=round((longitude + draw.gauss(0, 0.02)) * 1e6),
            max_kg=draw.choice((600, 800, 1200)),
            weekdays=draw.choice(("12345", "12345", "123456")),
            km_per_hour=draw.choice((35, 40, 45)),
        )


def hours(asked: Asked, shop: ShopDrawn, dealer: str) -> Iterator[ShopHours]:
    """When the shop takes deliveries; of some nobody has said."""
    draw = asked.draw("hours", shop.id)
    if draw.random() < 0.4:
        return
    opens, closes = draw.choice((450, 480, 510, 540)), draw.choice((1020, 1050, 1080, 1110))
    service = draw.choice((15, 20, 25, 30))
    for weekday in range(1, draw.choice((5, 6, 6, 7)) + 1):
        yield ShopHours(
            dealer_id=dealer, shop_id=shop.id, weekday=weekday, opens_min=opens, closes_min=closes, service_min=service
        )


def store(asked: Asked, dealer: DealerDrawn) -> Iterator[DealerStock]:
    """What its own store holds of what it sells."""
    draw = asked.draw("store", dealer.id)
    for place, offer in enumerate(sorted(dealer.sold, key=lambda offer: offer.part.number)):
        part = offer.part
        pack = max(1, part.pack_size)
        yield DealerStock(
            dealer_id=dealer.id,
            part=part.number,
            on_hand=pack * draw.randint(2, 60) * (40 if part.unit == "gram" else 1),
            on_order=pack * draw.choice((0, 0, 0, 12)),
            supplier=draw.choice(SUPPLIERS),
            lead_days=draw.choice((2, 3, 5, 7, 10)),
            order_pack=pack * draw.choice((1, 2, 5)),
            location=f"{'ABCD'[place % 4]}-{place // 40 + 1:02d}-{place % 9 + 1}",
            changed_ms=asked.until_ms,
        )
