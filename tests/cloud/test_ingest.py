"""Every number of an upload is booked once: repeats, overlaps, gaps, contradictions, and whatever cannot be booked."""

import json
from concurrent.futures import ThreadPoolExecutor
from random import Random

import msgspec
from sqlmodel import select

from cloud.document import store_document
from cloud.ingest import GatewayIdentity
from cloud.tables import (
    CabinetSession,
    Discrepancy,
    Event,
    Movement,
    Posting,
    Request,
    RequestEnd,
    Resolution,
    RestockedBin,
)
from edge_gateway import ledger
from edge_gateway.upload_format import UPLOAD_BYTES_MAX, Content, MovementItem, RestockedItem, decode_upload
from tests.cloud import worlds
from tests.cloud.conftest import Cloud
from tests.cloud.worlds import FILTER, event, movement, opening, take, upload

BIN = ("bin:cab-1/1", FILTER.number)
SHOP = ("shop:shop-1", FILTER.number)


def test_every_kind_of_item_is_kept(cloud: Cloud) -> None:
    """One of each, and each in its table."""
    contents: list[Content] = [
        event(1),
        opening("m1", 20),
        worlds.session("cab-1/c0ffee00/1"),
        take("m2", 3, session="cab-1/c0ffee00/1"),
        worlds.discrepancy("d1"),
        worlds.resolution("d1"),
        worlds.request("r1"),
        worlds.request_end("r1"),
        worlds.restocked("v-1/1"),
    ]
    assert cloud.receipt(upload(contents)).through == 9
    tables = (Event, Movement, Posting, CabinetSession, Discrepancy, Resolution, Request, RequestEnd, RestockedBin)
    assert [cloud.count(table) for table in tables] == [1, 2, 4, 1, 1, 1, 1, 1, 1]
    assert cloud.balances() == {("dealer:north", FILTER.number): -20, BIN: 17, SHOP: 3}
    assert cloud.reasons() == []


def test_a_repeated_upload_changes_nothing(cloud: Cloud) -> None:
    """The receipt was lost and the gateway sends the batch again, twice."""
    body = upload([opening("m1", 20), take("m2", 3)])
    assert [cloud.receipt(body).through for _ in range(3)] == [2, 2, 2]
    assert cloud.balances()[BIN] == 17
    assert cloud.count(Movement) == 2
    assert cloud.reasons() == []


def test_an_overlapping_upload_books_only_what_is_new(cloud: Cloud) -> None:
    """The gateway sends 2 and 3 after 1 and 2."""
    second, third = take("m2", 3), take("m3", 1)
    cloud.receipt(upload([opening("m1", 20), second]))
    assert cloud.receipt(upload([second, third], first=2)).through == 3
    assert cloud.balances()[BIN] == 16
    assert cloud.reasons() == []


def test_a_late_upload_does_not_move_the_cursor_back(cloud: Cloud) -> None:
    """A batch that was under way for long arrives after its successor."""
    first = upload([opening("m1", 20)])
    cloud.receipt(first)
    cloud.receipt(upload([take("m2", 3)], first=2))
    assert cloud.receipt(first).through == 2
    assert cloud.balances()[BIN] == 17


def test_a_gap_is_answered_with_the_cursor_and_books_nothing(cloud: Cloud) -> None:
    """Number 2 is missing before 3."""
    cloud.receipt(upload([opening("m1", 20)]))
    answer = cloud.upload(upload([take("m3", 1)], first=3))
    assert answer.status_code == 409
    assert answer.json()["through"] == 1
    assert answer.json()["epoch"] == "e1"
    assert cloud.count(Movement) == 1
    assert cloud.receipt(upload([take("m2", 3), take("m3", 1)], first=2)).through == 3


def test_an_unknown_epoch_begins_at_one(cloud: Cloud) -> None:
    """A rebuilt gateway numbers anew; what it numbers from 5 is a gap."""
    cloud.receipt(upload([opening("m1", 20)]))
    answer = cloud.upload(upload([take("m2", 3)], first=5, epoch="e2"))
    assert (answer.status_code, answer.json()["through"]) == (409, 0)
    assert cloud.receipt(upload([take("m2", 3)], epoch="e2")).through == 1
    assert cloud.receipt(upload([take("m3", 1)], first=2)).through == 2
    assert cloud.balances()[BIN] == 16


