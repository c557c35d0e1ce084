"""A backtest of a table: every method foretells the last periods one step ahead, and stock is kept by what it said.

Nothing of the periods from an origin on reaches the fit: a method is handed the periods before and nothing else, and
which way each class of demand goes is chosen before the first simulated period.
"""

import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from cloud.replenishment.backtest import kept, methods
from cloud.replenishment.backtest.demand_table import DemandTable
from cloud.replenishment.backtest.foretold import Foretold, Method, foretold
from cloud.replenishment.backtest.kept import Rule, Shop
from cloud.replenishment.backtest.measures import errors
from cloud.replenishment.backtest.simulation import BACKORDER, HOLDING, Outcome
from cloud.replenishment.forecasting.choosing import Choice, choose
from cloud.replenishment.forecasting.demand_classes import NAMES, classes
from cloud.replenishment.forecasting.values import Demand

FORMAT = "partsbay-backtest/1"
_WARM_UP = 3
_LEAST_BEFORE = 6  # periods before the first simulated one
_DIGITS = 6


@dataclass(frozen=True)
class Terms:
    """How a table is measured; periods are those of the table."""

    holdout: int = 12  # measured, at the end
    lead: int = 1
    fill: float = 0.95

    @property
    def warm_up(self) -> int:
        """Simulated before what is measured, so that what was ordered first has arrived."""
        return max(_WARM_UP, self.lead + 2)

    @property
    def simulated(self) -> int:
        """Periods before each of which is foretold."""
        return self.holdout + self.warm_up


def refuse(terms: Terms, table: DemandTable) -> None:
    """`ValueError` when a table cannot be measured on such terms."""
    if terms.holdout < 1:
        raise ValueError(f"expected a holdout of 1 period or more, found {terms.holdout}")
    if terms.lead < 0:
        raise ValueError(f"expected a lead time of 0 periods or more, found {terms.lead}")
    if not 0 < terms.fill < 1:
        raise ValueError(f"expected a fill rate between 0 and 1, found {terms.fill:g}")
    least, found = terms.simulated + _LEAST_BEFORE, len(table.periods)
    if found < least:
        raise ValueError(
            f"expected {least} periods or more ({_LEAST_BEFORE} to learn from, {terms.warm_up} to warm up, "
            f"{terms.holdout} held out), found {found}"
        )
    if not table.demand.quantity[:, : found - terms.simulated].any():
        raise ValueError("expected some demand before what is simulated, found none")


def run(table: DemandTable, terms: Terms, say: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """The whole report; each method's row is told as it comes (`ValueError` as `refuse`)."""
    refuse(terms, table)
    started = time.perf_counter()
    first = len(table.periods) - terms.simulated
    choice = choose(table.demand.until(first), horizon=terms.lead + 1)
    rows = []
    for row in _rows(table.demand, terms, choice):
        rows.append(row)
        say(row)
    return {
        "format": FORMAT,
        "settings": _settings(terms),
        "data": _data(table, first, terms),
        "choice": _choice(choice, table),
        "methods": rows,
        "seconds": round(time.perf_counter() - started, 2),
        "memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }


def _rows(demand: Demand, terms: Terms, choice: Choice) -> Iterator[dict[str, Any]]:
    ours = methods.ours(choice)
    said, seconds = _asked(ours, demand, terms)
    yield _row((methods.OURS, said, seconds), demand, terms, (kept.equal_fill, kept.equal_fill))
    yield _row((methods.SHARED, said, seconds), demand, terms, (kept.equal_price, kept.one_price))
    for name, method in methods.textbooks().items():
        said, seconds = _asked(method, demand, terms)
        yield _row((name, said, seconds), demand, terms, (kept.equal_fill, kept.equal_fill))


def _asked(method: Method, demand: Demand, terms: Terms) -> tuple[Foretold, float]:
    periods, started = demand.quantity.shape[1], time.perf_counter()
    said = foretold(method, demand, range(periods - terms.simulated, periods), terms.lead)
    return said, round(time.perf_counter() - started, 2)


def _row(named: tuple[str, Foretold, float], demand: Demand, terms: Terms, rules: tuple[Rule, Rule]) -> dict[str, Any]:
    """A method's figures; of the rules the first takes the aim as it is promised, the second any number."""
    name, said, seconds = named
    shop = Shop(demand, terms.lead, terms.warm_up)
    aimed, moved = rules
    true_aim = shop.true_aim(said, moved, terms.fill)
    by_error = asdict(errors(said, demand, demand.quantity.shape[1] - terms.holdout))
    return {
        "method": name,
        **{each: round(value, _DIGITS) for each, value in by_error.items()},
        "at_aim": _figures(shop.keep(said, aimed, terms.fill)),
        "newsvendor": _figures(shop.keep_by_ratio(said)),
        "at_true_fill": None
        if true_aim is None
        else {"aim": round(true_aim, _DIGITS), **_figures(shop.keep(said, moved, true_aim))},
        "curve": [{"aim": aim, **_figures(shop.keep(said, moved, aim))} for aim in kept.CURVE],
        "seconds": seconds,
    }


def _figures(outcome: Outcome) -> dict[str, float]:
    return {
        "fill": round(outcome.fill, _DIGITS),
        "on_hand": round(outcome.mean_on_hand, _DIGITS),
        "cost": round(outcome.cost, _DIGITS),
    }


def _settings(terms: Terms) -> dict[str, Any]:
    return {
        "holdout": terms.holdout,
        "warm_up": terms.warm_up,
        "lead_time": terms.lead,
        "review": 1,
        "fill": terms.fill,
        "holding_cost": HOLDING,
        "backorder_cost": BACKORDER,
    }


def _data(table: DemandTable, first: int, terms: Terms) -> dict[str, Any]:
    demand = table.demand
    known = demand.exposure > 0
    asked = demand.quantity[known]
    of_class = classes(demand.until(first))
    return {
        "items": len(table.parts),
        "periods": len(table.periods),
        "first_period": table.periods[0],
        "last_period": table.periods[-1],
        "simulated_from": table.periods[first],
        "measured_from": table.periods[-terms.holdout],
        "unknown_cells": int((~known).sum()),
        "zero_share": round(float((asked == 0).mean()), _DIGITS),
        "mean": round(float(asked.mean()), _DIGITS),
        "highest": float(asked.max()),
        "classes": {name: int((of_class == at).sum()) for at, name in enumerate(NAMES)},
    }


def _choice(choice: Choice, table: DemandTable) -> dict[str, Any]:
    """Which way each class goes, and how each way did in the periods judged, all before what is simulated."""
    return {
        "by_class": dict(zip(NAMES, choice.by_class, strict=True)),
        "judged_from": [table.periods[at] for at in choice.judged],
        "log_loss": {
            name: {way: round(float(score), _DIGITS) for way, score in zip(choice.ways, scores, strict=True)}
            for name, scores in zip(NAMES, choice.scores, strict=True)
            if np.isfinite(scores).all()  # else nothing was judged
        },
    }
