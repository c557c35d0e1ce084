"""Whose day a dealer goes by: of most of its shops, and of a shop alone where it is about that one."""

import msgspec

from cloud.dealer_time import USUAL_ZONE, own_day, own_zone, zone_of_dealer, zone_of_most
from cloud.document import store_document
from cloud.identity import SignedIn
from cloud.tables import Shop
from edge_gateway.shop_document import Part
from tests.cloud import worlds
from tests.cloud.conftest import Cloud

HONOLULU = "Pacific/Honolulu"  # where it is the day before when the tests' clock begins


def go_by(cloud: Cloud, **zones: str) -> None:
    """Say whose clocks shops go by."""
    with cloud.services.database.writing() as session:
        for shop, zone in zones.items():
            session.get_one(Shop, shop.replace("_", "-")).time_zone = zone


def person(cloud: Cloud, email: str = "li@north.example") -> SignedIn:
    found = cloud.services.identity.signed_in(cloud.cookies[email])
    assert found is not None
    return found


def test_most_shops_say_and_of_as_many_the_first_by_name() -> None:
    assert zone_of_most([]) == USUAL_ZONE
    assert zone_of_most(["Asia/Urumqi", HONOLULU, HONOLULU]) == HONOLULU
    assert zone_of_most([HONOLULU, "Asia/Urumqi"]) == zone_of_most(["Asia/Urumqi", HONOLULU]) == "Asia/Urumqi"


def test_a_dealer_goes_by_its_own_shops(cloud: Cloud) -> None:
    go_by(cloud, shop_1=HONOLULU, shop_2=HONOLULU)
    told = {}
    for email in worlds.PASSWORDS:
        tenant = person(cloud, email).tenant
        with cloud.services.database.reading_as(tenant) as session:
            told[tenant.dealer] = own_zone(session, tenant), own_day(session, tenant, worlds.NOW_MS)
        with cloud.services.database.reading() as session:
            assert zone_of_dealer(session, tenant.dealer) == told[tenant.dealer][0]
    assert told == {"north": (HONOLULU, "2026-11-16"), "south": (USUAL_ZONE, "2026-11-17")}


def test_a_price_from_a_document_counts_from_the_shops_own_day(cloud: Cloud) -> None:
    go_by(cloud, shop_1=HONOLULU)
    new = Part(number="NEW-1", name_zh="新件", name_en="New", price_minor=1250, currency="CNY")
    before = worlds.document("shop-1", "north")
    with cloud.services.database.writing() as session:
        store_document(session, msgspec.structs.replace(before, version=5, parts=[*before.parts, new]), worlds.NOW_MS)
    [price] = cloud.get("/api/catalogue/prices/NEW-1")
    assert (price["from_day"], price["price_minor"]) == ("2026-11-16", 1250)
