"""What a gateway is given back: all of its shop as it came, in pages to be asked for again; nothing of others."""

from typing import Any

import msgspec
import pytest

from cloud import restore, shop_feed
from edge_gateway.feed_format import JobTold, Levels, Policy, RestockOff, read_entry, told
from edge_gateway.held_format import HELD_KINDS, Held, decode_held
from edge_gateway.shop_document import decode_document
from edge_gateway.upload_format import Content, FeedAnswerItem, JobClosedItem, JobOpenedItem
from tests.cloud import worlds
from tests.cloud.conftest import Cloud
from tests.cloud.worlds import event, movement, opening, take, upload

WORLD: list[Content] = [
    opening("opening/cab-1/1", 40),
    take("cab-1/c0ffee00/4/1/session", 2, session="cab-1/c0ffee00/2"),
    movement(
        "多/三",
        ("bin:cab-1/1", "WK-1060", 3),
        ("shop:shop-1", "WK-1060", -1),
        ("dealer:north", "WK-1060", -2),
        cause="correction",
        corrects="cab-1/c0ffee00/4/1/session",
    ),
    worlds.session("cab-1/c0ffee00/2"),
    worlds.session("cab-1/c0ffee00/10"),
    worlds.discrepancy("d1"),
    worlds.discrepancy("d2"),
    worlds.resolution("d1"),
    worlds.request("r1"),
    worlds.request_end("r1"),
    worlds.set_aside("cab-1/c0ffee00/3"),
    worlds.read_again("cab-1/c0ffee00/3"),
    worlds.verdict("cab-1/c0ffee00/4/1/verdict"),
    worlds.verdict("cab-1/c0ffee00/5/1/verdict", 2),
    worlds.rezero("cab-1/c0ffee00/3/1/rezero"),
    FeedAnswerItem(2, "done", "", "m-1", 5, "wang", 10, 7),
    FeedAnswerItem(10, "refused", "expected an open discrepancy, found none", "", 6),
    JobOpenedItem("K261122-1", "保养", "鲁B12345", "", 88_000, "wang", 7),
    JobClosedItem("K261122-1", "wang", 8),
    worlds.restocked("v-1/1/OF-1/cab-1/c0ffee00/2"),
    *(event(number) for number in range(1, 12)),
    event(1, cabinet="cab-2"),
]


def held(cloud: Cloud, after: str = "", gateway: str = "gw-1") -> Held:
    """One page."""
    headers = {"Authorization": f"Bearer {worlds.KEYS[gateway]}"}
    answer = cloud.client.get("/api/gateway/held", params={"after": after}, headers=headers)
    assert answer.status_code == 200, answer.text
    return decode_held(answer.content)


def all_held(cloud: Cloud, gateway: str = "gw-1") -> list[Held]:
    """Every page."""
    pages = [held(cloud, gateway=gateway)]
    while pages[-1].next:
        pages.append(held(cloud, pages[-1].next, gateway))
    return pages


def in_order(items: list[Content]) -> list[Content]:
    """By kind and name, as they are promised."""
    return sorted(items, key=lambda item: (HELD_KINDS.index(type(item)), name_of(item)))


def name_of(item: Any) -> tuple[Any, ...]:
    """What tells it from others of its kind; in UTF-8, which is the order of neither collation but of these names."""
    for field in ("discrepancy", "request", "id", "event", "number"):
        if hasattr(item, field):
            return (getattr(item, field),)
    return (item.cabinet, item.epoch, item.seq)


def test_everything_comes_back_as_it_came_and_in_order(cloud: Cloud) -> None:
    cloud.receipt(upload(WORLD))
    (page,) = all_held(cloud)
    assert in_order(page.items) == in_order(WORLD)
    assert [type(item) for item in page.items] == [type(item) for item in in_order(WORLD)]
    assert [item for item in page.items if type(item) is HELD_KINDS[-1]] == WORLD[-12:]
    assert (page.gateway, page.next) == ("gw-1", "")
    (document,) = page.documents
    assert decode_document(bytes(document.body)) == msgspec.structs.replace(
        worlds.document("shop-1", "north"), version=document.version
    )


