"""Our way: every week a forecast from what the cloud saw, levels from it, and visits as the rounds wish for them.

Forecast, priors, levels and wishes are the product's own. The fit of what all bins have in common is made anew every
four weeks, to fewer item weeks than the product takes: an hour of nightly runs in half a minute.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from cloud.replenishment.demand.priors import Seen as SeenItems
from cloud.replenishment.demand.priors import priors
from cloud.replenishment.forecasting.rate_views import Prior
from cloud.replenishment.forecasting.settings import WEEKLY
from cloud.replenishment.forecasting.smoothing import Fit, fitted
from cloud.replenishment.forecasting.values import Demand
from cloud.replenishment.levels.policy import levels_of
from cloud.replenishment.levels.terms import Terms, terms
from cloud.replenishment.visits.values import BinPlace, BinState, Wish
from cloud.replenishment.visits.wishes import wish_for
from simulator.dealer_year.play import LEAD_DAYS, Evening
from simulator.dealer_year.seen import Seen
from simulator.dealer_year.world import NEVER, Floats, Ints, World

WEEKS = 104
REVIEWS = {3: 3.5, 7: 7.0, 14: 14.0}
_SMOOTHING = replace(WEEKLY, rows_max=60_000)
_FIT_WEEKS = 4
_TOP = 255


@dataclass(frozen=True)
class Aims:
    """What the dealer aims at, in the product's usual setting."""

    fill: float = 0.95
    holding_a_year: float = 0.2
    line_yuan: float = 2.0


@dataclass
class ByForecast:
    """Levels that are computed anew every week."""

    world: World
    aims: Aims = field(default_factory=Aims)

    def __post_init__(self) -> None:
        world, bins = self.world, len(self.world.part)
        self._review = np.array([REVIEWS[int(days)] for days in world.review_days])[world.shop]
        self._terms = self._terms_of()
        self._places = [BinPlace(str(world.shop[item]), "1", item, str(world.part[item])) for item in range(bins)]
        self._small, self._large = np.zeros(bins, np.int64), np.zeros(bins, np.int64)
        self._mean_day, self._below = np.zeros(bins), np.zeros((bins, _TOP + 1))
        self._vehicles = np.array(
            [world.vehicles[shop] @ world.fits[part] for shop, part in zip(world.shop, world.part, strict=True)]
        )
        self._heir_of = self._heirs()
        self._pack, self._life = world.pack, world.life_days
        self._fit: Fit | None = None
        self._fit_day = -NEVER

    def levels(self, day: int, seen: Seen) -> tuple[Ints, Ints]:
        """Anew on Mondays, on the morning before the first van."""
        if day % 7 == 0 or not self._large.any():
            self._plan(day - day % 7, seen)
        planned = self.world.planned(day)
        return self._small * planned, self._large * planned

    def load(self, evening: Evening, bins: Ints) -> tuple[Ints, bool]:
        """What the rounds wish for: needed, worth bringing as the van is there, to be taken back."""
        quantity, drives = np.zeros(len(bins), np.int64), False
        for at, item in enumerate(bins):
            wish = wish_for(self._state(evening, int(item)))
            if isinstance(wish, Wish):
                quantity[at] = wish.quantity
                drives |= wish.purpose == "need"
        return quantity, drives

    def _state(self, evening: Evening, item: int) -> BinState:
        stock, requested = int(evening.stock[item]), int(evening.requested[item])
        planned = self.world.planned_from[item] <= evening.day < self.world.planned_until[item]
        taken, put = int(evening.taken_day[item]), int(evening.put_day[item])
        return BinState(
            place=self._places[item],
            stock=stock,
            order_up_to=int(self._large[item]) if planned else 0,
            reorder_point=int(self._small[item]),
            capacity=int(self.world.capacity[item]),
            pack=int(self._pack[item]),
            mean_day=float(self._mean_day[item]),
            request=str(item) if requested < NEVER else "",
            waited_days=float(max(0, evening.day - requested)),
            out_by_next=1.0 - float(self._below[item, min(stock, _TOP)]) if planned else 0.0,
            review_days=int(self._review[item]),
            keep_days=int(self._life[item]) or 365,
            quiet_days=evening.day - taken if taken > -NEVER else None,
            put_days=evening.day - put,
        )

    def _plan(self, day: int, seen: Seen) -> None:
        demand = self._demand(day, seen)
        prior = self._prior(demand)
        if self._fit is None or day - self._fit_day >= 7 * _FIT_WEEKS:
            self._fit, self._fit_day = fitted(demand, _SMOOTHING, prior), day
        ahead = self._fit.forecast(demand, prior)
        found = levels_of(ahead, self._terms)
        self._small, self._large = found.reorder_point, found.order_up_to
        self._mean_day = ahead.mean(np.ones(len(ahead))) / 7
        until_next = (LEAD_DAYS + self._review) / 7
        self._below[:, 1:] = ahead.distribution(until_next, _TOP - 1).cumsum(axis=1)  # P(D < stock)

    def _demand(self, day: int, seen: Seen) -> Demand:
        """As the cloud has it: weeks without stock say nothing, and an heir has the history of what it follows."""
        taken, stocked = seen.weeks(day, min(WEEKS, day // 7))
        heirs = np.flatnonzero(self._heir_of >= 0)
        old = self._heir_of[heirs]
        begun = self.world.planned_from[heirs] <= day
        taken[heirs] += taken[old] * begun[:, None]
        stocked[heirs] = np.maximum(stocked[heirs], stocked[old] * begun[:, None])
        taken[stocked == 0] = 0
        return Demand(taken, stocked, self.world.category)

    def _prior(self, demand: Demand) -> Prior:
        world = self.world
        found = priors(
            SeenItems(
                part=world.part,
                shop=world.shop,
                group=world.category,
                asked=demand.quantity.sum(axis=1),
                weeks=demand.exposure.sum(axis=1),
                vehicles=self._vehicles,
                shop_vehicles=world.vehicles.sum(axis=1)[world.shop],
            )
        )
        return Prior(found.rate, found.weight)

    def _heirs(self) -> Ints:
        """The bin that each bin follows, -1 for none."""
        old, heir, _ = self.world.superseded
        before = {int(self.world.shop[item]): int(item) for item in np.flatnonzero(self.world.part == old)}
        pairs = zip(self.world.shop, self.world.part, strict=True)
        return np.array([before[int(shop)] if part == heir else -1 for shop, part in pairs], np.int64)

    def _terms_of(self) -> Terms:
        world, life = self.world, self.world.life_days
        shelf: Floats = np.where(life > 0, life / 7.0, np.inf)
        return terms(
            len(world.part),
            lead=LEAD_DAYS / 7,
            review=self._review / 7,
            fill=self.aims.fill,
            value=world.price,
            holding=self.aims.holding_a_year / 365.25 * 7,
            line_cost=self.aims.line_yuan,
            pack=world.pack,
            capacity=world.capacity,
            shelf_life=shelf,
            least=1,
        )
