"""The catalogue and its search box on both databases: written, searched by everything, kept apart by dealer."""

from typing import Any
from urllib.parse import quote

import pytest
from sqlmodel import col, select

from cloud.catalogue.writing import (
    CatalogueError,
    Fits,
    Model,
    Price,
    Reference,
    Written,
    change_catalogue,
)
from cloud.tables import CataloguePart, CatalogueRevision, SearchTerm, Vehicle
from tests.cloud import people_world, worlds
from tests.cloud.conftest import Cloud
from tests.cloud.worlds import opening, upload

SOUTH = "wang@south.example"
TRUCK = "LFWSRXSJ4M1E12345"


def fill(cloud: Cloud) -> None:
    """Two oil filters, pads, a pump, and a truck of shop-1 that the first filter fits."""
    with cloud.services.database.writing() as session:
        with change_catalogue(session, "north") as change:
            change.put_parts(
                [
                    {"number": "OF-1012", "name_zh": "机油滤清器", "name_en": "Oil filter", "brand": "MANN"},
                    {"number": "OF-1012A", "name_zh": "机油滤清器(长效)", "name_en": "Oil filter, long life"},
                    {"number": "BP 29/13", "name_zh": "制动片", "name_en": "Brake pad", "gtin": "6901234567892"},
                    {"number": "WP-7", "name_zh": "水泵总成", "name_en": "Water pump", "withdrawn": True},
                ]
            )
            change.put_parts([{"number": "OF-1012", "superseded_by": "OF-1012A"}])
            change.put_references(
                [
                    Reference("OF-1012", "oe", "FAW", "1012010-29D"),
                    Reference("OF-1012", "competitor", "FRAM", "PH 8A"),
                    Reference("BP 29/13", "oe", "FAW", "3501-100"),
                ]
            )
            change.put_fitment(
                [
                    Fits("OF-1012", "一汽解放", "J6", "CA6DM3", 2015, 0),
                    Fits("BP 29/13", "HOWO", "T7H", "MC11.44", 2010, 2014),
                ]
            )
            change.put_models([Model("LFW", "SRX??", "解放", "J6P", "CA6DM3")])
        truck = {
            "plate": "鲁B·54321",
            "plain_plate": "鲁B54321",
            "vin": TRUCK,
            "make": "解放",
            "model": "J6P",
            "year": 2021,
        }
        session.add(Vehicle(shop_id="shop-1", id="v-1", dealer_id="north", made_ms=worlds.NOW_MS, **truck))


def found(cloud: Cloud, text: str, email: str = "li@north.example") -> dict[str, Any]:
    """What the search box answers."""
    answer = cloud.browser(email).get("/api/search", params={"q": text})
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def numbers(answer: dict[str, Any]) -> list[str]:
    """The parts of an answer, in order."""
    return [hit["part"]["number"] for hit in answer["hits"]]


def test_one_box_understands_what_was_typed(cloud: Cloud) -> None:
    """Numbers however they are written, words of both languages, mistyped ones, and a mixture."""
    fill(cloud)
    for text, kind, first in (
        ("of 1012", "part_number", "OF-1012"),
        ("101201029d", "oe_number", "OF-1012"),
        ("ph-8a", "competitor_number", "OF-1012"),
        ("6901234567892", "gtin", "BP 29/13"),
        ("bp29/13", "part_number", "BP 29/13"),
        ("1012010", "beginning", "OF-1012"),
        ("机滤", "thing", "OF-1012A"),
        ("刹车片", "thing", "BP 29/13"),
        ("oil fliter", "words", "OF-1012"),
        ("brkae pads", "words", "BP 29/13"),
        ("机油虑清器", "thing", "OF-1012"),
        ("解放 J6 机滤", "make", "OF-1012"),
        ("ca6dm3", "engine", "OF-1012"),
        ("MANN 机滤", "words", "OF-1012"),
        ("diesel filter", "thing", "WK-1060"),  # a part that came with a shop's document
    ):
        answer = found(cloud, text)
        assert answer["understood"][0]["kind"] == kind, (text, answer["understood"])
        assert numbers(answer)[:1] == [first], (text, answer["understood"], numbers(answer))
    mistyped = found(cloud, "OF-1O12")
    assert (numbers(mistyped)[0], mistyped["hits"][0]["how"]) == ("OF-1012", "mistyped")
    assert mistyped["understood"][0]["mistyped"]
    nothing = found(cloud, "zzqqxx")
    assert (nothing["hits"], nothing["understood"][0]["found"]) == ([], False)
    assert found(cloud, "   ")["hits"] == []
    assert numbers(found(cloud, "OF\0 1012"))[0] == "OF-1012"
    assert cloud.browser().get("/api/catalogue/parts/a%00b").status_code == 422