def test_plans_that_were_taken_up_come_back_and_no_others(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Policies and visits by their numbers, before all items; not what was refused, is unanswered, or is another's."""
    policy, visit = Policy([Levels("cab-1", 1, "OF-1", 3, 9)]), RestockOff("v-1")
    with cloud.services.database.writing() as session:
        numbers = [
            shop_feed.tell(session, shop, *told(what), 5)
            for shop, what in (
                ("shop-1", policy), ("shop-1", JobTold("j-1", "oil")), ("shop-1", visit),
                ("shop-1", policy), ("shop-1", policy), ("shop-2", policy),
            )
        ]  # fmt: skip
    outcomes = zip(numbers[:4], ("done", "done", "done", "refused"), strict=True)
    answers = [FeedAnswerItem(number, outcome, "", "", 9) for number, outcome in outcomes]  # type: ignore[arg-type]
    cloud.receipt(upload([*answers, event(1)]))
    monkeypatch.setattr(restore, "PAGE_BYTES_MAX", 10)  # each on a page of its own
    found = [plan for page in all_held(cloud) for plan in page.plans]
    assert [plan.number for plan in found] == [numbers[0], numbers[2]]
    assert [read_entry(plan.kind, bytes(plan.body)) for plan in found] == [policy, visit]


@pytest.mark.parametrize("items_max", [1, 2, 5])
def test_pages_are_bounded_and_can_be_asked_for_again(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, items_max: int
) -> None:
    """Each from its `after` alone: nothing is remembered between two of them."""
    cloud.receipt(upload(WORLD))
    (whole,) = all_held(cloud)
    monkeypatch.setattr(restore, "PAGE_ITEMS_MAX", items_max)
    monkeypatch.setattr(restore, "_ROWS_AT_ONCE", 3)
    pages = all_held(cloud)
    assert max(len(page.items) for page in pages) == items_max
    assert [item for page in pages for item in page.items] == whole.items
    assert sum(len(page.documents) for page in pages) == 1
    assert {page.mark for page in pages} == {whole.mark}
    assert held(cloud, pages[2].next) == pages[3]


def test_pages_are_bounded_in_bytes(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    cloud.receipt(upload([event(number, line="x" * 1000) for number in range(1, 31)]))
    monkeypatch.setattr(restore, "PAGE_BYTES_MAX", 5000)
    pages = all_held(cloud)
    assert max(len(page.items) for page in pages) == 5
    assert sum(len(page.items) for page in pages) == 30


def test_the_mark_tells_when_something_was_booked_in_between(cloud: Cloud) -> None:
    cloud.receipt(upload(WORLD))
    before = held(cloud).mark
    cloud.receipt(upload([], first=99))
    assert held(cloud).mark == before
    cloud.receipt(upload([event(20)], epoch="e2"))
    assert held(cloud).mark != before


def test_nobody_gets_anything_of_another_shop(cloud: Cloud) -> None:
    """Nor of another shop of the same dealer."""
    cloud.receipt(upload(WORLD))
    for gateway, shop in (("gw-2", "shop-2"), ("gw-9", "shop-9")):
        (page,) = all_held(cloud, gateway)
        assert page.items == []
        assert [decode_document(bytes(document.body)).shop for document in page.documents] == [shop]


@pytest.mark.parametrize(
    "after",
    [
        "x",
        "[]",
        "{}",
        '["movement"]',
        '["movement",1]',
        '["event","cab-1","e"]',
        '["event","cab-1","e","1"]',
        '["document","1"]',
        '["document",1e99]',
        '["event","cab-1","e",99999999999999999999]',
        '["nothing","x"]',
        '["movement","\\u0000"]',
        '[["movement"],"x"]',
    ],
)
def test_what_is_no_end_of_a_page_is_refused(cloud: Cloud, after: str) -> None:
    headers = {"Authorization": f"Bearer {worlds.KEYS['gw-1']}"}
    answer = cloud.client.get("/api/gateway/held", params={"after": after}, headers=headers)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("expected the end of a page as after, found ")
