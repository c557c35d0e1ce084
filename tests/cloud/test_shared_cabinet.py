"""Two dealers in one cabinet: each sees its own bins with all that belongs to them, and nothing of the other's."""

import json
from collections import defaultdict
from collections.abc import Iterable

import pytest
from msgspec import structs
from sqlmodel import col, select

from cloud.session_story import told_session
from cloud.shop_views import view_of
from cloud.tables import (
    SHOP_TABLES,
    AsSent,
    Balance,
    CabinetSession,
    Movement,
    Posting,
    Shop,
    ShopDealer,
    ShopView,
    Verdict,
)
from cloud.tenancy import signed_in_tenant, tenant_rows
from edge_gateway.shop_document import DocumentError, decode_document
from edge_gateway.upload_format import MovementItem
from tests.cloud import worlds
from tests.cloud.conftest import Cloud
from tests.cloud.shared_cabinet import (
    LAMP,
    LAMPS_OUT,
    LOST,
    NORTH,
    NORTHS_WORDS,
    SESSION,
    SOUTH,
    SOUTHS_WORDS,
    STRAYED,
    WORLD,
    shared_document,
    store_shared,
)
from tests.cloud.test_restore import all_held, in_order
from tests.cloud.worlds import FILTER, movement, upload

LISTS = ("cabinets", "sessions", "movements", "discrepancies?open_only=false", "quarantine", "ledger", "consumption")


def told(cloud: Cloud) -> None:
    """The shared cabinet, and what its gateway says."""
    store_shared(cloud)
    cloud.receipt(upload(WORLD))
    assert cloud.reasons() == []


def of(cloud: Cloud, what: str, email: str) -> str:
    """What a dealer reads of the shop."""
    return json.dumps(cloud.get(f"/api/shops/shop-1/{what}", email=email), ensure_ascii=False)


def words_in(text: str, words: Iterable[str]) -> list[str]:
    """The words that a text has."""
    return [word for word in words if word in text]


def test_neither_is_told_a_word_of_the_other(cloud: Cloud) -> None:
    """Of all that can be read of the shop. A stray in one's own bin is one's own to bring home: its number stands."""
    told(cloud)
    more = ("cabinets/cab-1/bins", f"verdicts?session={SESSION.replace('/', '%2F')}")
    for what in (*LISTS, *more):
        assert words_in(of(cloud, what, NORTH), SOUTHS_WORDS) == [], what
        assert words_in(of(cloud, what, SOUTH), NORTHS_WORDS) == [], what
    assert [row["id"] for row in cloud.get("/api/shops/shop-1/cabinets", email=SOUTH)] == ["cab-1"]
    assert [row["id"] for row in cloud.get("/api/shops/shop-1/cabinets", email=NORTH)] == ["cab-1", "cab-2"]
    for what in ("replenishment", "shops"):
        assert words_in(json.dumps(cloud.get(f"/api/{what}", email=SOUTH), ensure_ascii=False), NORTHS_WORDS) == []
        assert words_in(json.dumps(cloud.get(f"/api/{what}", email=NORTH), ensure_ascii=False), SOUTHS_WORDS) == []


def test_each_sees_its_own_bins_of_a_session(cloud: Cloud) -> None:
    """Both see who came and when; what was booked each sees of its own bins."""
    told(cloud)
    for email, bins in ((NORTH, {1}), (SOUTH, {3})):
        [session] = [row for row in cloud.get("/api/shops/shop-1/sessions", email=email) if row["id"] == SESSION]
        assert session["person_name"] == "张师傅"
        assert {change["bin"] for change in session["changes"]} == bins
    assert [row["id"] for row in cloud.get("/api/shops/shop-1/sessions", email=SOUTH)] == [SESSION]
    assert len(cloud.get("/api/shops/shop-1/sessions", email=NORTH)) == 2