def test_stock_replacement_and_withdrawal_show_in_a_hit(cloud: Cloud) -> None:
    """What lies in bins comes first and says where; what is replaced names the end of the chain."""
    fill(cloud)
    cloud.receipt(upload([opening("m1", 20)]))
    [hit] = found(cloud, "WK1060")["hits"]
    assert (hit["stock"], hit["shops"], hit["bins"]) == (20, 1, 2)  # kept in shop-1 and shop-2
    assert [(place["shop"], place["cabinet"], place["bin"], place["stock"]) for place in hit["places"]] == [
        ("shop-1", "cab-1", 1, 20)
    ]
    assert found(cloud, "OF-1012")["hits"][0]["replaced_by"] == "OF-1012A"
    assert found(cloud, "滤清器")["hits"][0]["part"]["number"] == "WK-1060"
    assert found(cloud, "水泵")["hits"][0]["withdrawn"]
    people_world.add_member(cloud, "zhao@north.example", "mechanic", shops="shop-2")
    mechanic = people_world.browser_of(cloud, "zhao@north.example")
    [hit] = mechanic.get("/api/search", params={"q": "WK1060"}).json()["hits"]
    assert (hit["stock"], hit["bins"]) == (0, 1)  # shop-2 alone, whose bin is empty
    assert mechanic.get("/api/catalogue/prices/WK-1060").status_code == 403


def test_a_vehicle_is_known_by_vin_tail_and_plate(cloud: Cloud) -> None:
    """And the parts that fit it are found, alone or with words beside."""
    fill(cloud)
    for text, kind in (
        (TRUCK, "vin"),
        (TRUCK[-8:].lower(), "vin_tail"),
        ("鲁b 54321", "plate"),
        ("鲁B·5432I", "plate"),
    ):
        answer = found(cloud, text)
        assert answer["understood"][0]["kind"] == kind, text
        assert [vehicle["id"] for vehicle in answer["vehicles"]] == ["v-1"]
        assert numbers(answer) == ["OF-1012"]
        assert answer["hits"][0]["how"] == "fits"
    assert numbers(found(cloud, "鲁B54321 机滤")) == ["OF-1012"]
    assert numbers(found(cloud, "鲁B54321 刹车片")) == []
    read = found(cloud, TRUCK)["vin"]["vehicle"]
    assert {name: (fact["value"], fact["source"]) for name, fact in read.items()} == {
        "make": ("解放", "model_table"),
        "model": ("J6P", "model_table"),
        "engine": ("CA6DM3", "model_table"),
        "year": ("2021", "vin"),
    }
    strange = cloud.get("/api/vin/1FUJGLDR9CSBK1234")
    assert (strange["vehicle"]["make"]["value"], strange["vehicle"]["make"]["source"]) == ("Freightliner", "vpic")
    assert [(each["key"], each["severity"]) for each in strange["findings"]] == [("check_digit", "wrong")]
    other = found(cloud, TRUCK, SOUTH)
    assert (other["vehicles"], other["hits"], other["vin"]["vehicle"]["make"]["source"]) == ([], [], "wmi")


def test_every_change_gives_a_part_the_next_revision(cloud: Cloud) -> None:
    """And what stays as it was keeps its own: the same file taken over twice changes nothing."""
    fill(cloud)

    def revisions() -> dict[str, int]:
        with cloud.services.database.reading() as session:
            rows = session.exec(select(CataloguePart).where(col(CataloguePart.dealer_id) == "north")).all()
            newest = session.get_one(CatalogueRevision, "north").revision
        assert newest == max(row.revision for row in rows)
        assert len({row.revision for row in rows}) == len(rows)
        return {row.number: row.revision for row in rows}

    first = revisions()
    with cloud.services.database.writing() as session, change_catalogue(session, "north") as change:
        assert change.put_parts([{"number": "OF-1012", "brand": "MANN"}]) == Written(same=1)
        assert change.put_references([Reference("OF-1012", "oe", "FAW", "1012010-29D")]) == Written(same=1)
        assert change.put_fitment([Fits("OF-1012", "一汽解放", "J6", "CA6DM3", 2015, 0)]) == Written(same=1)
        assert change.put_prices([Price("OF-1012", "", "2026-01-01", 8800)]) == Written(made=1)
    assert revisions() == first
    with cloud.services.database.writing() as session, change_catalogue(session, "north") as change:
        change.put_references([Reference("OF-1012", "oe", "FAW", "NEW 1")])
        change.put_fitment([Fits("BP 29/13", "东风", "天龙")], instead=True)
        change.take_references([Reference("BP 29/13", "oe", "FAW", "3501-100")])
    second = revisions()
    assert {number for number in first if first[number] != second[number]} == {"OF-1012", "BP 29/13"}
    assert numbers(found(cloud, "东风 制动片")) == ["BP 29/13"]
    assert found(cloud, "T7H")["hits"] == []
    assert found(cloud, "3501-100")["hits"] == []


