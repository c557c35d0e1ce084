"""What the database holds of a shop's days for its gauges: a statement a table. Reads only; for the cloud's own work.

Says by `dealer` whose rows it means: a shop with two dealers has gauges of each.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from cloud.many_rows import among, read
from cloud.replenishment.gauges.missing import Rate
from cloud.replenishment.gauges.story import Line, Story
from cloud.tables import PartPrice, Shop, ShopView
from cloud.work.prices import Price, PriceBook
from edge_gateway.shop_document import decode_document

_LINES = """
SELECT movement.id, movement.occurred_ms, movement.cause, movement.corrects, movement.session,
       movement.confidence_ppm, posting.account, posting.part, posting.quantity
FROM movement
JOIN posting ON posting.shop_id = movement.shop_id AND posting.movement_id = movement.id
            AND posting.dealer_id = movement.dealer_id
WHERE movement.shop_id = ? AND movement.dealer_id = ? AND movement.occurred_ms >= ?
  AND (substr(posting.account, 1, 4) = 'bin:' OR substr(posting.account, 1, 5) = 'shop:'
       OR substr(posting.account, 1, 4) = 'job:')
ORDER BY movement.occurred_ms, movement.id, posting.line
"""
_HELD = """
SELECT part, sum(quantity) FROM balance
WHERE shop_id = ? AND dealer_id = ? AND substr(account, 1, 4) = 'bin:' GROUP BY part
"""
_TIMES = "SELECT id, occurred_ms FROM movement WHERE shop_id = ? AND dealer_id = ? AND id IN ??"
_OLDER = """
SELECT DISTINCT posting.part FROM movement
JOIN posting ON posting.shop_id = movement.shop_id AND posting.movement_id = movement.id
            AND posting.dealer_id = movement.dealer_id
WHERE movement.shop_id = ? AND movement.dealer_id = ? AND movement.occurred_ms < ?
  AND substr(posting.account, 1, 4) = 'bin:' AND posting.part IN ??
"""
_PLANNED = "SELECT DISTINCT part FROM planned_bin WHERE shop_id = ? AND dealer_id = ?"
_RATES = """
SELECT part, sum(mean_day), max(computed_ms) FROM bin_policy WHERE shop_id = ? AND dealer_id = ? GROUP BY part
"""
_VERDICTS = """
SELECT cabinet_session.closed_ms, verdict.session, verdict.cabinet, verdict.bin, verdict.number,
       verdict.confidence_ppm, verdict.best
FROM cabinet_session
JOIN verdict ON verdict.shop_id = cabinet_session.shop_id AND verdict.session = cabinet_session.id
            AND verdict.dealer_id = cabinet_session.dealer_id
WHERE cabinet_session.shop_id = ? AND cabinet_session.dealer_id = ?
  AND cabinet_session.closed_ms >= ? AND cabinet_session.closed_ms < ?
ORDER BY verdict.session, verdict.bin, verdict.number
"""
_COUNTED = """
SELECT feed_answer.answered_ms, cycle_count.part, feed_answer.expected, feed_answer.counted
FROM feed_answer
JOIN cycle_count ON cycle_count.shop_id = feed_answer.shop_id AND cycle_count.feed_number = feed_answer.number
                AND cycle_count.dealer_id = feed_answer.dealer_id
WHERE feed_answer.shop_id = ? AND feed_answer.dealer_id = ? AND feed_answer.expected >= 0 AND feed_answer.counted >= 0
  AND feed_answer.answered_ms >= ? AND feed_answer.answered_ms < ?
"""
_RESTOCKED = """
SELECT restocked_ms, part, expected, counted FROM restocked_bin
WHERE shop_id = ? AND dealer_id = ? AND restocked_ms >= ? AND restocked_ms < ?
"""
_FILLED = """
SELECT request_end.ended_ms, request.raised_ms FROM request_end
JOIN request ON request.shop_id = request_end.shop_id AND request.id = request_end.request
            AND request.dealer_id = request_end.dealer_id
WHERE request_end.shop_id = ? AND request_end.dealer_id = ? AND request_end.how = 'filled'
  AND request_end.ended_ms >= ? AND request_end.ended_ms < ?
