"""What the planning of a dealer's rounds rests on, read in one transaction: bins, requests, forecasts, vans, hours.

One query a table, whatever the number of shops. What an accepted visit brings counts as stock until it is confirmed
(`incoming`), and a request that an accepted visit answers is not asked for again.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlmodel import Session, col

from cloud.dealer_time import zone_of_most
from cloud.history import open_requests
from cloud.places import bin_of
from cloud.replenishment.outlook import BinOutlook, outlooks
from cloud.replenishment.visits import calendar
from cloud.replenishment.visits.calendar import Horizon
from cloud.replenishment.visits.planning import Standing
from cloud.replenishment.visits.stops import stop_of
from cloud.replenishment.visits.values import BinPlace, BinState, LeftOut, ShopAsk, Tour, VanDay, Wish
from cloud.replenishment.visits.wishes import spare_of, wish_for
from cloud.shop_plan import ShopPlan, plans
from cloud.tables import (
    Balance,
    CataloguePart,
    DealerStock,
    OnVisit,
    PlannedBin,
    Request,
    Shop,
    ShopHours,
    Van,
    Visit,
    VisitLine,
)
from cloud.tenancy import TenantId, owned, tenant_rows

DAY_MS = 86_400_000
STANDING = ("planned", "loaded", "done")  # what is accepted; a proposal counts for nothing
KEEP_DAYS = 365
SURE_AWAY = 8.0  # so many standard deviations below the stock demand never comes near it


@dataclass(frozen=True)
class Gathered:
    """Everything the planning takes."""

    found: Horizon
    vans: list[VanDay]
    shops: list[ShopAsk]
    standing: Standing
    store: dict[str, int]
    left_out: list[LeftOut]
    mark: frozenset[tuple[str, str, int]]  # the visits that were open: another set when somebody accepts meanwhile


@dataclass
class _Rows:
    """Rows by what they are looked up by."""

    shops: dict[str, Shop]
    hours: dict[str, list[ShopHours]]
    vans: list[Van]
    plans: dict[str, ShopPlan]
    outlook: dict[BinPlace, BinOutlook]
    requests: dict[BinPlace, Request]
    incoming: dict[BinPlace, int]
    shelf_days: dict[str, int]
    visits: list[Visit] = field(default_factory=list)
    lines: dict[str, list[VisitLine]] = field(default_factory=dict)


def gather(session: Session, tenant: TenantId, now_ms: int, first_day: str = "", days: int = 5) -> Gathered:
    """All of it (`RefusedError` for a day that is none)."""
    rows = _rows(session, tenant, now_ms)
    zone = zone_of_most(shop.time_zone for shop in rows.shops.values())
    found = calendar.horizon(rows.vans, now_ms, zone, first_day, days)
    wishes: dict[str, list[Wish]] = defaultdict(list)
    spare: dict[str, list[Wish]] = defaultdict(list)
    left_out = []
    for state in _states(session, tenant, rows, found, now_ms):
        wish = wish_for(state)
        if isinstance(wish, LeftOut):
            left_out.append(wish)
        elif wish is not None:
            wishes[state.place.shop].append(wish)
        if wish is None and (other := spare_of(state)) is not None:
            spare[state.place.shop].append(other)
    gone = {(visit.van, visit.day) for visit in rows.visits if visit.state in {"loaded", "done"}}
    asked = {name: _ask(row, rows, found, wishes[name], spare[name]) for name, row in rows.shops.items()}
    return Gathered(
        found=found,
        vans=calendar.van_days(rows.vans, found, gone),
        shops=[shop for shop in asked.values() if shop.needs or shop.worth or shop.take_back or shop.spare],
        standing=_standing(rows, found, asked),
        store=store_left(session, tenant),
        left_out=left_out,
        mark=mark_of(rows.visits),
    )


def mark_of(visits: Iterable[Visit]) -> frozenset[tuple[str, str, int]]:
    """Which visits are open, and as what their gateways know them."""
    return frozenset((visit.id, visit.state, visit.told_number) for visit in visits)


def open_visits(session: Session, tenant: TenantId) -> list[Visit]:
    """The accepted visits of which something may still come."""
    rows = tenant_rows(tenant, Visit).where(col(Visit.state).in_(STANDING))
    waiting = tenant_rows(tenant, VisitLine).where(col(VisitLine.counted).is_(None), col(VisitLine.settled_ms) == 0)
    named = waiting.with_only_columns(col(VisitLine.visit)).where(col(VisitLine.left_out) == "")
    return list(session.exec(rows.where(col(Visit.id).in_(named)).order_by(col(Visit.day), col(Visit.stop))))


# ---- rows ----


def _rows(session: Session, tenant: TenantId, now_ms: int) -> _Rows:
    shops = {row.id: row for row in session.exec(tenant_rows(tenant, Shop).order_by(col(Shop.id)))}
    hours: dict[str, list[ShopHours]] = defaultdict(list)
    for row in session.exec(tenant_rows(tenant, ShopHours)):
        hours[row.shop_id].append(row)
    vans = session.exec(tenant_rows(tenant, Van).where(col(Van.withdrawn).is_(False)).order_by(col(Van.id))).all()
    visits = open_visits(session, tenant)
    lines = _lines(session, tenant, [visit.id for visit in visits])
    shelf = tenant_rows(tenant, CataloguePart).where(col(CataloguePart.shelf_life_days) > 0)
    columns = col(CataloguePart.number), col(CataloguePart.shelf_life_days)
    return _Rows(
        shops=shops,
        hours=hours,
        vans=list(vans),
        plans=plans(session, tenant),
        outlook={BinPlace(o.shop, o.cabinet, o.bin, o.part): o for o in outlooks(session, tenant.dealer, now_ms)},
        requests=_requests(session, tenant),
        incoming=_incoming(lines),
        shelf_days={row[0]: int(row[1]) for row in session.execute(shelf.with_only_columns(*columns))},
        visits=visits,
        lines=lines,
    )


def _lines(session: Session, tenant: TenantId, visits: list[str]) -> dict[str, list[VisitLine]]:
    found: dict[str, list[VisitLine]] = defaultdict(list)
    rows = tenant_rows(tenant, VisitLine).where(col(VisitLine.visit).in_(visits))
    for row in session.exec(rows.order_by(col(VisitLine.visit), col(VisitLine.line))) if visits else ():
        found[row.visit].append(row)
    return found


def _incoming(lines: Mapping[str, list[VisitLine]]) -> dict[BinPlace, int]:
    found: dict[BinPlace, int] = defaultdict(int)
    for row in (line for rows in lines.values() for line in rows):
        if row.counted is None and not row.left_out and not row.settled_ms:
            loaded = row.loaded if row.loaded is not None else row.quantity
            found[BinPlace(row.shop_id, row.cabinet, row.bin, row.part)] += loaded
    return found


def _requests(session: Session, tenant: TenantId) -> dict[BinPlace, Request]:
    """The open requests that no visit answers yet; of several of one bin and part the oldest."""
    answered = tenant_rows(tenant, OnVisit).join(
        Visit, (col(Visit.id) == col(OnVisit.visit)) & col(Visit.state).in_(STANDING) & owned(tenant, Visit)
    )
    taken = {
        (row[0], row[1])
        for row in session.execute(answered.with_only_columns(col(OnVisit.shop_id), col(OnVisit.request)))
    }
    found: dict[BinPlace, Request] = {}
    for row in session.exec(open_requests(tenant).order_by(col(Request.raised_ms), col(Request.id))):
        if (row.shop_id, row.id) not in taken:
            found.setdefault(BinPlace(row.shop_id, row.cabinet, row.bin, row.part), row)
    return found


def _states(session: Session, tenant: TenantId, rows: _Rows, found: Horizon, now_ms: int) -> Iterable[BinState]:
    planned = (
        tenant_rows(tenant, PlannedBin)
        .join(
            Balance,
            (col(Balance.shop_id) == col(PlannedBin.shop_id))
            & (col(Balance.account) == col(PlannedBin.account))
            & (col(Balance.part) == col(PlannedBin.part))
            & owned(tenant, Balance),
            isouter=True,
        )
        .with_only_columns(PlannedBin, col(Balance.quantity), col(Balance.last_occurred_ms))
        .order_by(col(PlannedBin.shop_id), col(PlannedBin.cabinet), col(PlannedBin.bin), col(PlannedBin.part))
    )
    for row, held, last_ms in session.execute(planned):
        if row.shop_id in rows.shops and bin_of(row.account) is not None:
            rest_days = None if last_ms is None else max(0, (now_ms - int(last_ms)) // DAY_MS)
            yield _state(row, int(held or 0), rest_days, rows, found)


def _state(planned: PlannedBin, held: int, rest_days: int | None, rows: _Rows, found: Horizon) -> BinState:
    """`rest_days`: since anything was booked there, so neither taken nor put in for as long."""
    place = BinPlace(planned.shop_id, planned.cabinet, planned.bin, planned.part)
    outlook, request = rows.outlook.get(place), rows.requests.get(place)
    part = rows.plans[place.shop].parts.get(place.part)
    incoming = rows.incoming.get(place, 0)
    by_day, by_next = _chances(outlook, incoming, found)
    waited_ms = found.now.timestamp() * 1000 - request.raised_ms if request else 0
    return BinState(
        place=place,
        stock=outlook.surely if outlook else max(0, held),
        order_up_to=outlook.order_up_to if outlook else planned.order_up_to,
        reorder_point=outlook.reorder_point if outlook else planned.reorder_point,
        incoming=incoming,
        capacity=planned.capacity,
        pack=max(1, part.pack_size) if part else 1,
        unit_mg=(1000 if part.unit == "gram" else part.unit_mass_mg) if part else 0,
        mean_day=outlook.mean_day if outlook else 0.0,
        request=request.id if request else "",
        waited_days=max(0.0, waited_ms / DAY_MS),
        out_by_day=by_day,
        out_by_next=by_next,
        review_days=_review_days(outlook),
        keep_days=rows.shelf_days.get(place.part, KEEP_DAYS),
        quiet_days=rest_days,
        put_days=rest_days,
    )


def _review_days(outlook: BinOutlook | None) -> int:
    return max(1, outlook.review_days) if outlook and outlook.review_days else 7


def _chances(outlook: BinOutlook | None, incoming: int, found: Horizon) -> tuple[tuple[float, ...], float]:
    """The chance to have run out at the end of each day, and before the next chance after the horizon's first day."""
    if outlook is None or not found.days:
        return (), 0.0
    next_days = found.ahead_days(0) + _review_days(outlook)
    ahead = [found.ahead_days(at) for at in range(len(found.days))]
    if _is_far(outlook, incoming, max(next_days, *ahead)):
        return tuple(0.0 for _ in ahead), 0.0
    return tuple(outlook.runs_out_ppm(each, incoming) / 1e6 for each in ahead), outlook.runs_out_ppm(
        next_days, incoming
    ) / 1e6


