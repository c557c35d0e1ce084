"""Totals for brands: sums over three shops or more, published once; and nothing else for a brand's person."""

from sqlmodel import col, select

from cloud.seed import Seed, SeedDealer, SeedGateway, SeedShop, store
from cloud.tables import CataloguePart, Movement
from cloud.totals import Named, Total, summed
from tests.cloud import worlds
from tests.cloud.conftest import Cloud
from tests.cloud.people_world import add_member, browser_of

DAY_MS = 24 * 3600 * 1000
OCTOBER_MS = worlds.NOW_MS - 30 * DAY_MS  # 2026-10-18
FILTER, BOLT = worlds.FILTER.number, worlds.BOLT.number


def _named(part: str, brand: str = "WIX") -> Named:
    return Named(brand, part, "piece", part, part)


def test_nothing_is_said_of_fewer_than_three_shops() -> None:
    """Parts of two shops are pooled; what is pooled from two shops alone is left out. By hand."""
    used = {
        ("A", "s1"): 5, ("A", "s2"): 7, ("A", "s3"): 1,  # three shops: said
        ("B", "s1"): 2, ("B", "s2"): 3,  # two: pooled with C, together three shops
        ("C", "s3"): 4,
        ("D", "s1"): 9, ("D", "s2"): 9,  # another brand's, of two shops: left out
        ("E", "s1"): 3, ("E", "s2"): 3, ("E", "s3"): 0,  # given back in the third: it is of two shops
    }  # fmt: skip
    names = {part: _named(part, "MANN" if part in "DE" else "WIX") for part in "ABCDE"}
    assert summed(used, names) == [Total(_named("A"), 13, 3), Total(Named("WIX", "", "piece", "", ""), 9, 3)]


def test_a_month_is_published_once_and_shows_no_shop(cloud: Cloud) -> None:
    """Three shops of north use filters in October, two of them bolts; a correction afterwards changes nothing."""
    third = SeedShop(SeedGateway("gw-3", "key of gateway three"), worlds.document("shop-3", "north"))
    with cloud.services.database.writing() as session:
        store(session, Seed([SeedDealer("north", "North Parts")], [third]), worlds.NOW_MS)
        known = session.get_one(CataloguePart, ("north", FILTER))
        known.name_zh, known.name_en, known.brand = "滤清器", "Filter", "WIX"
    keys = {**worlds.KEYS, "gw-3": "key of gateway three"}
    for number, quantity in ((1, 4), (2, 5), (3, 6)):
        shop, gateway = f"shop-{number}", f"gw-{number}"
        taken = worlds.take("m2", quantity, shop=shop, at_ms=OCTOBER_MS)
        items = [worlds.opening("m1", 20), taken, worlds.take("m3", 1, shop=shop)]
        headers = {"Authorization": f"Bearer {keys[gateway]}"}
        body = worlds.upload(items, gateway=gateway)
        assert cloud.client.post("/api/gateway/upload", content=body, headers=headers).status_code == 200
    add_member(cloud, "wix@brand.example", "brand", brand="WIX")
    add_member(cloud, "mann@brand.example", "brand", brand="MANN")
    wix, mann, admin = browser_of(cloud, "wix@brand.example"), browser_of(cloud, "mann@brand.example"), cloud.browser()
    first = wix.get("/api/totals").json()
    assert first["months"] == []
    assert (first["due"][0], len(first["due"])) == ("2026-10", 13)
    [october, september] = wix.get("/api/totals?months=2").json()["months"]
    assert (october["month"], september["totals"]) == ("2026-10", [])
    assert october["totals"] == [
        {"brand": "WIX", "part": FILTER, "name_zh": "滤清器", "name_en": "Filter", "unit": "piece", "quantity": 15,
         "shops": 3}
    ]  # fmt: skip
    assert mann.get("/api/totals").json()["months"][0]["totals"] == []
    assert len(admin.get("/api/totals").json()["months"][0]["totals"]) == 1
    assert wix.get("/api/totals?brand=MANN").status_code == 403
    assert wix.get("/api/totals?cursor=garbage").status_code == 422
    page = wix.get("/api/totals?months=5").json()
    assert len(wix.get(f"/api/totals?months=24&cursor={page['cursor']}").json()["months"]) == 8
    late = worlds.take("m4", 3, shop="shop-1", at_ms=OCTOBER_MS)
    cloud.receipt(worlds.upload([late], first=4))
    assert wix.get("/api/totals?months=1").json()["months"][0] == october
    everything = str([first, october, page])
    assert "shop-" not in everything
    with cloud.services.database.reading() as session:
        assert len(session.exec(select(Movement).where(col(Movement.id) == "m4")).all()) == 1
    for path in ("/api/shops", "/api/audit", "/api/people/members", "/api/replenishment", "/api/gateways"):
        assert wix.get(path).status_code == 403
    cloud.clock.ms += 31 * DAY_MS  # the 18th of December: November is over
    again = browser_of(cloud, "wix@brand.example")
    assert again.get("/api/totals").json()["due"] == ["2026-11"]