def test_the_index_holds_exactly_what_parts_say(cloud: Cloud) -> None:
    """Renamed, a part is found by its new name alone; no term stays behind empty."""
    fill(cloud)
    with cloud.services.database.writing() as session, change_catalogue(session, "north") as change:
        change.put_parts([{"number": "WP-7", "name_zh": "节温器", "name_en": "Thermostat"}])
    assert numbers(found(cloud, "节温器")) == ["WP-7"]
    assert found(cloud, "水泵")["hits"] == []
    with cloud.services.database.reading() as session:
        terms = session.exec(select(SearchTerm).where(col(SearchTerm.dealer_id) == "north")).all()
    assert all(row.count and row.ordinals for row in terms)
    assert "=water_pump" not in {row.term for row in terms}


def test_circles_and_unknown_parts_are_refused_and_nothing_is_written(cloud: Cloud) -> None:
    """The whole change is undone."""
    fill(cloud)
    for wanted, text in (
        ([{"number": "OF-1012A", "superseded_by": "OF-1012"}], "circle"),
        ([{"number": "NEW", "superseded_by": "NOBODY"}], "successor"),
    ):
        with (
            pytest.raises(CatalogueError, match=text),
            cloud.services.database.writing() as session,
            change_catalogue(session, "north") as change,
        ):
            change.put_parts(wanted)
    with (
        pytest.raises(CatalogueError, match="NOBODY"),
        cloud.services.database.writing() as session,
        change_catalogue(session, "north") as change,
    ):
        change.put_references([Reference("OF-1012", "old", "", "X"), Reference("NOBODY", "old", "", "Y")])
    assert found(cloud, "NEW")["hits"] == []
    assert cloud.get("/api/catalogue/references/OF-1012") == [
        {"kind": "oe", "brand": "FAW", "number": "1012010-29D"},
        {"kind": "competitor", "brand": "FRAM", "number": "PH 8A"},
    ]


def test_a_part_lives_over_http(cloud: Cloud) -> None:
    """Made, changed, referenced, fitted, priced, replaced, withdrawn: each on record; contradictions are refused."""
    li = cloud.browser()
    new = {"number": "LB 24/21", "name_zh": "灯泡", "category": "electrical", "unit_mass_mg": 41_000}
    made = li.post("/api/catalogue/parts", json=new)
    assert (made.status_code, made.json()["revision"] > 0) == (201, True)
    assert li.post("/api/catalogue/parts", json=new).status_code == 409
    assert li.post("/api/catalogue/parts", json={**new, "number": "Q", "category": "toys"}).status_code == 422
    path = "/api/catalogue/parts/LB 24/21"
    changed = li.request("PATCH", path, json={"brand": "OSRAM", "superseded_by": "WK-1060"})
    assert (changed.json()["brand"], changed.json()["replaced_by"]) == ("OSRAM", ["WK-1060"])
    assert cloud.get("/api/catalogue/parts/WK-1060")["replaces"] == ["LB 24/21"]
    circle = li.request("PATCH", "/api/catalogue/parts/WK-1060", json={"superseded_by": "LB 24/21"})
    assert (circle.status_code, "circle" in circle.json()["detail"]) == (409, True)
    fitted = li.post("/api/catalogue/fitment/LB 24/21", json=[{"make": "解放", "model": "J6P"}]).json()["fitment"]
    assert li.post("/api/catalogue/fitment/LB 24/21", json=[{"note": "any"}]).status_code == 409
    assert li.request("DELETE", f"/api/catalogue/fitted/{fitted[0]['id']}/LB 24/21").status_code == 204
    reference = {"kind": "competitor", "brand": "Philips", "number": "13258"}
    assert li.post("/api/catalogue/references/LB 24/21", json=[reference]).json() == [reference]
    taken = "/api/catalogue/references/LB 24/21?kind=competitor&brand=Philips&other=13258"
    assert [li.request("DELETE", taken).status_code for _ in range(2)] == [204, 404]
    price = {"from_day": "2026-01-01", "price_minor": 1250, "tax_ppm": 130_000}
    assert li.post("/api/catalogue/prices/LB 24/21", json=price).json()[0]["price_minor"] == 1250
    assert li.request("DELETE", path).status_code == 204
    assert cloud.get(path)["withdrawn"]
    model = {"wmi": "LZZ", "pattern": "5??", "make": "HOWO", "model": "T7H"}
    rows = li.post("/api/catalogue/models", json=model).json()["models"]
    assert li.request("DELETE", f"/api/catalogue/models/{rows[0]['id']}").status_code == 204
    audit = [entry["action"] for entry in cloud.get("/api/audit")["lines"]]
    assert audit == [
        "model.taken", "model.added", "part.withdrawn", "part.price_set", "part.number_taken", "part.numbers_added",
        "part.fitment_taken", "part.fitment_added", "part.changed", "part.made",
    ]  # fmt: skip


