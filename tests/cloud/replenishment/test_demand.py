"""What was asked for, from the ledger: net, censored where a bin was empty, inherited, and borrowed where it is new."""

import msgspec
import numpy as np
import pytest

from cloud.document import store_document
from cloud.replenishment.demand.dealer_demand import DealerDemand, bulk_step, dealer_demand
from cloud.replenishment.demand.heirs import inherited
from cloud.replenishment.demand.ledger_days import DAY_MS, Held, Span, Taken
from cloud.replenishment.demand.priors import WEEKS_OF_PART, Seen, priors
from cloud.replenishment.demand.vehicles_served import Fit, Served, VehicleSort
from cloud.replenishment.demand.weeks import exposed_weeks, net_weeks
from cloud.tables import CataloguePart, Vehicle
from edge_gateway.shop_document import Bin
from tests.cloud.conftest import Cloud
from tests.cloud.replenishment.ledger_world import BIN, DEALER, END_MS, SHOP, brought, moved, taken
from tests.cloud.worlds import BOLT, FILTER, NOW_MS, document, movement, upload

WEEKS = 12


def _row(found: DealerDemand, shop: str, part: str) -> int:
    return next(at for at, item in enumerate(found.items) if (item.shop, item.part) == (shop, part))


def test_what_the_ledger_says_was_asked_for(cloud: Cloud) -> None:
    """Returns undo takes, corrections count when what they correct did; nothing else is demand; empty is not zero."""
    told = [
        brought(70, 10),
        taken(60, 4),
        moved(59, (SHOP, -4), ("job:j-1", 4), cause="charge"),
        moved(50, ("job:j-1", -1), (BIN, 1), cause="return"),
        taken(40, 7),  # the last ones
        brought(30, 10),
        taken(20, 3),
        moved(10, (BIN, -1), ("unexplained:cab-1:north", 1), cause="unexplained"),
        moved(5, (SHOP, -1), (BIN, 1), cause="correction", corrects="take-20"),
        moved(4, (BIN, -2), (DEALER, 2), cause="removal"),
        movement("bolts", (DEALER, BOLT.number, -9000), ("bin:cab-1/2", BOLT.number, 9000), cause="restock",
                 occurred_ms=END_MS - 70 * DAY_MS),
        movement("bolt", ("bin:cab-1/2", BOLT.number, -1300), (SHOP, BOLT.number, 1300),
                 occurred_ms=END_MS - 3 * DAY_MS),
    ]  # fmt: skip
    cloud.receipt(upload(told))
    assert cloud.reasons() == []
    found = dealer_demand(cloud.services.database, "north", END_MS, WEEKS)
    at = _row(found, "shop-1", FILTER.number)
    asked, seen = found.demand.quantity[at], found.demand.exposure[at]
    assert asked.tolist() == [0, 0, 0, 3, 0, 0, 7, 0, 0, 2, 0, 0]
    # Filled 70 days before the end, so from the third week on; empty between the 40th day before it and the 30th.
    assert seen.tolist() == pytest.approx([0, 0, 1, 1, 1, 1, 2 / 7, 2 / 7, 1, 1, 1, 1])
    bolts = _row(found, "shop-1", BOLT.number)
    assert (found.items[bolts].step, found.demand.quantity[bolts][-1]) == (200, 6.5)
    other = _row(found, "shop-2", FILTER.number)  # never filled: nothing is known, and it borrows from the first shop
    assert found.demand.exposure[other].sum() == 0 and found.prior_rate[other] > 0
    south = dealer_demand(cloud.services.database, "south", END_MS, WEEKS)
    assert {item.shop for item in south.items} == {"shop-9"} and not south.demand.quantity.any()


def test_a_successor_in_another_bin_goes_on_where_the_part_was(cloud: Cloud) -> None:
    """Its history stays with the shop, over a new number and another bin."""
    cloud.receipt(upload([brought(70, 10), taken(60, 4), moved(6, (BIN, -6), (DEALER, 6), cause="removal")]))
    plan = document("shop-1", "north")
    newer = msgspec.structs.replace(FILTER, number="WK-2000", name_en="Diesel filter, new")
    first = plan.cabinets[0]
    bins = [Bin(bin=3, part="WK-2000", capacity=24, order_up_to=20, reorder_point=4, cell="c3-50kg"), first.bins[1]]
    changed = msgspec.structs.replace(
        plan,
        version=2,
        parts=[newer, *plan.parts],
        cabinets=[msgspec.structs.replace(first, bins=bins), *plan.cabinets[1:]],
    )
    with cloud.services.database.writing() as session:
        store_document(session, changed, NOW_MS)
        session.get_one(CataloguePart, ("north", FILTER.number)).superseded_by = "WK-2000"
    found = dealer_demand(cloud.services.database, "north", END_MS, WEEKS)
    at = _row(found, "shop-1", "WK-2000")
    assert found.demand.quantity[at].sum() == 4
    assert found.demand.exposure[at].sum() == pytest.approx(64 / 7)


