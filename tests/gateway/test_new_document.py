"""What a new document changes while the shop is at work: bins, parts, people, cabinets."""

from typing import Any

import pytest
from cabinet import wire

from edge_gateway.kiosk_seam import ActionError, ResolveByStock
from edge_gateway.shop_document import DocumentError
from tests.gateway.test_reconcile import verified
from tests.gateway.world import PARTS, Journal, Shop, default_bins, document, row


def bins(number: int, **instead: Any) -> list[dict[str, Any]]:
    """The bins of a small shop, one of them changed; without arguments that bin is gone."""
    changed = [found for found in default_bins() if found["bin"] != number]
    return [*changed, {"bin": number, **instead}] if instead else changed


def question(shop: Shop) -> str:
    """The one open discrepancy."""
    identity: str = shop.value("select id from open_discrepancy")
    return identity


@pytest.mark.parametrize("left", [bins(1), bins(1, part="")])
def test_a_bin_that_loses_its_part_while_it_holds_some_asks_a_person(shop: Shop, left: list[dict[str, Any]]) -> None:
    one = document(version=2, cabinets=("cab-1",), bins=left)
    shop.put_document(one)
    shop.put_document(document(version=3, cabinets=("cab-1",), bins=left))
    assert shop.query("select bin, part, reason from open_discrepancy") == [(1, "OF-1", "part_changed")]
    assert shop.stock(1) == 10
    with pytest.raises(ActionError, match="expected at most the 10 that the bin holds by the ledger, found 11"):
        shop.act(ResolveByStock(question(shop), 11, "wang"))
    shop.act(ResolveByStock(question(shop), 0, "wang", "taken along"))
    assert shop.stock(1) == 0
    assert shop.query("select cause, person, note from movement where cause = 'removal'") == [
        ("removal", "wang", "taken along")
    ]
    assert shop.questions() == []
    assert verified(shop) == 0


def test_what_is_left_in_a_bin_without_a_part_stays_in_the_ledger(shop: Shop) -> None:
    shop.put_document(document(version=2, cabinets=("cab-1",), bins=bins(1, part="")))
    shop.act(ResolveByStock(question(shop), 3, "wang"))
    assert shop.stock(1) == 3
    assert verified(shop) == 0


def test_a_bin_given_to_another_part_twice_and_back_can_be_resolved(shop: Shop) -> None:
    for version, part in enumerate(("BULB", "NOMASS", "OF-1"), 2):
        shop.put_document(document(version=version, cabinets=("cab-1",), bins=bins(1, part=part, capacity=20)))
    assert shop.query("select bin, part, reason from open_discrepancy") == [(1, "BULB", "part_changed")]
    shop.act(ResolveByStock(question(shop), 8, "wang"))
    held = shop.query("select part, quantity from balance where account = 'bin:cab-1/1' and quantity != 0")
    assert held == [("OF-1", 8)]
    assert shop.questions() == []
    assert verified(shop) == 0


def test_a_bin_that_was_emptied_and_filled_anew_holds_its_new_part_only(shop: Shop, journal: Journal) -> None:
    shop.put_document(document(version=2, cabinets=("cab-1",), bins=bins(1, part="BULB", capacity=60)))
    shop.act(ResolveByStock(question(shop), 30, "driver"))
    journal.session([row(1, 630_000, 609_000)])
    shop.take_journal(journal)
    held = shop.query("select part, quantity from balance where account = 'bin:cab-1/1' order by part")
    assert held == [("BULB", 29), ("OF-1", 0)]
    assert shop.questions() == []
    assert verified(shop) == 0


@pytest.mark.parametrize(("person", "cause", "stock"), [("driver", "restock", 12), ("wang", "take", 8)])
def test_who_leaves_the_document_while_his_session_is_open_is_who_he_was(
    shop: Shop, journal: Journal, person: str, cause: str, stock: int
) -> None:
    identity = journal.session([row(1, 6_000_000, 600_000 * stock)], person=person)
    shop.take(journal.topic, *journal.lines[:3])
    shop.put_document(document(version=2, people=[]))
    shop.take_journal(journal, 3)
    assert shop.query("select cause, person, session from movement where cause != 'opening'") == [
        (cause, person, identity)
    ]
    assert shop.stock(1) == stock
    assert shop.questions() == []


