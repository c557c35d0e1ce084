"""A dealer's demand by week for all parts in all its bins, with what each borrows: what a forecast begins from.

    found = dealer_demand(database, "dealer-1", end_ms)
    found.items, found.demand, found.prior_rate, found.prior_weight

Shop by shop, each in a transaction of its own, so that no writer waits for long and no more than one shop's rows are
held. Weeks are whole and end at `end_ms`, a midnight of the dealer's. Bulk is counted in steps of some grams.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from sqlmodel import Session, col, select

from cloud.database import Database
from cloud.replenishment.demand.heirs import heir_of, inherited
from cloud.replenishment.demand.ledger_days import DAY_MS, Span, held, taken
from cloud.replenishment.demand.priors import Seen, priors
from cloud.replenishment.demand.vehicles_served import fitments, served
from cloud.replenishment.demand.weeks import WEEK_DAYS, Place, exposed_weeks, net_weeks
from cloud.replenishment.forecasting.values import Demand, Floats, Ints
from cloud.tables import CataloguePart, PlannedBin

WEEKS = 104
STEPS_MAX = 100  # what fits into a bin of bulk is counted in so many steps at the most
GRAMS_UNKNOWN = 10_000  # taken as the capacity of a bulk bin that has none


@dataclass(frozen=True, slots=True)
class PlannedItem:
    """A part in a bin by the newest planogram, and what the catalogue knows of it. Grams for bulk, else pieces."""

    shop: str
    cabinet: str
    bin: int
    part: str
    account: str
    capacity: int
    reorder_point: int
    order_up_to: int
    category: str = ""
    unit: str = "piece"
    unit_mass_mg: int = 0
    pack_size: int = 1
    shelf_life_days: int = 0
    superseded: bool = False  # by a part that has a bin in the shop as well

    @property
    def place(self) -> Place:
        """Where it is in its shop's ledger."""
        return self.account, self.part

    @property
    def step(self) -> int:
        """In how many grams bulk is counted: 1, 2 or 5 times a power of ten; 1 for pieces."""
        return bulk_step(self.capacity) if self.unit == "gram" else 1


def bulk_step(capacity_g: int) -> int:
    """The step in which a bin of so many grams is counted, `STEPS_MAX` at the most (the next round number)."""
    wanted = max(1.0, (capacity_g or GRAMS_UNKNOWN) / STEPS_MAX)
    power = 10 ** math.floor(math.log10(wanted))
    return int(next(each * power for each in (1, 2, 5, 10) if each * power >= wanted))


@dataclass(frozen=True)
class DealerDemand:
    """Arrays by item, in steps of the item; `prior_rate` in steps a week, `prior_weight` in weeks."""

    items: list[PlannedItem]
    demand: Demand
    prior_rate: Floats
    prior_weight: Floats
    end_ms: int


def dealer_demand(database: Database, dealer: str, end_ms: int, weeks: int = WEEKS) -> DealerDemand:
    """What was asked for of a dealer's parts in the weeks before a midnight."""
    span = Span(end_ms - weeks * WEEK_DAYS * DAY_MS, weeks * WEEK_DAYS)
    with database.reading() as session:
        successors = successors_of(session, dealer)
        items = _marked(planned_items(session, dealer), successors)
    asked, seen = np.zeros((len(items), weeks)), np.zeros((len(items), weeks))
    at = 0
    for shop, own in _by_shop(items):
        with database.reading() as session:
            found = _shop_weeks(session, (dealer, shop), own, successors, span)
        for item in own:
            asked[at], seen[at] = found[item.place]
            at += 1
    return _joined(database, dealer, items, (asked, seen), end_ms)


def planned_items(session: Session, dealer: str) -> list[PlannedItem]:
    """Every part in a bin of the dealer's, in order of place."""
    rows = session.execute(
        select(PlannedBin, CataloguePart)
        .join(
            CataloguePart,
            (col(CataloguePart.dealer_id) == col(PlannedBin.dealer_id))
            & (col(CataloguePart.number) == col(PlannedBin.part)),
            isouter=True,
        )
        .where(col(PlannedBin.dealer_id) == dealer)
        .order_by(col(PlannedBin.shop_id), col(PlannedBin.cabinet), col(PlannedBin.bin), col(PlannedBin.part))
    )
    return [_item(planned, part) for planned, part in rows]


