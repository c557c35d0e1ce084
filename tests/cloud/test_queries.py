"""What a dealer sees, computed by hand beside it."""

from typing import Any

import msgspec
from sqlmodel import col, select

from cloud.consumption import bucket_start_ms
from cloud.document import store_document
from cloud.places import bin_of
from cloud.stock import is_low
from cloud.tables import BinPolicy, PolicyOverride, Shop, Table
from edge_gateway.shop_document import Bin, BinPart, Part
from edge_gateway.upload_format import Content
from tests.cloud import worlds
from tests.cloud.conftest import Cloud
from tests.cloud.worlds import BOLT, FILTER, HOUR_MS, NOW_MS, movement, opening, take, upload

DAY_MS = 24 * HOUR_MS


def _give_back(name: str, quantity: int, at_ms: int) -> Content:
    lines = (("shop:shop-1", FILTER.number, -quantity), ("bin:cab-1/1", FILTER.number, quantity))
    return movement(name, *lines, cause="return", occurred_ms=at_ms)


def test_bins_show_stock_policy_and_what_is_open(cloud: Cloud) -> None:
    """20 in, 17 out: 3 left, at a reorder point of 4."""
    cloud.receipt(
        upload([opening("m1", 20), take("m2", 17, at_ms=NOW_MS - 5000), worlds.request("r1"), worlds.discrepancy("d1")])
    )
    first, second = cloud.get("/api/shops/shop-1/cabinets/cab-1/bins")
    [filters] = first["parts"]
    assert filters["part"]["name_zh"] == "柴油滤清器"
    assert {key: filters[key] for key in ("stock", "capacity", "reorder_point", "order_up_to", "low", "requested")} == {
        "stock": 3,
        "capacity": 24,
        "reorder_point": 4,
        "order_up_to": 20,
        "low": True,
        "requested": 15,
    }
    assert (first["open_discrepancies"], first["last_movement_age_ms"], first["dealer"]) == (1, 0, "north")
    [bolts] = second["parts"]
    assert (bolts["stock"], second["last_movement_age_ms"], bolts["part"]["unit"]) == (0, None, "gram")
    [empty] = cloud.get("/api/shops/shop-1/cabinets/cab-2/bins")
    assert (empty["parts"], empty["strays"]) == ([], [])


def _put_hoses_beside_filters(cloud: Cloud) -> None:
    """A new document: hoses lie in the filters' bin, and in the other cabinet."""
    document = worlds.document("shop-1", "north")
    first, second = document.cabinets
    hose = Part("H-20", "软管", "Hose", unit_mass_mg=310_000)
    shared = msgspec.structs.replace(
        first.bins[0], also=[BinPart("H-20", capacity=9, reorder_point=2, order_up_to=9)], capacity=12
    )
    cabinets = [
        msgspec.structs.replace(first, bins=[shared, first.bins[1]]),
        msgspec.structs.replace(second, bins=[Bin(bin=1, part="H-20", capacity=9)]),
    ]
    changed = msgspec.structs.replace(document, parts=[*document.parts, hose], cabinets=cabinets)
    with cloud.services.database.writing() as session:
        store_document(session, changed, NOW_MS)


def test_parts_that_share_a_bin_are_shown_and_asked_for_by_themselves(cloud: Cloud) -> None:
    """Eight filters and two hoses in one bin: low of hoses only; four hoses strayed into the bolts."""
    _put_hoses_beside_filters(cloud)
    hoses = movement("m2", ("dealer:north", "H-20", -2), ("bin:cab-1/1", "H-20", 2), cause="opening")
    astray = movement("m3", ("dealer:north", "H-20", -4), ("bin:cab-1/2", "H-20", 4), cause="restock")
    wanted = worlds.request("r1", 7, part="H-20")
    cloud.receipt(upload([opening("m1", 8), hoses, astray, wanted]))
    first, second = cloud.get("/api/shops/shop-1/cabinets/cab-1/bins")
    assert [(row["part"]["number"], row["stock"], row["low"], row["requested"]) for row in first["parts"]] == [
        (FILTER.number, 8, False, 0),
        ("H-20", 2, True, 7),
    ]
    assert first["strays"] == []
    [stray] = second["strays"]
    assert (stray["part"]["name_en"], stray["stock"]) == ("Hose", 4)
    assert stray["belongs_to"] == [{"cabinet": "cab-1", "bin": 1}, {"cabinet": "cab-2", "bin": 1}]
    assert cloud.get("/api/shops/shop-1/cabinets")[0]["bins_low"] == 2  # the bolts are low as well
    [part] = cloud.get("/api/replenishment")[0]["parts"]
    assert (part["part"]["number"], part["bins"][0]["stock"]) == ("H-20", 2)


