"""What running out is judged from: stock by its lower bound, forecasts where there are any, requests and visits.

The cloud's own work: every query says by `dealer` whose rows it means.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any, NamedTuple

from sqlalchemy import func
from sqlalchemy import select as columns_of
from sqlmodel import Session, col, select

from cloud.replenishment.alerts.facts import ShopClock
from cloud.replenishment.alerts.judging import BinFacts
from cloud.replenishment.alerts.matters import DAY_MS
from cloud.replenishment.alerts.visit_times import arrival_ms, next_possible_ms
from cloud.replenishment.day_demand import DayDemandError, read_day_demand
from cloud.replenishment.outlook import PPM, Place, open_risks
from cloud.tables import Balance, BinPolicy, OpenMatter, PlannedBin, Visit, VisitLine
from cloud.work.shop_time import day_of

SAFE_SDS = 3.0  # what holds so much more than will be asked for is not looked at more closely
_PLACES_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class NextVisit:
    """A shop's next visit that somebody has planned, and what it brings where."""

    id: str
    day: str
    arrives_ms: int
    brings: frozenset[tuple[str, int, str]]


class _Forecast(NamedTuple):
    """A row of `_forecasts`."""

    shop: str
    cabinet: str
    bin: int
    part: str
    stock: int
    mean_day: float
    spread_day: float
    lead_days: int
    forecast: str

    @property
    def place(self) -> Place:
        """Which part in which bin."""
        return self.shop, self.cabinet, self.bin, self.part


def stock_outs(
    session: Session, dealer: str, shops: Mapping[str, ShopClock], standing: Collection[Place], now_ms: int
) -> list[BinFacts]:
    """The bins that hold so little that they are to be judged, and those of standing alerts."""
    visits = next_visits(session, dealer, shops, now_ms)
    asked = _asked(session, dealer, shops)
    risks = open_risks(session, dealer, sorted(shops))
    found: dict[Place, BinFacts] = {}
    times_ms: dict[tuple[str, int], int] = {}
    for row in session.execute(_forecasts(dealer, shops)):
        each = _Forecast(*row)
        surely = max(0, each.stock - risks.get(each.place, 0))
        visit, when = visits.get(each.shop), (each.shop, each.lead_days)
        if when not in times_ms:
            times_ms[when] = _until_ms(shops[each.shop], visit, each.lead_days, now_ms)
        until_ms = times_ms[when]
        if _holds_plenty(each, surely, (until_ms - now_ms) / DAY_MS):
            asked.pop(each.place, None)
            if each.place in standing:
                found[each.place] = BinFacts(*each.place, surely=surely, runs_out_ppm=0)
            continue
        found[each.place] = _forecast_facts(each, surely, visit, asked.get(each.place, 0), (now_ms, until_ms))
    rest = (asked.keys() | {place for place in standing if place[0] in shops}) - found.keys()
    found |= _unforecast(session, dealer, rest, asked, visits)
    return [found[place] for place in sorted(found)]


def _forecasts(dealer: str, shops: Collection[str]) -> Any:
    """Planned bins with a forecast and what they hold, as bare columns: there may be tens of thousands."""
    return (
        columns_of(
            col(BinPolicy.shop_id),
            col(BinPolicy.cabinet),
            col(BinPolicy.bin),
            col(BinPolicy.part),
            func.coalesce(Balance.quantity, 0),
            col(BinPolicy.mean_day),
            col(BinPolicy.spread_day),
            col(BinPolicy.lead_days),
            col(BinPolicy.forecast),
        )
        .join(
            PlannedBin,
            (col(PlannedBin.shop_id) == col(BinPolicy.shop_id))
            & (col(PlannedBin.cabinet) == col(BinPolicy.cabinet))
            & (col(PlannedBin.bin) == col(BinPolicy.bin))
            & (col(PlannedBin.part) == col(BinPolicy.part))
            & (col(PlannedBin.dealer_id) == col(BinPolicy.dealer_id)),
        )
        .join(Balance, _holds(), isouter=True)
        .where(col(BinPolicy.dealer_id) == dealer, col(BinPolicy.shop_id).in_(list(shops)))
    )


def _holds_plenty(each: _Forecast, surely: int, days: float) -> bool:
    """Whether a bin holds so much that its forecast need not be read: with the widest spread it can have."""
    widest = each.spread_day * max(days, days * days)
    return surely > 0 and surely > each.mean_day * days + SAFE_SDS * sqrt(max(0.0, widest)) + 1


def _forecast_facts(
    each: _Forecast, surely: int, visit: NextVisit | None, requested_ms: int, times_ms: tuple[int, int]
) -> BinFacts:
    now_ms, until_ms = times_ms
    return BinFacts(
        *each.place,
        surely=surely,
        requested_ms=requested_ms,
        runs_out_ppm=_chance_ppm(each.forecast, surely, (until_ms - now_ms) / DAY_MS),
        until_ms=until_ms,
        visit=visit.id if visit else "",
        visit_day=visit.day if visit else "",
        brings=visit is not None and each.place[1:] in visit.brings,
    )