def _marked(items: list[PlannedItem], successors: Mapping[str, str]) -> list[PlannedItem]:
    """With what is superseded by a part of the same shop said to be so."""
    if not successors:
        return items
    parts: dict[str, set[str]] = {}
    for item in items:
        parts.setdefault(item.shop, set()).add(item.part)
    return [
        replace(item, superseded=heir_of(item.part, successors, frozenset(parts[item.shop])) != item.part)
        if item.part in successors
        else item
        for item in items
    ]


def _item(planned: PlannedBin, part: CataloguePart | None) -> PlannedItem:
    place = planned.shop_id, planned.cabinet, planned.bin, planned.part, planned.account
    levels = planned.capacity, planned.reorder_point, planned.order_up_to
    if part is None:
        return PlannedItem(*place, *levels)
    return PlannedItem(
        *place,
        *levels,
        part.category,
        part.unit,
        part.unit_mass_mg,
        max(1, part.pack_size),
        part.shelf_life_days,
    )


def successors_of(session: Session, dealer: str) -> dict[str, str]:
    """What replaces each part that something replaces; not where it is counted in another unit."""
    rows = session.execute(
        select(CataloguePart.number, CataloguePart.superseded_by, CataloguePart.unit).where(
            col(CataloguePart.dealer_id) == dealer, col(CataloguePart.superseded_by) != ""
        )
    ).all()
    named = {row[1] for row in rows}
    same = select(CataloguePart.number, CataloguePart.unit).where(
        col(CataloguePart.dealer_id) == dealer, col(CataloguePart.number).in_(sorted(named))
    )
    units = {number: unit for number, unit in session.exec(same)}  # noqa: C416 -- rows are no pairs to a type checker
    return {number: heir for number, heir, unit in rows if units.get(heir) == unit}


def _by_shop(items: Sequence[PlannedItem]) -> list[tuple[str, list[PlannedItem]]]:
    found: dict[str, list[PlannedItem]] = {}
    for item in items:
        found.setdefault(item.shop, []).append(item)
    return list(found.items())


def _shop_weeks(
    session: Session, of: tuple[str, str], items: list[PlannedItem], successors: dict[str, str], span: Span
) -> dict[Place, tuple[Floats, Floats]]:
    weeks = span.days // WEEK_DAYS
    asked = net_weeks(taken(session, *of, span), weeks)
    seen = {place: exposed_weeks(each, span) for place, each in held(session, *of, span).items()}
    return inherited(asked, seen, (item.place for item in items), successors, weeks)


def _joined(
    database: Database, dealer: str, items: list[PlannedItem], weeks: tuple[Floats, Floats], end_ms: int
) -> DealerDemand:
    asked, seen = weeks
    group = _numbers([(item.category, item.unit) for item in items])
    step = np.array([item.step for item in items], np.float64)
    # What was asked for in a week in which hardly any stock was there says no more than that there was none.
    found = priors(_seen(database, dealer, items, weeks, group))
    quantity = np.round(asked / step[:, None], 6)
    return DealerDemand(
        items, Demand(quantity, _no_less_than_asked(seen, asked), group), found.rate / step, found.weight, end_ms
    )


def _no_less_than_asked(seen: Floats, asked: Floats) -> Floats:
    """A week in which something was taken had stock, if only for an hour."""
    found: Floats = np.where(asked > 0, np.maximum(seen, 1 / (WEEK_DAYS * 24)), seen)
    return found


def _seen(database: Database, dealer: str, items: list[PlannedItem], weeks: tuple[Floats, Floats], group: Ints) -> Seen:
    with database.reading() as session:
        vehicles = served(session, dealer)
        fitted = vehicles.of_parts({item.part for item in items}, fitments(session, dealer))
    places = {shop: at for at, shop in enumerate(vehicles.shops)}
    every = vehicles.counts.sum(axis=1)
    return Seen(
        part=_numbers([item.part for item in items]),
        shop=_numbers([item.shop for item in items]),
        group=group,
        asked=weeks[0].sum(axis=1),
        weeks=weeks[1].sum(axis=1),
        vehicles=np.array([fitted[item.part][places[item.shop]] if item.shop in places else 0.0 for item in items]),
        shop_vehicles=np.array([every[places[item.shop]] if item.shop in places else 0.0 for item in items]),
    )


def _numbers(keys: Sequence[object]) -> Ints:
    known: dict[object, int] = {}
    return np.array([known.setdefault(key, len(known)) for key in keys], np.int64)
