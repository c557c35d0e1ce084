"""Open discrepancies of all shops, and their resolution from afar.

A discrepancy is closed by its shop's gateway alone: what is said here goes down as an order, and the discrepancy
stays open until the gateway has booked the answer and says so.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col

from cloud.audit import record
from cloud.identity import SignedIn
from cloud.people.rules import RefusedError, TakenError
from cloud.shop_plan import ShopPlan, locked_shop, own_shop, plan_of, plans
from cloud.stock_views import OpenDiscrepancy, OrderView, Sent
from cloud.stock_work.orders import give, given
from cloud.tables import Discrepancy, OpenMatter, Shop
from cloud.tenancy import NotFoundError, TenantId, tenant_rows
from edge_gateway.feed_format import Found, Resolve

NOTE_CHARACTERS_MAX = 1000
QUANTITY_MAX = 10_000_000
Amount = tuple[str, int]  # a part, and how much of it


def open_discrepancies(
    session: Session, tenant: TenantId, *, shop: str = "", cursor: tuple[str, str] | None = None, limit: int = 50
) -> list[OpenDiscrepancy]:
    """What is open over all shops or in one, the newest first, behind (shop, id) of the page before."""
    rows = tenant_rows(tenant, OpenMatter).where(col(OpenMatter.kind) == "discrepancy")
    if shop:
        own_shop(session, tenant, shop)
        rows = rows.where(col(OpenMatter.shop_id) == shop)
    if cursor is not None:
        rows = rows.where(_behind(session, tenant, cursor))
    by = col(OpenMatter.since_ms).desc(), col(OpenMatter.shop_id).desc(), col(OpenMatter.id).desc()
    found = session.exec(rows.order_by(*by).limit(limit)).all()
    return _views(session, tenant, found)


def _behind(session: Session, tenant: TenantId, cursor: tuple[str, str]) -> ColumnElement[bool]:
    shop, name = cursor
    since_ms, shop_id, id_ = col(OpenMatter.since_ms), col(OpenMatter.shop_id), col(OpenMatter.id)
    own = tenant_rows(tenant, Discrepancy).where(col(Discrepancy.shop_id) == shop, col(Discrepancy.id) == name)
    then_ms = session.scalar(own.with_only_columns(col(Discrepancy.opened_ms)))
    if then_ms is None:
        raise NotFoundError(f"expected a discrepancy of this list as cursor, found {name!r}: begin again without one")
    return or_(
        since_ms < then_ms,
        and_(since_ms == then_ms, shop_id < shop),
        and_(since_ms == then_ms, shop_id == shop, id_ < name),
    )


def _views(session: Session, tenant: TenantId, matters: Sequence[OpenMatter]) -> list[OpenDiscrepancy]:
    if not matters:
        return []
    shops = sorted({row.shop_id for row in matters})
    named = tenant_rows(tenant, Discrepancy).where(
        col(Discrepancy.shop_id).in_(shops), col(Discrepancy.id).in_([row.id for row in matters])
    )
    rows = {(row.shop_id, row.id): row for row in session.exec(named)}
    names = {row.id: row.name for row in session.exec(tenant_rows(tenant, Shop).where(col(Shop.id).in_(shops)))}
    known = {shop: plans(session, tenant, shop)[shop] for shop in shops}
    orders = _orders(session, tenant, shops, min(row.since_ms for row in matters))
    return [
        _view(rows[key], names[key[0]], known[key[0]], orders.get(key))
        for key in ((row.shop_id, row.id) for row in matters)
        if key in rows
    ]


def _orders(
    session: Session, tenant: TenantId, shops: Sequence[str], since_ms: int
) -> dict[tuple[str, str], OrderView]:
    """The last order about each discrepancy."""
    found: dict[tuple[str, str], OrderView] = {}
    for order in given(session, tenant, "resolve", shops, since_ms):
        if isinstance(order.entry, Resolve):
            found.setdefault((order.view.shop, order.entry.discrepancy), order.view)
    return found


def _view(row: Discrepancy, shop_name: str, plan: ShopPlan, order: OrderView | None) -> OpenDiscrepancy:
    return OpenDiscrepancy(
        shop=row.shop_id,
        shop_name=shop_name,
        **row.model_dump(include={"id", "cabinet", "bin", "session", "reason", "opened_ms"}),
        part=plan.part_name(row.part) if row.part else None,
        order=order,
    )


def resolve(
    session: Session, person: SignedIn, shop: str, name: str, *, note: str, found: Sequence[Amount], now_ms: int
) -> Sent:
    """Have a discrepancy closed by a note, or by what was counted in its bin (`RefusedError`, `NotFoundError`)."""
    tenant = person.tenant
    locked_shop(session, tenant, shop)  # two answers at once: the second finds the first on its way
    plan = plan_of(session, tenant, shop)
    row = session.exec(
        tenant_rows(tenant, Discrepancy).where(col(Discrepancy.shop_id) == shop, col(Discrepancy.id) == name)
    ).one_or_none()
    if row is None:
        raise NotFoundError(f"expected a discrepancy of {shop}, found {name!r}")
    _check_open(session, tenant, row)
    _check(row, plan, note, found)
    order = Resolve(name, person.name, note.strip(), [Found(*each) for each in found])
    number = give(session, person, shop, order, now_ms)
    said = note.strip() or ", ".join(f"{part}: {quantity}" for part, quantity in found)
    record(session, person, now_ms, action="discrepancy.resolved", target=f"discrepancy {shop} {name}", after=said)
    return Sent(shop=shop, number=number)


def _check_open(session: Session, tenant: TenantId, row: Discrepancy) -> None:
    own = tenant_rows(tenant, OpenMatter).where(
        col(OpenMatter.shop_id) == row.shop_id, col(OpenMatter.kind) == "discrepancy", col(OpenMatter.id) == row.id
    )
    if session.exec(own).one_or_none() is None:
        raise TakenError(f"expected an open discrepancy, found that {row.id} is resolved")
    order = _orders(session, tenant, [row.shop_id], row.opened_ms).get((row.shop_id, row.id))
    if order is not None and order.state == "waiting":
        raise TakenError(f"expected no answer on its way, found order {order.number} about {row.id}")


def _check(row: Discrepancy, plan: ShopPlan, note: str, found: Sequence[Amount]) -> None:
    if len(note) > NOTE_CHARACTERS_MAX or "\0" in note:
        raise RefusedError(f"expected a note of at most {NOTE_CHARACTERS_MAX} characters, found {len(note)}")
    if not note.strip() and not found:
        raise RefusedError("expected a note or what was counted, found neither")
    if found and not row.bin:
        raise RefusedError("expected a note for what concerns no single bin, found a count")
    bin_ = plan.bins.get((row.cabinet, row.bin))
    known = {placed.part for placed in bin_.parts} | {row.part} if bin_ else {row.part}
    for part, quantity in found:
        if part not in known:
            raise RefusedError(f"expected a part of bin {row.bin} of {row.cabinet}, found {part!r}")
        if not 0 <= quantity <= QUANTITY_MAX:
            raise RefusedError(f"expected 0 to {QUANTITY_MAX} of {part}, found {quantity}")
    if len({part for part, _ in found}) != len(found):
        raise RefusedError("expected each part once, found one twice")