def test_lists_are_read_page_by_page(cloud: Cloud) -> None:
    """In order of number; a cursor of nobody's, or another dealer's part, is not found."""
    fill(cloud)
    seen: list[str] = []
    after = ""
    while True:
        page = cloud.get(f"/api/catalogue/parts?limit=2&after={after}")
        seen += [part["number"] for part in page["parts"]]
        after = page["next"]
        if not after:
            break
    assert seen == ["BP 29/13", "M12x40", "OF-1012", "OF-1012A", "WK-1060", "WP-7"]
    assert cloud.browser().get("/api/catalogue/parts?after=NOBODY").status_code == 404
    assert cloud.browser(SOUTH).get("/api/catalogue/parts?after=OF-1012").status_code == 404
    assert cloud.browser(SOUTH).get("/api/catalogue/parts/OF-1012").status_code == 404
    assert [part["number"] for part in cloud.get("/api/catalogue/parts", email=SOUTH)["parts"]] == ["M12x40", "WK-1060"]
    stock = cloud.get("/api/catalogue/stock/WK-1060")
    assert [(shop["shop"], len(shop["bins"])) for shop in stock["shops"]] == [("shop-1", 1), ("shop-2", 1)]
    suggested = cloud.get("/api/search/suggestions?q=机滤&language=en")["suggestions"]
    assert [(each["path"], each["title"]) for each in suggested] == [
        ("/part?number=OF-1012A", "Oil filter, long life"), ("/part?number=OF-1012", "Oil filter")
    ]  # fmt: skip


def test_a_number_is_found_that_looks_like_none(cloud: Cloud) -> None:
    """Without a digit, with signs and pictures, of 64 characters: by its own text, at its own address."""
    own = cloud.browser()
    for number in ("QX/B", "QX%_C", "Q\"X'D", "QX🔧E", "Q X\\F", "Q?X#G", "../QXH", "Q" * 64):
        made = own.post("/api/catalogue/parts", json={"number": number, "name_zh": "零件"})
        assert made.status_code == 201, made.text
        found = own.get("/api/search", params={"q": number}).json()
        assert [hit["part"]["number"] for hit in found["hits"]] == [number]
        assert own.get(f"/api/catalogue/parts/{quote(number, safe='')}").json()["number"] == number


def test_who_may_set_prices_and_not_see_them_is_told_no_other(cloud: Cloud) -> None:
    own, path = cloud.browser(), "/api/catalogue/prices/WK-1060"
    row = {"from_day": "2026-01-01", "price_minor": 12_850}
    assert len(own.post(path, json=row).json()) == 1
    made = own.post("/api/tokens", json={"name": "ERP", "rights": ["edit_catalogue"], "days": 1}).json()
    token = {"Authorization": f"Bearer {made['token']}"}
    told = own.post(path, json={"from_day": "2026-02-01", "price_minor": 13_000}, headers=token)
    assert [price["price_minor"] for price in told.json()] == [13_000]
    assert own.get(path, headers=token).status_code == 403
