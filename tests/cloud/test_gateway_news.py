"""What gateways fetch besides the document: their shop's feed and their dealer's catalogue, and nothing of others."""

import gzip
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from sqlmodel import col, update

from cloud.catalogue.writing import Reference, change_catalogue
from cloud.document import store_document
from cloud.shop_feed import tell
from cloud.tables import Shop
from edge_gateway.feed_format import Count, JobTold, Told, decode_page, told
from tests.cloud import worlds
from tests.cloud.conftest import Cloud


def get(cloud: Cloud, path: str, gateway: str = "gw-1", **parameters: str | float) -> Any:
    """An answer to a gateway."""
    headers = {"Authorization": f"Bearer {worlds.KEYS[gateway]}"}
    answer = cloud.client.get(f"/api/gateway/{path}", params=parameters, headers=headers)
    assert answer.status_code in {200, 204}, answer.text
    return answer


def tell_shop(cloud: Cloud, shop: str, *entries: Told) -> None:
    """Append to a shop's feed."""
    with cloud.services.database.writing() as session:
        for entry in entries:
            tell(session, shop, *told(entry), worlds.NOW_MS)


def change(cloud: Cloud, dealer: str, *parts: Mapping[str, object]) -> None:
    """A dealer changes its catalogue."""
    with cloud.services.database.writing() as session, change_catalogue(session, dealer) as catalogue:
        catalogue.put_parts(parts)


def test_a_feed_is_fetched_behind_any_number_and_again(cloud: Cloud) -> None:
    first = worlds.NOW_MS
    tell_shop(cloud, "shop-1", JobTold("j-2", "刹车", "鲁B1"), Count("cab-1", 1, "WK-1060"), JobTold("j-3", "oil"))
    tell_shop(cloud, "shop-2", JobTold("j-9", "of shop 2"))
    whole = decode_page(get(cloud, "feed").content)
    assert [(entry.number, entry.kind) for entry in whole.entries] == [
        (first, "job"),
        (first + 1, "count"),
        (first + 2, "job"),
    ]
    assert (whole.newest, whole.entries[0].made_ms) == (first + 2, worlds.NOW_MS)
    rest = decode_page(get(cloud, "feed", after=first, limit=1).content)
    assert ([entry.number for entry in rest.entries], rest.newest) == ([first + 1], first + 2)
    assert decode_page(get(cloud, "feed", "gw-9").content).newest == 0
    assert cloud.client.get("/api/gateway/feed").status_code == 401
    ahead = first + 40
    assert decode_page(get(cloud, "feed", after=ahead).content).newest == ahead  # the cloud's clock was put back
    tell_shop(cloud, "shop-1", JobTold("j-4", "new"))
    assert decode_page(get(cloud, "feed", after=ahead).content).entries[0].number == ahead + 1


def test_what_is_told_between_a_restore_and_the_next_poll_is_not_lost(cloud: Cloud) -> None:
    """The gateway has three entries of which the backup knows one; three more are told before it asks again."""
    tell_shop(cloud, "shop-1", JobTold("j-1", "kept"), JobTold("j-2", "lost"), JobTold("j-3", "lost"))
    seen = decode_page(get(cloud, "feed").content).newest
    with cloud.services.database.writing() as session:
        session.execute(update(Shop).where(col(Shop.id) == "shop-1").values(feed_number=seen - 2))
    with cloud.services.database.writing() as session:
        told_then = [
            tell(session, "shop-1", *told(Count("cab-1", number, "WK-1060")), worlds.NOW_MS + 60_000)
            for number in (1, 2, 3)
        ]
    assert [entry.number for entry in decode_page(get(cloud, "feed", after=seen).content).entries] == told_then


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)  # SQLite has one writer at a time
def test_two_who_tell_at_once_get_numbers_in_the_order_they_are_kept(cloud: Cloud) -> None:
    database = cloud.services.database
    with database.writing() as slow:
        seen = slow.get_one(Shop, "shop-1")  # sees the shop before the other tells
        with database.writing() as quick:
            first = tell(quick, "shop-1", *told(JobTold("j-2", "quick")), worlds.NOW_MS + 5)
        assert tell(slow, "shop-1", *told(JobTold("j-1", "slow")), worlds.NOW_MS) == first + 1 == seen.feed_number


