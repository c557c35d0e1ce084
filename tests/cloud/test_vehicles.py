"""Jobs and one file per vehicle: found however it is typed, changed on record, joined; what was used and is due."""

import csv
import io
from typing import Any

import pytest
from sqlmodel import col, select

from cloud.catalogue.vin import plain_vin
from cloud.tables import ShopFeed, VehicleReading
from cloud.work.due import DAY_MS, Interval, Reading, km_a_day, next_due, sound
from cloud.work.plates import is_whole_vin
from cloud.work.shop_time import add_months_ms, month_after, month_before, month_of, month_span_ms
from edge_gateway.feed_format import JobClosed, JobTold, read_entry
from edge_gateway.part_words import plain_plate
from edge_gateway.upload_format import JobClosedItem, JobOpenedItem
from tests.cloud.conftest import Cloud
from tests.cloud.work_world import BIN, JOB, Shop, at, moved
from tests.cloud.worlds import BOLT, FILTER

JOBS, VEHICLES = "/api/shops/shop-1/jobs", "/api/shops/shop-1/vehicles"
VIN = "LFWSRXSJ8M1F12345"


def told(cloud: Cloud) -> list[Any]:
    """What shop-1's gateway is told, in order."""
    with cloud.services.database.reading() as session:
        rows = session.exec(select(ShopFeed).where(col(ShopFeed.shop_id) == "shop-1").order_by(col(ShopFeed.number)))
        return [read_entry(row.kind, row.body) for row in rows]


def test_jobs_of_the_cloud_the_kiosk_and_the_document(cloud: Cloud) -> None:
    """Opened, named later, closed; each change goes down; one vehicle however its plate is typed."""
    shop, north = Shop(cloud), cloud.browser()
    opened = north.post(JOBS, json={"title": "保养", "plate": "鲁b·12345", "km": 120_000}).json()
    assert opened["id"].startswith("C261117-") and opened["opened_by"] == "li"
    shop.tells(
        "2026-11-18 09:00",
        JobOpenedItem("K261118-0001", "刹车", "鲁B 12345", VIN, 120_450, "p-zhang", at("2026-11-18 08:00")),
        JobOpenedItem("K261118-0002", "", "", "", -1, "p-zhang", at("2026-11-18 08:10")),
        JobClosedItem("K261118-0002", "p-zhang", at("2026-11-18 08:20")),
    )
    listed = {job["id"]: job for job in cloud.get(f"{JOBS}?state=all")}
    assert set(listed) == {"j-1", opened["id"], "K261118-0001", "K261118-0002"}
    assert len({listed[name]["vehicle"] for name in ("j-1", opened["id"], "K261118-0001")}) == 1
    assert (listed["K261118-0001"]["opened_by"], listed["K261118-0002"]["closed_ms"]) == (
        "张师傅",
        at("2026-11-18 08:20"),
    )
    named = north.request("PATCH", f"{JOBS}/K261118-0001", json={"title": "刹车片"}).json()
    assert (named["title"], named["vin"]) == ("刹车片", VIN)
    assert north.post(f"{JOBS}/K261118-0001/close", json={"km": 120_500}).status_code == 200
    assert north.post(f"{JOBS}/K261118-0001/close", json={}).status_code == 409
    assert north.post(f"{JOBS}/K261118-0001/reopen").status_code == 200
    kinds = [(type(entry), entry.id) for entry in told(cloud)]
    assert kinds == [
        (JobTold, opened["id"]), (JobTold, "K261118-0001"), (JobTold, "K261118-0002"), (JobClosed, "K261118-0002"),
        (JobTold, "K261118-0001"), (JobClosed, "K261118-0001"), (JobTold, "K261118-0001"),
    ]  # fmt: skip
    _refusals(cloud)


