"""What happened in a shop: sessions, movements, discrepancies, requests, and what could not be booked. Reads only."""

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col
from sqlmodel.sql.expression import SelectOfScalar

from cloud.places import bin_of
from cloud.shop_plan import ShopPlan, plan_of
from cloud.tables import (
    CabinetSession,
    Discrepancy,
    IngestQuarantine,
    Movement,
    OpenMatter,
    Posting,
    Request,
    Resolution,
    Table,
)
from cloud.tenancy import NotFoundError, TenantId, owned, tenant_rows
from cloud.views import BinChange, DiscrepancyView, MovementView, PostingView, QuarantinedItem, SessionView

ROWS_MAX = 500
BODY_SHOWN_MAX = 2000


def open_discrepancies(tenant: TenantId) -> SelectOfScalar[Discrepancy]:
    """The tenant's discrepancies that nobody has resolved."""
    return tenant_rows(tenant, Discrepancy).join(
        OpenMatter,
        (col(OpenMatter.shop_id) == col(Discrepancy.shop_id))
        & (col(OpenMatter.kind) == "discrepancy")
        & (col(OpenMatter.id) == col(Discrepancy.id))
        & owned(tenant, OpenMatter),
    )


def open_requests(tenant: TenantId) -> SelectOfScalar[Request]:
    """The tenant's replenishment requests that are neither filled nor withdrawn."""
    return tenant_rows(tenant, Request).join(
        OpenMatter,
        (col(OpenMatter.shop_id) == col(Request.shop_id))
        & (col(OpenMatter.kind) == "request")
        & (col(OpenMatter.id) == col(Request.id))
        & owned(tenant, OpenMatter),
    )


def movement_lines(tenant: TenantId) -> SelectOfScalar[Movement]:
    """The tenant's movements, each once for every posting of his."""
    return tenant_rows(tenant, Movement).join(
        Posting,
        (col(Posting.shop_id) == col(Movement.shop_id))
        & (col(Posting.movement_id) == col(Movement.id))
        & owned(tenant, Posting),
    )


def sessions(
    session: Session,
    tenant: TenantId,
    shop: str,
    *,
    cabinet: str = "",
    before_ms: int | None = None,
    cursor: str = "",
    limit: int = 50,
) -> list[SessionView]:
    """Finished sessions of a shop (or one of its cabinets), newest first, closed before `before_ms`.

    `cursor`: the last session of the page before (`NotFoundError` when there is none of that id).
    """
    plan = plan_of(session, tenant, shop)
    rows = tenant_rows(tenant, CabinetSession).where(col(CabinetSession.shop_id) == shop)
    if cabinet:
        rows = rows.where(col(CabinetSession.cabinet) == cabinet)
    if before_ms is not None:
        rows = rows.where(col(CabinetSession.closed_ms) < before_ms)
    if cursor:
        rows = rows.where(_behind(session, tenant, (CabinetSession, "closed_ms"), shop, cursor))
    newest = rows.order_by(col(CabinetSession.closed_ms).desc(), col(CabinetSession.id).desc())
    found = session.exec(newest.limit(min(limit, ROWS_MAX))).all()
    changes = _changes(session, tenant, shop, plan, [row.id for row in found])
    return [_session_view(plan, row, changes[row.id]) for row in found]


def _behind(
    session: Session, tenant: TenantId, by: tuple[type[Table], str], shop: str, cursor: str
) -> ColumnElement[bool]:
    """What is listed behind the row named `cursor`, newest first."""
    table, when = by
    time_ms, name = col(getattr(table, when)), col(table.id)  # type: ignore[attr-defined]
    own = tenant_rows(tenant, table).where(col(table.shop_id) == shop, name == cursor)  # type: ignore[attr-defined]
    found = session.scalar(own.with_only_columns(time_ms))
    if found is None:
        raise NotFoundError(f"expected something of this list as cursor, found {cursor!r}: begin again without one")
    return or_(time_ms < found, and_(time_ms == found, name < cursor))


def _session_view(plan: ShopPlan, row: CabinetSession, changes: list[BinChange]) -> SessionView:
    return SessionView(
        **row.model_dump(
            include={"id", "cabinet", "person", "opened_by", "how", "missing", "opened_ms", "closed_ms", "ingested_ms"}
        ),
        person_name=plan.person_name(row.person),
        changes=changes,
    )


def _changes(
    session: Session, tenant: TenantId, shop: str, plan: ShopPlan, ids: list[str]
) -> dict[str, list[BinChange]]:
    rows = (
        movement_lines(tenant)
        .where(col(Movement.shop_id) == shop, col(Movement.session).in_(ids), col(Posting.account).like("bin:%"))
        .with_only_columns(Movement, Posting)
        .order_by(col(Movement.occurred_ms), col(Movement.id), col(Posting.line))
    )
    changes: dict[str, list[BinChange]] = defaultdict(list)
    for movement, posting in session.execute(rows):
        place = bin_of(posting.account)
        if place is not None:
            changes[movement.session].append(_change(plan, movement, posting, place))
    return changes


