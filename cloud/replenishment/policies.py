"""Policies as they are shown: of a shop, and of one bin with its forecast and why. Reads only."""

from sqlmodel import Session, col

from cloud.replenishment.aims import Aims, aims_of
from cloud.replenishment.demand.ledger_days import asked_by_week
from cloud.replenishment.outlook import BinOutlook, outlooks, overrides_in_force
from cloud.replenishment.overrides import view as override_view
from cloud.replenishment.policy_views import FillView, PolicyCard, PolicyView, WeekAhead
from cloud.shop_plan import ShopPlan, plan_of
from cloud.stock_work.orders import with_answers
from cloud.tables import BinPolicy, FeedAnswer, FillCorrection, PlanningRun, ShopFeed
from cloud.tenancy import NotFoundError, TenantId, tenant_rows
from edge_gateway.shop_document import BinPart

WEEKS_AHEAD = 8
Place = tuple[str, int, str]  # cabinet, bin, part
_SHARES = (0.10, 0.50, 0.90, 0.98)


def policies(
    session: Session, tenant: TenantId, shop: str, now_ms: int, *, cabinet: str = "", cursor: str = "", limit: int = 50
) -> list[PolicyView]:
    """A shop's, in order of place, behind the place `cursor` (`NotFoundError`); `cursor`: as `place_cursor` says."""
    plan = plan_of(session, tenant, shop)
    found = outlooks(session, tenant.dealer, now_ms, shops=[shop], cabinet=cabinet)
    if cursor:
        places = [place_cursor((each.cabinet, each.bin, each.part)) for each in found]
        if cursor not in places:
            raise NotFoundError(f"expected a cursor of this list, found {cursor!r}")
        found = found[places.index(cursor) + 1 :]
    return _views(session, tenant, plan, found[:limit], now_ms)


def place_cursor(place: Place) -> str:
    """How a list names a part in a bin."""
    return f"{place[0]}/{place[1]}/{place[2]}"


def policy_card(session: Session, tenant: TenantId, shop: str, place: Place, now_ms: int) -> PolicyCard:
    """One bin's policy, what is expected in the next weeks, and a person's levels (`NotFoundError`: no such bin)."""
    plan = plan_of(session, tenant, shop)
    cabinet, number, part = place
    found = outlooks(session, tenant.dealer, now_ms, shops=[shop], cabinet=cabinet, part=part)
    own = [each for each in found if each.bin == number]
    if not own and part not in {placed.part for placed in _parts_of(plan, cabinet, number)}:
        raise NotFoundError(f"expected a bin with {part!r}, found bin {number} of {cabinet}")
    override = overrides_in_force(session, tenant.dealer, now_ms, [shop]).get((shop, cabinet, number, part))
    return PolicyCard(
        part=plan.part_name(part),
        policy=next(iter(_views(session, tenant, plan, own, now_ms)), None),
        weeks=[_week(each, weeks) for each in own for weeks in range(1, WEEKS_AHEAD + 1)],
        asked_by_week=asked_by_week(session, tenant.dealer, shop, part, now_ms),
        override=override_view(override, now_ms) if override else None,
    )


def _parts_of(plan: ShopPlan, cabinet: str, number: int) -> tuple[BinPart, ...]:
    bin_ = plan.bins.get((cabinet, number))
    return bin_.parts if bin_ else ()


def _week(own: BinOutlook, weeks: int) -> WeekAhead:
    days = 7.0 * weeks
    low, middle, high, very_high = (own.enough_until(share, days) for share in _SHARES)
    return WeekAhead(
        weeks=weeks, expected=round(own.expected(days), 3), low=low, middle=middle, high=high, very_high=very_high
    )


def _views(
    session: Session, tenant: TenantId, plan: ShopPlan, found: list[BinOutlook], now_ms: int
) -> list[PolicyView]:
    if not found:
        return []
    shop = found[0].shop
    rows = {
        (row.cabinet, row.bin, row.part): row
        for row in session.exec(
            tenant_rows(tenant, BinPolicy).where(
                col(BinPolicy.shop_id) == shop, col(BinPolicy.part).in_(sorted({each.part for each in found}))
            )
        )
    }
    told = _told(session, tenant, shop, {row.told_number for row in rows.values() if row.told_number})
    people = overrides_in_force(session, tenant.dealer, now_ms, [shop])
    return [
        _view(plan, each, rows[each.cabinet, each.bin, each.part], told, is_persons=_key(each) in people)
        for each in found
        if (each.cabinet, each.bin, each.part) in rows
    ]


def _key(each: BinOutlook) -> tuple[str, str, int, str]:
    return each.shop, each.cabinet, each.bin, each.part


def _view(
    plan: ShopPlan, each: BinOutlook, row: BinPolicy, told: dict[int, tuple[int, bool]], *, is_persons: bool
) -> PolicyView:
    is_told = row.told_order_up_to >= 0
    number = told.get(row.told_number)
    return PolicyView(
        shop=each.shop,
        cabinet=each.cabinet,
        bin=each.bin,
        part=plan.part_name(each.part),
        computed_ms=row.computed_ms,
        reorder_point=row.reorder_point,
        order_up_to=row.order_up_to,
        reorder_point_in_force=each.reorder_point,
        order_up_to_in_force=each.order_up_to,
        from_whom="person" if is_persons else "forecast" if is_told else "planogram",
        aim_ppm=row.aim_ppm,
        fill_ppm=row.fill_ppm,
        on_hand=row.on_hand,
        mean_day=row.mean_day,
        stock=each.stock,
        at_risk=each.at_risk,
        capacity=each.capacity,
        pack_size=max(1, plan.parts[each.part].pack_size) if each.part in plan.parts else 1,
        days_left=each.days_left,
        runs_out_ppm=each.runs_out_ppm(each.lead_days + each.review_days),
        method=row.method,
        demand_class=row.demand_class,
        limited_by=row.limited_by,
        lead_days=row.lead_days,
        review_days=row.review_days,
        told_ms=number[0] if number else None,
        answered=bool(number and number[1]),
    )


def _told(session: Session, tenant: TenantId, shop: str, numbers: set[int]) -> dict[int, tuple[int, bool]]:
    """By number of the feed: when it was told, and whether the gateway has answered."""
    rows = (
        with_answers(tenant)
        .where(col(ShopFeed.shop_id) == shop, col(ShopFeed.number).in_(sorted(numbers)))
        .with_only_columns(col(ShopFeed.number), col(ShopFeed.made_ms), col(FeedAnswer.outcome))
    )
    return {number: (made_ms, outcome is not None) for number, made_ms, outcome in session.execute(rows)}


def fills(session: Session, tenant: TenantId) -> list[FillView]:
    """Promised and reached, by class."""
    rows = tenant_rows(tenant, FillCorrection).order_by(col(FillCorrection.demand_class))
    return [FillView(**row.model_dump(exclude={"dealer_id", "through_ms"})) for row in session.exec(rows)]


def reached_lately(session: Session, tenant: TenantId) -> PlanningRun | None:
    """The last run that ended well, which says what was reached of everything."""
    rows = tenant_rows(tenant, PlanningRun).where(col(PlanningRun.ended_ms) > 0, col(PlanningRun.error) == "")
    return session.exec(rows.order_by(col(PlanningRun.started_ms).desc()).limit(1)).first()


def aims_for(session: Session, tenant: TenantId) -> Aims:
    """The tenant's aims."""
    return aims_of(session, tenant.dealer)
