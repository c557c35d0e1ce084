"""A shop's gateway is told of a visit: what goes into which bin and what comes back; again when it changes.

One entry of the feed holds the whole visit and replaces the one before it, so that a gateway that was offline for days
does what was said last. A visit of which nothing is left is called off.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from cloud.gate import as_service
from cloud.people.rules import RefusedError
from cloud.replenishment.visits.calendar import day_of_text
from cloud.shop_feed import tell
from cloud.tables import Shop, Visit, VisitLine
from cloud.work.shop_time import zone_of
from edge_gateway.feed_format import FeedError, Planned, Restock, RestockOff, ToRestock, told

STANDS_DAYS = 3  # how long after its day the bins still light up for it


def tell_visit(session: Session, visit: Visit, lines: Sequence[VisitLine], now_ms: int, by: str = "") -> None:
    """Say how the visit is now, in the open transaction; whether it was told before, the visit itself knows."""
    wanted = _wanted(lines)
    if wanted and visit.state in {"planned", "loaded", "done"}:
        until_ms = _until_ms(session, visit)
        _tell(session, visit, Restock(visit.id, wanted, until_ms, visit.day, by), now_ms)
    elif visit.told_number:
        call_off(session, visit, now_ms)


def call_off(session: Session, visit: Visit, now_ms: int) -> None:
    """Say that it will not come, or is over; nothing when its gateway never heard of it."""
    if visit.told_number:
        _tell(session, visit, RestockOff(visit.id), now_ms)


def _tell(session: Session, visit: Visit, entry: Planned, now_ms: int) -> None:
    try:
        body = told(entry)
    except FeedError as error:
        raise RefusedError(f"expected a visit that a gateway can take, found too many lines ({error})") from error
    with as_service(session):
        visit.told_number = tell(session, visit.shop_id, *body, now_ms, dealer=visit.dealer_id)
        session.add(visit)
        session.flush()


def _wanted(lines: Sequence[VisitLine]) -> list[ToRestock]:
    """By bin and part, what is not answered yet and still waited for."""
    found: dict[tuple[str, int, str], int] = defaultdict(int)
    for line in lines:
        if not line.left_out and line.counted is None and not line.settled_ms:
            found[line.cabinet, line.bin, line.part] += line.quantity if line.loaded is None else line.loaded
    return [ToRestock(*place, quantity) for place, quantity in sorted(found.items()) if quantity]


def _until_ms(session: Session, visit: Visit) -> int:
    shop = session.get(Shop, visit.shop_id)
    zone = zone_of(shop.time_zone if shop else "Asia/Shanghai")
    end = day_of_text(visit.day) + timedelta(days=STANDS_DAYS + 1)
    return round(datetime(end.year, end.month, end.day, tzinfo=zone).timestamp() * 1000)
