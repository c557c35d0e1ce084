"""Cycle counts (盘点): somebody at the shop is asked to count a bin, and what he found stands beside what was expected.

The count stands at the shop's kiosk until a person has counted; the gateway books the difference and answers.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col

from cloud.audit import record
from cloud.identity import SignedIn
from cloud.people.rules import RefusedError, TakenError
from cloud.shop_plan import ShopPlan, locked_shop, own_shop, plan_of, plans
from cloud.stock_views import CountView, Sent
from cloud.stock_work.orders import give, order_view
from cloud.tables import CycleCount, FeedAnswer, Shop
from cloud.tenancy import NotFoundError, TenantId, owned, tenant_rows
from edge_gateway.feed_format import Count, Withdraw

NOTE_CHARACTERS_MAX = 300


def ask(
    session: Session, person: SignedIn, shop: str, place: tuple[str, int], *, part: str, note: str, now_ms: int
) -> CountView:
    """Have a part of a bin counted (`RefusedError`, `TakenError`, `NotFoundError`). `part` "": the bin's first."""
    tenant, (cabinet, number) = person.tenant, place
    row_of_shop = locked_shop(session, tenant, shop)
    plan = plan_of(session, tenant, shop)
    bin_ = plan.bins.get(place)
    if bin_ is None or not bin_.parts:
        raise NotFoundError(f"expected a bin of {cabinet} that holds a part of yours, found bin {number}")
    wanted = part or bin_.parts[0].part
    if wanted not in {placed.part for placed in bin_.parts}:
        raise RefusedError(f"expected a part of bin {number} of {cabinet}, found {wanted!r}")
    if len(note) > NOTE_CHARACTERS_MAX or "\0" in note:
        raise RefusedError(f"expected a note of at most {NOTE_CHARACTERS_MAX} characters, found {len(note)}")
    _refuse_a_second(session, tenant, (shop, cabinet, number, wanted))
    feed_number = give(session, person, shop, Count(cabinet, number, wanted, person.name, note.strip()), now_ms)
    row = CycleCount(
        shop_id=shop,
        id=f"{shop}-{feed_number}",
        dealer_id=tenant.dealer,
        cabinet=cabinet,
        bin=number,
        part=wanted,
        feed_number=feed_number,
        made_by=person.name,
        made_ms=now_ms,
        note=note.strip(),
    )
    session.add(row)
    session.flush()
    where = f"count {shop} {cabinet}/{number}"
    record(session, person, now_ms, action="count.asked", target=where, after=wanted)
    return _view(row, None, row_of_shop.name, plan)


def _refuse_a_second(session: Session, tenant: TenantId, of: tuple[str, str, int, str]) -> None:
    shop, cabinet, number, part = of
    waiting = tenant_rows(tenant, CycleCount).where(
        col(CycleCount.shop_id) == shop,
        col(CycleCount.cabinet) == cabinet,
        col(CycleCount.bin) == number,
        col(CycleCount.part) == part,
        ~_answered(tenant),
    )
    if session.exec(waiting.limit(1)).first() is not None:
        raise TakenError(f"expected no count of {part} in bin {number} of {cabinet} to wait, found one")


def _answered(tenant: TenantId) -> ColumnElement[bool]:
    return (
        tenant_rows(tenant, FeedAnswer)
        .where(
            col(FeedAnswer.shop_id) == col(CycleCount.shop_id), col(FeedAnswer.number) == col(CycleCount.feed_number)
        )
        .exists()
    )


def withdraw(session: Session, person: SignedIn, shop: str, name: str, now_ms: int) -> Sent:
    """Take a count back that nobody has made (`TakenError`, `NotFoundError`)."""
    locked_shop(session, person.tenant, shop)
    found = session.execute(
        _joined(person.tenant).where(col(CycleCount.shop_id) == shop, col(CycleCount.id) == name)
    ).one_or_none()
    if found is None:
        raise NotFoundError(f"expected a count of {shop}, found {name!r}")
    row, answer = found
    if answer is not None:
        raise TakenError(f"expected a count that waits, found it {answer.outcome}")
    number = give(session, person, shop, Withdraw(row.feed_number, person.name), now_ms)
    where = f"count {shop} {row.cabinet}/{row.bin}"
    record(session, person, now_ms, action="count.withdrawn", target=where, before=row.part)
    return Sent(shop=shop, number=number)


def counts(
    session: Session,
    tenant: TenantId,
    *,
    shop: str = "",
    cursor: tuple[str, str] | None = None,
    limit: int = 50,
) -> list[CountView]:
    """Counts of all shops or of one, the last asked first, behind (shop, id) of the page before."""
    rows = _joined(tenant)
    if shop:
        own_shop(session, tenant, shop)
        rows = rows.where(col(CycleCount.shop_id) == shop)
    if cursor is not None:
        rows = rows.where(_behind(session, tenant, cursor))
    by = col(CycleCount.made_ms).desc(), col(CycleCount.shop_id).desc(), col(CycleCount.id).desc()
    found = session.execute(rows.order_by(*by).limit(limit)).all()
    shops = sorted({row.shop_id for row, _ in found})
    named = tenant_rows(tenant, Shop).where(col(Shop.id).in_(shops))
    names: Mapping[str, str] = {row.id: row.name for row in session.exec(named)}
    known = {name: plans(session, tenant, name)[name] for name in shops}
    return [_view(row, answer, names[row.shop_id], known[row.shop_id]) for row, answer in found]


def _joined(tenant: TenantId) -> Any:
    return (
        tenant_rows(tenant, CycleCount)
        .join(
            FeedAnswer,
            (col(FeedAnswer.shop_id) == col(CycleCount.shop_id))
            & (col(FeedAnswer.number) == col(CycleCount.feed_number))
            & owned(tenant, FeedAnswer),
            isouter=True,
        )
        .with_only_columns(CycleCount, FeedAnswer)
    )


def _behind(session: Session, tenant: TenantId, cursor: tuple[str, str]) -> ColumnElement[bool]:
    shop, name = cursor
    own = tenant_rows(tenant, CycleCount).where(col(CycleCount.shop_id) == shop, col(CycleCount.id) == name)
    made_ms, shop_id, id_ = col(CycleCount.made_ms), col(CycleCount.shop_id), col(CycleCount.id)
    then_ms = session.scalar(own.with_only_columns(made_ms))
    if then_ms is None:
        raise NotFoundError(f"expected a count of this list as cursor, found {name!r}: begin again without one")
    return or_(
        made_ms < then_ms,
        and_(made_ms == then_ms, shop_id < shop),
        and_(made_ms == then_ms, shop_id == shop, id_ < name),
    )


def _view(row: CycleCount, answer: FeedAnswer | None, shop_name: str, plan: ShopPlan) -> CountView:
    order = order_view(row.shop_id, row.feed_number, row.made_ms, answer)
    return CountView(
        id=row.id,
        shop=row.shop_id,
        shop_name=shop_name,
        cabinet=row.cabinet,
        bin=row.bin,
        part=plan.part_name(row.part),
        state="counted" if order.state == "done" else order.state,
        made_by=row.made_by,
        made_ms=row.made_ms,
        ended_ms=order.answered_ms,
        expected=answer.expected if answer and answer.expected >= 0 else None,
        counted=answer.counted if answer and answer.counted >= 0 else None,
        counted_by=plan.person_name(answer.person) if answer and answer.person else "",
        why=order.why,
        note=row.note,
    )