def test_the_evidence_is_of_ones_own_bins(cloud: Cloud) -> None:
    """Also of raw events, which speak of all bins: only what is one's own is shown."""
    told(cloud)
    for dealer, bins in (("north", {0, 1}), ("south", {3})):
        tenant = signed_in_tenant(dealer)
        with cloud.services.database.reading_as(tenant) as session:
            story = told_session(session, tenant, "shop-1", SESSION)
            rows = session.exec(tenant_rows(tenant, Verdict)).all()
        assert {each.bin for each in story.bins} <= bins
        assert {row.ground for row in rows} == {"{}"}
    assert json.loads(rows[0].tags) == [["LAMP-7", 6, 2, 0]]


def test_each_has_balanced_books(cloud: Cloud) -> None:
    """By part, of every movement and of all balances; a stray from one's bins into the other's stands across."""
    told(cloud)
    sums: dict[tuple[str, str, str], int] = defaultdict(int)
    with cloud.services.database.reading() as session:
        for row in session.exec(select(Posting)):
            sums[row.dealer_id, row.movement_id, row.part] += row.quantity
        assert set(sums.values()) == {0}
        balances = {(row.dealer_id, row.account, row.part): row.quantity for row in session.exec(select(Balance))}
        strays = session.exec(select(Movement.dealer_id).where(col(Movement.id) == STRAYED.id)).all()
    assert sorted(strays) == ["north", "south"]
    part, lamp = FILTER.number, LAMP.number
    assert balances == {
        ("north", "dealer:north", part): -20,
        ("north", "bin:cab-1/1", part): 16,
        ("north", "shop:shop-1", part): 3,
        ("north", "across:cab-1:north", part): 1,
        ("south", "across:cab-1:south", part): -1,
        ("south", "bin:cab-1/3", part): 1,
        ("south", "dealer:south", lamp): -8,
        ("south", "bin:cab-1/3", lamp): 6,
        ("south", "shop:shop-1", lamp): 0,
        ("south", "job:j-1", lamp): 1,
        ("south", "unexplained:cab-1:south", lamp): 1,
    }


def test_the_gateway_gets_back_what_it_sent(cloud: Cloud) -> None:
    """Everything of the shop, once each, to the letter."""
    told(cloud)
    items = [item for page in all_held(cloud) for item in page.items]
    assert in_order(items) == in_order(WORLD)


def test_what_is_sent_again_is_booked_once(cloud: Cloud) -> None:
    """Under a new epoch everything comes again; another content under one name is put aside, whose ever it is."""
    told(cloud)
    tables = (Movement, Posting, Balance, CabinetSession, Verdict, AsSent)
    before = [cloud.count(table) for table in tables]
    cloud.receipt(upload([*WORLD, *WORLD], epoch="e2"))
    assert cloud.reasons() == []
    assert [cloud.count(table) for table in tables] == before
    others = [
        structs.replace(LAMPS_OUT, person="p-wang"),
        structs.replace(STRAYED, postings=[*STRAYED.postings[1:], *STRAYED.postings[:1]]),
        structs.replace(WORLD[14], ground="{}"),
        structs.replace(WORLD[15], bin=1),
    ]
    cloud.receipt(upload(others, epoch="e3"))
    assert len(cloud.reasons()) == len(others)
    assert [cloud.count(table) for table in tables] == before


def test_one_name_twice_in_one_upload(cloud: Cloud) -> None:
    """Said of a bin of each dealer: the first stands."""
    store_shared(cloud)
    twice = [worlds.request("r"), structs.replace(worlds.request("r"), bin=3)]
    cloud.receipt(upload(twice))
    assert ["as it is stored" in reason for reason in cloud.reasons()] == [True]