def _refusals(cloud: Cloud) -> None:
    north = cloud.browser()
    mine = {"id": "RO-42", "title": "大修"}
    assert [north.post(JOBS, json=mine).status_code for _ in range(2)] == [201, 201]
    assert north.post(JOBS, json=mine | {"title": "another"}).status_code == 409
    for body in ({}, {"title": "x" * 201}, {"title": "x", "id": "no id"}, {"title": "a\0b"}):
        assert north.post(JOBS, json=body).status_code == 422, body
    assert north.get(f"{JOBS}?after=zz").status_code == 422
    first = cloud.get(f"{JOBS}?state=all&limit=1")[0]
    assert first["id"] not in {job["id"] for job in cloud.get(f"{JOBS}?state=all&after={first['cursor']}")}
    south = cloud.browser("wang@south.example")
    assert south.get(JOBS).status_code == south.post(JOBS, json=mine).status_code == 404


def test_a_vehicles_file(cloud: Cloud) -> None:
    """What was used, given back and corrected; prices of the day; what is due; changes on record; CSV."""
    shop, north = Shop(cloud), cloud.browser()
    shop.october()
    [truck] = cloud.get("/api/vehicles?words=鲁b1234&shop=shop-1")
    path = f"{VEHICLES}/{truck['id']}"
    north.request("PATCH", path, json={"vin": VIN, "owner": "通达运输"})
    for when, km in (("2026-07-01 09:00", 90_000), ("2026-08-01 09:00", 999_999), ("2026-10-02 09:00", 99_300)):
        assert north.post(f"{path}/readings", json={"km": km, "at_ms": at(when)}).status_code == 201
    interval = {"title": "机滤", "part": FILTER.number, "every_km": 10_000, "every_months": 12}
    assert north.request("PUT", f"{path}/intervals", json=interval).status_code == 204
    file = cloud.get(path)
    assert [(use["quantity"], use["cause"], use["price_minor"], use["km"]) for use in file["uses"]] == [
        (2, "charge", 12850, 99_300)
    ]
    assert [reading["falls"] for reading in file["readings"]] == [False, True, False]
    assert file["km_a_day"] == pytest.approx(100)
    [due] = file["due"]  # the filter was used at 99,300 km, and it goes 100 km a day: 100 days later
    assert (due["due_km"], due["by"], due["is_estimate"], due["last_ms"]) == (
        109_300,
        "km",
        True,
        at("2026-10-01 00:30"),
    )
    assert due["due_ms"] == at("2026-10-02 09:00") + 100 * DAY_MS
    assert {(change["field"], change["after"]) for change in file["changes"]} >= {("vin", VIN), ("plate", "鲁B12345")}
    shop.tells(
        "2026-11-03 09:00",
        moved("m1/correction-1-0a1b2c3d", "correction", "2026-11-03 08:00", FILTER.number, 2,
              source=JOB, target=BIN, corrects="m1"),
    )  # fmt: skip
    file = cloud.get(path)
    assert [(total["used"], total["back"], total["left"]) for total in file["sums"]] == [(2, -2, 0)]
    assert file["due"][0]["last_ms"] == 0  # what was given back was not done
    rows = list(csv.DictReader(io.StringIO(north.get(f"{path}/csv").content.decode("utf-8-sig"))))
    assert [(row["quantity"], row["price_net"], row["net"], row["plate"]) for row in rows] == [
        ("2", "128.50", "257.00", "鲁B12345"),
        ("-2", "128.50", "-257.00", "鲁B12345"),
    ]
    assert cloud.browser("wang@south.example").get(path).status_code == 404