def test_an_empty_upload_asks_for_the_cursor(cloud: Cloud) -> None:
    """Nothing to send, and how far are you?"""
    cloud.receipt(upload([opening("m1", 20)]))
    assert cloud.receipt(upload([])).through == 1


def test_another_content_under_a_number_is_put_aside_and_the_first_stays(cloud: Cloud) -> None:
    """A broken invariant is kept in sight, once, and books nothing."""
    cloud.receipt(upload([opening("m1", 20), take("m2", 3)]))
    for _ in range(2):
        assert cloud.receipt(upload([opening("m1", 20), take("m2", 5)])).through == 2
    [reason] = cloud.reasons()
    assert "received under this number before" in reason
    assert cloud.balances()[BIN] == 17
    [shop] = [shop for shop in cloud.get("/api/shops") if shop["id"] == "shop-1"]
    assert shop["quarantined"] == 1


def test_what_a_rebuilt_gateway_sends_again_is_booked_once(cloud: Cloud) -> None:
    """Under a new epoch the same movements come with the same ids, dated anew."""
    cloud.receipt(upload([event(1), opening("m1", 20), take("m2", 3)]))
    again = [event(1), opening("m1", 20), take("m2", 3, at_ms=worlds.NOW_MS + 5), take("m3", 1)]
    assert cloud.receipt(upload(again, epoch="e2")).through == 4
    assert cloud.balances()[BIN] == 16
    assert (cloud.count(Event), cloud.count(Movement)) == (1, 3)
    assert cloud.reasons() == []


def test_another_content_under_an_identity_is_put_aside(cloud: Cloud) -> None:
    """A movement's id, an event's (cabinet, epoch, seq), a session's id: said once, it stands."""
    first: list[Content] = [take("m2", 3), event(1), worlds.request("r1", 15), worlds.session("s1")]
    other: list[Content] = [
        take("m2", 4),
        event(1, line="another line"),
        worlds.request("r1", 16),
        worlds.session("s1", cabinet="cab-2"),
    ]
    cloud.receipt(upload([opening("m1", 20), *first]))
    before = cloud.balances()
    assert cloud.receipt(upload(other, first=6)).through == 9
    assert ["as it is stored, found another content" in reason for reason in cloud.reasons()] == [True] * 4
    assert cloud.balances() == before


def test_a_restocked_bin_is_booked_once_and_nonsense_put_aside(cloud: Cloud) -> None:
    """Told again, dated anew by a rebuilt gateway, twice in one upload: one row. What cannot be is kept in sight."""
    one: Content = worlds.restocked("v-1/1")
    cloud.receipt(upload([one, one]))
    cloud.receipt(upload([worlds.restocked("v-1/1", restocked_ms=worlds.NOW_MS + 5)], epoch="e2"))
    assert (cloud.count(RestockedBin), cloud.reasons()) == (1, [])
    wrong: list[tuple[RestockedItem, str]] = [
        (worlds.restocked("v-1/1", counted=6), "as it is stored, found another content"),
        (worlds.restocked("v-1/2", bin=65), "a bin of 1 to 64, found 65"),
        (worlds.restocked("v-1/2", cabinet="cab-7"), "a cabinet of shop-1, found 'cab-7'"),
        (worlds.restocked("v-1/2", visit=""), "a visit that was restocked, found none"),
        (worlds.restocked("v-1/2", part=""), "a part that was restocked, found none"),
        (worlds.restocked("v-1/2", session=""), "a session that was restocked, found none"),
        (worlds.restocked("v-1/2", counted=-(10**13)), "a quantity within"),
        (worlds.restocked(""), "an id"),
        (worlds.restocked("v" * 201), "at most 200 characters in id"),
    ]
    assert cloud.receipt(upload([item for item, _ in wrong], first=2, epoch="e2")).through == len(wrong) + 1
    found = cloud.reasons()
    assert sorted(found) == sorted(text for text in found if any(reason in text for _, reason in wrong))
    assert all(any(reason in text for text in found) for _, reason in wrong)
    assert (len(found), cloud.count(RestockedBin)) == (len(wrong), 1)


