"""What a shop did in a month, for the tests of its jobs, vehicle files and statements."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import select

from cloud.tables import PartPrice, SignIn
from edge_gateway.upload_format import Content, MovementItem, PostingItem
from tests.cloud.conftest import Cloud
from tests.cloud.worlds import BOLT, FILTER, upload

SHANGHAI = ZoneInfo("Asia/Shanghai")
BIN, SHOP, JOB = "bin:cab-1/1", "shop:shop-1", "job:j-1"


def at(text: str) -> int:
    """A time of the shop's wall clock, as 2026-10-01 00:30."""
    return round(datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI).timestamp()) * 1000


def moved(name: str, cause: str, when: str, part: str, quantity: int, **more: str) -> MovementItem:
    """`quantity` of a part from one account to another: out of bin 1 to the shop unless said."""
    source, target = more.get("source", BIN), more.get("target", SHOP)
    return MovementItem(
        id=name,
        cause=cause,
        cabinet="cab-1",
        session="",
        person=more.get("person", "p-zhang"),
        job=more.get("job", ""),
        occurred_ms=at(when),
        booked_ms=at(when),
        confidence_ppm=999_000,
        corrects=more.get("corrects", ""),
        note="",
        postings=[PostingItem(source, part, -quantity), PostingItem(target, part, quantity)],
    )


def charged(take: str, when: str, part: str, quantity: int, job: str = "j-1") -> MovementItem:
    """A take that is charged to a job, as the gateway names it."""
    return moved(f"{take}/charge-1-0a1b2c3d", "charge", when, part, quantity, source=SHOP, target=f"job:{job}", job=job)


class Shop:
    """Shop-1: what its gateway tells, and what the northern dealer's prices are."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud, self.told = cloud, 0
        with cloud.services.database.writing() as session:
            for row in session.exec(select(SignIn)):
                row.expires_ms = at("2030-01-01 00:00")  # people stay signed in for the months of a test

    def tells(self, when: str, *contents: Content) -> None:
        """The gateway tells something at a time of the shop's clock."""
        self.cloud.clock.ms = at(when)
        self.cloud.receipt(upload(contents, first=self.told + 1))
        self.told += len(contents)
        assert self.cloud.reasons() == []

    def price(
        self, part: str, day: str, minor: int, *, shop: str = "", tax_ppm: int = 130_000, currency: str = "CNY"
    ) -> None:
        """A row of prices."""
        with self.cloud.services.database.writing() as session:
            session.add(
                PartPrice(
                    dealer_id="north", part=part, shop_id=shop, from_day=day, price_minor=minor, currency=currency,
                    tax_ppm=tax_ppm,
                )
            )  # fmt: skip

    def october(self) -> None:
        """A month with everything in it: see test_statements.py for what it comes to."""
        self.price(FILTER.number, "2026-01-01", 12850)
        self.price(FILTER.number, "2026-10-10", 12000, shop="shop-1")
        self.price(FILTER.number, "2026-10-20", 14000)  # the shop's own price comes before it
        self.price(BOLT.number, "2026-01-01", 3)
        self.price("E-1", "2026-01-01", 1005, currency="EUR", tax_ppm=190_000)
        self.tells(
            "2026-11-02 09:00",
            moved("open", "opening", "2026-09-01 08:00", FILTER.number, 20, source="dealer:north", target=BIN),
            moved("m1", "take", "2026-10-01 00:30", FILTER.number, 2),
            charged("m1", "2026-10-02 09:00", FILTER.number, 2),
            moved("e1", "take", "2026-10-05 10:00", "E-1", 1),
            moved("n1", "take", "2026-10-06 10:00", "NP-1", 1),
            moved("m2", "take", "2026-10-15 10:00", FILTER.number, 3),
            moved(
                "m2/correction-1-0a1b2c3d", "correction", "2026-10-16 10:00", FILTER.number, 1,
                source=SHOP, target=BIN, corrects="m2",
            ),
            moved("m5", "return", "2026-10-20 10:00", FILTER.number, 1, source=SHOP, target=BIN),
            moved("m3", "take", "2026-10-31 23:59", BOLT.number, 333),
            moved("m4", "take", "2026-11-01 00:01", FILTER.number, 1),
        )  # fmt: skip
