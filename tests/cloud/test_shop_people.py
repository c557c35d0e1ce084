"""People of a shop: badges, leaving, names kept and forgotten, what is held about somebody; on both databases."""

import asyncio
import json
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from cloud.document import store_document
from cloud.redaction import FORGOTTEN
from cloud.tables import AuditEntry, Document, Movement, ShopView
from cloud.tables import Shop as ShopRow
from cloud.work.daily import see_to_names
from cloud.work.leavers import note_all_leavers
from cloud.work.names import forget_due
from edge_gateway.shop_document import decode_document
from tests.cloud import worlds
from tests.cloud.conftest import Cloud
from tests.cloud.work_world import Shop, at
from tests.cloud.worlds import FILTER, document, opening, session, take

PEOPLE = "/api/shops/shop-1/people"
DAY_MS = 86_400_000


def names(told: dict[str, Any]) -> dict[str, tuple[str, list[str]]]:
    """Id -> name, badges."""
    return {person["id"]: (person["name"], person["badges"]) for person in told["people"]}


def stored(cloud: Cloud) -> list[str]:
    """Every version of shop-1's document, and every dealer's view of it, as text."""
    with cloud.services.database.reading() as reading:
        rows = reading.exec(select(Document).where(col(Document.shop_id) == "shop-1").order_by(col(Document.version)))
        views = reading.exec(select(ShopView).where(col(ShopView.shop_id) == "shop-1"))
        return [bytes(row.body).decode() for row in [*rows, *views]]


def test_badges_and_leaving(cloud: Cloud) -> None:
    """Each change is a version of the document; badges as cabinets read them; an edit of an old version is refused."""
    north = cloud.browser()
    added = north.post(PEOPLE, json={"name": " 李敏 ", "badges": ["04:a1:b2:c4", "04a1b2c4"], "version": 1})
    assert added.status_code == 201, added.text
    [mine] = [person for person in added.json()["people"] if person["name"] == "李敏"]
    assert (mine["badges"], mine["role"], added.json()["version"]) == (["04A1B2C4"], "mechanic", 2)
    for body, status in (
        ({"name": "", "badges": []}, 422),
        ({"name": "赵", "badges": ["04A1B2C4"]}, 422),  # somebody else's badge
        ({"name": "赵", "badges": ["four"]}, 422),
        ({"name": "赵", "version": 1}, 409),  # the people are others by now
    ):
        assert north.post(PEOPLE, json=body).status_code == status, body
    left = north.post(f"{PEOPLE}/{mine['id']}/leave", json={"left_ms": worlds.NOW_MS - DAY_MS}).json()
    [gone] = [person for person in left["people"] if person["id"] == mine["id"]]
    assert (gone["badges"], gone["left_ms"]) == ([], worlds.NOW_MS - DAY_MS)
    assert gone["forget_ms"] == worlds.NOW_MS + 729 * DAY_MS
    back = north.request("PATCH", f"{PEOPLE}/{mine['id']}", json={"badges": ["04A1B2C4"]}).json()
    assert {person["id"]: person["left_ms"] for person in back["people"]}[mine["id"]] == 0
    assert north.request("PATCH", f"{PEOPLE}/p-nobody", json={"name": "x"}).status_code == 404
    assert cloud.browser("wang@south.example").get(PEOPLE).status_code == 404
    told = cloud.services.documents.newer_than("shop-1", 0)
    assert told is not None and {p.id: p.badges for p in decode_document(told).people}[mine["id"]] == ["04A1B2C4"]


