"""A proposal of the coming days' rounds: read, planned without holding anything up, then written in one transaction.

A new proposal takes the place of the one before; accepted visits stand. When somebody accepted, moved or cancelled a
visit while it was made, it is refused: it would rest on what is no longer so.
"""

import json
import secrets
from dataclasses import asdict, dataclass

from sqlmodel import Session, col, delete, select

from cloud.audit import record
from cloud.database import Database
from cloud.gate import as_service
from cloud.identity import SignedIn
from cloud.people.rules import RefusedError, TakenError
from cloud.replenishment.visits import following, gathering
from cloud.replenishment.visits.calendar import DAYS_DEFAULT, DAYS_MAX
from cloud.replenishment.visits.gathering import Gathered, gather
from cloud.replenishment.visits.planning import plan
from cloud.replenishment.visits.routing import ITERATIONS
from cloud.replenishment.visits.stops import line_of
from cloud.replenishment.visits.values import LeftOut, Plan, Stop, Tour
from cloud.tables import Dealer, OnVisit, RoundPlan, Visit, VisitLine
from cloud.tenancy import TenantId, owned, tenant_rows


@dataclass(frozen=True)
class Asked:
    """For which days: from `first_day` ("": from now) the next `days` on which a van works."""

    first_day: str = ""
    days: int = DAYS_DEFAULT
    iterations: int = ITERATIONS


def propose(database: Database, person: SignedIn, asked: Asked, now_ms: int) -> int:
    """Make a proposal; how many visits are in it (`RefusedError`, `TakenError` when rounds changed meanwhile)."""
    if not 1 <= asked.days <= DAYS_MAX:
        raise RefusedError(f"expected 1 to {DAYS_MAX} days, found {asked.days}")
    following.catch_up(database, now_ms, person.tenant.dealer)
    with database.reading_as(person.tenant) as session:
        known = gather(session, person.tenant, now_ms, asked.first_day, asked.days)
    made = plan(known.shops, known.vans, known.store, known.standing, asked.iterations)
    with database.writing_as(person.tenant) as session:
        return _write(session, person, known, made, now_ms)


def _write(session: Session, person: SignedIn, known: Gathered, made: Plan, now_ms: int) -> int:
    tenant = person.tenant
    lock_rounds(session, tenant)
    if gathering.mark_of(gathering.open_visits(session, tenant)) != known.mark:
        raise TakenError("expected rounds that stand still while they are planned, found that they changed: try again")
    forget_proposal(session, tenant)
    first = known.found.days[0].isoformat() if known.found.days else ""
    count = sum(_write_tour(session, person, known, tour, now_ms) for tour in made.tours)
    left = [*known.left_out, *made.left_out]
    session.merge(
        RoundPlan(
            dealer_id=tenant.dealer,
            made_ms=now_ms,
            made_by=person.name,
            first_day=first,
            days=len(known.found.days),
            left_out=_told(left),
        )
    )
    session.flush()
    what = f"{count} visits, {len(left)} needs left out"
    record(session, person, now_ms, action="rounds.proposed", target=f"rounds from {first}", after=what)
    return count


def lock_rounds(session: Session, tenant: TenantId) -> None:
    """Whoever else changes rounds of this dealer waits until the transaction ends; those who add rows do not."""
    with as_service(session):
        session.exec(select(Dealer.id).where(col(Dealer.id) == tenant.dealer).with_for_update(key_share=True)).one()


def forget_proposal(session: Session, tenant: TenantId) -> None:
    """Take what is merely proposed away."""
    rows = tenant_rows(tenant, Visit).where(col(Visit.state) == "proposed")
    ids = list(session.scalars(rows.with_only_columns(col(Visit.id))))
    if ids:
        session.exec(delete(OnVisit).where(owned(tenant, OnVisit), col(OnVisit.visit).in_(ids)))
        session.exec(delete(VisitLine).where(owned(tenant, VisitLine), col(VisitLine.visit).in_(ids)))
        session.exec(delete(Visit).where(owned(tenant, Visit), col(Visit.id).in_(ids)))
        session.flush()
    session.expire_all()


def _write_tour(session: Session, person: SignedIn, known: Gathered, tour: Tour, now_ms: int) -> int:
    day = known.found.days[tour.day].isoformat()
    beside = {
        stop.shop: at
        for each in known.standing.tours
        if (each.van, each.day) == (tour.van, tour.day)
        for at, stop in enumerate(each.stops, 1)
    }
    for at, stop in enumerate(tour.stops, 1):
        number = beside.get(stop.shop, len(beside) + at)
        _write_visit(session, person, (tour.van, day, number), stop, now_ms)
    return len(tour.stops)


def _write_visit(session: Session, person: SignedIn, where: tuple[str, str, int], stop: Stop, now_ms: int) -> None:
    van, day, number = where
    dealer = person.tenant.dealer
    row = Visit(
        id=f"v-{secrets.token_hex(6)}",
        dealer_id=dealer,
        shop_id=stop.shop,
        day=day,
        van=van,
        stop=number,
        arrives_min=stop.arrives_min or 0,
        travelled_m=stop.travelled_m,
        state="proposed",
        made_by=person.name,
        made_ms=now_ms,
    )
    session.add(row)
    session.flush()
    for line, wish in enumerate(stop.wishes, 1):
        session.add(line_of(wish, row.id, line, dealer))
    for request in {wish.request for wish in stop.wishes if wish.request}:
        session.add(OnVisit(shop_id=stop.shop, request=request, dealer_id=dealer, visit=row.id))
    session.flush()


def _told(left: list[LeftOut]) -> str:
    return json.dumps([asdict(each) for each in left])