def test_the_documents_poll_tells_of_news_and_ends_by_them(cloud: Cloud) -> None:
    first = get(cloud, "document", version=1)
    assert (first.status_code, first.headers["Partsbay-Feed"]) == (204, "0")
    revision = int(first.headers["Partsbay-Catalogue"])
    tell_shop(cloud, "shop-1", JobTold("j-2", "brakes"))
    change(cloud, "north", {"number": "X-1", "name_en": "a new part"})
    for name, seen in (("feed", 0), ("catalogue", revision)):
        answer = get(
            cloud, "document", "gw-1", version=1, wait_s=60, **{name: seen}
        )  # a minute would be too long for a test
        assert (answer.status_code, answer.headers["Partsbay-Feed"]) == (204, str(worlds.NOW_MS))
        assert int(answer.headers["Partsbay-Catalogue"]) > revision
    assert get(cloud, "document", "gw-9", version=1).headers["Partsbay-Feed"] == "0"


def test_a_catalogue_comes_in_pages_and_what_changes_comes_again(cloud: Cloud) -> None:
    change(cloud, "north", *({"number": f"N-{number}", "name_zh": "滤清器"} for number in range(7)))
    with cloud.services.database.writing() as session, change_catalogue(session, "north") as catalogue:
        catalogue.put_references([Reference("N-3", "competitor", "Mann", "C 1"), Reference("N-3", "oe", "潍柴", "612")])
    change(cloud, "south", {"number": "S-1", "name_zh": "别家的"})
    found, page = pages(cloud)
    assert set(found) >= {f"N-{number}" for number in range(7)} and "S-1" not in found
    assert (page["held"], page["dealer"], page["after"]) == (len(found), "north", page["newest"])
    assert found["N-3"]["references"] == [["oe", "潍柴", "612"], ["competitor", "Mann", "C 1"]]
    change(cloud, "north", {"number": "N-2", "withdrawn": True, "superseded_by": "N-3"})
    (changed,) = get(cloud, "catalogue", after=page["after"], behind=page["behind"]).json()["parts"]
    assert (changed["number"], changed["withdrawn"], changed["replaced_by"]) == ("N-2", True, "N-3")
    assert list(pages(cloud, "gw-9")[0])[-1] == "S-1"


def pages(cloud: Cloud, gateway: str = "gw-1") -> tuple[dict[str, Any], dict[str, Any]]:
    """Every part by number, and the last page."""
    found: dict[str, Any] = {}
    page: dict[str, Any] = {"after": 0, "behind": "", "last": False}
    while not page["last"]:
        page = get(cloud, "catalogue", gateway, after=page["after"], behind=page["behind"], limit=3).json()
        assert len(page["parts"]) <= 3
        found |= {part["number"]: part for part in page["parts"]}
    return found, page


@pytest.mark.parametrize("guest", ["south", "north"])
def test_of_a_guest_dealer_only_what_lies_in_its_bins_is_told(cloud: Cloud, guest: str) -> None:
    changed = worlds.document("shop-1", "north")
    table = changed.cabinets[0].bins[0]
    change(cloud, "north", {"number": "WK-1060", "brand": "of north"})
    change(cloud, "south", {"number": "WK-1060", "brand": "of south"}, {"number": "S-2", "brand": "in no bin"})
    bins = [msgspec.structs.replace(table, dealer=guest), *changed.cabinets[0].bins[1:]]
    cabinets = [msgspec.structs.replace(changed.cabinets[0], bins=bins), changed.cabinets[1]]
    with cloud.services.database.writing() as session:
        store_document(session, msgspec.structs.replace(changed, version=2, cabinets=cabinets), worlds.NOW_MS)
    told_parts = {part["number"]: part.get("brand", "") for part in get(cloud, "catalogue/in-bins").json()}
    assert told_parts["WK-1060"] == f"of {guest}"
    assert set(told_parts) <= {"WK-1060", "M12x40"}


def test_what_is_large_comes_packed_for_who_can_read_it(cloud: Cloud) -> None:
    change(cloud, "north", *({"number": f"N-{number}", "name_zh": "滤清器"} for number in range(60)))
    headers = {"Authorization": f"Bearer {worlds.KEYS['gw-1']}", "Accept-Encoding": "gzip"}
    packed = cloud.client.get("/api/gateway/catalogue", headers=headers)
    plain = cloud.client.get("/api/gateway/catalogue", headers=headers | {"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert packed.content == plain.content
    assert len(gzip.compress(plain.content)) * 4 < len(plain.content)
