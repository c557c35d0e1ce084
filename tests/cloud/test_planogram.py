"""A dealer's planogram edited over HTTP: checked, sent, put back; two editors, and two dealers in one cabinet."""

from typing import Any

import msgspec
from sqlmodel import col, select

from cloud.catalogue.writing import Price, change_catalogue
from cloud.document import store_document
from cloud.document_edit import locked_document
from cloud.document_parts import follow_catalogue
from cloud.tables import AuditEntry
from edge_gateway.shop_document import Bin, ShopDocument
from tests.cloud import worlds
from tests.cloud.conftest import Cloud

LI, WANG = "li@north.example", "wang@south.example"
PATH = "/api/shops/shop-1/planogram"


def catalogue(cloud: Cloud, dealer: str, *parts: dict[str, Any]) -> None:
    with cloud.services.database.writing() as session, change_catalogue(session, dealer) as change:
        change.put_parts(parts)


def document(cloud: Cloud, shop: str = "shop-1") -> ShopDocument:
    with cloud.services.database.writing() as session:
        return locked_document(session, shop)


def put(cloud: Cloud, draft: dict[str, Any], *, email: str = LI, status: int = 200) -> Any:
    answer = cloud.browser(email).request("PUT", PATH, json=draft)
    assert answer.status_code == status, answer.text
    return answer.json()


def bin_of(cabinet: str, number: int, *parts: str, **more: Any) -> dict[str, Any]:
    placed = [{"part": part, "capacity": 10, "reorder_point": 2, "order_up_to": 8} for part in parts]
    return {"cabinet": cabinet, "bin": number, "cell": "c3-50kg", "parts": placed, **more}


BELT = {
    "number": "VB-10",
    "name_zh": "皮带",
    "name_en": "Belt",
    "unit_mass_mg": 310_000,
    "pack_size": 4,
    "gtin": "6901234567892",
}


def test_a_part_brings_its_data_and_the_gateway_gets_the_version(cloud: Cloud) -> None:
    catalogue(cloud, "north", BELT)
    with cloud.services.database.writing() as session, change_catalogue(session, "north") as change:
        change.put_prices([Price("VB-10", "", "2026-01-01", 900), Price("VB-10", "shop-1", "2026-02-01", 850)])
        change.put_prices([Price("VB-10", "", "2027-01-01", 999)])
    before = cloud.get(PATH)
    assert (before["version"], before["is_host"], before["in_force"], before["findings"]) == (1, True, [0], [])
    draft = {"version": 1, "bins": [bin_of("cab-2", 1, "VB-10")]}
    checked = cloud.browser().post(f"{PATH}/check", json=draft).json()
    assert [change["sentence"] for change in checked["changes"]] == ["VB-10 comes in", "load cell c3-10kg → c3-50kg"]
    assert cloud.get(PATH)["version"] == 1
    assert put(cloud, draft) == {"version": 2, "changed": True}
    belt = next(part for part in document(cloud).parts if part.number == "VB-10")
    assert (belt.unit_mass_mg, belt.pack_size, belt.gtin, belt.price_minor) == (310_000, 4, "6901234567892", 850)
    body = cloud.services.documents.newer_than("shop-1", 1)
    assert body is not None
    assert b"VB-10" in body
    assert put(cloud, {**draft, "version": 2}) == {"version": 2, "changed": False}


def test_the_check_speaks_as_the_command_does(cloud: Cloud) -> None:
    """Refused without `force`, in the words of `partsbay planogram check`, in both languages."""
    catalogue(cloud, "north", BELT, {**BELT, "number": "VB-11", "unit_mass_mg": 310_200, "gtin": ""})
    draft = {"version": 1, "bins": [bin_of("cab-2", 1, "VB-10", "VB-11")]}
    for language, words in (("en", "looks like"), ("zh", "分不清")):
        found = cloud.browser().post(f"{PATH}/check?language={language}", json=draft).json()["findings"]
        assert [finding["verdict"] for finding in found] == ["warned"]
        assert any(words in sentence for sentence in found[0]["sentences"])
    catalogue(cloud, "north", {"number": "VB-10", "gtin": ""})
    refused = put(cloud, draft, status=422)["detail"]
    assert "cab-2 bin 1 (c3-50kg: VB-10, VB-11): refused" in refused
    assert document(cloud).version == 1
    assert put(cloud, {**draft, "force": True})["version"] == 2