def test_two_files_of_one_vehicle(cloud: Cloud) -> None:
    """A plate sold on, a file joined and taken apart again: everything on record, and old plates still lead there."""
    shop, north = Shop(cloud), cloud.browser()
    other = north.post(VEHICLES, json={"plate": "鲁B·99999", "vin": VIN}).json()
    [truck] = [row for row in cloud.get("/api/vehicles?shop=shop-1") if row["plate"] == "鲁B12345"]
    taken = north.request("PATCH", f"{VEHICLES}/{truck['id']}", json={"vin": VIN})
    assert (taken.status_code, "join the two files" in taken.text) == (422, True)
    shop.tells("2026-11-18 09:00", JobOpenedItem("K1", "x", "鲁B99999", "", 5, "p-zhang", at("2026-11-18 08:00")))
    joined = north.post(f"{VEHICLES}/{truck['id']}/join", json={"other": other["id"]}).json()
    assert (joined["id"], joined["vin"], joined["plate"]) == (truck["id"], VIN, "鲁B12345")
    file = cloud.get(f"{VEHICLES}/{other['id']}")  # the joined file's address leads to the one that stands
    assert (file["vehicle"]["id"], [row["id"] for row in file["joined"]]) == (truck["id"], [other["id"]])
    assert {job["id"] for job in file["jobs"]} == {"j-1", "K1"} and file["vehicle"]["km"] == 5
    assert [row["id"] for row in cloud.get("/api/vehicles?words=99999")] == [truck["id"]]
    shop.tells("2026-11-18 10:00", JobOpenedItem("K2", "y", "鲁B99999", VIN, -1, "p-zhang", at("2026-11-18 09:30")))
    assert cloud.get(f"{JOBS}/K2")["vehicle"] == truck["id"]
    assert north.post(f"{VEHICLES}/{truck['id']}/join", json={"other": other["id"]}).status_code == 422
    assert north.post(f"{VEHICLES}/{other['id']}/part").status_code == 200
    assert cloud.get(f"{VEHICLES}/{other['id']}")["vehicle"]["id"] == other["id"]
    assert cloud.count(VehicleReading) == 1


def test_claims_never_exceed_what_was_taken(cloud: Cloud) -> None:
    """Of the line, of the job, of the shop; withdrawn ones free it again; steps in order; credits within the price."""
    shop, north = Shop(cloud), cloud.browser()
    shop.october()
    charge = "m1/charge-1-0a1b2c3d"

    def claim(kind: str, quantity: int, movement: str = charge, part: str = FILTER.number) -> Any:
        body = {"kind": kind, "movement": movement, "part": part, "quantity": quantity}
        return north.post("/api/shops/shop-1/claims", json=body)

    assert claim("return", 3).status_code == 409
    first = claim("return", 1).json()
    assert (first["state"], first["usual_credit_minor"], first["next_states"][0]) == ("opened", 12850, "received")
    assert claim("warranty", 2).status_code == 409
    assert claim("warranty", 1).status_code == 201
    assert claim("core", 2).status_code == 409  # a returned piece has no core,
    assert claim("core", 1).status_code == 201  # the one that failed has
    path = f"/api/shops/shop-1/claims/{first['id']}"
    assert north.post(f"{path}/receive", json={"note": "好的"}).json()["state"] == "received"
    assert north.post(f"{path}/accept", json={"credit_minor": 12851}).status_code == 422
    assert north.post(f"{path}/withdraw", json={}).json()["next_states"] == []
    assert north.post(f"{path}/accept", json={}).status_code == 409
    assert claim("return", 2).status_code == 409
    again = claim("return", 1)  # the core is of the piece that failed, the other can be returned
    assert again.status_code == 201
    assert north.post(f"/api/shops/shop-1/claims/{again.json()['id']}/refuse", json={}).status_code == 200
    assert claim("return", 1, "m1").status_code == 409  # it was charged to the job: it is claimed there
    assert claim("return", 3, "m2").status_code == 409  # one of three was corrected
    assert claim("return", 2, "m2").status_code == 201
    assert claim("return", 1, "m4").status_code == 409  # one was given back, and nobody can say which
    assert claim("return", 1, "m9").status_code == claim("return", 1, part="X").status_code == 404
    assert claim("return", 333, "m3", BOLT.number).status_code == 201
    unpriced = claim("return", 1, "n1", "NP-1").json()
    assert north.post(f"/api/shops/shop-1/claims/{unpriced['id']}/accept", json={}).status_code == 422
    assert len(cloud.get("/api/shops/shop-1/claims?state=open")) == 5
    assert [step["state"] for step in cloud.get("/api/shops/shop-1/claims?state=withdrawn")[0]["steps"]] == [
        "opened", "received", "withdrawn",
    ]  # fmt: skip
    south = cloud.browser("wang@south.example")
    assert south.post(f"{path}/receive", json={}).status_code == 404