def test_one_identity_twice_in_one_upload(cloud: Cloud) -> None:
    """Within a batch the first counts as well."""
    cloud.receipt(upload([opening("m1", 20), take("m2", 3), take("m2", 3), take("m2", 4)]))
    assert cloud.balances()[BIN] == 17
    assert len(cloud.reasons()) == 1


UNBOOKABLE: list[tuple[MovementItem, str]] = [
    (movement("m2", ("bin:cab-1/1", "P", -2), ("shop:shop-1", "P", 1)), "sum to zero, found -1"),
    (movement("m2", ("bin:cab-1/1", "P", -2)), "at least two postings, found 1"),
    (movement("m2"), "at least two postings, found 0"),
    (movement("m2", ("bin:cab-1/1", "P", 0), ("shop:shop-1", "P", 0)), "other than zero"),
    (movement("m2", ("bin:cab-1/1", "P", -1), ("shop:shop-1", "Q", 1)), "sum to zero"),
    (movement("m2", ("bin:cab-7/1", "P", -1), ("shop:shop-1", "P", 1)), "a cabinet of shop-1, found 'cab-7'"),
    (movement("m2", ("bin:cab-1/0", "P", -1), ("shop:shop-1", "P", 1)), "bin:<cabinet>/<1 to 64>"),
    (movement("m2", ("bin:cab-1/65", "P", -1), ("shop:shop-1", "P", 1)), "bin:<cabinet>/<1 to 64>"),
    (movement("m2", ("bin:cab-1/1", "P", -1), ("shop:shop-2", "P", 1)), "the shop shop-1, found 'shop-2'"),
    (movement("m2", ("dealer:south", "P", -1), ("bin:cab-1/1", "P", 1)), "found 'south'"),
    (movement("m2", ("unexplained:cab-1:south", "P", -1), ("bin:cab-1/1", "P", 1)), "found 'south'"),
    (movement("m2", ("scrap:cab-1", "P", 1), ("bin:cab-1/1", "P", -1)), "<cause>:<cabinet>:<dealer>"),
    (movement("m2", ("bank:1", "P", 1), ("bin:cab-1/1", "P", -1)), "found 'bank:1'"),
    (movement("m2", ("bin:cab-1/1", "P", -1), ("job:", "P", 1)), "job:<id>"),
    (movement("m2", ("bin:cab-1/1", "P", -1), ("shop:shop-1", "P", 1), cause="theft"), "found 'theft'"),
    (movement("m2", ("bin:cab-1/1", "P", -1), ("shop:shop-1", "P", 1), cabinet="cab-7"), "found 'cab-7'"),
    (movement("m2", ("bin:cab-1/1", "P", -(10**13)), ("shop:shop-1", "P", 10**13)), "a quantity within"),
    (movement("m2", ("bin:cab-1/1", "P", -1), ("shop:shop-1", "P", 1), occurred_ms=2**63), "64-bit number"),
    (movement("m" * 201, ("bin:cab-1/1", "P", -1), ("shop:shop-1", "P", 1)), "at most 200 characters in id"),
    (movement("", ("bin:cab-1/1", "P", -1), ("shop:shop-1", "P", 1)), "expected a movement's id"),
    (movement("m\0", ("bin:cab-1/1", "P", -1), ("shop:shop-1", "P", 1)), "found a NUL"),
    (movement("m2", ("bin:cab-1/1", "P\0", -1), ("shop:shop-1", "P\0", 1)), "an account and a part"),
]


def test_movements_that_cannot_be_booked_block_nobody(cloud: Cloud) -> None:
    """Each is put aside with its reason; what comes before, between and after them is booked."""
    contents: list[Content] = [opening("m1", 100)]
    for number, (bad, _) in enumerate(UNBOOKABLE):
        contents += [bad, take(f"good-{number}", 1)]
    assert cloud.receipt(upload(contents)).through == len(contents)
    found = cloud.reasons()
    assert [reason in text for (_, reason), text in zip(UNBOOKABLE, found, strict=True)] == [True] * len(UNBOOKABLE)
    assert cloud.balances()[BIN] == 100 - len(UNBOOKABLE)