def test_more_back_than_taken_undoes_the_last_takes() -> None:
    """Of the same bin first; what nothing was taken for is dropped, and no week is below zero."""
    rows = [
        Taken(1, "bin:a/1", "x", 5),
        Taken(9, "bin:a/2", "x", 2),
        Taken(15, "bin:a/1", "x", -6),
        Taken(16, "bin:a/9", "y", -3),
    ]
    found = net_weeks(rows, 3)
    assert {place: weeks.tolist() for place, weeks in found.items()} == {
        ("bin:a/1", "x"): [0, 0, 0],
        ("bin:a/2", "x"): [0, 1, 0],
    }
    assert exposed_weeks(Held(True, []), Span(0, 14)).tolist() == [1, 1]
    day = DAY_MS
    assert exposed_weeks(Held(False, [7 * day // 2, 8 * day]), Span(0, 14)).tolist() == pytest.approx([0.5, 1 / 7])


def test_heirs_share_what_was_asked_for() -> None:
    """The newest part that has a bin inherits; two of its bins share as they were used; circles end."""
    ones = np.ones(4)
    demand = {("b1", "old"): 2 * ones, ("b2", "new"): 3 * ones, ("b3", "new"): ones, ("b9", "gone"): ones}
    successors = {"old": "mid", "mid": "new", "gone": "lost", "lost": "gone"}
    found = inherited(demand, {("b1", "old"): 0.5 * ones}, [("b2", "new"), ("b3", "new")], successors, 4)
    assert found["b2", "new"][0].tolist() == [4.5] * 4 and found["b3", "new"][0].tolist() == [1.5] * 4
    assert found["b2", "new"][1].tolist() == [0.5] * 4
    kept = inherited(demand, {}, [("b1", "old"), ("b2", "new")], successors, 4)
    assert kept["b1", "old"][0].sum() == 0  # its successor has a bin: it is not brought any more
    assert kept["b2", "new"][0].sum() == 4 * (2 + 3 + 1)


def test_a_new_shop_borrows_by_the_vehicles_it_serves() -> None:
    """Twice the vehicles that a part fits, twice the demand; a part that nobody has borrows from its category."""
    #           part 0 in shops 0, 1, 2; part 1 in shop 0 alone, part 2 nowhere before
    seen = Seen(
        part=np.array([0, 0, 0, 1, 2]),
        shop=np.array([0, 1, 2, 0, 2]),
        group=np.zeros(5, np.int64),
        asked=np.array([40.0, 0.0, 0.0, 10.0, 0.0]),
        weeks=np.array([20.0, 0.0, 0.0, 20.0, 0.0]),
        vehicles=np.array([10.0, 20.0, 5.0, 10.0, 5.0]),
        shop_vehicles=np.array([10.0, 20.0, 5.0, 10.0, 5.0]),
    )
    found = priors(seen)
    category = 50 / 40 * np.array([20, 5]) / 10
    wanted = [(WEEKS_OF_PART * rate + 2 * of_all) / 10 for rate, of_all in zip((4.0, 1.0), category, strict=True)]
    assert found.rate[1:3].tolist() == pytest.approx(wanted)
    assert found.weight[1:].tolist() == [10, 10, 2, 2]
    assert found.rate[4] == pytest.approx(category[1])
    nothing = Seen(*(each[:0] for each in vars(seen).values()))
    assert len(priors(nothing).rate) == 0


def test_a_fitment_counts_the_vehicles_it_means(cloud: Cloud) -> None:
    """By make, the beginning of a model, an engine, and years; a part without fitment fits all of them."""
    sorts = [VehicleSort("jiefang", "J6P", "CA6DM2", 2020), VehicleSort("sinotruk", "T7H", "MC13", 2018)]
    served = Served(["shop-1", "shop-2"], sorts, np.array([[3.0, 1.0], [0.0, 4.0]]))
    fits = {
        "a": [Fit("a", "jiefang", "J6", "", 0, 0)],
        "b": [Fit("b", "", "", "MC13", 0, 0), Fit("b", "jiefang", "J6P", "", 2021, 0)],
    }
    counted = {part: count.tolist() for part, count in served.of_parts(["a", "b", "c"], fits).items()}
    assert counted == {"a": [3, 0], "b": [1, 4], "c": [4, 4]}
    with cloud.services.database.writing() as session:
        for number in range(6):
            session.add(
                Vehicle(shop_id="shop-2", id=f"v{number}", dealer_id="north", make="解放", model="J6P", made_ms=1)
            )
    cloud.receipt(upload([brought(70, 10), taken(60, 4), taken(30, 4)]))
    found = dealer_demand(cloud.services.database, "north", END_MS, WEEKS)
    assert found.prior_weight[_row(found, "shop-2", FILTER.number)] > 0


@pytest.mark.parametrize(("capacity", "step"), [(0, 100), (99, 1), (500, 5), (20_000, 200), (30_000, 500)])
def test_bulk_is_counted_in_round_steps(capacity: int, step: int) -> None:
    """A hundred of them fill a bin, or fewer."""
    assert bulk_step(capacity) == step
