"""From a forecast to a policy: reorder point s and order-up-to level S of every bin.

The gateway watches the bin all the time and asks for stock as soon as no more than s is surely there; one request is
open at most. The van is loaded once a review period with what is asked for by then, and arrives after the lead time:
so what counts is where the stock stands at the loadings (`cycle`), and what is asked for until the next load has
arrived (`losses`). How far the stock has fallen below s by then is in it; it is not left out as textbooks do.

How much is brought at once balances the line's cost against holding (Harris 1913); nothing else moves it, so that a
higher aim never means a lower level. With a line cost of 0 and single pieces s = S - 1, and S is the smallest with
1 - (E[D(lead + review) - S]+ - E[D(lead) - S]+) / E[D(review)] at least the fill rate aimed at.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cloud.replenishment.forecasting.values import Forecast, Ints
from cloud.replenishment.levels.limits import PACK, Limits, limits
from cloud.replenishment.levels.losses import first_review, met
from cloud.replenishment.levels.terms import Levels, Terms
from cloud.replenishment.levels.ways import Way, Ways

TOP_MAX = 2**17
_CELLS = 1_000_000  # of one table: what is held at a time
_TOGETHER_MAX = 512  # units brought at once for the line's cost alone
_SHARES = (1.0, 0.75, 0.5, 0.35, 0.25, 0.15, 0.0)  # how much less is brought at once where the room is short
_NOTHING = 1e-12  # units: less demand than this is none


def levels_of(forecast: Forecast, terms: Terms) -> Levels:
    """The levels of every item (`ValueError` when the terms are of other items, or an item's demand is past counting).

    Items of like demand are computed together, in tables of bounded size.
    """
    return levels_of_each(forecast, [terms])[0]


def levels_of_each(forecast: Forecast, many: Sequence[Terms]) -> list[Levels]:
    """The levels by several terms that differ in what is aimed at alone: `fill`, `shortage`, `missing`.

    Takes less time than one after the other: what does not depend on the aim is computed once.
    """
    for terms in many:
        if len(forecast) != len(terms):
            raise ValueError(f"expected terms for {len(forecast)} items, found {len(terms)}")
    many = [terms.priced().opened() for terms in many]
    terms = many[0]
    found = [Levels.none(len(terms)) for _ in many]
    together = together_of(forecast, terms)
    tops = _power_of_two(np.maximum(16, 2 * forecast.mean(terms.lead + first_review(terms)) + together + 8))
    open_ = np.arange(len(terms))
    while open_.size:
        top = int(tops[open_].min())
        if top > TOP_MAX:
            raise ValueError(f"expected levels of at most {TOP_MAX} units, found more: count in larger units")
        group = open_[tops[open_] == top]
        for some in np.array_split(group, -(-group.size * top // _CELLS)):
            table = _Table(forecast.of(some), terms.of(some), together[some], top)
            for each, levels in zip(found, table.levels([aims.of(some) for aims in many]), strict=True):
                each.put(some, levels)
            tops[some[~table.sure]] *= 2
        open_ = np.setdiff1d(open_, group[tops[group] == top], assume_unique=True)
    return found


def together_of(forecast: Forecast, terms: Terms) -> Ints:
    """How many units are brought at once at the least cost of lines and stock: whole packs, (items,)."""
    a_period = forecast.mean(terms.review) / terms.review
    best = np.sqrt(2 * terms.line_cost * a_period / terms.holding_cost)
    most = np.maximum(_TOGETHER_MAX // terms.pack, 1)
    packs = np.clip(np.rint(best / terms.pack), 1, most).astype(np.int64)
    return packs * terms.pack


class _Table:
    """Some items of like demand, all positions up to `top`."""

    def __init__(self, forecast: Forecast, terms: Terms, together: Ints, top: int) -> None:
        self._ways = Ways(terms, met(forecast, terms, top))
        self._bounds = limits(forecast, terms, top)
        self._together = together
        # packs are brought as long as there is less than S: to S + pack - 1 at most
        self._most = self._bounds.most - terms.pack + 1
        self._nothing = (self._ways.met.asked <= _NOTHING) | (self._most < 1)
        self.sure: NDArray[np.bool_] = np.ones(len(terms), np.bool_)  # the others need a longer table

    def levels(self, aims: list[Terms]) -> list[Levels]:
        """The levels by each of some aims."""
        each = [self._ways.aiming(aim) for aim in aims]
        free = [ways.best(self._together) for ways in each]
        over = [best.up_to > self._most for best, _ in free]
        short = np.flatnonzero(np.any(over, axis=0))  # of room, at any aim
        tight = self._ways.of(short)
        for (best, sure), aim, full in zip(free, aims, over, strict=True):
            if short.size:
                held = _within(tight.aiming(aim.of(short)), self._together[short], self._most[short])
                best.put(short[full[short]], held.of(np.flatnonzero(full[short])))
            self.sure &= np.where(full, self._most < self._ways.width(self._together), sure) | self._nothing
        return [self._finished(ways, best, full) for ways, (best, _), full in zip(each, free, over, strict=True)]

    def _finished(self, ways: Ways, best: Way, full: NDArray[np.bool_]) -> Levels:
        return _as_levels(best, ways, self._bounds, full, self._nothing | ways.better_without(best))


def _within(ways: Ways, together: Ints, most: Ints) -> Way:
    """Where the room is short: kept full, and brought more often until the aim is reached, or as often as can be."""
    pack, by_fill = ways.terms.pack, ways.by_fill
    chosen = ways.full(_fewer(together, 1.0, pack, most), most)
    for share in _SHARES[1:]:
        tried = ways.full(_fewer(together, share, pack, most), most)
        reached = by_fill & (chosen.fill >= ways.aim)
        better = np.where(by_fill, tried.fill > chosen.fill, tried.cost < chosen.cost)
        at = np.flatnonzero(better & ~reached)
        chosen.put(at, tried.of(at))
    return chosen


def _fewer(together: Ints, share: float, pack: Ints, most: Ints) -> Ints:
    """A share of what is brought at once, in whole packs, one at least and no more than there is room for."""
    packs = np.rint(together * share / pack).astype(np.int64)
    fewer: Ints = np.maximum(np.minimum(packs, (most + pack - 1) // pack), 1) * pack
    return fewer


def _as_levels(best: Way, ways: Ways, bounds: Limits, over: NDArray[np.bool_], none: NDArray[np.bool_]) -> Levels:
    """What is told: with nothing kept where nothing is asked for, fits or pays, but for what must be there."""
    terms = ways.terms
    year = terms.periods_a_year
    asked = ways.met.asked > _NOTHING
    fits = bounds.most >= terms.pack
    least = np.where(none & fits, np.minimum(terms.least, 1), 0)
    lost = terms.missing * ways.met.asked * (least == 0)
    kept = np.where(none, terms.holding_cost * least + lost, best.cost)
    why = np.where(over | none & asked & (bounds.most < 1), bounds.why, 0)
    return Levels(
        reorder_point=np.where(none, 0, best.reorder_point),
        order_up_to=np.where(none, least, best.up_to),
        fill=np.where(none, np.where(asked, 0.0, 1.0), best.fill),
        on_hand=np.where(none, least.astype(float), best.on_hand),
        waiting=np.where(none, 0.0, best.waiting),
        orders_a_year=np.where(none, 0.0, best.orders) * year,
        cost_a_year=kept * year,
        limit=np.where(~fits & (bounds.most >= 1), PACK, why).astype(np.int8),
    )


def _power_of_two(at_least: NDArray[np.float64]) -> Ints:
    return (2 ** np.ceil(np.log2(at_least))).astype(np.int64)
