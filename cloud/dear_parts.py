"""Which bins of a cabinet hold dear parts, by what the prices of today say, and behind which door. Reads only.

A door's bins are those that the pictures of a cabinet draw behind it (`page_kit.cabinet_face.split_doors`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from cloud.shop_plan import own_shop
from cloud.tenancy import TenantId
from cloud.work.money import digits_of
from cloud.work.prices import Price, price_book
from cloud.work.shop_time import day_of

HeldBin = tuple[int, Sequence[str]]  # number, and the parts in it


@dataclass(frozen=True, slots=True)
class DearPart:
    """A part that costs more, and where it lies."""

    door: int
    bin: int
    part: str
    price: Price


@dataclass(frozen=True, slots=True)
class DearParts:
    """What was found, door by door; `unpriced`: parts of the cabinet that nobody said a price of."""

    found: tuple[DearPart, ...]
    unpriced: tuple[str, ...]

    @property
    def doors(self) -> tuple[int, ...]:
        """The doors before them."""
        return tuple(sorted({each.door for each in self.found}))


def dear_parts(
    session: Session, tenant: TenantId, shop: str, behind: Sequence[Sequence[HeldBin]], *, above: int, now_ms: int
) -> DearParts:
    """Parts of which one unit costs more than `above`, in whole units of its price's currency (`NotFoundError`).

    `behind`: the bins behind each door, in order of the doors.
    """
    today = day_of(now_ms, own_shop(session, tenant, shop).time_zone)
    parts = {part for bins in behind for _, held in bins for part in held}
    book = price_book(session, tenant, shop, parts)
    prices = {part: price for part in parts if (price := book.price(part, today)) is not None}
    found = (
        DearPart(door, number, part, prices[part])
        for door, bins in enumerate(behind, 1)
        for number, held in bins
        for part in held
        if part in prices and _is_above(prices[part], above)
    )
    return DearParts(tuple(found), tuple(sorted(parts - prices.keys())))


def _is_above(price: Price, above: int) -> bool:
    minor_in_whole: int = 10 ** digits_of(price.currency)
    return price.price_minor > above * minor_in_whole