def test_a_name_is_forgotten_everywhere_in_time(cloud: Cloud) -> None:
    """By the clock, once the shop's days are over: every version, every view; the ledger's ids stay."""
    shop, north = Shop(cloud), cloud.browser()
    shop.tells("2026-11-17 08:00", opening("m1", 9), take("m2", 2), session("s1"))
    north.request("PUT", f"{PEOPLE}/names-kept", json={"days": 30})
    north.request("PATCH", f"{PEOPLE}/p-zhang", json={"name": "张大力"})
    north.post(f"{PEOPLE}/p-zhang/leave", json={"left_ms": at("2026-11-17 08:00")})
    assert sum("张大力" in body or "张师傅" in body for body in stored(cloud)) == len(stored(cloud)) >= 4
    exported = north.get(f"{PEOPLE}/p-zhang/export").json()
    assert exported["person"]["name"] == "张大力" and len(exported["movements"]) == 2
    assert exported["movements"][1]["postings"][0] == {"account": "bin:cab-1/1", "part": FILTER.number, "quantity": -2}
    table = north.get(f"{PEOPLE}/p-zhang/export.csv").content.decode("utf-8-sig")
    assert "张大力" in table and f"-2 {FILTER.number}" in table

    assert forget_due(cloud.services.database, at("2026-12-17 07:59")) == 0
    assert forget_due(cloud.services.database, at("2026-12-17 08:00")) == 1
    assert forget_due(cloud.services.database, at("2026-12-18 08:00")) == 0
    assert not [body for body in stored(cloud) if "张" in body or "04A1B2C3" in body]
    assert all(json.loads(body)["people"][0]["id"] == "p-zhang" for body in stored(cloud))
    told = cloud.services.documents.newer_than("shop-1", 0)
    assert told is not None and decode_document(told).people[0].name == FORGOTTEN  # so its gateway forgets as well
    with cloud.services.database.writing() as writing:
        store_document(writing, document("shop-1", "north"), worlds.NOW_MS)  # a seed file still says the name
    assert names(north.get(PEOPLE).json()) == {"p-zhang": (FORGOTTEN, [])}
    [opened] = cloud.get("/api/shops/shop-1/sessions")
    assert (opened["person"], opened["person_name"]) == ("p-zhang", FORGOTTEN)
    with cloud.services.database.reading() as reading:
        assert {row.person for row in reading.exec(select(Movement))} == {"p-zhang"}
        trail = [f"{row.target} {row.before} {row.after}" for row in reading.exec(select(AuditEntry))]
    assert trail and not [line for line in trail if "张" in line]
    assert north.request("PATCH", f"{PEOPLE}/p-zhang", json={"name": "张"}).status_code == 422


def test_the_database_lets_a_document_forget_and_nothing_else(cloud: Cloud) -> None:
    """As the owner of the tables: a name may go, another word, a bin, a deletion may not."""

    def overwrite(change: Any) -> None:
        with cloud.services.database.as_owner() as connection, connection.begin():
            [(body,)] = connection.exec_driver_sql(
                "SELECT body FROM document WHERE shop_id = 'shop-1' AND version = 1"
            ).all()
            told = json.loads(bytes(body))
            change(told)
            mark = "?" if cloud.services.database.is_sqlite else "%s"
            statement = f"UPDATE document SET body = {mark} WHERE shop_id = 'shop-1' AND version = 1"
            connection.exec_driver_sql(statement, (json.dumps(told, ensure_ascii=False).encode(),))

    def renamed(told: dict[str, Any]) -> None:
        told["people"][0]["name"] = "李"

    def without(told: dict[str, Any]) -> None:
        told["people"] = []

    def emptied(told: dict[str, Any]) -> None:
        told["people"][0] |= {"name": FORGOTTEN, "badges": []}
        told["cabinets"] = []

    def half(told: dict[str, Any]) -> None:
        told["people"][0] |= {"name": FORGOTTEN, "badges": [], "role": "restocker"}

    for change in (renamed, without, emptied, half):
        with pytest.raises(DBAPIError, match="append-only"):
            overwrite(change)
    with pytest.raises(DBAPIError, match="append-only"), cloud.services.database.as_owner() as owner, owner.begin():
        owner.exec_driver_sql("DELETE FROM document")
    overwrite(lambda told: told["people"][0].update(name=FORGOTTEN, badges=[]))
    assert decode_document(stored(cloud)[0].encode()).people[0].name == FORGOTTEN


