"""What a dealer's shops used, by brand, part and month, without saying which shop: for the brands themselves.

Every number is a sum over at least SHOPS_MIN shops: a part that fewer used in a month goes into the brand's other
parts together, and where even those come from fewer shops, nothing is said. A month is summed up once, DUE_DAYS after
its end (by each shop's own calendar), and stays as published: so neither two looks at different times nor a
correction in between tell what one shop did. What a gateway sent later than that is not in it.
"""

import logging
import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from pydantic import Field
from sqlalchemy import func, or_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased
from sqlmodel import Session, col
from sqlmodel.sql.expression import SelectOfScalar

from cloud.database import Database
from cloud.history import movement_lines
from cloud.shop_plan import plans
from cloud.tables import CataloguePart, MonthTotal, Movement, Posting, Shop, TotalsMonth
from cloud.tenancy import TenantId, owned, tenant_rows
from cloud.views import View
from cloud.work.shop_time import month_before, month_of, month_span_ms

log = logging.getLogger(__name__)

SHOPS_MIN = 3
DUE_DAYS = 5
MONTHS_MAX = 24
MONTHS_KEPT = 13  # how far back a dealer's first totals reach
NUMBERS_AT_ONCE = 1000
DAY_MS = 24 * 3600 * 1000
_publishing = threading.Lock()  # one sum at a time is enough for a process


class Named(NamedTuple):
    """A part as it was when its month was published."""

    brand: str
    part: str
    unit: str
    name_zh: str
    name_en: str


class TotalView(View):
    """What at least three shops used of a part, or of a brand's other parts together."""

    brand: str = Field(description="empty: not known", examples=["WIX"])
    part: str = Field(description="empty: other parts of the brand together", examples=["WK-1060"])
    name_zh: str = Field(examples=["柴油滤清器"])
    name_en: str = Field(examples=["Diesel filter"])
    unit: str = Field(examples=["piece"])
    quantity: int = Field(description="taken, less given back", examples=[412])
    shops: int = Field(ge=SHOPS_MIN, description="how many shops it is a sum over", examples=[17])


class MonthView(View):
    """A month as it was published."""

    month: str = Field(examples=["2026-10"])
    totals: list[TotalView] = Field(description="the most used first; empty: nothing that may be said")


class Totals(View):
    """Months, the newest first."""

    months: list[MonthView]
    due: list[str] = Field(description="months that are being summed up: ask again", examples=[["2026-10"]])
    cursor: str = Field(description="for the months before; empty: these were the last", examples=["2026-03"])


def totals(
    session: Session, tenant: TenantId, now_ms: int, *, brand: str | None, before: str = "", months: int = 12
) -> Totals:
    """What was published, of one brand or (None) of all; the newest month first."""
    known = tenant_rows(tenant, TotalsMonth).order_by(col(TotalsMonth.month).desc())
    if before:
        known = known.where(col(TotalsMonth.month) < before)
    found = [row.month for row in session.exec(known.limit(months + 1))]
    shown = found[:months]
    rows = tenant_rows(tenant, MonthTotal).where(col(MonthTotal.month).in_(shown))
    if brand is not None:
        rows = rows.where(col(MonthTotal.brand) == brand)
    by_month: dict[str, list[TotalView]] = defaultdict(list)
    ordered = rows.order_by(col(MonthTotal.part) == "", col(MonthTotal.quantity).desc(), col(MonthTotal.part))
    for row in session.exec(ordered):
        by_month[row.month].append(_view(row))
    return Totals(
        months=[MonthView(month=month, totals=by_month[month]) for month in shown],
        due=due_months(session, tenant, now_ms),
        cursor=shown[-1] if len(found) > months else "",
    )


def _view(row: MonthTotal) -> TotalView:
    return TotalView(
        brand=row.brand,
        part=row.part,
        name_zh=row.name_zh,
        name_en=row.name_en,
        unit=row.unit,
        quantity=row.quantity,
        shops=row.shops,
    )


def due_months(session: Session, tenant: TenantId, now_ms: int) -> list[str]:
    """Months that can be published and have not been, the newest first."""
    month = month_before(month_of(now_ms, "UTC"))
    published = set(session.scalars(tenant_rows(tenant, TotalsMonth).with_only_columns(col(TotalsMonth.month))))
    due = []
    for _ in range(MONTHS_KEPT):
        if month not in published and _end_ms(month) + DUE_DAYS * DAY_MS <= now_ms:
            due.append(month)
        month = month_before(month)
    # One gap in the past stays one: what lies before the first month that was published is never added.
    return [month for month in due if not published or month > min(published)]


def _end_ms(month: str) -> int:
    """When a month is over everywhere on earth."""
    return month_span_ms(month, "Etc/GMT+12")[1]


def publish_due(database: Database, tenant: TenantId, now_ms: int) -> int:
    """Sum up every month that is due, the newest first; how many. Nothing when somebody is at it already."""
    if not _publishing.acquire(blocking=False):
        return 0
    try:
        with database.reading_as(tenant) as session:
            due = due_months(session, tenant, now_ms)
        for month in due:
            _publish(database, tenant, month, now_ms)
        return len(due)
    finally:
        _publishing.release()