def _chance_ppm(forecast: str, surely: int, days: float) -> int | None:
    """The chance that more is asked for than there is; None where the kept forecast cannot be read."""
    try:
        return round(PPM * read_day_demand(forecast).more_than(surely, days))
    except DayDemandError:
        return None


def _until_ms(shop: ShopClock, visit: NextVisit | None, lead_days: int, now_ms: int) -> int:
    if visit is not None:
        return visit.arrives_ms
    return next_possible_ms(now_ms, lead_days, shop.clock.hours, shop.clock.zone)


def _unforecast(
    session: Session,
    dealer: str,
    places: Collection[Place],
    asked: Mapping[Place, int],
    visits: Mapping[str, NextVisit],
) -> dict[Place, BinFacts]:
    """Bins of which no forecast was made: what they surely hold, and whether the planogram still has them."""
    held = _held(session, dealer, places)
    risks = open_risks(session, dealer, sorted({place[0] for place in places})) if places else {}
    found = {}
    for place in places:
        visit = visits.get(place[0])
        found[place] = BinFacts(
            *place,
            surely=max(0, held.get(place, 0) - risks.get(place, 0)),
            requested_ms=asked.get(place, 0),
            until_ms=visit.arrives_ms if visit else 0,
            visit=visit.id if visit else "",
            visit_day=visit.day if visit else "",
            brings=visit is not None and place[1:] in visit.brings,
            is_planned=place in held,
        )
    return found


def _held(session: Session, dealer: str, places: Collection[Place]) -> dict[Place, int]:
    """What the planned ones of some places hold."""
    found: dict[Place, int] = {}
    ordered = sorted(places)
    for start in range(0, len(ordered), _PLACES_AT_ONCE):
        some = ordered[start : start + _PLACES_AT_ONCE]
        rows = (
            select(PlannedBin, Balance.quantity)
            .join(Balance, _holds(), isouter=True)
            .where(
                col(PlannedBin.dealer_id) == dealer,
                col(PlannedBin.shop_id).in_({place[0] for place in some}),
                col(PlannedBin.part).in_({place[3] for place in some}),
            )
        )
        for planned, quantity in session.execute(rows):
            found[planned.shop_id, planned.cabinet, planned.bin, planned.part] = int(quantity or 0)
    return found


def _holds() -> Any:
    return (
        (col(Balance.shop_id) == col(PlannedBin.shop_id))
        & (col(Balance.account) == col(PlannedBin.account))
        & (col(Balance.part) == col(PlannedBin.part))
        & (col(Balance.dealer_id) == col(PlannedBin.dealer_id))
    )


def _asked(session: Session, dealer: str, shops: Collection[str]) -> dict[Place, int]:
    """Since when which part is asked for in which bin."""
    rows = select(OpenMatter).where(
        col(OpenMatter.dealer_id) == dealer, col(OpenMatter.kind) == "request", col(OpenMatter.shop_id).in_(list(shops))
    )
    return {(row.shop_id, row.cabinet, row.bin, row.part): row.since_ms for row in session.exec(rows)}


def next_visits(session: Session, dealer: str, shops: Mapping[str, ShopClock], now_ms: int) -> dict[str, NextVisit]:
    """By shop, the next visit that somebody has planned; what is only proposed is nobody's word."""
    rows = select(Visit).where(
        col(Visit.dealer_id) == dealer,
        col(Visit.state).in_(("planned", "loaded")),
        col(Visit.shop_id).in_(list(shops)),
    )
    first: dict[str, Visit] = {}
    for visit in session.exec(rows.order_by(col(Visit.day), col(Visit.arrives_min), col(Visit.id))):
        if visit.day >= day_of(now_ms, shops[visit.shop_id].clock.zone):
            first.setdefault(visit.shop_id, visit)
    brings = _brought(session, dealer, [visit.id for visit in first.values()])
    return {
        shop: NextVisit(visit.id, visit.day, _arrives_ms(visit, shops[shop], now_ms), frozenset(brings[visit.id]))
        for shop, visit in first.items()
    }


def _arrives_ms(visit: Visit, shop: ShopClock, now_ms: int) -> int:
    """When it comes; a visit that is late is taken to come now."""
    return max(now_ms, arrival_ms(visit.day, visit.arrives_min or 12 * 60, shop.clock.zone))


def _brought(session: Session, dealer: str, visits: list[str]) -> dict[str, set[tuple[str, int, str]]]:
    brings: dict[str, set[tuple[str, int, str]]] = defaultdict(set)
    rows = select(VisitLine).where(
        col(VisitLine.dealer_id) == dealer, col(VisitLine.visit).in_(visits), col(VisitLine.quantity) > 0
    )
    for line in session.exec(rows):
        if line.loaded != 0 and not line.left_out:
            brings[line.visit].add((line.cabinet, line.bin, line.part))
    return brings
