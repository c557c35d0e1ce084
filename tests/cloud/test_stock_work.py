"""Discrepancies answered from afar, bins counted, stock moved: what goes down, what comes back, what is refused."""

import json
from typing import Any

from sqlmodel import col, select

from cloud.tables import AuditEntry, ShopFeed
from edge_gateway.upload_format import FeedAnswerItem, ResolutionItem
from tests.cloud import worlds
from tests.cloud.conftest import Cloud
from tests.cloud.worlds import FILTER, NOW_MS, discrepancy, movement, opening, upload

SOUTH = "wang@south.example"
PART = FILTER.number


def feed(cloud: Cloud, shop: str = "shop-1") -> list[tuple[int, str, dict[str, Any]]]:
    """What stands in a shop's feed."""
    with cloud.services.database.reading() as session:
        rows = session.exec(select(ShopFeed).where(col(ShopFeed.shop_id) == shop).order_by(col(ShopFeed.number))).all()
    return [(row.number, row.kind, json.loads(row.body)) for row in rows]


def answer(number: int, **said: Any) -> FeedAnswerItem:
    """The gateway's word about an order."""
    told: dict[str, Any] = {"outcome": "done", "why": "", "movement": "", "answered_ms": NOW_MS + 60_000, **said}
    return FeedAnswerItem(number, **told)


def last_audit(cloud: Cloud) -> tuple[str, str, str]:
    with cloud.services.database.reading() as session:
        row = session.exec(select(AuditEntry).order_by(col(AuditEntry.id).desc())).first()
    assert row is not None
    return row.action, row.target, row.after


def test_a_discrepancy_is_answered_by_its_gateway(cloud: Cloud) -> None:
    cloud.receipt(upload([opening("m1", 20), discrepancy("d1"), discrepancy("d2")]))
    path = "/api/shops/shop-1/discrepancies/answers"
    own = cloud.browser()
    assert {row["id"]: row["order"] for row in cloud.get("/api/discrepancies")} == {"d1": None, "d2": None}
    for wrong, status in (
        ({"discrepancy": "d9", "note": "?"}, 404),
        ({"discrepancy": "d1"}, 422),
        ({"discrepancy": "d1", "found": [{"part": "no such", "quantity": 1}]}, 422),
        ({"discrepancy": "d1", "found": [{"part": PART, "quantity": 1}, {"part": PART, "quantity": 2}]}, 422),
    ):
        assert own.post(path, json=wrong).status_code == status, wrong
    assert cloud.browser(SOUTH).post(path, json={"discrepancy": "d1", "note": "mine"}).status_code == 404
    assert feed(cloud) == []
    sent = own.post(path, json={"discrepancy": "d1", "note": "借给隔壁"})
    assert (sent.status_code, sent.json()) == (202, {"shop": "shop-1", "number": NOW_MS})
    assert feed(cloud) == [
        (NOW_MS, "resolve", {"kind": "resolve", "discrepancy": "d1", "by": "li", "note": "借给隔壁"})
    ]
    assert last_audit(cloud) == ("discrepancy.resolved", "discrepancy shop-1 d1", "借给隔壁")
    assert own.post(path, json={"discrepancy": "d1", "note": "again"}).status_code == 409
    assert own.post(path, json={"discrepancy": "d2", "found": [{"part": PART, "quantity": 19}]}).status_code == 202
    assert feed(cloud)[1][2]["found"] == [[PART, 19]]
    cloud.receipt(
        upload(
            [
                ResolutionItem("d1", "li", "借给隔壁", "", NOW_MS),
                answer(NOW_MS),
                answer(NOW_MS + 1, outcome="refused", why="no bin"),
            ],
            first=4,
        )
    )
    [left] = cloud.get("/api/discrepancies")
    assert (left["id"], left["order"]["state"], left["order"]["why"]) == ("d2", "refused", "no bin")
    assert own.post(path, json={"discrepancy": "d1", "note": "late"}).status_code == 409
    assert own.post(path, json={"discrepancy": "d2", "note": "so be it"}).status_code == 202


def test_open_discrepancies_come_page_by_page(cloud: Cloud) -> None:
    cloud.receipt(upload([discrepancy("d1"), discrepancy("d2"), discrepancy("d3")]))
    first = cloud.get("/api/discrepancies?limit=2")
    assert [row["id"] for row in first] == ["d3", "d2"]
    assert [row["id"] for row in cloud.get("/api/discrepancies?cursor=d2&cursor_shop=shop-1")] == ["d1"]
    assert cloud.browser().get("/api/discrepancies?cursor=d9&cursor_shop=shop-1").status_code == 404
    assert cloud.browser(SOUTH).get("/api/discrepancies?cursor=d2&cursor_shop=shop-1").status_code == 404
    assert cloud.get("/api/discrepancies", email=SOUTH) == []