def test_forgetting_at_once_and_who_vanished_long_ago(cloud: Cloud) -> None:
    """By hand; and, at the start of a cloud, whoever older versions name alone."""
    north = cloud.browser()
    forgotten = north.post(f"{PEOPLE}/p-zhang/forget")
    assert (forgotten.status_code, names(forgotten.json())) == (200, {"p-zhang": (FORGOTTEN, [])})
    assert north.post(f"{PEOPLE}/p-nobody/forget").status_code == 404
    database = cloud.services.database
    with database.writing() as writing:
        for person in writing.exec(select(Document).where(col(Document.shop_id) == "shop-2")).all():
            gone = json.loads(bytes(person.body)) | {"people": [], "version": 2}
            writing.add(
                Document(
                    shop_id="shop-2", version=2, dealer_id="north", stored_ms=at("2024-01-01 00:00"),
                    body=json.dumps(gone).encode(),
                )
            )  # fmt: skip
            writing.exec(select(ShopRow).where(col(ShopRow.id) == "shop-2")).one().document_version = 2
    note_all_leavers(database, worlds.NOW_MS)

    async def one_day() -> None:
        looking = asyncio.create_task(see_to_names(database, lambda: worlds.NOW_MS))
        async with asyncio.timeout(30):
            while await asyncio.to_thread(_still_named, cloud):
                await asyncio.sleep(0.02)
        looking.cancel()

    asyncio.run(one_day())


def _still_named(cloud: Cloud) -> bool:
    with cloud.services.database.reading() as reading:
        bodies = reading.exec(select(Document.body).where(col(Document.shop_id) == "shop-2")).all()
    return any("张师傅" in bytes(body).decode() for body in bodies)


def test_somebody_is_let_choose_a_pin_and_the_pin_never_comes_here(cloud: Cloud) -> None:
    """The leave travels down as a time; whoever has no badge needs none, and it is on the record."""
    north = cloud.browser()
    added = north.post(PEOPLE, json={"name": "李敏", "badges": ["04A1B2C4"]}).json()
    [mine] = [person for person in added["people"] if person["name"] == "李敏"]
    assert mine["pin_reset_ms"] == 0
    let = north.post(f"{PEOPLE}/{mine['id']}/pin", json={"version": added["version"]}).json()
    [now] = [person for person in let["people"] if person["id"] == mine["id"]]
    assert now["pin_reset_ms"] == worlds.NOW_MS
    told = cloud.services.documents.newer_than("shop-1", 0)
    assert told is not None and {p.id: p.pin_reset_ms for p in decode_document(told).people}[mine["id"]]
    assert north.post(f"{PEOPLE}/{mine['id']}/pin", json={"version": 1}).status_code == 409
    north.post(f"{PEOPLE}/{mine['id']}/leave", json={})
    assert north.post(f"{PEOPLE}/{mine['id']}/pin", json={}).status_code == 422
    with cloud.services.database.reading() as reading:
        actions = [row.action for row in reading.exec(select(AuditEntry))]
    assert actions.count("person.pin") == 1


def test_doors_that_ask_for_a_pin_travel_with_the_planogram(cloud: Cloud) -> None:
    """Whoever only renames a cabinet leaves them as they are."""
    north, path = cloud.browser(), "/api/shops/shop-1/planogram"
    seen = north.get(path).json()
    cabinet = {"id": seen["cabinets"][0]["id"], "name_zh": "一", "name_en": "one", "doors": 2}
    wanted = {"version": seen["version"], "cabinets": [{**cabinet, "pin_doors": [2]}]}
    saved = north.request("PUT", path, json=wanted)
    assert saved.status_code == 200, saved.text
    again = {"version": saved.json()["version"], "cabinets": [{**cabinet, "name_en": "first"}]}
    assert north.request("PUT", path, json=again).status_code == 200
    told = cloud.services.documents.newer_than("shop-1", 0)
    assert told is not None and decode_document(told).cabinets[0].pin_doors == [2]
    for wrong in ([3], [0], [17]):
        bad = {"version": saved.json()["version"] + 1, "cabinets": [{**cabinet, "pin_doors": wrong}]}
        assert north.request("PUT", path, json=bad).status_code == 422, wrong


def test_how_long_a_cabinet_out_of_reach_goes_by_its_list(cloud: Cloud) -> None:
    """It travels with the document; 0 days would shut everybody out at midnight."""
    north = cloud.browser()
    assert north.request("PUT", f"{PEOPLE}/list-days", json={"days": 7}).json()["list_days"] == 7
    told = cloud.services.documents.newer_than("shop-1", 0)
    assert told is not None and decode_document(told).access_days == 7
    assert north.request("PUT", f"{PEOPLE}/list-days", json={"days": 0}).status_code == 422
    assert north.request("PUT", f"{PEOPLE}/list-days", json={"days": 8, "version": 1}).status_code == 409
    assert (
        cloud.browser("wang@south.example").request("PUT", f"{PEOPLE}/list-days", json={"days": 8}).status_code == 404
    )