def test_stock_of_another_part_in_a_bin_is_shown_beside_it(cloud: Cloud) -> None:
    """Bolts were booked to the filters' bin, and a part the catalogue does not know."""
    stray = movement("m1", ("dealer:north", BOLT.number, -70), ("bin:cab-1/1", BOLT.number, 70), cause="restock")
    lost = movement("m2", ("dealer:north", "OLD", -1), ("bin:cab-1/1", "OLD", 1), cause="restock")
    cloud.receipt(upload([stray, lost]))
    first = cloud.get("/api/shops/shop-1/cabinets/cab-1/bins")[0]
    assert first["parts"][0]["stock"] == 0
    assert [(row["part"]["number"], row["part"]["name_en"], row["stock"]) for row in first["strays"]] == [
        ("M12x40", "Bolt", 70),
        ("OLD", "OLD", 1),
    ]


def test_shops_count_what_needs_somebody(cloud: Cloud) -> None:
    """A filled bin is no longer low, a resolved discrepancy no longer open, a filled request no longer waiting."""
    shop = cloud.get("/api/shops")[0]
    assert (shop["bins"], shop["bins_low"], shop["last_contact_age_ms"]) == (2, 2, None)
    cloud.receipt(
        upload(
            [
                opening("m1", 20),
                worlds.discrepancy("d1"),
                worlds.discrepancy("d2"),
                worlds.resolution("d1"),
                worlds.request("r1"),
                worlds.request("r2"),
                worlds.request_end("r1"),
            ]
        )
    )
    shop = cloud.get("/api/shops")[0]
    found = {key: shop[key] for key in ("bins_low", "open_discrepancies", "open_requests", "last_contact_age_ms")}
    assert found == {"bins_low": 1, "open_discrepancies": 1, "open_requests": 1, "last_contact_age_ms": 0}
    first, second = cloud.get("/api/shops/shop-1/cabinets")
    assert (first["bins"], first["bins_low"], first["open_discrepancies"]) == (2, 1, 1)
    assert (second["bins"], second["name_en"], second["last_heard_age_ms"]) == (0, "Cabinet 2", None)