def _change(plan: ShopPlan, movement: Movement, posting: Posting, place: tuple[str, int]) -> BinChange:
    return BinChange(
        cabinet=place[0],
        bin=place[1],
        part=plan.part_name(posting.part),
        cause=movement.cause,
        quantity=posting.quantity,
        confidence_ppm=movement.confidence_ppm,
    )


def movements(
    session: Session,
    tenant: TenantId,
    shop: str,
    *,
    cabinet: str = "",
    before_ms: int | None = None,
    cursor: str = "",
    limit: int = 50,
) -> list[MovementView]:
    """Movements of a shop (or one of its cabinets), newest first, that occurred before `before_ms`.

    `cursor`: the last movement of the page before (`NotFoundError` when there is none of that id).
    """
    plan = plan_of(session, tenant, shop)
    rows = tenant_rows(tenant, Movement).where(col(Movement.shop_id) == shop)
    if cabinet:
        rows = rows.where(col(Movement.cabinet) == cabinet)
    if before_ms is not None:
        rows = rows.where(col(Movement.occurred_ms) < before_ms)
    if cursor:
        rows = rows.where(_behind(session, tenant, (Movement, "occurred_ms"), shop, cursor))
    newest = rows.order_by(col(Movement.occurred_ms).desc(), col(Movement.id).desc())
    found = session.exec(newest.limit(min(limit, ROWS_MAX))).all()
    postings = _postings(session, tenant, shop, [row.id for row in found])
    return [
        MovementView(
            **row.model_dump(exclude={"shop_id", "dealer_id"}),
            person_name=plan.person_name(row.person),
            postings=postings[row.id],
        )
        for row in found
    ]


def _postings(session: Session, tenant: TenantId, shop: str, ids: Iterable[str]) -> dict[str, list[PostingView]]:
    rows = (
        tenant_rows(tenant, Posting)
        .where(col(Posting.shop_id) == shop, col(Posting.movement_id).in_(ids))
        .order_by(col(Posting.movement_id), col(Posting.line))
    )
    postings: dict[str, list[PostingView]] = defaultdict(list)
    for row in session.exec(rows):
        postings[row.movement_id].append(PostingView(account=row.account, part=row.part, quantity=row.quantity))
    return postings


def discrepancies(
    session: Session,
    tenant: TenantId,
    shop: str,
    *,
    cabinet: str = "",
    open_only: bool = True,
    cursor: str = "",
    limit: int = 200,
) -> list[DiscrepancyView]:
    """Discrepancies of a shop (or one of its cabinets), newest first, behind the one named `cursor`."""
    plan = plan_of(session, tenant, shop)
    rows = open_discrepancies(tenant) if open_only else tenant_rows(tenant, Discrepancy)
    rows = rows.where(col(Discrepancy.shop_id) == shop)
    if cabinet:
        rows = rows.where(col(Discrepancy.cabinet) == cabinet)
    if cursor:
        rows = rows.where(_behind(session, tenant, (Discrepancy, "opened_ms"), shop, cursor))
    newest = rows.order_by(col(Discrepancy.opened_ms).desc(), col(Discrepancy.id).desc())
    found = session.exec(newest.limit(min(limit, ROWS_MAX))).all()
    resolutions = _resolutions(session, tenant, shop, [row.id for row in found])
    return [_discrepancy_view(plan, row, resolutions.get(row.id)) for row in found]


def _resolutions(session: Session, tenant: TenantId, shop: str, ids: Iterable[str]) -> dict[str, Resolution]:
    rows = tenant_rows(tenant, Resolution).where(col(Resolution.shop_id) == shop, col(Resolution.discrepancy).in_(ids))
    return {row.discrepancy: row for row in session.exec(rows)}


def _discrepancy_view(plan: ShopPlan, row: Discrepancy, resolution: Resolution | None) -> DiscrepancyView:
    return DiscrepancyView(
        **row.model_dump(include={"id", "cabinet", "bin", "session", "reason", "detail", "opened_ms"}),
        part=plan.part_name(row.part) if row.part else None,
        resolved_ms=resolution.resolved_ms if resolution else None,
        resolved_by=plan.person_name(resolution.person) if resolution else "",
        note=resolution.note if resolution else "",
    )


def quarantined(session: Session, tenant: TenantId, shop: str, *, limit: int = 100) -> list[QuarantinedItem]:
    """What a shop's gateways sent and the cloud could not book, newest first."""
    plan_of(session, tenant, shop)
    rows = tenant_rows(tenant, IngestQuarantine).where(col(IngestQuarantine.shop_id) == shop)
    newest = rows.order_by(col(IngestQuarantine.received_ms).desc(), col(IngestQuarantine.seq).desc())
    return [
        QuarantinedItem(
            gateway=row.gateway_id,
            epoch=row.epoch,
            seq=row.seq,
            received_ms=row.received_ms,
            reason=row.reason,
            body=bytes(row.body)[:BODY_SHOWN_MAX].decode(errors="replace"),
        )
        for row in session.exec(newest.limit(min(limit, ROWS_MAX)))
    ]
