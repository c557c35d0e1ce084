"""What each line of the ledger cost: what was billed for it, else the price of the day of its take. Reads only.

A price that was said later, also one that is dated back, changes nothing that was billed, nor what is given back of it.
"""

from collections.abc import Iterable, Sequence

from sqlmodel import Session, col

from cloud.tables import BilledLine
from cloud.tenancy import TenantId, tenant_rows
from cloud.work.consumed import Consumed, priced_as
from cloud.work.prices import Price, price_book
from cloud.work.shop_time import day_of

LINES_MAX = 8  # of one movement: a take has two, one of several parts a few more
_IDS_AT_ONCE = 60


def line_prices(
    session: Session, tenant: TenantId, shop: str, zone: str, lines: Sequence[Consumed]
) -> dict[str, Price | None]:
    """By line's `ref`, its price; None when nobody said one."""
    takes = priced_as(session, tenant, shop, lines)
    billed = _billed(session, tenant, shop, {movement for movement, _ in takes.values()})
    book = price_book(session, tenant, shop, {line.part for line in lines})
    prices: dict[str, Price | None] = {}
    for line in lines:
        movement, at_ms = takes[line.ref]
        prices[line.ref] = billed.get((movement, line.part)) or book.price(line.part, day_of(at_ms, zone))
    return prices


def _billed(session: Session, tenant: TenantId, shop: str, movements: Iterable[str]) -> dict[tuple[str, str], Price]:
    """What closed statements billed, by (movement, part)."""
    rows = tenant_rows(tenant, BilledLine).where(col(BilledLine.shop_id) == shop)
    if session.exec(rows.limit(1)).first() is None:
        return {}
    names = sorted(movements)
    found: dict[tuple[str, str], Price] = {}
    for start in range(0, len(names), _IDS_AT_ONCE):
        refs = [f"m:{name}/{line}" for name in names[start : start + _IDS_AT_ONCE] for line in range(LINES_MAX)]
        for row in session.exec(rows.where(col(BilledLine.ref).in_(refs))):
            price = Price(row.price_minor, row.currency, row.tax_ppm, row.price_shop, row.price_day)
            found[row.ref.removeprefix("m:").rpartition("/")[0], row.part] = price
    return found