def test_consumption_is_net_of_returns_and_corrections(cloud: Cloud) -> None:
    """Two days: 5 taken, 2 given back; yesterday's 4 corrected to 1 today, which changes yesterday."""
    yesterday = NOW_MS - DAY_MS + HOUR_MS
    wrong = take("m2", 4, at_ms=yesterday)
    correction = movement(
        "m5",
        ("shop:shop-1", FILTER.number, -3),
        ("bin:cab-1/1", FILTER.number, 3),
        cause="correction",
        corrects="m2",
        occurred_ms=NOW_MS + 3 * HOUR_MS,
    )
    charge = movement(
        "m6", ("shop:shop-1", FILTER.number, -1), ("job:j-1", FILTER.number, 1), cause="charge", occurred_ms=NOW_MS
    )
    given: list[Content] = [
        opening("m1", 50),
        wrong,
        take("m3", 5, at_ms=NOW_MS + HOUR_MS),
        _give_back("m4", 2, NOW_MS + 2 * HOUR_MS),
        correction,
        charge,
    ]
    cloud.receipt(upload(given))
    query = f"/api/shops/shop-1/consumption?from_ms={NOW_MS - DAY_MS}&to_ms={NOW_MS + DAY_MS}"
    days = cloud.get(query)
    assert [(row["start_ms"], row["quantity"]) for row in days["buckets"]] == [(NOW_MS - DAY_MS, 1), (NOW_MS, 3)]
    assert [(row["part"]["number"], row["quantity"]) for row in days["totals"]] == [(FILTER.number, 4)]
    hours = cloud.get(query + "&bucket=hour&cabinet=cab-1")
    assert [((row["start_ms"] - NOW_MS) // HOUR_MS, row["quantity"]) for row in hours["buckets"]] == [
        (-23, 1),
        (1, 5),
        (2, -2),
    ]
    assert cloud.get(query + "&cabinet=cab-2")["buckets"] == []
    assert cloud.get(f"/api/shops/shop-1/consumption?to_ms={NOW_MS - DAY_MS}")["totals"] == []


def test_a_day_begins_at_the_dealers_midnight(cloud: Cloud) -> None:
    """17:00 UTC is one o'clock the next day in Qingdao (UTC+8)."""
    evening = NOW_MS + 17 * HOUR_MS
    cloud.receipt(upload([opening("m1", 50), take("m2", 1, at_ms=evening), take("m3", 1, at_ms=NOW_MS)]))
    query = f"/api/shops/shop-1/consumption?from_ms={NOW_MS}&to_ms={NOW_MS + DAY_MS}&utc_offset_min=480"
    starts = [row["start_ms"] for row in cloud.get(query)["buckets"]]
    assert starts == [NOW_MS - 8 * HOUR_MS, NOW_MS + 16 * HOUR_MS]


def test_sessions_show_what_was_booked(cloud: Cloud) -> None:
    """Newest first, with the person's name, page by page."""
    ids = ["cab-1/e/1", "cab-1/e/9", "cab-2/e/4"]
    contents: list[Content] = [opening("m1", 20), take("m2", 2, session=ids[1])]
    for number, name in enumerate(ids):
        contents.append(worlds.session(name, closed_ms=NOW_MS + number, cabinet=name[:5]))
    cloud.receipt(upload(contents))
    found = cloud.get("/api/shops/shop-1/sessions")
    assert [row["id"] for row in found] == ids[::-1]
    assert found[1]["person_name"] == "张师傅"
    [change] = found[1]["changes"]
    assert (change["bin"], change["part"]["number"], change["quantity"], change["cause"]) == (
        1,
        FILTER.number,
        -2,
        "take",
    )
    assert found[0]["changes"] == []
    older = cloud.get(f"/api/shops/shop-1/sessions?cabinet=cab-1&limit=1&before_ms={NOW_MS + 1}")
    assert [row["id"] for row in older] == [ids[0]]


def test_movements_show_their_postings(cloud: Cloud) -> None:
    """As they were given, newest first."""
    cloud.receipt(upload([opening("m1", 20), take("m2", 2, at_ms=NOW_MS + 1)]))
    last, first = cloud.get("/api/shops/shop-1/movements")
    assert (last["id"], first["id"]) == ("m2", "m1")
    assert [(row["account"], row["quantity"]) for row in last["postings"]] == [("bin:cab-1/1", -2), ("shop:shop-1", 2)]


def test_discrepancies_are_open_until_somebody_explains_them(cloud: Cloud) -> None:
    """Asked for all, the explained one shows who and why."""
    cloud.receipt(upload([worlds.discrepancy("d1"), worlds.discrepancy("d2"), worlds.resolution("d1")]))
    assert [row["id"] for row in cloud.get("/api/shops/shop-1/discrepancies")] == ["d2"]
    explained = cloud.get("/api/shops/shop-1/discrepancies?open_only=false")[1]
    assert (explained["id"], explained["resolved_by"], explained["note"]) == ("d1", "张师傅", "扳手")


def test_the_next_round_is_in_whole_packs(cloud: Cloud) -> None:
    """15 filters in packs of 6 are 3 packs; a withdrawn or filled request is not brought."""
    cloud.receipt(
        upload([opening("m1", 4), worlds.request("r1", 15), worlds.request("r2", 2), worlds.request_end("r2")])
    )
    cloud.clock.ms += HOUR_MS
    [round_] = cloud.get("/api/replenishment")
    assert (round_["shop_name"], round_["oldest_request_age_ms"]) == ("店 shop-1", HOUR_MS)
    [part] = round_["parts"]
    assert (part["quantity"], part["pack_size"], part["packs"]) == (15, 6, 3)
    [bin_] = part["bins"]
    assert (bin_["cabinet"], bin_["bin"], bin_["stock"], bin_["stock_when_raised"]) == ("cab-1", 1, 4, 4)


def test_a_bin_without_a_policy_is_never_low() -> None:
    """Nobody asked for it to be filled."""
    assert is_low(4, reorder_point=4, order_up_to=9)
    assert not is_low(5, reorder_point=4, order_up_to=9)
    assert not is_low(0, reorder_point=0, order_up_to=0)


def test_low_is_what_the_levels_in_force_say(cloud: Cloud) -> None:
    """6 left, the planogram asks at 4: the forecast, once it was told, at 6; a person at 5, and no longer than said."""
    cloud.receipt(upload([opening("m1", 6)]))
    place: dict[str, Any] = {
        "shop_id": "shop-1",
        "cabinet": "cab-1",
        "bin": 1,
        "part": FILTER.number,
        "dealer_id": "north",
    }

    def asks() -> tuple[int, bool, int, int]:
        [filters] = cloud.get("/api/shops/shop-1/cabinets/cab-1/bins")[0]["parts"]
        [whole] = [shop for shop in cloud.get("/api/shops") if shop["id"] == "shop-1"]
        [cabinet, *_] = cloud.get("/api/shops/shop-1/cabinets")
        return filters["reorder_point"], filters["low"], whole["bins_low"], cabinet["bins_low"]

    def put(row: Table) -> None:
        with cloud.services.database.writing() as session:
            session.add(row)
            session.exec(select(Shop).where(col(Shop.id) == "shop-1")).one().feed_number += 1

    assert asks()[:2] == (4, False)
    lows = asks()[2:]
    expected: dict[str, Any] = {
        "aim_ppm": 950_000,
        "fill_ppm": 960_000,
        "on_hand": 5.0,
        "mean_day": 1.0,
        "spread_day": 1.0,
    }
    levels: dict[str, Any] = {"reorder_point": 6, "order_up_to": 9, "told_reorder_point": 6, "told_order_up_to": 9}
    put(BinPolicy(**place, **expected, **levels, computed_ms=NOW_MS))
    assert asks() == (6, True, lows[0] + 1, lows[1] + 1)
    until_ms = cloud.clock.ms + 2 * HOUR_MS
    put(
        PolicyOverride(
            id="o-1", **place, reorder_point=5, order_up_to=8, until_ms=until_ms, made_by="x", made_ms=NOW_MS
        )
    )
    assert asks() == (5, False, *lows)
    cloud.clock.ms = until_ms + 1
    assert asks() == (6, True, lows[0] + 1, lows[1] + 1)


def test_accounts_of_bins_are_read_back() -> None:
    """And nothing else passes for one."""
    assert bin_of("bin:cab-1/12") == ("cab-1", 12)
    others = ["bin:cab-1/0", "bin:cab-1/", "bin:cab-1/1/2", "bin:Cab/1", "job:bin:cab-1/1", "bin:cab-1/1\n", "bin:/1"]
    assert [bin_of(account) for account in others] == [None] * len(others)


def test_hours_and_days_begin_where_the_wall_clock_says() -> None:
    """1970-01-01 00:30 UTC, seen in UTC and in UTC+8 and UTC-1."""
    half_past = HOUR_MS // 2
    assert bucket_start_ms(half_past, "hour", 0) == 0
    assert bucket_start_ms(half_past, "day", 480) == -8 * HOUR_MS
    assert bucket_start_ms(half_past, "day", -60) == -23 * HOUR_MS
