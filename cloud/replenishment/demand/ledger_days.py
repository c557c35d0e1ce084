"""What a shop's ledger says of its demand: two statements a shop, answered in the order of time.

Demand is what shop and job accounts gained (`cloud/consumption.py`): taken, less returned. What was brought, moved,
counted, scrapped or lost without an explanation touches none of them, so it is no demand: a piece nobody can explain
was not asked for at the bin, and one that is explained later is booked by a correction, which counts at the time of
what it corrects. Reads only; says by `dealer` whose rows it means.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlmodel import Session

from cloud.bulk_rows import BulkRows

DAY_MS = 86_400_000
SHOWN_WEEKS = 12

# Of a movement the line of the shop or the job, and the bin it was taken from. A charge moves nothing out of a bin.
_TAKEN = """
SELECT (coalesce(corrected.occurred_ms, movement.occurred_ms) - ?) / 86400000 AS day,
       coalesce((SELECT min(beside.account) FROM posting AS beside
                 WHERE beside.shop_id = posting.shop_id AND beside.movement_id = posting.movement_id
                   AND beside.dealer_id = posting.dealer_id AND beside.part = posting.part
                   AND substr(beside.account, 1, 4) = 'bin:'), '') AS bin,
       posting.part, sum(posting.quantity)
FROM movement
JOIN posting ON posting.shop_id = movement.shop_id AND posting.movement_id = movement.id
            AND posting.dealer_id = movement.dealer_id
LEFT JOIN movement AS corrected ON movement.corrects <> '' AND corrected.shop_id = movement.shop_id
            AND corrected.id = movement.corrects AND corrected.dealer_id = movement.dealer_id
WHERE movement.shop_id = ? AND movement.dealer_id = ? AND movement.occurred_ms >= ? AND movement.occurred_ms < ?
  AND coalesce(corrected.occurred_ms, movement.occurred_ms) >= ?
  AND movement.cause <> 'charge' AND (? = '' OR posting.part = ?)
  AND (substr(posting.account, 1, 5) = 'shop:' OR substr(posting.account, 1, 4) = 'job:')
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
"""

# When a bin ran empty of a part and when it got some: from what it holds now, back through what came and went since.
_CROSSED = """
WITH later AS (
    SELECT posting.account, posting.part, movement.occurred_ms, posting.quantity,
           sum(posting.quantity) OVER (
               PARTITION BY posting.account, posting.part
               ORDER BY movement.occurred_ms DESC, movement.id DESC, posting.line DESC
               ROWS UNBOUNDED PRECEDING) AS since
    FROM movement
    JOIN posting ON posting.shop_id = movement.shop_id AND posting.movement_id = movement.id
                AND posting.dealer_id = movement.dealer_id
    WHERE movement.shop_id = ? AND movement.dealer_id = ? AND movement.occurred_ms >= ?
      AND substr(posting.account, 1, 4) = 'bin:'
)
SELECT later.account, later.part, later.occurred_ms, balance.quantity - later.since + later.quantity AS held_after
FROM later
JOIN balance ON balance.shop_id = ? AND balance.account = later.account AND balance.part = later.part
            AND balance.dealer_id = ?
WHERE (balance.quantity - later.since > 0) <> (balance.quantity - later.since + later.quantity > 0)
ORDER BY later.account, later.part, later.occurred_ms
"""
_HELD = (
    "SELECT account, part, quantity FROM balance WHERE shop_id = ? AND dealer_id = ? AND substr(account, 1, 4) = 'bin:'"
)


class Taken(NamedTuple):
    """What a bin's part was taken on a day, net: negative when more came back."""

    day: int
    account: str  # "" when the movement names no bin
    part: str
    quantity: int


@dataclass(frozen=True)
class Span:
    """Days that are looked at, counted from `start_ms`."""

    start_ms: int
    days: int

    @property
    def end_ms(self) -> int:
        """The first moment behind them."""
        return self.start_ms + self.days * DAY_MS


def taken(session: Session, dealer: str, shop: str, span: Span, part: str = "") -> Iterator[Taken]:
    """What was taken less what came back, by day, bin and part, the oldest day first; of all parts or of one."""
    asked = (span.start_ms, shop, dealer, span.start_ms, span.end_ms, span.start_ms, part, part)
    for day, account, number, quantity in _rows(session, _TAKEN, asked):
        if quantity:
            yield Taken(int(day), account, number, int(quantity))


def asked_by_week(session: Session, dealer: str, shop: str, part: str, end_ms: int) -> list[int]:
    """What was asked for of a part in a shop in each of the last `SHOWN_WEEKS` weeks, the oldest first, net."""
    span = Span(end_ms - SHOWN_WEEKS * 7 * DAY_MS, SHOWN_WEEKS * 7)
    weeks = [0] * SHOWN_WEEKS
    for row in taken(session, dealer, shop, span, part):
        weeks[min(row.day // 7, SHOWN_WEEKS - 1)] += row.quantity
    return [max(0, each) for each in weeks]


@dataclass
class Held:
    """When a part lay in a bin within a span: whether it did at the start, and when that changed, in order."""

    at_start: bool
    changes_ms: list[int]


def held(session: Session, dealer: str, shop: str, span: Span) -> dict[tuple[str, str], Held]:
    """For every (bin's account, part) of a shop with a balance, when there was stock to be taken."""
    found: dict[tuple[str, str], Held] = {}
    for account, part, quantity in _rows(session, _HELD, (shop, dealer)):
        found[account, part] = Held(quantity > 0, [])
    for account, part, occurred_ms, held_after in _rows(session, _CROSSED, (shop, dealer, span.start_ms, shop, dealer)):
        here = found[account, part]
        if not here.changes_ms:
            here.at_start = held_after <= 0  # it was the other way until then
        here.changes_ms.append(int(occurred_ms))
    return found


def _rows(session: Session, statement: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    return BulkRows(session.connection()).select(statement, values)