def test_what_lies_there_is_warned_about(cloud: Cloud) -> None:
    catalogue(cloud, "north", BELT)
    cloud.receipt(worlds.upload([worlds.opening("m-1", 12), worlds.request("r-1")]))
    swapped = {"version": 1, "bins": [bin_of("cab-1", 1, "VB-10")]}
    told = cloud.browser().post(f"{PATH}/check?language=zh", json=swapped).json()["changes"]
    warned = [change["sentence"] for change in told if change["warning"]]
    assert len(warned) == 2
    assert "里面还有 12 件 WK-1060" in warned[0]
    assert "WK-1060 的要货会撤销" in warned[1]
    small = bin_of("cab-1", 1, "WK-1060")
    small["parts"][0] |= {"capacity": 8, "reorder_point": 5}
    told = cloud.browser().post(f"{PATH}/check", json={"version": 1, "bins": [small]}).json()["changes"]
    assert [change["sentence"] for change in told if change["warning"]] == [
        "it holds 12 pcs of WK-1060, more than its new capacity"
    ]


def test_the_second_editor_is_told_and_nothing_is_lost(cloud: Cloud) -> None:
    catalogue(cloud, "north", BELT)
    put(cloud, {"version": 1, "bins": [bin_of("cab-2", 1, "VB-10")]})
    late = {"version": 1, "bins": [bin_of("cab-1", 1, "VB-10")]}
    assert "somebody changed it meanwhile" in put(cloud, late, status=409)["detail"]
    put(cloud, {**late, "version": 2})
    held = {(cabinet.id, bin_.bin): bin_.part for cabinet in document(cloud).cabinets for bin_ in cabinet.bins}
    assert held == {("cab-1", 1): "VB-10", ("cab-1", 2): "M12x40", ("cab-2", 1): "VB-10"}


def test_versions_say_who_and_what_and_are_put_back(cloud: Cloud) -> None:
    catalogue(cloud, "north", BELT)
    put(cloud, {"version": 1, "bins": [bin_of("cab-2", 1, "VB-10")]})
    put(cloud, {"version": 2, "bins": [bin_of("cab-2", 2)], "cabinets": [{"id": "cab-3", "name_en": "Three"}]})
    found = cloud.get(f"{PATH}/versions")
    assert [(row["version"], row["who"], row["restored"]) for row in found] == [
        (3, "li", False),
        (2, "li", False),
        (1, "", False),
    ]
    assert [change["sentence"] for change in found[0]["changes"]] == ["new cabinet cab-3", "new bin"]
    assert cloud.get(f"{PATH}/versions?before=3&limit=1")[0]["version"] == 2
    restored = cloud.browser().post(f"{PATH}/versions/1/restore", json={"version": 3})
    assert restored.json() == {"version": 4, "changed": True}
    assert [bin_.part for bin_ in document(cloud).cabinets[1].bins] == ["", ""]
    newest = cloud.get(f"{PATH}/versions?limit=1")[0]
    assert (newest["version"], newest["restored"], newest["who"]) == (4, True, "li")
    assert cloud.browser().post(f"{PATH}/versions/1/restore", json={"version": 3}).status_code == 409
    assert cloud.browser().post(f"{PATH}/versions/77/restore", json={"version": 4}).status_code == 404
    with cloud.services.database.reading() as session:
        actions = [row.action for row in session.exec(select(AuditEntry).order_by(col(AuditEntry.id)))]
    assert actions[-3:] == ["planogram.changed", "planogram.changed", "planogram.restored"]


def shared(cloud: Cloud) -> None:
    """Bin 3 of cab-1 in the northern dealer's shop belongs to the southern one."""
    before = document(cloud)
    first = before.cabinets[0]
    cabinets = [msgspec.structs.replace(first, bins=[*first.bins, Bin(bin=3, dealer="south")]), *before.cabinets[1:]]
    with cloud.services.database.writing() as session:
        store_document(session, msgspec.structs.replace(before, cabinets=cabinets), worlds.NOW_MS)


def test_a_guest_edits_its_own_bins_and_sees_no_others(cloud: Cloud) -> None:
    shared(cloud)
    catalogue(cloud, "south", {**BELT, "number": "S-1"}, {"number": "WK-1060", "unit_mass_mg": 123_000})
    catalogue(cloud, "north", {**BELT, "gtin": ""})
    answer = cloud.browser(WANG).get(PATH)
    assert answer.status_code == 200
    assert [(cabinet["id"], [bin_["bin"] for bin_ in cabinet["bins"]]) for cabinet in answer.json()["cabinets"]] == [
        ("cab-1", [3])
    ]
    assert "WK-1060" not in answer.text
    assert "north" not in answer.text
    for draft, status in (
        ({"version": 2, "bins": [bin_of("cab-1", 1, "S-1")]}, 404),
        ({"version": 2, "bins": [bin_of("cab-1", 4, "S-1")]}, 404),
        ({"version": 2, "bins": [bin_of("cab-2", 1)]}, 404),
        ({"version": 2, "cabinets": [{"id": "cab-9"}]}, 422),
        ({"version": 2, "bins": [bin_of("cab-1", 3, "VB-10")]}, 422),
        ({"version": 2, "bins": [bin_of("cab-1", 3, "WK-1060")]}, 422),
    ):
        put(cloud, draft, email=WANG, status=status)
    assert document(cloud).version == 2
    put(cloud, {"version": 2, "bins": [bin_of("cab-1", 1, "VB-10")]})  # the host's edit is no matter of the guest's
    assert put(cloud, {"version": 2, "bins": [bin_of("cab-1", 3, "S-1")]}, email=WANG)["version"] == 4
    bins = {bin_.bin: (bin_.part, bin_.dealer) for bin_ in document(cloud).cabinets[0].bins}
    assert bins == {1: ("VB-10", ""), 2: ("M12x40", ""), 3: ("S-1", "south")}
    assert [row["version"] for row in cloud.browser(WANG).get(f"{PATH}/versions").json()] == [4, 2]
    assert "VB-10" not in cloud.browser(WANG).get(f"{PATH}/versions").text
    assert "S-1" not in str(cloud.get(f"{PATH}/versions"))
    put(cloud, {"version": 4, "bins": [bin_of("cab-1", 3)]}, status=422)
    assert cloud.browser(WANG).get("/api/shops/shop-2/planogram").status_code == 404