def test_two_cabinets_with_the_same_bins_do_not_meet(shop: Shop, journal: Journal) -> None:
    other = Journal("cab-2")
    other.created()
    journal.session([row(1, 6_000_000, 1_800_000)])
    other.session([row(1, 6_000_000, 5_400_000), row(3, 840_000, None, wire.BLIND)])
    shop.take_journal(journal)
    shop.take_journal(other)
    assert (shop.stock(1, "cab-1"), shop.stock(1, "cab-2")) == (3, 9)
    assert shop.query("select cabinet, bin from open_request") == [("cab-1", 1)]
    assert shop.query("select cabinet, bin, reason from open_discrepancy") == [("cab-2", 3, "blind")]
    shop.put_document(document(version=2, cabinets=("cab-1",), bins=bins(1, part="BULB")))
    changed = shop.query("select cabinet, bin, reason from open_discrepancy order by cabinet")
    assert changed == [("cab-1", 1, "part_changed"), ("cab-2", 3, "blind")]
    assert verified(shop) == 0


@pytest.mark.parametrize("version", [1, 2])
def test_a_document_that_is_not_newer_changes_nothing(shop: Shop, version: int) -> None:
    shop.put_document(document(version=2))
    with pytest.raises(DocumentError, match=f"expected a document newer than version 2, found {version}"):
        shop.put_document(document(version=version, cabinets=("cab-1",), bins=bins(1)))
    assert shop.query("select version from document") == [(1,), (2,)]
    assert shop.questions() == []
    assert set(shop.do(lambda: shop.intake.books.plan.cabinets)) == {"cab-1", "cab-2"}


def test_nothing_is_to_be_brought_to_a_cabinet_that_left_the_document(shop: Shop, journal: Journal) -> None:
    journal.session([row(1, 6_000_000, 1_800_000)])
    shop.take_journal(journal)
    assert shop.query("select cabinet, bin from open_request") == [("cab-1", 1)]
    shop.put_document(document(version=2, cabinets=("cab-2",)))
    assert shop.query("select how from request_end") == [("withdrawn",)]
    assert shop.stock(1) == 3
    assert shop.questions() == []


def test_a_part_keeps_its_unit(shop: Shop, journal: Journal) -> None:
    parts = [{**part, "unit": "gram"} if part["number"] == "OF-1" else part for part in PARTS]
    with pytest.raises(DocumentError, match="expected OF-1 in pieces for ever, as it was booked, found grams"):
        shop.put_document(document(version=2, parts=parts))
    journal.session([row(1, 6_000_000, 5_400_000)])
    shop.take_journal(journal)
    assert shop.stock(1) == 9
    assert verified(shop) == 0


def _part(number: str) -> dict[str, Any]:
    return {"number": number, "name_zh": "x", "name_en": "x"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"parts": [*PARTS, _part("P" * 65)]}, "expected a part named by 1 to 64 characters, found 'PPP"),
        ({"parts": [*PARTS, _part("")]}, "expected a part named by 1 to 64 characters, found ''"),
        ({"jobs": [{"id": "a\0b", "title": "x"}]}, "expected a job named by 1 to 64 characters"),
        ({"people": [{"id": "", "name": "x", "role": "mechanic", "badges": []}]}, "expected a person named by"),
        (
            {"bins": [{"bin": 1, "part": "OF-1", "opening": -5}]},
            "expected 0 to 10000000 counted of OF-1 in bin 1 of cab-1",
        ),
    ],
)
def test_a_document_that_could_not_be_booked_by_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(DocumentError, match=said):
        document(version=2, **changes)


@pytest.mark.parametrize("part", ["BULB", "BLT-8"])
def test_nothing_is_booked_by_weight_while_a_bin_holds_the_part_it_had_before(
    shop: Shop, journal: Journal, part: str
) -> None:
    shop.put_document(document(version=2, cabinets=("cab-1",), bins=bins(1, part=part, capacity=9000)))
    journal.session([row(1, 6_000_000, 5_370_000)])  # as heavy as thirty bulbs, and a filter nearly
    journal.session([row(1, 5_370_000, 4_800_000)])
    shop.take_journal(journal)
    assert shop.value("select count(*) from movement where bin = 1 and cause != 'opening'") == 0
    assert shop.questions() == [(1, "part_changed"), (1, "uncertain_count")]
    question = shop.value("select id from open_discrepancy where reason = 'part_changed'")
    shop.act(ResolveByStock(question, 20, "driver"))
    mg = 420_000 if part == "BULB" else 20_000
    journal.session([row(1, mg, mg)])
    shop.take_journal(journal, 9)
    assert shop.questions() == []
    assert shop.stock(1) == 20
    assert verified(shop) == 0