def _publish(database: Database, tenant: TenantId, month: str, now_ms: int) -> None:
    with database.reading_as(tenant) as session:
        used = _used(session, tenant, month)
        names = _names(session, tenant, {part for part, _ in used})
    rows = [_row(tenant, month, total) for total in summed(used, names)]
    try:
        with database.writing() as session:
            session.add(TotalsMonth(dealer_id=tenant.dealer, month=month, published_ms=now_ms))
            session.flush()
            session.add_all(rows)
    except IntegrityError:
        log.info("the totals of %s were published by another process", month)


@dataclass(frozen=True)
class Total:
    """A sum over `shops` shops."""

    named: Named
    quantity: int
    shops: int


def summed(used: Mapping[tuple[str, str], int], names: Mapping[str, Named]) -> list[Total]:
    """What may be said of (part, shop) → quantity: parts of enough shops, and each brand's others together. Pure."""
    parts: dict[str, dict[str, int]] = defaultdict(dict)
    for (part, shop), quantity in used.items():
        if quantity:
            parts[part][shop] = quantity
    said: list[Total] = []
    others: dict[tuple[str, str], list[dict[str, int]]] = defaultdict(list)
    for part, shops in parts.items():
        named = names[part]
        if len(shops) >= SHOPS_MIN:
            said.append(Total(named, sum(shops.values()), len(shops)))
        else:
            others[named.brand, named.unit].append(shops)
    for (brand, unit), pooled in others.items():
        shops_of_them = {shop for shops in pooled for shop in shops}
        if len(shops_of_them) >= SHOPS_MIN:
            quantity = sum(quantity for shops in pooled for quantity in shops.values())
            said.append(Total(Named(brand, "", unit, "", ""), quantity, len(shops_of_them)))
    return said


def _row(tenant: TenantId, month: str, total: Total) -> MonthTotal:
    named = total.named
    return MonthTotal(
        dealer_id=tenant.dealer,
        month=month,
        brand=named.brand,
        part=named.part,
        unit=named.unit,
        name_zh=named.name_zh,
        name_en=named.name_en,
        quantity=total.quantity,
        shops=total.shops,
    )


def _used(session: Session, tenant: TenantId, month: str) -> dict[tuple[str, str], int]:
    """By (part, shop), a correction in the month of what it corrects."""
    zones: dict[str, list[str]] = defaultdict(list)
    for shop, zone in session.execute(tenant_rows(tenant, Shop).with_only_columns(col(Shop.id), col(Shop.time_zone))):
        zones[zone].append(shop)
    used: dict[tuple[str, str], int] = defaultdict(int)
    for zone, shops in zones.items():
        span_ms = month_span_ms(month, zone)
        for query in (_first_hand(tenant, shops, span_ms), _corrections(tenant, shops, span_ms)):
            _add(session, query, used)
    return used


def _add(session: Session, query: SelectOfScalar[Movement], used: dict[tuple[str, str], int]) -> None:
    summed_up = query.with_only_columns(col(Posting.part), col(Posting.shop_id), func.sum(Posting.quantity))
    for part, shop, quantity in session.execute(summed_up.group_by(col(Posting.part), col(Posting.shop_id))):
        used[part, shop] += int(quantity)


def _consumed(tenant: TenantId, shops: Iterable[str]) -> SelectOfScalar[Movement]:
    taken = or_(col(Posting.account).like("shop:%"), col(Posting.account).like("job:%"))
    return movement_lines(tenant).where(col(Movement.shop_id).in_(list(shops)), taken)


def _first_hand(tenant: TenantId, shops: Iterable[str], span_ms: tuple[int, int]) -> SelectOfScalar[Movement]:
    return _consumed(tenant, shops).where(
        col(Movement.corrects) == "", col(Movement.occurred_ms) >= span_ms[0], col(Movement.occurred_ms) < span_ms[1]
    )


def _corrections(tenant: TenantId, shops: Iterable[str], span_ms: tuple[int, int]) -> SelectOfScalar[Movement]:
    corrected = aliased(Movement)
    same = (col(corrected.shop_id) == col(Movement.shop_id)) & (col(corrected.id) == col(Movement.corrects))
    return (
        _consumed(tenant, shops)
        .join(corrected, same & owned(tenant, corrected))
        .where(
            col(Movement.corrects) != "",
            col(corrected.occurred_ms) >= span_ms[0],
            col(corrected.occurred_ms) < span_ms[1],
        )
    )


def _names(session: Session, tenant: TenantId, parts: set[str]) -> dict[str, Named]:
    """By the catalogue; a part that is not in it by the shops' documents, else by its number alone."""
    names = {part: Named("", part, "piece", part, part) for part in parts}
    for plan in plans(session, tenant).values():
        for number in parts & plan.parts.keys():
            known = plan.parts[number]
            names[number] = Named(known.brand, number, known.unit, known.name_zh, known.name_en)
    numbers = sorted(parts)
    for at in range(0, len(numbers), NUMBERS_AT_ONCE):
        asked = numbers[at : at + NUMBERS_AT_ONCE]
        for row in session.exec(tenant_rows(tenant, CataloguePart).where(col(CataloguePart.number).in_(asked))):
            names[row.number] = Named(row.brand, row.number, row.unit, row.name_zh, row.name_en)
    return names
