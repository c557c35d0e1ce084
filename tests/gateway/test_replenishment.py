"""Min and max: asked once, ended once, by the lower bound of the stock."""

import pytest
from cabinet import wire
from hypothesis import given
from hypothesis import strategies as st

from edge_gateway.planogram import PartPlan, arrange
from edge_gateway.replenishment import is_enough, quantity_to_bring
from tests.gateway.world import Journal, Shop, default_bins, document, row


def part_plan(pack_size: int = 1, **fields: int) -> PartPlan:
    bins = [{"bin": 1, "part": "OF-1", "capacity": 20, "reorder_point": 4, "order_up_to": 12, **fields}]
    parts = [{"number": "OF-1", "name_zh": "x", "name_en": "x", "unit_mass_mg": 600_000, "pack_size": pack_size}]
    return arrange(document(bins=bins, parts=parts)).cabinet("cab-1").part(1, "OF-1")


# (stock, at risk, pack, capacity, order up to) -> to bring; by hand
@pytest.mark.parametrize(
    ("stock", "at_risk", "plan", "expected"),
    [
        (5, 0, {}, 0),
        (4, 0, {}, 8),
        (0, 0, {}, 12),
        (6, 2, {}, 6),
        (4, 0, {"pack_size": 5}, 10),
        (4, 0, {"pack_size": 10, "capacity": 13}, 8),  # a pack of ten does not fit beside four: loose pieces
        (1, 0, {"pack_size": 30}, 11),  # nor ever
        (4, 0, {"order_up_to": 30}, 16),  # never over the capacity
        (20, 17, {"order_up_to": 30}, 0),  # full, as far as anybody knows
        (12, 9, {}, 1),  # the ledger has enough; three of it are sure
        (12, 9, {"pack_size": 5}, 5),
        (4, 0, {"capacity": 0, "order_up_to": 40}, 36),  # nobody said how much fits
        (12, 0, {"reorder_point": 12}, 0),  # full: a point at the level it orders up to would ask for ever
        (11, 0, {"reorder_point": 30}, 1),
        (4, 0, {"pack_size": 4, "capacity": 13, "order_up_to": 13}, 8),
        (0, 0, {"order_up_to": 0}, 0),
    ],
)
def test_quantities(stock: int, at_risk: int, plan: dict[str, int], expected: int) -> None:
    assert quantity_to_bring(part_plan(**plan), stock, at_risk) == expected


@given(stock=st.integers(0, 20), at_risk=st.integers(0, 5), pack=st.integers(1, 7))
def test_what_is_brought_fits_and_is_whole_packs(stock: int, at_risk: int, pack: int) -> None:
    plan = part_plan(pack)
    quantity = quantity_to_bring(plan, stock, at_risk)
    assert quantity % pack == 0 or stock + pack > 20
    assert stock + quantity <= 20
    assert (quantity > 0) == (stock - at_risk <= 4 and stock < 20)
    assert is_enough(plan, stock, at_risk) == (stock - at_risk > 4)


def test_asked_once_and_filled_by_a_restock(shop: Shop, journal: Journal) -> None:
    journal.session([row(1, 6_000_000, 2_400_000)])
    journal.session([row(1, 2_400_000, 1_800_000)])
    shop.take_journal(journal)
    assert shop.query("select bin, part, quantity, stock from request") == [(1, "OF-1", 8, 4)]
    journal.session([row(1, 1_800_000, 7_200_000)], person="driver")
    shop.take_journal(journal, 9)
    assert shop.query("select how from request_end") == [("filled",)]
    assert shop.value("select count(*) from request") == 1


def test_withdrawn_when_it_is_brought_back(shop: Shop, journal: Journal) -> None:
    journal.session([row(1, 6_000_000, 2_400_000)])
    journal.session([row(1, 2_400_000, 6_000_000)])
    shop.take_journal(journal)
    assert shop.query("select how from request_end") == [("withdrawn",)]


def test_what_may_have_been_taken_counts_as_taken(shop: Shop, journal: Journal) -> None:
    journal.session([row(1, 6_000_000, 2_400_000, wire.UNSETTLED)])
    shop.take_journal(journal)
    assert shop.stock(1) == 10
    assert shop.query("select quantity, stock from request") == [(2, 10)]


def test_a_new_policy_asks_at_once(shop: Shop) -> None:
    bins = default_bins()
    bins[2] |= {"reorder_point": 40, "order_up_to": 55}
    shop.put_document(document(version=2, bins=bins))
    assert shop.query("select cabinet, bin, quantity from request order by cabinet") == [
        ("cab-1", 3, 20),
        ("cab-2", 3, 20),
    ]