def _is_far(outlook: BinOutlook, incoming: int, days: float) -> bool:
    """Whether there is so much that the sums need not be made: they take longer than all the rest."""
    reach = outlook.expected(days) + SURE_AWAY * outlook.demand.variance(days) ** 0.5
    return float(outlook.surely + incoming) > float(reach)


# ---- shops and standing rounds ----


def _ask(row: Shop, rows: _Rows, found: Horizon, wishes: list[Wish], spare: list[Wish]) -> ShopAsk:
    hours = rows.hours.get(row.id, [])
    return ShopAsk(
        id=row.id,
        spot=calendar.spot_of(row),
        hours=calendar.hours_of(hours, found.days),
        needs=tuple(wish for wish in wishes if wish.purpose == "need"),
        worth=tuple(wish for wish in wishes if wish.purpose == "worth"),
        take_back=tuple(wish for wish in wishes if wish.purpose == "take_back"),
        spare=tuple(spare),
        service_min=calendar.service_min(hours),
    )


def _standing(rows: _Rows, found: Horizon, asked: Mapping[str, ShopAsk]) -> Standing:
    """Accepted rounds of the horizon that nobody has loaded yet."""
    tours: dict[tuple[str, int], list[Visit]] = defaultdict(list)
    for visit in rows.visits:
        at = found.number(visit.day)
        if visit.state == "planned" and at is not None:
            tours[visit.van, at].append(visit)
    made = [
        Tour(van, at, tuple(stop_of(visit, rows.lines.get(visit.id, [])) for visit in visits))
        for (van, at), visits in sorted(tours.items())
    ]
    names = {stop.shop for tour in made for stop in tour.stops}
    return Standing(tuple(made), tuple(asked[name] for name in sorted(names) if name in asked))


def store_left(session: Session, tenant: TenantId) -> dict[str, int]:
    """What the store can still give, by part: what it has, less what accepted visits will load."""
    left = {row.part: row.on_hand for row in session.exec(tenant_rows(tenant, DealerStock))}
    waiting = (
        tenant_rows(tenant, VisitLine)
        .join(Visit, (col(Visit.id) == col(VisitLine.visit)) & owned(tenant, Visit))
        .where(
            col(Visit.state) == "planned",
            col(VisitLine.quantity) > 0,
            col(VisitLine.from_shop) == "",
            col(VisitLine.left_out) == "",
            col(VisitLine.loaded).is_(None),
            col(VisitLine.counted).is_(None),
        )
    )
    for part, quantity in session.execute(waiting.with_only_columns(col(VisitLine.part), col(VisitLine.quantity))):
        if part in left:
            left[part] -= quantity
    return left
