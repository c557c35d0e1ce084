"""The order and the times of a van's round of a day, kept in its visits when one is added, moved or cancelled."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col

from cloud.people.rules import RefusedError
from cloud.replenishment.visits import calendar
from cloud.replenishment.visits.stops import stop_of
from cloud.replenishment.visits.timetable import inserted, timed
from cloud.replenishment.visits.values import ShopAsk, Stop, Tour, VanDay, heaviest_g
from cloud.tables import Shop, ShopHours, Van, Visit, VisitLine
from cloud.tenancy import NotFoundError, TenantId, tenant_rows

ON_THE_ROUND = ("proposed", "planned", "loaded", "done")


@dataclass
class Round:
    """A van's visits of a day, in order, with what the planning needs of them."""

    van: VanDay
    visits: list[Visit]
    stops: list[Stop]
    shops: dict[str, ShopAsk]


def own_van(session: Session, tenant: TenantId, van: str) -> Van:
    """The tenant's van of that id (`NotFoundError`)."""
    row = session.exec(tenant_rows(tenant, Van).where(col(Van.id) == van)).one_or_none()
    if row is None:
        raise NotFoundError(f"expected a van of yours, found {van!r}")
    return row


def round_of(session: Session, tenant: TenantId, van: Van, day: str, without: str = "") -> Round:
    """The round as it stands, but for one visit."""
    rows = tenant_rows(tenant, Visit).where(
        col(Visit.van) == van.id, col(Visit.day) == day, col(Visit.state).in_(ON_THE_ROUND), col(Visit.id) != without
    )
    visits = list(session.exec(rows.order_by(col(Visit.stop), col(Visit.made_ms), col(Visit.id))))
    lines = lines_of(session, tenant, [visit.id for visit in visits])
    stops = _one_a_shop(visits, lines)
    shops = asks(session, tenant, [visit.shop_id for visit in visits], day)
    return Round(calendar.van_day(van, 0), visits, stops, shops)


def _one_a_shop(visits: Sequence[Visit], lines: dict[str, list[VisitLine]]) -> list[Stop]:
    """What is proposed on top of an accepted visit is the same stop."""
    found: dict[str, Stop] = {}
    for visit in visits:
        stop = stop_of(visit, lines.get(visit.id, []))
        known = found.get(visit.shop_id)
        found[visit.shop_id] = Stop(stop.shop, (*known.wishes, *stop.wishes)) if known else stop
    return list(found.values())


def lines_of(session: Session, tenant: TenantId, visits: Sequence[str]) -> dict[str, list[VisitLine]]:
    """The lines of some visits, in order."""
    found: dict[str, list[VisitLine]] = defaultdict(list)
    if visits:
        rows = tenant_rows(tenant, VisitLine).where(col(VisitLine.visit).in_(list(visits)))
        for row in session.exec(rows.order_by(col(VisitLine.visit), col(VisitLine.line))):
            found[row.visit].append(row)
    return found


def asks(session: Session, tenant: TenantId, shops: Sequence[str], day: str) -> dict[str, ShopAsk]:
    """Where some shops are and when they are open that day."""
    date_ = calendar.day_of_text(day)
    hours: dict[str, list[ShopHours]] = defaultdict(list)
    for row in session.exec(tenant_rows(tenant, ShopHours).where(col(ShopHours.shop_id).in_(list(shops)))):
        hours[row.shop_id].append(row)
    named = session.exec(tenant_rows(tenant, Shop).where(col(Shop.id).in_(list(shops))))
    return {
        row.id: ShopAsk(
            row.id,
            calendar.spot_of(row),
            calendar.hours_of(hours[row.id], [date_]),
            service_min=calendar.service_min(hours[row.id]),
        )
        for row in named
    }


def retime(session: Session, tenant: TenantId, van: str, day: str) -> None:
    """Number the stops anew, and tell when the van is where. A van that is gone leaves the times as they are."""
    row = session.exec(tenant_rows(tenant, Van).where(col(Van.id) == van)).one_or_none()
    if row is not None:
        found = round_of(session, tenant, row, day)
        _keep(session, found, timed(found.van, found.stops, found.shops).tour)


def put(session: Session, tenant: TenantId, visit: Visit, van: Van, day: str) -> None:
    """Put a visit where it makes the way of that van's round the least longer (`RefusedError`: it does not fit)."""
    date_ = calendar.day_of_text(day)
    if van.withdrawn or str(date_.isoweekday()) not in van.weekdays:
        raise RefusedError(f"expected a day on which {van.name} drives, found {day}")
    found = round_of(session, tenant, van, day, visit.id)
    found.shops |= asks(session, tenant, [visit.shop_id], day)
    shop, own = found.shops[visit.shop_id], stop_of(visit, lines_of(session, tenant, [visit.id]).get(visit.id, []))
    if shop.hours[0] is None:
        raise RefusedError(f"expected a day on which the shop is open, found {day}")
    if any(stop.shop == visit.shop_id for stop in found.stops):
        raise RefusedError(f"expected a round that does not go to this shop yet, found {van.name} on {day}")
    made = inserted(found.van, found.stops, own, found.shops)
    if made is None:
        raise RefusedError(_why_not(found, own))
    visit.van, visit.day = van.id, day
    found.visits.append(visit)
    _keep(session, found, made.tour)


def _why_not(found: Round, own: Stop) -> str:
    kg, most = -(-heaviest_g([*found.stops, own]) // 1000), found.van.max_g // 1000
    if kg > most:
        return f"expected at most {most} kg on this van, found {kg}"
    return "expected a round that ends in time, found it too long with this shop"


def _keep(session: Session, found: Round, tour: Tour) -> None:
    for at, stop in enumerate(tour.stops, 1):
        for visit in found.visits:
            if visit.shop_id == stop.shop:
                visit.stop, visit.travelled_m = at, stop.travelled_m
                visit.arrives_min = stop.arrives_min or 0
                session.add(visit)
    session.flush()
