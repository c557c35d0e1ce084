"""What running out is judged from: stock by its lower bound, forecasts where there are any, requests and visits.

The cloud's own work: every query says by `dealer` whose rows it means.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any

from sqlmodel import Session, col, select

from cloud.replenishment.alerts.facts import ShopClock
from cloud.replenishment.alerts.judging import BinFacts
from cloud.replenishment.alerts.matters import DAY_MS
from cloud.replenishment.alerts.visit_times import arrival_ms, next_possible_ms
from cloud.replenishment.outlook import BinOutlook, Place, open_risks, outlooks
from cloud.tables import Balance, OpenMatter, PlannedBin, Visit, VisitLine
from cloud.work.shop_time import day_of

UNPLANNED_LEAD_DAYS = 1  # where no policy says how long the van takes
SAFE_SDS = 3.0  # what holds so much more than will be asked for is not looked at more closely
SHOPS_AT_ONCE = 50
_PLACES_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class NextVisit:
    """A shop's next visit that somebody has planned, and what it brings where."""

    id: str
    day: str
    arrives_ms: int
    brings: frozenset[tuple[str, int, str]]


def stock_outs(
    session: Session, dealer: str, shops: Mapping[str, ShopClock], standing: Collection[Place], now_ms: int
) -> list[BinFacts]:
    """The bins that hold so little that they are to be judged, and those of standing alerts."""
    visits = next_visits(session, dealer, shops, now_ms)
    asked = _asked(session, dealer, shops)
    found: dict[Place, BinFacts] = {}
    for each in outlooks(session, dealer, now_ms, shops=sorted(shops)):
        place = each.shop, each.cabinet, each.bin, each.part
        facts = _forecast_facts(each, shops[each.shop], visits.get(each.shop), asked.get(place, 0), now_ms)
        if facts is not None or place in standing:
            found[place] = facts or _bare(place, each.surely, asked.get(place, 0))
        else:
            asked.pop(place, None)
    rest = (asked.keys() | {place for place in standing if place[0] in shops}) - found.keys()
    found |= _unforecast(session, dealer, rest, asked, visits)
    return [found[place] for place in sorted(found)]


def _forecast_facts(
    each: BinOutlook, shop: ShopClock, visit: NextVisit | None, requested_ms: int, now_ms: int
) -> BinFacts | None:
    """None for what holds plenty."""
    until_ms = _until_ms(shop, visit, each.lead_days, now_ms)
    days = (until_ms - now_ms) / DAY_MS
    if each.surely > each.expected(days) + SAFE_SDS * sqrt(each.demand.variance(days)) + each.demand.step:
        return None
    brings = visit is not None and (each.cabinet, each.bin, each.part) in visit.brings
    return BinFacts(
        each.shop,
        each.cabinet,
        each.bin,
        each.part,
        each.surely,
        requested_ms,
        each.runs_out_ppm(days),
        until_ms,
        visit.id if visit else "",
        visit.day if visit else "",
        brings,
    )


def _until_ms(shop: ShopClock, visit: NextVisit | None, lead_days: int, now_ms: int) -> int:
    if visit is not None:
        return visit.arrives_ms
    return next_possible_ms(now_ms, lead_days, shop.clock.hours, shop.clock.zone)


def _bare(place: Place, surely: int, requested_ms: int) -> BinFacts:
    """A standing alert's bin that holds plenty by now."""
    return BinFacts(*place, surely=surely, requested_ms=requested_ms, runs_out_ppm=0)


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
