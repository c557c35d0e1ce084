"""What all shops of a dealer used of each part in the last 52 weeks: made once a week, and parts are classed by it."""

from collections import defaultdict
from datetime import date, timedelta

from sqlalchemy import func, insert
from sqlmodel import Session, col, delete, select

from cloud.database import Database
from cloud.dealer_time import zone_of_dealer
from cloud.many_rows import among, read
from cloud.tables import PartPrice, PartYear, ShopDealer
from cloud.work.shop_time import day_of, midnight_ms

WEEKS = 52
WEEK_MS = 7 * 86_400_000
_USED = """
SELECT posting.part, (coalesce(corrected.occurred_ms, movement.occurred_ms) - ?) / 604800000 AS week,
       sum(posting.quantity)
FROM movement
JOIN posting ON posting.shop_id = movement.shop_id AND posting.movement_id = movement.id
            AND posting.dealer_id = movement.dealer_id
LEFT JOIN movement AS corrected ON movement.corrects <> '' AND corrected.shop_id = movement.shop_id
          AND corrected.id = movement.corrects AND corrected.dealer_id = movement.dealer_id
WHERE movement.shop_id = ? AND movement.dealer_id = ? AND movement.occurred_ms >= ? AND movement.cause <> 'charge'
  AND (substr(posting.account, 1, 5) = 'shop:' OR substr(posting.account, 1, 4) = 'job:')
GROUP BY 1, 2
"""


def make_part_years(database: Database, dealer: str, now_ms: int) -> int:
    """Make a dealer's rows when a week has ended since the last time; how many."""
    with database.reading() as session:
        zone = zone_of_dealer(session, dealer)
        monday = last_monday(now_ms, zone)
        if session.exec(select(func.max(PartYear.until_day)).where(PartYear.dealer_id == dealer)).one() == monday:
            return 0
        rows = _rows(session, dealer, (monday, zone), now_ms)
    with database.writing() as session:
        session.execute(delete(PartYear).where(col(PartYear.dealer_id) == dealer))
        if rows:
            session.execute(insert(PartYear), [row.model_dump() for row in rows])
    return len(rows)


def last_monday(now_ms: int, zone: str) -> str:
    """The Monday that began the week of a time."""
    today = date.fromisoformat(day_of(now_ms, zone))
    return (today - timedelta(days=today.weekday())).isoformat()


def _rows(session: Session, dealer: str, until: tuple[str, str], now_ms: int) -> list[PartYear]:
    monday, zone = until
    start_ms = midnight_ms(monday, zone) - WEEKS * WEEK_MS
    weeks: dict[str, list[int]] = defaultdict(lambda: [0] * WEEKS)
    shops: dict[str, set[str]] = defaultdict(set)
    for shop in session.exec(select(ShopDealer.shop_id).where(ShopDealer.dealer_id == dealer)).all():
        for part, week, quantity in read(session, _USED, start_ms, shop, dealer, start_ms):
            if 0 <= int(week) < WEEKS and quantity:
                weeks[part][int(week)] += int(quantity)
                shops[part].add(shop)
    prices = _prices(session, dealer, list(weeks), monday)
    return [
        PartYear(
            dealer_id=dealer,
            part=part,
            until_day=monday,
            weeks=",".join(map(str, amounts)),
            shops=len(shops[part]),
            price_minor=prices.get(part, (-1, ""))[0],
            currency=prices.get(part, (-1, ""))[1],
            made_ms=now_ms,
        )
        for part, amounts in sorted(weeks.items())
    ]


def _prices(session: Session, dealer: str, parts: list[str], day: str) -> dict[str, tuple[int, str]]:
    """The price of each part for every shop on a day; a shop's own is not the dealer's."""
    found: dict[str, tuple[int, str]] = {}
    for some in among(parts):
        rows = select(PartPrice).where(
            PartPrice.dealer_id == dealer, col(PartPrice.part).in_(some), PartPrice.shop_id == "",
            PartPrice.from_day <= day,
        )  # fmt: skip
        for row in session.exec(rows.order_by(col(PartPrice.from_day))):
            found[row.part] = row.price_minor, row.currency
    return found