def test_a_bin_that_changed_hands_keeps_its_past(cloud: Cloud) -> None:
    """What was booked before is whose the bin was then, and so is what comes late of it."""
    told(cloud)
    emptied = movement("removal", ("bin:cab-1/3", LAMP.number, -6), ("dealer:south", LAMP.number, 6), cause="removal")
    home = movement("home", ("bin:cab-1/3", FILTER.number, -1), ("bin:cab-1/1", FILTER.number, 1), cause="misplaced")
    theirs = shared_document()
    bins = [structs.replace(bin_, dealer="") for bin_ in theirs.cabinets[0].bins]
    given = structs.replace(theirs, cabinets=[structs.replace(theirs.cabinets[0], bins=bins), *theirs.cabinets[1:]])
    with pytest.raises(DocumentError, match="expected bin:cab-1/3 empty before it goes to north, found"):
        store_shared(cloud, given, worlds.NOW_MS + 10)
    cloud.receipt(upload([emptied, home], epoch="e2"))
    store_shared(cloud, given, worlds.NOW_MS + 10)
    late = structs.replace(LOST, id="late", cause="misplaced", postings=LAMPS_OUT.postings)
    after = structs.replace(late, id="after", booked_ms=worlds.NOW_MS + 11)
    cloud.receipt(upload([structs.replace(late, cause="take"), structs.replace(after, cause="take")], epoch="e3"))
    with cloud.services.database.reading() as session:
        rows = session.exec(select(Movement).where(col(Movement.id).in_(["late", "after"]))).all()
    whose = {row.id: row.dealer_id for row in rows}
    assert whose == {"late": "south", "after": "north"}
    assert cloud.reasons() == []
    assert [row["id"] for row in cloud.get("/api/shops/shop-1/sessions", email=SOUTH)] == [SESSION]


def test_a_movement_between_two_dealers_is_one_of_each(cloud: Cloud) -> None:
    """No gateway makes such a one: out of both dealers' bins to the shop, of one part."""
    store_shared(cloud)
    both = movement(
        "both",
        ("bin:cab-1/1", FILTER.number, -2),
        ("bin:cab-1/3", FILTER.number, -1),
        ("shop:shop-1", FILTER.number, 3),
    )
    cloud.receipt(upload([both]))
    with cloud.services.database.reading() as session:
        rows = session.exec(select(Posting).order_by(col(Posting.dealer_id), col(Posting.line))).all()
    assert [(row.dealer_id, row.account, row.quantity) for row in rows] == [
        ("north", "bin:cab-1/1", -2),
        ("north", "shop:shop-1", 3),
        ("north", "across:cab-1:north", -1),
        ("south", "bin:cab-1/3", -1),
        ("south", "across:cab-1:south", 1),
    ]
    [page] = all_held(cloud)
    assert [item for item in page.items if isinstance(item, MovementItem)] == [both]


def test_no_gateway_names_the_account_between_dealers(cloud: Cloud) -> None:
    """It is made by splitting alone."""
    store_shared(cloud)
    forged = movement("x", ("bin:cab-1/3", LAMP.number, 5), ("across:cab-1:south", LAMP.number, -5), cause="correction")
    cloud.receipt(upload([forged]))
    assert ["expected an account of bin" in reason for reason in cloud.reasons()] == [True]


def test_a_view_names_nobody_else(cloud: Cloud) -> None:
    """Own bins with their numbers, own parts with own prices; people and jobs are the shop's."""
    store_shared(cloud)
    with cloud.services.database.reading() as session:
        views = {row.dealer_id: bytes(row.body) for row in session.exec(select(ShopView)) if row.shop_id == "shop-1"}
        serving = session.exec(select(ShopDealer).where(col(ShopDealer.shop_id) == "shop-1")).all()
    assert {(row.dealer_id, row.is_host) for row in serving} == {("north", True), ("south", False)}
    north, south = decode_document(views["north"]), decode_document(views["south"])
    assert words_in(views["north"].decode(), SOUTHS_WORDS) == words_in(views["south"].decode(), NORTHS_WORDS) == []
    assert [(cabinet.id, [bin_.bin for bin_ in cabinet.bins]) for cabinet in south.cabinets] == [("cab-1", [3])]
    assert [bin_.bin for bin_ in north.cabinets[0].bins] == [1, 2]
    assert [(part.number, part.price_minor) for part in south.parts] == [(LAMP.number, 12_300)]
    assert (south.people, south.jobs) == (north.people, north.jobs)


