"""A tenant's alerts: the open ones by urgency, all of them page by page, and how many hold. Reads only."""

from sqlalchemy import ColumnElement, and_, case, func, or_
from sqlmodel import Session, col
from sqlmodel.sql.expression import SelectOfScalar

from cloud.replenishment.alerts.matters import DAY_MS
from cloud.replenishment.alerts.naming import named
from cloud.replenishment.alerts.views import AlertCount, AlertView, State
from cloud.tables import Alert
from cloud.tenancy import NotFoundError, TenantId, tenant_rows

OPEN_SHOWN = 500
ENDED_DAYS = 3
ENDED_SHOWN = 60


def alerts(
    session: Session,
    tenant: TenantId,
    *,
    state: State = "open",
    shop: str = "",
    kind: str = "",
    cursor: str = "",
    limit: int = 50,
    prices: bool = False,
) -> list[AlertView]:
    """A page of alerts, the last begun first, behind the one named `cursor` (`NotFoundError`)."""
    rows = _of(tenant, state, shop, kind)
    if cursor:
        rows = rows.where(_behind(session, tenant, cursor))
    found = session.exec(rows.order_by(col(Alert.began_ms).desc(), col(Alert.id).desc()).limit(limit)).all()
    return named(session, tenant.dealer, found, prices=prices)


def _of(tenant: TenantId, state: State, shop: str = "", kind: str = "") -> SelectOfScalar[Alert]:
    rows = tenant_rows(tenant, Alert)
    if state != "all":
        rows = rows.where(col(Alert.ended_ms) == 0 if state == "open" else col(Alert.ended_ms) > 0)
    if shop:
        rows = rows.where(col(Alert.shop_id) == shop)
    return rows.where(col(Alert.kind) == kind) if kind else rows


def _behind(session: Session, tenant: TenantId, cursor: str) -> ColumnElement[bool]:
    last = own_alert(session, tenant, cursor)
    same_time = and_(col(Alert.began_ms) == last.began_ms, col(Alert.id) < last.id)
    return or_(col(Alert.began_ms) < last.began_ms, same_time)


def own_alert(session: Session, tenant: TenantId, alert: str, *, lock: bool = False) -> Alert:
    """The tenant's alert of that id (`NotFoundError`)."""
    rows = tenant_rows(tenant, Alert).where(col(Alert.id) == alert)
    row = session.exec(rows.with_for_update() if lock else rows).one_or_none()
    if row is None:
        raise NotFoundError(f"expected an alert of yours, found {alert!r}")
    return row


def one_alert(session: Session, tenant: TenantId, alert: str, *, prices: bool = False) -> AlertView:
    """One alert (`NotFoundError`)."""
    [view] = named(session, tenant.dealer, [own_alert(session, tenant, alert)], prices=prices)
    return view


def open_by_urgency(
    session: Session, tenant: TenantId, *, shop: str = "", prices: bool = False, limit: int = OPEN_SHOWN
) -> list[AlertView]:
    """What holds now: the most urgent first, and of those what has held for longest."""
    rows = _of(tenant, "open", shop).order_by(col(Alert.urgency).desc(), col(Alert.since_ms), col(Alert.id))
    return named(session, tenant.dealer, session.exec(rows.limit(limit)).all(), prices=prices)


def lately_ended(session: Session, tenant: TenantId, now_ms: int, *, prices: bool = False) -> list[AlertView]:
    """What ended by itself in the last days, the last first."""
    rows = _of(tenant, "ended").where(col(Alert.ended_ms) > now_ms - ENDED_DAYS * DAY_MS)
    found = session.exec(rows.order_by(col(Alert.ended_ms).desc(), col(Alert.id)).limit(ENDED_SHOWN)).all()
    return named(session, tenant.dealer, found, prices=prices)


def count(session: Session, tenant: TenantId) -> AlertCount:
    """How many hold, and how many of those nobody has taken on."""
    is_free = case((col(Alert.seen_by) == "", 1), else_=0)
    rows = _of(tenant, "open").with_only_columns(func.count(), func.coalesce(func.sum(is_free), 0))
    number, free = session.execute(rows).one()
    return AlertCount(open=number, untaken=free)