def test_an_empty_bin_is_handed_over_and_back(cloud: Cloud) -> None:
    put(cloud, {"version": 1, "bins": [bin_of("cab-2", 1, hand_over="nobody")]}, status=422)
    put(cloud, {"version": 1, "bins": [bin_of("cab-2", 1, hand_over="south")]})
    assert cloud.browser(WANG).get(PATH).json()["cabinets"][0]["id"] == "cab-2"
    put(cloud, {"version": 2, "bins": [bin_of("cab-2", 1, hand_over="")]}, email=WANG)
    assert document(cloud).cabinets[1].bins[0].dealer == ""
    cloud.receipt(worlds.upload([worlds.opening("m-1", 12)]))
    put(cloud, {"version": 3, "bins": [bin_of("cab-1", 1, hand_over="south")]}, status=422)


UNSOUND: list[tuple[dict[str, Any], str]] = [
    ({"bins": [bin_of("cab-1", 1, "nothing")]}, "a part of your catalogue"),
    ({"bins": [bin_of("cab-1", 1, "WK-1060", "WK-1060")]}, "each part once"),
    ({"bins": [bin_of("cab-1", 1), bin_of("cab-1", 1)]}, "each bin once"),
    ({"bins": [bin_of("cab-1", 1, "WK-1060", "M12x40")]}, "loose parts alone"),
    ({"cabinets": [{"id": "Cab 1"}]}, "a cabinet's id"),
    (
        {"bins": [bin_of("cab-1", 1) | {"parts": [{"part": "WK-1060", "capacity": 5, "order_up_to": 6}]}]},
        "capacity of 5",
    ),
    (
        {"bins": [bin_of("cab-1", 1) | {"parts": [{"part": "WK-1060", "reorder_point": 6, "order_up_to": 6}]}]},
        "below 6",
    ),
]


def test_unsound_drafts_are_refused(cloud: Cloud) -> None:
    for draft, sentence in UNSOUND:
        for path, method in ((f"{PATH}/check", "POST"), (PATH, "PUT")):
            answer = cloud.browser().request(method, path, json={"version": 1, **draft})
            assert answer.status_code == 422, draft
            assert sentence in answer.json()["detail"]
    assert document(cloud).version == 1


def test_documents_follow_the_catalogue_in_one_version(cloud: Cloud) -> None:
    catalogue(
        cloud,
        "north",
        {"number": "WK-1060", "unit_mass_mg": 840_000, "name_zh": "滤"},
        {"number": "M12x40", "unit": "gram"},
    )
    catalogue(cloud, "south", {"number": "WK-1060", "unit_mass_mg": 1})
    assert follow_catalogue(cloud.services.database, "north", worlds.NOW_MS) == 2
    parts = {part.number: part for part in document(cloud).parts}
    assert (parts["WK-1060"].unit_mass_mg, parts["WK-1060"].name_zh, document(cloud).version) == (840_000, "滤", 2)
    assert document(cloud, "shop-9").version == 1
    assert follow_catalogue(cloud.services.database, "north", worlds.NOW_MS) == 0
    catalogue(cloud, "north", {"number": "WK-1060", "unit": "gram"})
    assert follow_catalogue(cloud.services.database, "north", worlds.NOW_MS) == 0
    assert document(cloud).version == 2


def test_what_no_database_holds_is_refused(cloud: Cloud) -> None:
    """A NUL in a path, a query or a body: PostgreSQL has no such text, SQLite no such row."""
    with_nul = {"version": 1, "bins": [bin_of("cab-1", 1, "\0")]}
    browser = cloud.browser()
    answers = [
        browser.get("/api/shops/%00/planogram"),
        browser.get("/api/imports?after=%00"),
        browser.get("/api/imports/%00"),
    ]
    answers.append(browser.request("PUT", PATH, json=with_nul))
    assert {answer.status_code for answer in answers} <= {404, 422}, [answer.text for answer in answers]
    assert document(cloud).version == 1
