"""The planning run of a dealer: demand, forecast, levels, policies, and what the gateways are told of them.

    run_of(database, "dealer-1", now_ms)

Each shop's policies change in one transaction with what its gateway is told, so that a run that is killed leaves every
shop with the policies of before or of now, whole; the next run goes over all of them again.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import insert, update
from sqlmodel import Session, col, select

from cloud.database import Database
from cloud.dealer_time import zone_of_dealer
from cloud.replenishment.aims import aims_of
from cloud.replenishment.day_demand import DayDemand
from cloud.replenishment.day_demands import day_demands
from cloud.replenishment.demand.dealer_demand import DealerDemand, PlannedItem, dealer_demand
from cloud.replenishment.fill_reached import correct, promises, shown
from cloud.replenishment.gauges.level_curves import keep_curves
from cloud.replenishment.levels.terms import LIMITS, Levels
from cloud.replenishment.planning_forecast import Fitted, fitted
from cloud.replenishment.planning_terms import Planned, by_shop, known, planned
from cloud.replenishment.telling import TYPED, drop_unplanned, tell_shop
from cloud.shop_feed import hold
from cloud.tables import BinPolicy, PlannedBin
from cloud.work.shop_time import day_of, last_midnight_ms

_Row = dict[str, str | int | float]  # by column


@dataclass(frozen=True)
class _Computed:
    """Everything that was computed of a dealer, item by item."""

    demand: DealerDemand
    fit: Fitted
    on: Planned
    levels: Levels
    ahead: list[DayDemand]


def run_of(database: Database, dealer: str, now_ms: int, cluster: str = "") -> tuple[int, int, str]:
    """Compute and tell all of a dealer's policies: (bins, bins whose gateway was told, note as `PlanningRun` keeps).

    `cluster`: a Dask scheduler that computes the levels (`OSError` when it does not answer), "" for this machine.
    """
    with database.reading() as session:
        zone, aims, promised = zone_of_dealer(session, dealer), aims_of(session, dealer), promises(session, dealer)
    demand = dealer_demand(database, dealer, last_midnight_ms(now_ms, zone))
    fit = fitted(demand)
    with database.writing() as session:
        corrections = correct(session, dealer, demand, aims, promised)
    with database.reading() as session:
        about = known(session, dealer, sorted({item.shop for item in demand.items}), day_of(now_ms, zone))
    on = planned(demand.items, aims, fit.classes, corrections, about)
    steps = np.array([item.step for item in demand.items], np.int64)
    computed = _Computed(demand, fit, on, fit.levels(on.terms, cluster), day_demands(fit.forecast, steps))
    keep_curves(database, dealer, demand.items, (fit.forecast, on.terms, computed.levels), now_ms)
    told = 0
    for shop, numbers in by_shop(demand.items).items():
        with database.writing() as session:
            hold(session, shop)  # before anything is written: whoever switches the forecast off goes before or behind
            _put_policies(session, dealer, shop, (computed, numbers), now_ms)
            told += tell_shop(session, dealer, shop, aims_of(session, dealer), now_ms)
    with database.writing() as session:
        drop_unplanned(session, dealer)
    return len(demand.items), told, _note(fit, shown(demand, promised))


def _put_policies(session: Session, dealer: str, shop: str, of: tuple[_Computed, Sequence[int]], now_ms: int) -> None:
    """In place of those of before. A bin whose planogram changed meanwhile waits for the next run."""
    computed, numbers = of
    rows = select(PlannedBin).where(col(PlannedBin.shop_id) == shop, col(PlannedBin.dealer_id) == dealer)
    capacity = {(row.cabinet, row.bin, row.part): row.capacity for row in session.exec(rows)}
    own = select(BinPolicy.cabinet, BinPolicy.bin, BinPolicy.part).where(
        col(BinPolicy.shop_id) == shop, col(BinPolicy.dealer_id) == dealer
    )
    before = {tuple(place) for place in session.exec(own)}
    new: list[_Row] = []
    again: list[_Row] = []
    for at in numbers:
        item = computed.demand.items[at]
        place = item.cabinet, item.bin, item.part
        if place in capacity:
            (again if place in before else new).append(
                {
                    "shop_id": shop,
                    "cabinet": item.cabinet,
                    "bin": item.bin,
                    "part": item.part,
                    "dealer_id": dealer,
                    "computed_ms": now_ms,
                    **_row(item, computed, at, most=capacity[place]),
                }
            )
    if new:
        session.execute(insert(BinPolicy), new)
    if again:
        session.execute(update(BinPolicy), again)


def _row(item: PlannedItem, computed: _Computed, at: int, *, most: int) -> _Row:
    """Levels in pieces or grams, never above what the bin holds."""
    levels, aim, ahead, fit = computed.levels, computed.on.aims[at], computed.ahead[at], computed.fit
    aim_ppm, fill_ppm = int(computed.on.aim_ppm[at]), round(1_000_000 * float(levels.fill[at]))
    falls_short = aim.mode == "cost" or fill_ppm < aim_ppm
    is_typed = _is_unknown(computed.demand, at)
    reorder_point, order_up_to = int(levels.reorder_point[at]) * item.step, int(levels.order_up_to[at]) * item.step
    if is_typed:  # nothing is known, here or elsewhere: what somebody typed into the planogram is the best there is
        reorder_point, order_up_to = item.reorder_point, item.order_up_to
    order_up_to = min(order_up_to, most) if most > 0 else order_up_to
    return {
        "reorder_point": min(reorder_point, max(order_up_to - 1, 0)),
        "order_up_to": order_up_to,
        "aim_ppm": aim_ppm,
        "fill_ppm": fill_ppm,
        "on_hand": round(float(levels.on_hand[at]) * item.step, 3),
        "mean_day": round(ahead.mean, 6),
        "spread_day": round(ahead.own + ahead.shared, 6),
        "forecast": ahead.kept(),
        "method": TYPED if is_typed else fit.methods[at],
        "demand_class": fit.classes[at],
        "limited_by": LIMITS[levels.limit[at]] if falls_short and not is_typed else "",
        "lead_days": aim.lead_days,
        "review_days": aim.review_days,
    }


def _is_unknown(demand: DealerDemand, at: int) -> bool:
    return not demand.demand.exposure[at].any() and demand.prior_weight[at] <= 0


def _note(fit: Fitted, reached: tuple[int, int]) -> str:
    return json.dumps(
        {"methods": fit.chosen, "scores": fit.scores, "reached_ppm": reached[0], "asked": reached[1]},
        ensure_ascii=False,
        sort_keys=True,
    )
