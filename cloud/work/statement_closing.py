"""Closing a month of a shop for ever, and which months there are to close."""

import hashlib
from collections.abc import Iterable

from sqlmodel import Session, col

from cloud.people.rules import TakenError
from cloud.tables import BilledLine, Movement, Shop, Statement
from cloud.tenancy import TenantId, tenant_rows
from cloud.work.shop_rows import own_rows
from cloud.work.shop_time import month_after, month_before, month_of, month_span_ms
from cloud.work.statement_lines import Entry
from cloud.work.statement_views import MonthView, StatementView
from cloud.work.statements import Month, closed_months, entries_of, open_month, view_of

MONTHS_MAX = 240


class StatementError(TakenError):
    """A month cannot be closed; the text says what was expected and what was found."""


def close(
    session: Session, tenant: TenantId, shop: str, month: str, now_ms: int, *, closed_by: str
) -> tuple[StatementView, Statement]:
    """Close a month for ever (`StatementError`, `NotFoundError`, `MonthError`). The shop's row is the lock."""
    session.exec(tenant_rows(tenant, Shop).where(col(Shop.id) == shop).with_for_update()).one_or_none()
    wanted = open_month(session, tenant, shop, month, now_ms)
    closed = closed_months(session, tenant, shop)
    if why_not := why_not_closed(month, closed, now_ms, wanted.span_ms[1]):
        raise StatementError(why_not)
    entries = entries_of(wanted)
    view = view_of(wanted, entries, closed_ms=now_ms, closed_by=closed_by)
    if view.unpriced:
        raise StatementError(f"expected a price for every line, found {view.unpriced} without: say their prices first")
    body = view.model_dump_json()
    row = Statement(
        shop_id=shop,
        dealer_id=tenant.dealer,
        month=month,
        closed_ms=now_ms,
        closed_by=closed_by,
        digest=hashlib.sha256(body.encode()).hexdigest(),
        body=body,
    )
    session.add(row)
    session.add_all(_billed_line(wanted, entry) for entry in entries)
    session.flush()
    return view.model_copy(update={"digest": row.digest}), row


def _billed_line(wanted: Month, entry: Entry) -> BilledLine:
    price = entry.price
    assert price is not None  # noqa: S101 -- a month with a line without a price was refused
    return BilledLine(
        shop_id=wanted.shop.id,
        dealer_id=wanted.tenant.dealer,
        ref=entry.ref,
        month=wanted.month,
        part=entry.part,
        quantity=entry.quantity,
        price_minor=price.price_minor,
        currency=price.currency,
        tax_ppm=price.tax_ppm,
        price_shop=price.shop,
        price_day=price.day,
    )


def why_not_closed(month: str, closed: Iterable[str], now_ms: int, end_ms: int) -> str:
    """Why a month cannot be closed now; empty when it can."""
    months = sorted(closed)
    if month in months:
        return f"expected an open month, found {month} closed: what came later stands in the next statement"
    if now_ms < end_ms:
        return f"expected a month that is over, found {month}"
    if months and month != month_after(months[-1]):
        return f"expected {month_after(months[-1])}, the month behind the last closed one, found {month}"
    return ""


def months(session: Session, tenant: TenantId, shop: str, now_ms: int) -> list[MonthView]:
    """The months of a shop, newest first: from the first thing that was taken until now (`NotFoundError`)."""
    rows = own_rows(session, tenant, shop, now_ms)
    closed = closed_months(session, tenant, shop)
    first = session.execute(
        tenant_rows(tenant, Movement)
        .where(col(Movement.shop_id) == shop)
        .with_only_columns(col(Movement.occurred_ms))
        .order_by(col(Movement.occurred_ms))
        .limit(1)
    ).scalar()
    newest = month_of(now_ms, rows.time_zone)
    oldest = min([month_of(max(first, 0), rows.time_zone) if first is not None else newest, newest, *closed])
    found: list[MonthView] = []
    month = newest
    while month >= oldest and len(found) < MONTHS_MAX:
        found.append(_month_view(month, closed, now_ms, rows.time_zone))
        month = month_before(month)
    return found


def _month_view(month: str, closed: dict[str, Statement], now_ms: int, zone: str) -> MonthView:
    row = closed.get(month)
    why_not = why_not_closed(month, closed, now_ms, month_span_ms(month, zone)[1])
    return MonthView(
        month=month,
        closed_ms=row.closed_ms if row else 0,
        closed_by=row.closed_by if row else "",
        can_close=not why_not,
        why_not=why_not,
    )
