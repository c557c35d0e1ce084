"""On what terms each part in a bin is planned: the aims, the catalogue, the bin's cell and the price, as arrays."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from sqlmodel import Session, col, select

from cloud.replenishment.aims import PPM, Aim, Aims
from cloud.replenishment.demand.dealer_demand import PlannedItem
from cloud.replenishment.demand.weeks import WEEK_DAYS
from cloud.replenishment.fill_correction import moved
from cloud.replenishment.forecasting.values import Floats, Ints
from cloud.replenishment.levels.terms import Terms, terms
from cloud.tables import Document, FillCorrection, PartPrice, Shop
from edge_gateway.shop_document import decode_document

DAYS_A_YEAR = 365.25
_CELL_KG = re.compile(r"-(\d+)kg$")


@dataclass(frozen=True)
class Known:
    """What is known of places and parts beside the planogram's rows."""

    bears_g: Mapping[tuple[str, str, int], float]  # by (shop, cabinet, bin): what its cell bears for one of its parts
    prices: Mapping[tuple[str, str], int] = field(default_factory=dict)  # by (part, shop), "" for every shop


@dataclass(frozen=True)
class Planned:
    """The terms, and of each item the aim and the fill rate that is computed with."""

    terms: Terms
    aims: list[Aim]
    aim_ppm: Ints


def known(session: Session, dealer: str, shops: Sequence[str], day: str) -> Known:
    """Prices as of a day, and what the cells of the dealer's shops bear."""
    bears: dict[tuple[str, str, int], float] = {}
    for shop in shops:
        bears.update(_bears_g(session, shop))
    rows = session.execute(
        select(PartPrice.part, PartPrice.shop_id, PartPrice.price_minor)
        .where(col(PartPrice.dealer_id) == dealer, col(PartPrice.from_day) <= day)
        .order_by(col(PartPrice.from_day))
    )
    return Known(bears, {(part, shop): price for part, shop, price in rows})  # the newest is the last


def _bears_g(session: Session, shop: str) -> dict[tuple[str, str, int], float]:
    row = session.get(Shop, shop)
    stored = session.get(Document, (shop, row.document_version)) if row is not None else None
    if stored is None:
        return {}
    found: dict[tuple[str, str, int], float] = {}
    for cabinet in decode_document(bytes(stored.body)).cabinets:
        for bin_ in cabinet.bins:
            if bin_.parts and (kg := _CELL_KG.search(bin_.cell)):
                found[shop, cabinet.id, bin_.bin] = 1000.0 * int(kg[1]) / len(bin_.parts)
    return found


def planned(
    items: Sequence[PlannedItem],
    aims: Aims,
    classes: Sequence[str],
    corrections: Mapping[str, FillCorrection],
    about: Known,
) -> Planned:
    """The terms of every item, in its own steps. `classes`: of demand, by item."""
    each = [aims.of(item.shop, item.category) for item in items]
    aim_ppm = np.array([_aim_ppm(aim, corrections.get(name)) for aim, name in zip(each, classes, strict=True)], int)
    step = np.array([item.step for item in items], np.int64)
    by_cost = np.array([aim.mode == "cost" for aim in each], bool)
    return Planned(
        terms(
            len(items),
            lead=_floats([aim.lead_days / WEEK_DAYS for aim in each]),
            review=_floats([aim.review_days / WEEK_DAYS for aim in each]),
            fill=np.where(by_cost, np.nan, aim_ppm / PPM),
            shortage=_floats([aim.shortage_ratio_milli / 1000 for aim in each]),
            value=_floats([_price(item, about.prices) for item in items]) * step,
            holding=_floats([aim.holding_ppm / PPM * WEEK_DAYS / DAYS_A_YEAR for aim in each]),
            line_cost=_floats([aim.line_minor if about.prices else 0 for aim in each]),  # beside which price?
            pack=-(-_ints([item.pack_size for item in items]) // step),
            capacity=_ints([item.capacity for item in items]) // step,
            unit_g=_floats([_unit_g(item) for item in items]),
            bears_g=_floats([about.bears_g.get((item.shop, item.cabinet, item.bin), 0.0) for item in items]),
            shelf_life=_floats([item.shelf_life_days / WEEK_DAYS or np.inf for item in items]),
            least=must_be_there(items),
        ),
        each,
        aim_ppm,
    )


def must_be_there(items: Sequence[PlannedItem]) -> Ints:
    """1 for what somebody planned to keep, however seldom it is asked for: the planogram gives it a level."""
    return np.array([int(item.order_up_to > 0 and not item.superseded) for item in items], np.int64)


def _aim_ppm(aim: Aim, correction: FillCorrection | None) -> int:
    if aim.mode != "fill" or correction is None or not aim.by_forecast:
        return aim.fill_ppm
    return moved(aim.fill_ppm, correction.aim_ppm, correction.corrected_ppm)


def _price(item: PlannedItem, prices: Mapping[tuple[str, str], int]) -> int:
    own = prices.get((item.part, item.shop))
    return own if own is not None else prices.get((item.part, ""), 0)


def _unit_g(item: PlannedItem) -> float:
    return float(item.step) if item.unit == "gram" else item.unit_mass_mg / 1000


def _floats(values: Sequence[float]) -> Floats:
    return np.array(values, np.float64)


def _ints(values: Sequence[int]) -> Ints:
    return np.array(values, np.int64)


def by_shop(items: Sequence[PlannedItem]) -> dict[str, list[int]]:
    """The numbers of the items of every shop."""
    found: dict[str, list[int]] = defaultdict(list)
    for at, item in enumerate(items):
        found[item.shop].append(at)
    return found