def test_what_was_put_back_since_it_was_claimed_is_not_credited_twice(cloud: Cloud) -> None:
    """The ledger's return stands on the statement already: accepting the claim too would pay for one piece twice."""
    shop, north = Shop(cloud), cloud.browser()
    shop.october()
    body = {"kind": "return", "movement": "m3", "part": BOLT.number, "quantity": 333}
    path = f"/api/shops/shop-1/claims/{north.post('/api/shops/shop-1/claims', json=body).json()['id']}"
    shop.tells(
        "2026-11-03 09:00", moved("m6", "return", "2026-11-03 08:00", BOLT.number, 33, source="shop:shop-1", target=BIN)
    )
    refused = north.post(f"{path}/accept", json={})
    assert (refused.status_code, "found 33 put back" in refused.json()["detail"]) == (409, True)
    assert north.post(f"{path}/accept", json={"credit_minor": 0}).json()["credit_minor"] == 0


def test_what_is_compared_and_when_months_begin() -> None:
    """Plates and VINs as they are typed; months by the shop's own clock, also where it changes twice a year."""
    assert plain_plate(" 鲁Ｂ•1 2-345 ") == plain_plate("鲁b(12345)") == "鲁B12345"
    assert plain_vin("*lfws rxsj-8m1f・12345*") == VIN and is_whole_vin(VIN) and not is_whole_vin(VIN[:-1] + "O")
    assert month_span_ms("2026-10", "Asia/Shanghai") == (at("2026-10-01 00:00"), at("2026-11-01 00:00"))
    assert month_of(at("2026-11-01 00:00") - 1, "Asia/Shanghai") == "2026-10"
    start_ms, end_ms = month_span_ms("2026-10", "Europe/Berlin")
    assert end_ms - start_ms == 31 * DAY_MS + 3_600_000
    assert (month_before("2026-01"), month_after("2026-12")) == ("2025-12", "2027-01")
    assert month_of(add_months_ms(at("2026-01-31 12:00"), 1), "UTC") == "2026-02"


def test_what_falls_due() -> None:
    """Whichever comes first; an estimate only from kilometres, and none from a misread odometer or a few days."""
    now = 1_000 * DAY_MS
    readings = [Reading(800 * DAY_MS, 10_000), Reading(850 * DAY_MS, 500_000), Reading(1_000 * DAY_MS, 30_000)]
    assert sound(readings) == [readings[0], readings[2]]
    assert km_a_day(readings) == 100
    assert km_a_day([Reading(now - 3 * DAY_MS, 0), Reading(now, 900)]) is None
    by_km = next_due(Interval(5_000, 12, 28_000, 980 * DAY_MS), readings, now)
    assert (by_km.due_km, by_km.due_ms, by_km.by, by_km.is_estimate) == (33_000, now + 30 * DAY_MS, "km", True)
    by_months = next_due(Interval(50_000, 1, 28_000, 990 * DAY_MS), readings, now)
    assert (by_months.by, by_months.is_estimate, by_months.state) == ("months", False, "done")
    passed = next_due(Interval(5_000, 0, 20_000, 0), readings, now)
    assert (passed.state, passed.km_left, passed.is_estimate) == ("due", -5_000, False)
    unknown = next_due(Interval(5_000, 6, 0, 0), readings, now)
    assert (unknown.due_ms, unknown.state) == (None, "unknown")