"""
_LATE = """
SELECT min(first_ms) FROM (
    SELECT min(coalesce(corrected.occurred_ms, movement.occurred_ms)) AS first_ms FROM movement
    LEFT JOIN movement AS corrected ON movement.corrects <> '' AND corrected.shop_id = movement.shop_id
              AND corrected.id = movement.corrects AND corrected.dealer_id = movement.dealer_id
    WHERE movement.shop_id = ? AND movement.dealer_id = ? AND movement.ingested_ms >= ?
    UNION ALL SELECT min(closed_ms) FROM cabinet_session WHERE shop_id = ? AND dealer_id = ? AND ingested_ms >= ?
    UNION ALL SELECT min(ended_ms) FROM request_end WHERE shop_id = ? AND dealer_id = ? AND ingested_ms >= ?
    UNION ALL SELECT min(restocked_ms) FROM restocked_bin WHERE shop_id = ? AND dealer_id = ? AND ingested_ms >= ?
    UNION ALL SELECT min(answered_ms) FROM feed_answer WHERE shop_id = ? AND dealer_id = ? AND ingested_ms >= ?
) AS late
"""


@dataclass(frozen=True)
class Counted:
    """A bin of a session as counting said it first, and whether it said something else later."""

    at_ms: int
    session: str
    account: str
    sure_ppm: int
    changed: bool


@dataclass(frozen=True)
class Check:
    """What the books said of a bin, and what a person or a restock found."""

    at_ms: int
    part: str
    expected: int
    found: int


class ShopRows:
    """A shop's rows of a dealer's, in an open transaction."""

    def __init__(self, session: Session, dealer: str, shop: str) -> None:
        self._session, self._dealer, self._shop = session, dealer, shop

    def time_zone(self) -> str:
        """By which its days begin."""
        return self._session.exec(select(Shop.time_zone).where(Shop.id == self._shop)).one()

    def story(self, since_ms: int, now_ms: int) -> Story:
        """Its ledger since a time."""
        lines = [Line(*row) for row in self._read(_LINES, since_ms)]
        story = Story(since_ms, now_ms, lines, {part: int(quantity) for part, quantity in self._read(_HELD)})
        nothing = [part for part, quantity in story.first.items() if not quantity]
        story.older, story.origins = frozenset(self._older(nothing, since_ms)), self._origins(lines)
        return story

    def first_ms(self) -> int | None:
        """When its ledger begins; None when it is empty."""
        found = self._read("SELECT min(occurred_ms) FROM movement WHERE shop_id = ? AND dealer_id = ?")[0][0]
        return None if found is None else int(found)

    def late_ms(self, since_ms: int) -> int | None:
        """The oldest time of whatever arrived since a time; None when nothing did."""
        own = (self._shop, self._dealer, since_ms)
        found = read(self._session, _LATE, *own * 5)[0][0]
        return None if found is None else int(found)

    def planned(self) -> list[str]:
        """Parts that the planogram has there."""
        return [row[0] for row in self._read(_PLANNED)]

    def bulk(self) -> frozenset[str]:
        """Parts kept in grams."""
        rows = select(ShopView.body).where(ShopView.shop_id == self._shop, ShopView.dealer_id == self._dealer)
        body = self._session.exec(rows).one_or_none()
        document = decode_document(bytes(body)) if body is not None else None
        return frozenset(part.number for part in document.parts if part.unit == "gram") if document else frozenset()

    def rates(self) -> dict[str, Rate]:
        """What forecasts say of each part, all bins together."""
        return {part: Rate(float(mean), int(made_ms)) for part, mean, made_ms in self._read(_RATES)}

    def counted(self, from_ms: int, to_ms: int) -> list[Counted]:
        """Every bin that counting has said something of."""
        by_bin: dict[tuple[str, str, int], list[tuple[int, int, str]]] = defaultdict(list)
        for closed_ms, session, cabinet, number, _, sure_ppm, best in self._read(_VERDICTS, from_ms, to_ms):
            by_bin[session, cabinet, number].append((int(closed_ms), int(sure_ppm), best))
        return [
            Counted(said[0][0], session, f"bin:{cabinet}/{number}", said[0][1], _says(said[0][2]) != _says(said[-1][2]))
            for (session, cabinet, number), said in by_bin.items()
        ]

    def checks(self, from_ms: int, to_ms: int) -> list[Check]:
        """Counts by people, and what was put in against what was to be."""
        rows = self._read(_COUNTED, from_ms, to_ms) + self._read(_RESTOCKED, from_ms, to_ms)
        return [Check(int(at_ms), part, int(expected), int(found)) for at_ms, part, expected, found in rows]

    def filled(self, from_ms: int, to_ms: int) -> list[tuple[int, int]]:
        """(when, how long after it was raised) of requests that were filled."""
        rows = self._read(_FILLED, from_ms, to_ms)
        return [(int(ended_ms), max(0, int(ended_ms) - int(raised_ms))) for ended_ms, raised_ms in rows]

    def prices(self, parts: Iterable[str]) -> PriceBook:
        """What parts cost here, day by day."""
        book = PriceBook()
        for some in among(parts):
            rows = select(PartPrice).where(
                PartPrice.dealer_id == self._dealer,
                col(PartPrice.part).in_(some),
                col(PartPrice.shop_id).in_(["", self._shop]),
            )
            for row in self._session.exec(rows.order_by(col(PartPrice.part), col(PartPrice.from_day))):
                book.add(row.part, Price(row.price_minor, row.currency, row.tax_ppm, row.shop_id, row.from_day))
        return book

    def _older(self, parts: list[str], since_ms: int) -> list[str]:
        return [row[0] for row in self._read(_OLDER, since_ms, parts)] if parts else []

    def _origins(self, lines: list[Line]) -> dict[str, int]:
        known = {line.movement for line in lines}
        unknown = sorted({line.corrects for line in lines if line.corrects and line.corrects not in known})
        return {name: int(at_ms) for name, at_ms in self._read(_TIMES, unknown)} if unknown else {}

    def _read(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        return read(self._session, statement, self._shop, self._dealer, *values)


def _says(best: str) -> object:
    """What a verdict says, whatever the order it is written in."""
    try:
        changes, foreign_mg = json.loads(best)
        return sorted(map(tuple, changes)), bool(foreign_mg)
    except (ValueError, TypeError):
        return best
