"""Which price counts on a day, and which rows of prices may not be changed any more.

A shop's own price comes before the general one; of each, the newest row that began by that day. A row that a closed
statement rests on stands for ever: a new price gets a new day. Nothing is ever priced at 0 because nobody said a price.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlmodel import Session, col

from cloud.people.rules import TakenError
from cloud.tables import BilledLine, PartPrice
from cloud.tenancy import TenantId, tenant_rows

_PARTS_AT_ONCE = 500


class BilledPriceError(TakenError):
    """A closed statement rests on a price that somebody wants to change."""


@dataclass(frozen=True)
class Price:
    """What one unit costs, net, and by which row of prices."""

    price_minor: int
    currency: str
    tax_ppm: int
    shop: str
    day: str


@dataclass
class PriceBook:
    """Prices of some parts at one shop, by day."""

    _rows: dict[tuple[str, bool], list[Price]] = field(default_factory=lambda: defaultdict(list))

    def add(self, part: str, price: Price) -> None:
        """Take one row in; rows of a part come in order of day."""
        self._rows[part, bool(price.shop)].append(price)

    def price(self, part: str, day: str) -> Price | None:
        """The price of a part on a day; None when nobody said one."""
        for own in (True, False):
            rows = self._rows.get((part, own), [])
            at = bisect_right(rows, day, key=lambda price: price.day)
            if at:
                return rows[at - 1]
        return None


def price_book(session: Session, tenant: TenantId, shop: str, parts: Iterable[str]) -> PriceBook:
    """The tenant's prices of some parts, as they are at a shop."""
    book, wanted = PriceBook(), sorted(set(parts))
    for start in range(0, len(wanted), _PARTS_AT_ONCE):
        rows = (
            tenant_rows(tenant, PartPrice)
            .where(
                col(PartPrice.part).in_(wanted[start : start + _PARTS_AT_ONCE]), col(PartPrice.shop_id).in_(["", shop])
            )
            .order_by(col(PartPrice.part), col(PartPrice.from_day))
        )
        for row in session.exec(rows):
            book.add(row.part, Price(row.price_minor, row.currency, row.tax_ppm, row.shop_id, row.from_day))
    return book


def is_billed(session: Session, tenant: TenantId, part: str, shop: str, from_day: str) -> bool:
    """Whether a closed statement rests on a row of prices."""
    rows = tenant_rows(tenant, BilledLine).where(
        col(BilledLine.part) == part, col(BilledLine.price_day) == from_day, col(BilledLine.price_shop) == shop
    )
    return session.exec(rows.limit(1)).first() is not None


def refuse_billed(session: Session, tenant: TenantId, part: str, shop: str, from_day: str) -> None:
    """Refuse to change or remove a row of prices that a closed statement rests on (`BilledPriceError`)."""
    if is_billed(session, tenant, part, shop, from_day):
        raise BilledPriceError(
            f"expected a price that no closed statement rests on, found that of {part} from {from_day}: "
            "say the new price from a later day"
        )