def test_a_part_that_both_keep_is_at_ones_own_price() -> None:
    """The document has one price, the host's: a guest is shown none. Who has left is shown nobody of the shop."""
    document = shared_document()
    cabinet = document.cabinets[0]
    bins = [structs.replace(bin_, part=FILTER.number) if bin_.bin == 3 else bin_ for bin_ in cabinet.bins]
    both = structs.replace(document, cabinets=[structs.replace(cabinet, bins=bins)])
    assert [part.price_minor for part in view_of(both, "south", "South").parts] == [0]
    assert {part.number: part.price_minor for part in view_of(both, "north", "North").parts}[FILTER.number] == 4_500
    left = view_of(worlds.document("shop-1", "north"), "south", "South")
    assert (left.cabinets, left.parts, left.people, left.jobs) == ([], [], [], [])


def vehicles_of(cloud: Cloud, email: str) -> str:
    """What a dealer finds of vehicles."""
    return json.dumps(cloud.get("/api/vehicles?shop=shop-1", email=email), ensure_ascii=False)


def test_a_guest_that_has_left_keeps_its_history_and_no_more(cloud: Cloud) -> None:
    """It is a competitor again: vehicles and jobs that come after it are none of its business."""
    told(cloud)
    assert cloud.browser(NORTH).post("/api/shops/shop-1/vehicles", json={"plate": "鲁B77777"}).status_code == 201
    assert "鲁B77777" in vehicles_of(cloud, SOUTH)
    store_shared(cloud, worlds.document("shop-1", "north"), worlds.NOW_MS)
    assert "鲁B" not in vehicles_of(cloud, SOUTH) + of(cloud, "jobs", SOUTH)
    assert of(cloud, "cabinets", SOUTH) == "[]"
    assert cloud.get("/api/shops", email=SOUTH)[0]["id"] == "shop-1"
    assert SESSION in of(cloud, "sessions", SOUTH)
    assert "鲁B77777" in vehicles_of(cloud, NORTH)
    tenant = signed_in_tenant("south")
    with cloud.services.database.reading_as(tenant) as session:
        for table in SHOP_TABLES:
            shops = {row.id if table is Shop else row.shop_id for row in session.exec(tenant_rows(tenant, table))}
            assert ("shop-1" in shops) == (table is Shop), table
    store_shared(cloud)
    assert "鲁B77777" in vehicles_of(cloud, SOUTH)


def test_the_people_of_a_shop_are_its_own_dealers_to_change(cloud: Cloud) -> None:
    """A badge opens the host's bins too, and a name is forgotten for ever: a guest sees who works there."""
    told(cloud)
    south, path = cloud.browser(SOUTH), "/api/shops/shop-1/people"
    before = south.get(path).json()
    somebody = before["people"][0]["id"]
    for method, ending, body in (
        ("POST", "", {"name": "我的人", "role": "restocker", "badges": ["04A1B2C3"]}),
        ("PATCH", f"/{somebody}", {"badges": ["04A1B2C3"]}),
        ("POST", f"/{somebody}/leave", {}),
        ("POST", f"/{somebody}/forget", {}),
        ("PUT", "/names-kept", {"days": 0}),
    ):
        answer = south.request(method, f"{path}{ending}", json=body)
        assert (answer.status_code, "own dealer" in answer.text) == (422, True), (ending, answer.text)
    assert south.get(path).json() == before


def test_a_guest_that_has_left_writes_nothing_of_the_shops(cloud: Cloud) -> None:
    told(cloud)
    store_shared(cloud, worlds.document("shop-1", "north"), worlds.NOW_MS)
    south = cloud.browser(SOUTH)
    for path, body in (("jobs", {"title": "x"}), ("vehicles", {"plate": "鲁B99999"})):
        assert south.post(f"/api/shops/shop-1/{path}", json=body).status_code == 404, path


def test_a_guest_that_nobody_knows_is_refused(cloud: Cloud) -> None:
    """Rather than keeping bins that are nobody's."""
    document = shared_document()
    cabinet = document.cabinets[0]
    bins = [structs.replace(bin_, dealer="west") if bin_.dealer else bin_ for bin_ in cabinet.bins]
    with pytest.raises(DocumentError, match="expected a known dealer in every bin of shop-1, found 'west'"):
        store_shared(cloud, structs.replace(document, cabinets=[structs.replace(cabinet, bins=bins)]))
