"""Rounds as they are shown: tours by day and van, one visit with its lines, what waits for the dealer's word."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col

from cloud.dealer_time import own_day
from cloud.replenishment.visits import calendar
from cloud.replenishment.visits.arranging import lines_of
from cloud.replenishment.visits.stops import stop_of
from cloud.replenishment.visits.travel import metres, minutes
from cloud.replenishment.visits.values import Spot, heaviest_g
from cloud.replenishment.visits.views import (
    DifferenceView,
    LeftOutView,
    LineState,
    LineView,
    RoundsView,
    TourView,
    VanView,
    VisitView,
)
from cloud.shop_plan import ShopPlan, plans
from cloud.tables import RequestEnd, RoundPlan, Shop, ShopHours, Van, Visit, VisitLine
from cloud.tenancy import NotFoundError, TenantId, tenant_rows

UNCLEAR_DAYS = 3  # after its day: until then what was delivered may still be confirmed
SHOWN_BACK_DAYS = 1
ACCEPTED = ("planned", "loaded", "done")
SHOWN = ("proposed", *ACCEPTED)
DIFFERENCES_MAX = 500


@dataclass
class Known:
    """What visits are shown with."""

    shops: dict[str, Shop]
    plans: dict[str, ShopPlan]
    lines: dict[str, list[VisitLine]]
    ended: set[tuple[str, str]]  # requests that were withdrawn
    service_min: dict[str, int]  # how long a visit takes, by shop; the others take the usual time
    today: date


def rounds(
    session: Session,
    tenant: TenantId,
    now_ms: int,
    first_day: str = "",
    days: int = 14,
    *,
    states: Sequence[str] = SHOWN,
) -> RoundsView:
    """The rounds from a day on ("": yesterday's that are not over, and all that come)."""
    today = today_of(session, tenant, now_ms)
    first = calendar.day_of_text(first_day) if first_day else today
    last = first + timedelta(days=days)
    rows = tenant_rows(tenant, Visit).where(
        col(Visit.day) >= first.isoformat(), col(Visit.day) < last.isoformat(), col(Visit.state).in_(states)
    )
    ordered = rows.order_by(col(Visit.day), col(Visit.van), col(Visit.stop), col(Visit.made_ms), col(Visit.id))
    visits = list(session.exec(ordered))
    if not first_day:
        visits = [*overdue(session, tenant, today), *visits]
    known = know(session, tenant, visits, now_ms)
    plan = session.exec(tenant_rows(tenant, RoundPlan)).one_or_none()
    return RoundsView(
        tours=_tours(session, tenant, visits, known),
        left_out=_left_out(plan, known),
        proposed_ms=plan.made_ms if plan else None,
        proposed_by=plan.made_by if plan else "",
        differences=len(differences(session, tenant, now_ms)),
    )


def overdue(session: Session, tenant: TenantId, today: date) -> list[Visit]:
    """Accepted visits whose day is over and that nobody has done."""
    rows = tenant_rows(tenant, Visit).where(
        col(Visit.day) < today.isoformat(), col(Visit.state).in_(("planned", "loaded"))
    )
    return list(session.exec(rows.order_by(col(Visit.day), col(Visit.van), col(Visit.stop), col(Visit.id))))


def today_of(session: Session, tenant: TenantId, now_ms: int) -> date:
    """The day it is in most of the dealer's shops."""
    return date.fromisoformat(own_day(session, tenant, now_ms))


def know(session: Session, tenant: TenantId, visits: Sequence[Visit], now_ms: int) -> Known:
    """What some visits are shown with; one query a table."""
    lines = lines_of(session, tenant, [visit.id for visit in visits])
    asked = sorted({line.request for rows in lines.values() for line in rows if line.request})
    ends = tenant_rows(tenant, RequestEnd).where(col(RequestEnd.request).in_(asked), col(RequestEnd.how) == "withdrawn")
    return Known(
        shops={row.id: row for row in session.exec(tenant_rows(tenant, Shop))},
        plans=plans(session, tenant),
        lines=lines,
        ended={(row.shop_id, row.request) for row in session.exec(ends)} if asked else set(),
        service_min={row.shop_id: row.service_min for row in session.exec(tenant_rows(tenant, ShopHours))},
        today=today_of(session, tenant, now_ms),
    )


def visit_of(session: Session, tenant: TenantId, name: str, now_ms: int) -> VisitView:
    """One visit with its lines (`NotFoundError`)."""
    row = session.exec(tenant_rows(tenant, Visit).where(col(Visit.id) == name)).one_or_none()
    if row is None:
        raise NotFoundError(f"expected a visit of yours, found {name!r}")
    return view_of(row, know(session, tenant, [row], now_ms))


def visits(
    session: Session,
    tenant: TenantId,
    now_ms: int,
    *,
    state: str = "",
    shop: str = "",
    cursor: str = "",
    limit: int = 50,
) -> list[VisitView]:
    """Visits, the last day first, behind the one named `cursor`."""
    rows = tenant_rows(tenant, Visit)
    if state:
        rows = rows.where(col(Visit.state) == state)
    if shop:
        rows = rows.where(col(Visit.shop_id) == shop)
    if cursor:
        rows = rows.where(_behind(session, tenant, cursor))
    found = session.exec(rows.order_by(col(Visit.day).desc(), col(Visit.id).desc()).limit(limit)).all()
    known = know(session, tenant, found, now_ms)
    return [view_of(row, known) for row in found]


def _behind(session: Session, tenant: TenantId, cursor: str) -> ColumnElement[bool]:
    own = tenant_rows(tenant, Visit).where(col(Visit.id) == cursor).with_only_columns(col(Visit.day))
    day = session.scalar(own)
    if day is None:
        raise NotFoundError(f"expected a visit of this list as cursor, found {cursor!r}: begin again without one")
    return or_(col(Visit.day) < day, and_(col(Visit.day) == day, col(Visit.id) < cursor))


# ---- lines ----


def view_of(row: Visit, known: Known) -> VisitView:
    """A visit with its lines."""
    lines, shop = known.lines.get(row.id, []), known.shops.get(row.shop_id)
    carried = [line for line in lines if not is_left_out(line, known)]
    brought = [line for line in carried if line.quantity > 0]
    return VisitView(
        id=row.id,
        shop=row.shop_id,
        shop_name=shop.name if shop else row.shop_id,
        latitude_e6=shop.latitude_e6 if shop else None,
        longitude_e6=shop.longitude_e6 if shop else None,
        day=row.day,
        van=row.van,
        stop=row.stop,
        arrives_min=row.arrives_min or None,
        travelled_m=row.travelled_m,
        state=row.state,  # type: ignore[arg-type]
        told=row.told_number > 0,
        overdue=row.day < known.today.isoformat() and row.state in {"planned", "loaded"},
        kg=round(sum(line.mass_g for line in brought) / 1000, 1),
        back_kg=round(sum(line.mass_g for line in carried if line.quantity < 0) / 1000, 1),
        unweighed=sum(line.mass_g == 0 for line in carried),
        needed=sum(line.purpose == "need" for line in carried),
        worth=sum(line.purpose == "worth" for line in carried),
        taken_back=sum(line.purpose == "take_back" for line in carried),
        transferred=sum(line.purpose == "transfer" for line in carried),
        lines=[line_view(line, row, known) for line in lines],
    )


def is_left_out(line: VisitLine, known: Known) -> bool:
    """Whether it is not brought: also when its request ended a moment ago and nobody has noted it yet."""
    if line.counted is not None or line.loaded:
        return False
    return bool(line.left_out) or (line.shop_id, line.request) in known.ended


def line_view(line: VisitLine, visit: Visit, known: Known) -> LineView:
    """One line."""
    plan = known.plans.get(line.shop_id, ShopPlan(None))
    part, giver = plan.parts.get(line.part), known.shops.get(line.from_shop)
    withdrawn = is_left_out(line, known) and not line.left_out
    return LineView(
        line=line.line,
        cabinet=line.cabinet,
        bin=line.bin,
        part=plan.part_name(line.part),
        purpose=line.purpose,  # type: ignore[arg-type]
        quantity=line.quantity,
        loaded=line.loaded,
        counted=line.counted,
        counted_by=line.counted_by,
        movement=line.movement,
        state=line_state(line, visit, known),
        left_out="withdrawn" if withdrawn else line.left_out,
        request=line.request,
        from_shop=line.from_shop,
        from_shop_name=giver.name if giver else line.from_shop,
        pack=max(1, part.pack_size) if part else 1,
        mass_g=line.mass_g,
        why=_why(line.why),
        note=line.note,
    )


def line_state(line: VisitLine, visit: Visit, known: Known) -> LineState:
    """How a line stands: `unclear` when nobody told for `UNCLEAR_DAYS` after its day what came."""
    if line.settled_ms:
        return "settled"
    if line.counted is not None:
        return "answered" if line.counted == expected(line) else "different"
    if is_left_out(line, known):
        return "left_out"
    if visit.state in {"planned", "loaded", "done"} and visit.day < _unclear_from(known.today):
        return "unclear"
    return "delivered" if visit.state == "done" else "waiting"


def _unclear_from(today: date) -> str:
    return (today - timedelta(days=UNCLEAR_DAYS)).isoformat()


def is_under_way(session: Session, tenant: TenantId, visit: Visit, now_ms: int) -> bool:
    """Whether it may still come: not done, and its day is not so long over that nobody expects it."""
    coming = visit.state in {"proposed", "planned", "loaded"}
    return coming and visit.day >= _unclear_from(today_of(session, tenant, now_ms))


def expected(line: VisitLine) -> int:
    """What should come: what was loaded, or what was planned when nobody said."""
    return line.quantity if line.loaded is None else line.loaded


def _why(text: str) -> dict[str, Any]:
    return dict(json.loads(text)) if text else {}


# ---- tours ----


def _tours(session: Session, tenant: TenantId, visits: Sequence[Visit], known: Known) -> list[TourView]:
    vans = {row.id: row for row in session.exec(tenant_rows(tenant, Van))}
    by_tour: dict[tuple[str, str], list[Visit]] = defaultdict(list)
    for visit in visits:
        by_tour[visit.day, visit.van].append(visit)
    return [_tour(vans[van], day, rows, known) for (day, van), rows in sorted(by_tour.items()) if van in vans]


def _tour(van: Van, day: str, rows: list[Visit], known: Known) -> TourView:
    stops = [stop_of(row, known.lines.get(row.id, [])) for row in rows]
    last = next((row for row in reversed(rows) if row.arrives_min), None)
    back_m, back_min = _back(van, last, known)
    return TourView(
        van=van_view(van),
        day=day,
        visits=[view_of(row, known) for row in rows],
        kg=round(heaviest_g(stops) / 1000, 1),
        km=round((sum(row.travelled_m for row in rows) + back_m) / 1000, 1),
        back_min=back_min,
    )


def _back(van: Van, last: Visit | None, known: Known) -> tuple[int, int | None]:
    spot = calendar.spot_of(known.shops[last.shop_id]) if last and last.shop_id in known.shops else None
    if last is None or spot is None:
        return 0, None
    back_m = metres(spot, Spot(van.latitude_e6, van.longitude_e6))
    stays_min = known.service_min.get(last.shop_id, calendar.SERVICE_MIN_DEFAULT)
    return back_m, last.arrives_min + stays_min + minutes(back_m, van.km_per_hour)


def van_view(row: Van) -> VanView:
    """A van."""
    return VanView(**row.model_dump(exclude={"dealer_id"}))


def _left_out(plan: RoundPlan | None, known: Known) -> list[LeftOutView]:
    found: list[Mapping[str, Any]] = json.loads(plan.left_out) if plan and plan.left_out else []
    return [_left_out_view(each, known) for each in found if each["place"]["shop"] in known.shops]


def _left_out_view(told: Mapping[str, Any], known: Known) -> LeftOutView:
    place = told["place"]
    plan = known.plans.get(place["shop"], ShopPlan(None))
    return LeftOutView(
        shop=place["shop"],
        shop_name=known.shops[place["shop"]].name,
        cabinet=place["cabinet"],
        bin=place["bin"],
        part=plan.part_name(place["part"]),
        quantity=told["quantity"],
        reason=told["reason"],
        found=told["found"],
        request=told["request"],
    )


# ---- differences ----


def differences(
    session: Session, tenant: TenantId, now_ms: int, *, limit: int = DIFFERENCES_MAX
) -> list[DifferenceView]:
    """Lines of which something else came than was loaded, and those nobody told of in time; the oldest first."""
    today = today_of(session, tenant, now_ms)
    should = VisitLine.loaded
    differs = and_(
        col(VisitLine.counted).is_not(None),
        or_(
            and_(col(VisitLine.loaded).is_not(None), col(VisitLine.counted) != should),
            and_(col(VisitLine.loaded).is_(None), col(VisitLine.counted) != VisitLine.quantity),
        ),
    )
    unclear = and_(
        col(VisitLine.counted).is_(None),
        col(VisitLine.left_out) == "",
        col(Visit.state).in_(("planned", "loaded", "done")),
        col(Visit.day) < _unclear_from(today),
    )
    rows = (
        tenant_rows(tenant, VisitLine)
        .join(Visit, (col(Visit.id) == col(VisitLine.visit)) & (col(Visit.dealer_id) == col(VisitLine.dealer_id)))
        .where(col(VisitLine.settled_ms) == 0, or_(differs, unclear))
        .order_by(col(Visit.day), col(Visit.id), col(VisitLine.line))
        .limit(limit)
        .with_only_columns(Visit, VisitLine)
    )
    found = [(row[0], row[1]) for row in session.execute(rows)]
    known = know(session, tenant, [], now_ms)
    return [_difference(visit, line, known) for visit, line in found]


def _difference(visit: Visit, line: VisitLine, known: Known) -> DifferenceView:
    shop = known.shops.get(visit.shop_id)
    return DifferenceView(
        visit=visit.id,
        shop=visit.shop_id,
        shop_name=shop.name if shop else visit.shop_id,
        day=visit.day,
        van=visit.van,
        line=line_view(line, visit, known),
    )