NOT_UNDERSTOOD: list[tuple[str, str]] = [
    ('{"kind":"riddle"}', "riddle"),
    ('{"kind":"event","cabinet":"cab-1"}', "epoch"),
    ("17", "object"),
    ("null", "object"),
    ('{"kind":"event","cabinet":"cab-9","epoch":"e","seq":1,"received_ms":1,"occurred_ms":1,"line":""}', "cab-9"),
    ('{"kind":"event","cabinet":"cab-1","epoch":"e","seq":0,"received_ms":1,"occurred_ms":1,"line":""}', "seq"),
    (
        '{"kind":"request","id":"r","cabinet":"cab-1","bin":0,"part":"P","quantity":1,"stock":0,"raised_ms":1}',
        "bin",
    ),
    ('{"kind":"request_end","request":"","how":"filled","ended_ms":1}', "an id"),
    ("[" * 200 + "]" * 200, "expected an item"),
]


def test_items_that_cannot_be_understood_block_nobody(cloud: Cloud) -> None:
    """A kind of a later version, a field missing: kept as they came, and counted as received."""
    good = json.dumps(json.loads(upload([opening("m1", 20)]))["items"][0]["content"])
    raws = [raw for raw, _ in NOT_UNDERSTOOD] + [good]
    items = ",".join(f'{{"seq":{seq},"content":{raw}}}' for seq, raw in enumerate(raws, 1))
    body = f'{{"gateway":"gw-1","epoch":"e1","items":[{items}]}}'.encode()
    assert [cloud.receipt(body).through for _ in range(2)] == [len(raws)] * 2
    assert [reason in text for (_, reason), text in zip(NOT_UNDERSTOOD, cloud.reasons(), strict=True)] == [True] * len(
        NOT_UNDERSTOOD
    )
    assert cloud.balances()[BIN] == 20
    shown = cloud.get("/api/shops/shop-1/quarantine")
    assert [item["body"] for item in reversed(shown)] == [raw for raw, _ in NOT_UNDERSTOOD]


BROKEN_ENVELOPES = [
    b"",
    b"garbage",
    b"\xff\xfe",
    b"[]",
    b'{"gateway":"gw-1","epoch":"e1"}',
    b'{"gateway":"gw-1","epoch":"","items":[]}',
    b'{"gateway":"gw-1","epoch":"e\\u0000","items":[]}',
    b'{"gateway":"gw-1","epoch":"e1","items":[{"seq":0,"content":{}}]}',
    b'{"gateway":"gw-1","epoch":"e1","items":[{"seq":1,"content":{}},{"seq":3,"content":{}}]}',
    b'{"gateway":"gw-1","epoch":"e1","items":['
    + b",".join(b'{"seq":%d,"content":{}}' % n for n in range(1, 502))
    + b"]}",
    b"[" * 100_000,
]


def test_a_broken_envelope_is_refused(cloud: Cloud) -> None:
    """It is asked for again: nothing is booked, nothing put aside."""
    answers = [cloud.upload(body) for body in BROKEN_ENVELOPES]
    assert [answer.status_code for answer in answers] == [422] * len(BROKEN_ENVELOPES)
    assert all("expected" in answer.json()["detail"] for answer in answers)
    assert cloud.reasons() == []


def test_an_oversized_body_is_refused(cloud: Cloud) -> None:
    """Before it is read to its end."""
    assert cloud.upload(b" " * (UPLOAD_BYTES_MAX + 1)).status_code == 413


def test_a_wrong_key_is_refused(cloud: Cloud) -> None:
    """No key, no upload."""
    keys = ["", "wrong", "Bearer", "Bearer ", "Bearer nobody's key", "Basic a2V5"]
    body = upload([event(1)])
    answers = [
        cloud.client.post("/api/gateway/upload", content=body, headers={"Authorization": key}).status_code
        for key in keys
    ]
    assert answers == [401] * len(keys)
    assert cloud.count(Event) == 0


def test_a_gateway_cannot_speak_for_another(cloud: Cloud) -> None:
    """The key says who it is, not the body."""
    assert cloud.upload(upload([event(1)]), gateway="gw-9").status_code == 403
    assert cloud.count(Event) == 0


def test_cabinets_of_the_same_name_in_two_shops_stay_apart(cloud: Cloud) -> None:
    """cab-1 stands in every shop; movement ids are each shop's own, too."""
    cloud.receipt(upload([event(1), opening("m1", 20)]))
    cloud.receipt(upload([event(1), opening("m1", 7)], gateway="gw-2"), gateway="gw-2")
    assert cloud.balances("shop-1")[BIN] == 20
    assert cloud.balances("shop-2")[BIN] == 7
    assert cloud.count(Event) == 2