def test_a_bin_is_counted(cloud: Cloud) -> None:
    cloud.receipt(upload([opening("m1", 20)]))
    own, path = cloud.browser(), "/api/shops/shop-1/counts"
    wanted = {"cabinet": "cab-1", "bin": 1, "note": "月底"}
    assert own.post(path, json=wanted | {"bin": 60}).status_code == 404
    assert own.post(path, json=wanted | {"part": "no such"}).status_code == 422
    assert cloud.browser(SOUTH).post(path, json=wanted).status_code == 404
    made = own.post(path, json=wanted).json()
    assert (made["id"], made["state"], made["part"]["number"]) == (f"shop-1-{NOW_MS}", "waiting", PART)
    assert feed(cloud)[0][2] == {
        "kind": "count", "cabinet": "cab-1", "bin": 1, "part": PART, "by": "li", "note": "月底",
    }  # fmt: skip
    assert own.post(path, json=wanted).status_code == 409
    cloud.receipt(upload([answer(NOW_MS, person="p-zhang", expected=20, counted=18, movement="m9")], first=2))
    [counted] = cloud.get("/api/counts")
    assert (counted["state"], counted["expected"], counted["counted"]) == ("counted", 20, 18)
    assert (counted["counted_by"], counted["ended_ms"]) == ("张师傅", NOW_MS + 60_000)
    assert own.post(f"{path}/shop-1-{NOW_MS}/withdraw").status_code == 409
    cloud.clock.ms += 1000
    again = own.post(path, json=wanted).json()["id"]
    assert own.post(f"{path}/{again}/withdraw").json() == {"shop": "shop-1", "number": NOW_MS + 1001}
    assert feed(cloud)[2][2] == {"kind": "withdraw", "number": NOW_MS + 1000, "by": "li"}
    cloud.receipt(upload([answer(NOW_MS + 1000, outcome="withdrawn")], first=3))
    assert [row["state"] for row in cloud.get("/api/counts")] == ["withdrawn", "counted"]
    assert [row["id"] for row in cloud.get(f"/api/counts?cursor={again}&cursor_shop=shop-1")] == [f"shop-1-{NOW_MS}"]
    assert cloud.get("/api/counts", email=SOUTH) == []


def carried(name: str, quantity: int, at_ms: int) -> Any:
    """The restocker takes out of bin 1 (or, negative, puts in), back to the dealer's van."""
    lines = [("bin:cab-1/1", PART, -quantity), ("dealer:north", PART, quantity)]
    return movement(name, *lines, cause="removal" if quantity > 0 else "restock", occurred_ms=at_ms)


def test_a_transfer_is_followed_by_what_is_booked(cloud: Cloud) -> None:
    cloud.receipt(upload([opening("m1", 20), carried("before", 2, NOW_MS - 5000)]))
    cloud.receipt(upload([opening("o1", 3)], gateway="gw-2"), gateway="gw-2")
    own = cloud.browser()
    ends = {
        "source": {"shop": "shop-1", "cabinet": "cab-1", "bin": 1},
        "target": {"shop": "shop-2", "cabinet": "cab-1", "bin": 1},
    }
    wanted = {"part": PART, "quantity": 6, **ends}
    assert own.post("/api/transfers", json=wanted | {"part": "M12x40"}).status_code == 422
    assert own.post("/api/transfers", json=wanted | {"target": ends["source"]}).status_code == 422
    foreign = {"shop": "shop-9", "cabinet": "cab-1", "bin": 1}
    assert own.post("/api/transfers", json=wanted | {"target": foreign}).status_code == 404
    first = own.post("/api/transfers", json=wanted).json()
    assert (first["state"], first["taken"], first["on_the_way"]) == ("proposed", 0, 0)
    cloud.clock.ms += 1000
    second = own.post("/api/transfers", json=wanted | {"quantity": 4}).json()
    cloud.receipt(upload([carried("out", 8, NOW_MS + 5000)], first=3))
    states = {row["id"]: row for row in cloud.get("/api/transfers")}
    assert [(states[name["id"]]["taken"], states[name["id"]]["on_the_way"]) for name in (first, second)] == [
        (6, 6),
        (2, 2),
    ]
    assert {place["shop"]: place["stock"] for place in cloud.get(f"/api/stock?part={PART}")} == {
        "shop-1": 10,
        "shop-2": 3,
    }
    cloud.receipt(upload([carried("in", -7, NOW_MS + 9000)], first=2, gateway="gw-2"), gateway="gw-2")
    states = {row["id"]: row for row in cloud.get("/api/transfers")}
    assert [(states[name["id"]]["put"], states[name["id"]]["state"]) for name in (first, second)] == [
        (6, "arrived"),
        (1, "on_the_way"),
    ]
    assert [row["id"] for row in cloud.get("/api/transfers?open_only=true")] == [second["id"]]
    assert own.post(f"/api/transfers/{second['id']}/withdraw", json={}).status_code == 409
    closed = own.post(f"/api/transfers/{second['id']}/close", json={"note": "一件退回仓库"}).json()
    assert (closed["state"], closed["on_the_way"], closed["note"]) == ("arrived", 0, "一件退回仓库")
    assert last_audit(cloud)[0] == "transfer.arrived"
    assert own.post(f"/api/transfers/{second['id']}/close", json={}).status_code == 409
    assert cloud.browser(SOUTH).post(f"/api/transfers/{first['id']}/withdraw", json={}).status_code == 404
    assert cloud.get("/api/transfers", email=SOUTH) == []
    assert [row["id"] for row in cloud.get(f"/api/transfers?cursor={second['id']}")] == [first["id"]]
    assert cloud.browser(SOUTH).get(f"/api/transfers?cursor={second['id']}").status_code == 404


def test_how_sure_and_how_old_a_bins_count_is(cloud: Cloud) -> None:
    cloud.receipt(upload([opening("m1", 20), worlds.verdict("v1"), worlds.verdict("v2", 2, "cab-1/c0ffee00/9")]))
    cloud.clock.ms += 90_000
    bins = cloud.get("/api/shops/shop-1/cabinets/cab-1/bins")
    assert [(row["bin"], row["confidence_ppm"], row["counted_age_ms"]) for row in bins] == [
        (1, 998_000, 90_000),
        (2, None, None),
    ]
