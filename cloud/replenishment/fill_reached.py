"""What was reached of what was promised, from the ledger: by class of demand, and what follows for the aims.

What was asked for while a bin was empty nobody booked. It is estimated: the demand that was forecast for that time.
A bin counts while its gateway works by our levels; one that is held down by its room or its shelf life cannot reach
the aim whatever is computed, so it is shown but nothing is corrected by it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from sqlmodel import Session, col, select

from cloud.replenishment.aims import PPM, Aims
from cloud.replenishment.demand.dealer_demand import DealerDemand, PlannedItem
from cloud.replenishment.demand.ledger_days import DAY_MS
from cloud.replenishment.demand.weeks import WEEK_DAYS
from cloud.replenishment.fill_correction import Reached, corrected, moved
from cloud.replenishment.forecasting.values import Floats
from cloud.tables import BinPolicy, FillCorrection

WEEK_MS = WEEK_DAYS * DAY_MS
SHOWN_WEEKS = 13
Key = tuple[str, str, int, str]


@dataclass(frozen=True)
class _Promise:
    """What was promised of a bin when its policy was last computed."""

    demand_class: str
    week_rate: float
    is_told: bool
    is_limited: bool


def promises(session: Session, dealer: str) -> dict[Key, _Promise]:
    """By place, of every policy of a dealer's."""
    rows = session.exec(select(BinPolicy).where(col(BinPolicy.dealer_id) == dealer))
    return {
        (row.shop_id, row.cabinet, row.bin, row.part): _Promise(
            row.demand_class, WEEK_DAYS * row.mean_day, row.told_order_up_to >= 0, bool(row.limited_by)
        )
        for row in rows
    }


def reached_in(found: DealerDemand, promised: dict[Key, _Promise], weeks: int) -> list[Reached]:
    """Of every item, what was asked for in the last so many weeks, in its steps, and what of it was not there."""
    asked, seen = found.demand.quantity, found.demand.exposure
    weeks = min(weeks, asked.shape[1])
    existed = np.maximum.accumulate(seen > 0, axis=1)[:, -weeks:] if weeks else seen[:, :0] > 0
    empty = np.where(existed, 1 - seen[:, asked.shape[1] - weeks :], 0.0).sum(axis=1)
    served: Floats = asked[:, asked.shape[1] - weeks :].sum(axis=1)
    rates = [promised[key].week_rate / item.step if (key := key_of(item)) in promised else 0.0 for item in found.items]
    return [
        Reached(float(there), float(rate * without), weeks)
        for there, rate, without in zip(served, rates, empty, strict=True)
    ]


def key_of(item: PlannedItem) -> Key:
    """The key of an item's policy."""
    return item.shop, item.cabinet, item.bin, item.part


def correct(
    session: Session, dealer: str, found: DealerDemand, aims: Aims, promised: dict[Key, _Promise]
) -> dict[str, FillCorrection]:
    """Bring every class's correction up to date, in the open transaction; by class."""
    rows = {
        row.demand_class: row
        for row in session.exec(select(FillCorrection).where(col(FillCorrection.dealer_id) == dealer))
    }
    counted = _counted(found.items, aims, promised)
    for name, items in counted.items():
        aim_ppm = _mean_aim(found, aims, items)
        row = rows.get(name)
        if row is None:
            row = rows[name] = FillCorrection(
                dealer_id=dealer, demand_class=name, aim_ppm=aim_ppm, reached_ppm=-1, corrected_ppm=aim_ppm, demand=0,
                through_ms=found.end_ms,
            )  # fmt: skip
        _step(row, found, promised, items, aim_ppm)
        session.add(row)
    session.flush()
    return rows


def _counted(items: Sequence[PlannedItem], aims: Aims, promised: dict[Key, _Promise]) -> dict[str, list[int]]:
    """The numbers of the items that a class's correction rests on."""
    by_class: dict[str, list[int]] = defaultdict(list)
    for at, item in enumerate(items):
        promise, aim = promised.get(key_of(item)), aims.of(item.shop, item.category)
        if promise and promise.is_told and not promise.is_limited and aim.mode == "fill" and aim.by_forecast:
            by_class[promise.demand_class].append(at)
    return by_class


def _mean_aim(found: DealerDemand, aims: Aims, items: Sequence[int]) -> int:
    each = [aims.of(found.items[at].shop, found.items[at].category).fill_ppm for at in items]
    weights = found.demand.quantity[list(items)].sum(axis=1) + 1e-9
    return round(float(np.average(each, weights=weights)))


def _step(
    row: FillCorrection, found: DealerDemand, promised: dict[Key, _Promise], items: Iterable[int], aim_ppm: int
) -> None:
    """One step when enough was asked for since the last; until then the correction keeps its distance to the aim."""
    row.corrected_ppm = moved(aim_ppm, row.aim_ppm, row.corrected_ppm)
    row.aim_ppm = aim_ppm
    weeks = max(0, (found.end_ms - row.through_ms) // WEEK_MS)
    each = reached_in(found, promised, weeks)
    since = sum((each[at] for at in items), Reached(weeks=weeks))
    if since.is_enough or row.reached_ppm < 0:
        row.reached_ppm, row.demand = since.ppm, round(since.asked)
    if since.is_enough:
        row.corrected_ppm = corrected(aim_ppm, row.corrected_ppm, since)
        row.through_ms = found.end_ms


def shown(found: DealerDemand, promised: dict[Key, _Promise]) -> tuple[int, int]:
    """What was reached of everything lately, whoever set the levels: (ppm, pieces asked for); -1 for nothing."""
    total = sum(reached_in(found, promised, SHOWN_WEEKS), Reached())
    return total.ppm, round(total.asked)


def apart(total_ppm: int, aim_ppm: int) -> float:
    """How many points of a hundred lie between what was reached and what was promised."""
    return (total_ppm - aim_ppm) / PPM * 100