def test_concurrent_uploads_of_one_gateway_book_each_number_once(cloud: Cloud) -> None:
    """Eight senders with overlapping batches of the same numbers: as a gateway that gives up waiting and retries."""
    contents: list[Content] = [opening("m0", 1000), *(take(f"m{n}", 1) for n in range(1, 60))]
    identity = GatewayIdentity("gw-1", "shop-1", "north")
    cloud.receipt(upload(contents[:1]))

    def send(sender: int) -> None:
        random = Random(sender)
        through = 1
        while through < len(contents):
            first = random.randint(1, through + 1)
            batch = contents[first - 1 : through + random.randint(1, 9)]
            through = cloud.services.ingest.receive(identity, upload(batch, first=first)).through

    with ThreadPoolExecutor(8) as senders:
        list(senders.map(send, range(8)))
    assert cloud.balances()[BIN] == 1000 - 59
    assert cloud.count(Movement) == len(contents)
    assert cloud.reasons() == []


def test_the_clouds_ledger_equals_the_ledger_given(cloud: Cloud) -> None:
    """Two hundred random movements in random batches, each sent a random number of times: the same balances."""
    random = Random(20261121)
    accounts = ["bin:cab-1/1", "bin:cab-1/2", "bin:cab-2/1", "dealer:north", "shop:shop-1", "job:j-1"]
    given = [
        movement(f"m{n}", *ledger_lines(random.sample(accounts, 2), random.choice(["P", "Q"]), random.randint(1, 9)))
        for n in range(200)
    ]
    at = 0
    while at < len(given):
        size = random.randint(1, 40)
        for _ in range(random.randint(1, 3)):
            cloud.receipt(upload(given[at : at + size], first=at + 1))
        at += size
    postings = [ledger.Posting(p.account, p.part, p.quantity) for one in given for p in one.postings]
    assert ledger.differences(ledger.balances(postings), cloud.balances()) == []


def ledger_lines(accounts: list[str], part: str, quantity: int) -> list[tuple[str, str, int]]:
    """Two postings that move a quantity from one account to another."""
    return [(p.account, p.part, p.quantity) for p in ledger.transfer(accounts[0], accounts[1], part, quantity)]


def test_the_lenient_envelope_reads_what_the_strict_one_reads() -> None:
    """The cloud reads contents one by one; for a sound upload that is the same."""
    body = upload([opening("m1", 20), event(1)])
    assert [item.seq for item in decode_upload(body).items] == [1, 2]


def test_a_shop_that_works_on_with_an_older_document_is_booked(cloud: Cloud) -> None:
    """While it was without internet, a bin was given to another owner: whose stock it is, it says itself."""
    theirs = worlds.document("shop-1", "north")
    cabinet = theirs.cabinets[0]
    owned = [msgspec.structs.replace(bin_, dealer="south") for bin_ in cabinet.bins]
    for bins in (owned, cabinet.bins):
        cabinets = [msgspec.structs.replace(cabinet, bins=bins), *theirs.cabinets[1:]]
        with cloud.services.database.writing() as session:
            store_document(session, msgspec.structs.replace(theirs, cabinets=cabinets), worlds.NOW_MS)
    cloud.receipt(upload([opening("m1", 20, dealer="south")]))
    assert cloud.reasons() == []
    assert BIN not in cloud.balances()
    held = cloud.get("/api/shops/shop-1/ledger", email="wang@south.example")["balances"]
    assert {(row["account"], row["quantity"]) for row in held} == {(BIN[0], 20), ("dealer:south", -20)}


def test_text_of_any_script_is_kept_to_the_letter(cloud: Cloud) -> None:
    """An escaped NUL is a text of six characters like any other; PostgreSQL shall not read it as one."""
    line = '{"person":"王🔧","badge":"\\u0000","raw":"\\x00"}' + "扳" * 4000
    cloud.receipt(upload([event(1, line=line), worlds.discrepancy("d🔧"), worlds.resolution("d🔧")]))
    assert cloud.reasons() == []
    with cloud.services.database.reading() as session:
        assert session.exec(select(Event.line)).one() == line
        assert session.exec(select(Resolution.discrepancy)).one() == "d🔧"
