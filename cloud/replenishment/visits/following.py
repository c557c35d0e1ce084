"""What became of visits: the gateways' words about bins are matched with the lines, and what is over is closed.

Everything here can be done again at any time and then changes nothing: a line's count is the sum of what the gateway
said of that visit, bin and part, however late and however often it came. A count that changed moves the store by the
difference alone. `see_to_visits` runs in the cloud; whoever changes or proposes rounds catches up first.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Sequence

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from cloud.database import Database
from cloud.replenishment.visits.telling import tell_visit
from cloud.tables import DealerStock, OnVisit, RequestEnd, RestockedBin, Visit, VisitLine

log = logging.getLogger(__name__)

EVERY_S = 10.0
LOOKED_BACK_MS = 120 * 86_400_000
OVERLAP_MS = 60_000  # rows of a transaction that ended late
FILLED_ELSEWHERE_MS = 10 * 60_000  # so long a filled request's own count may come behind it
NOT_ON_THE_VAN = ("proposed", "planned")
_Key = tuple[str, int, str]


async def see_to_visits(database: Database, now_ms: Callable[[], int], every_s: float = EVERY_S) -> None:
    """Until it is cancelled; a database that is away for a while is asked again the next time."""
    since_ms: int | None = None
    while True:
        begun_ms = now_ms()
        try:
            await asyncio.to_thread(catch_up, database, begun_ms, since_ms=since_ms)
            since_ms = begun_ms - OVERLAP_MS
        except SQLAlchemyError:
            log.exception("what became of visits could not be looked for; it will be, the next time")
        await asyncio.sleep(every_s)


def catch_up(database: Database, now_ms: int, dealer: str = "", since_ms: int | None = None) -> int:
    """Match everything the gateways said since then (None: for months) with the visits; how many visits changed."""
    since_ms = now_ms - LOOKED_BACK_MS if since_ms is None else since_ms
    with database.reading() as session:
        touched = _touched(session, dealer, since_ms)
    if not touched:
        return 0
    with database.writing() as session:
        return sum(follow(session, name, now_ms) for name in touched)


def _touched(session: Session, dealer: str, since_ms: int) -> list[str]:
    """Visits that a gateway said something of, or a request of which is over."""
    said = (
        select(Visit.id)
        .join(
            RestockedBin,
            (col(RestockedBin.visit) == col(Visit.id)) & (col(RestockedBin.dealer_id) == col(Visit.dealer_id)),
        )
        .where(col(RestockedBin.ingested_ms) >= since_ms)
    )
    ended = (
        select(OnVisit.visit)
        .join(Visit, col(Visit.id) == col(OnVisit.visit))
        .join(
            RequestEnd,
            (col(RequestEnd.shop_id) == col(OnVisit.shop_id)) & (col(RequestEnd.request) == col(OnVisit.request)),
        )
        .where(col(Visit.state).in_(NOT_ON_THE_VAN))
    )
    if dealer:
        said, ended = said.where(col(Visit.dealer_id) == dealer), ended.where(col(OnVisit.dealer_id) == dealer)
    return sorted({*session.exec(said), *session.exec(ended)})


def follow(session: Session, name: str, now_ms: int) -> bool:
    """Bring one visit up to date in the open transaction of the cloud's own; whether anything changed."""
    visit = session.exec(select(Visit).where(col(Visit.id) == name).with_for_update()).one_or_none()
    if visit is None:
        return False
    rows = select(VisitLine).where(col(VisitLine.visit) == name).order_by(col(VisitLine.line))
    lines = list(session.exec(rows.with_for_update()))
    changed = _count(session, visit, lines)
    left = _leave_out(session, visit, lines, now_ms)
    changed = _close(session, visit, lines) or changed or left
    release(session, visit, lines)
    if left and visit.told_number and visit.state in {"planned", "loaded"}:
        tell_visit(session, visit, lines, now_ms)
    session.flush()
    return changed


# ---- counts ----


def _count(session: Session, visit: Visit, lines: Sequence[VisitLine]) -> bool:
    said: dict[_Key, list[RestockedBin]] = defaultdict(list)
    rows = select(RestockedBin).where(
        col(RestockedBin.dealer_id) == visit.dealer_id,
        col(RestockedBin.visit) == visit.id,
        col(RestockedBin.shop_id) == visit.shop_id,
    )
    for row in session.exec(rows.order_by(col(RestockedBin.restocked_ms), col(RestockedBin.id))):
        said[row.cabinet, row.bin, row.part].append(row)
    changed = False
    for key, found in said.items():
        there = [line for line in lines if (line.cabinet, line.bin, line.part) == key]
        own = [line for line in there if not line.left_out] or there  # what is dropped did not come
        for line, counted in zip(own, shared(own, sum(row.counted for row in found)), strict=True):
            changed = _note(session, line, counted, found[-1].movement) or changed
    return changed


def shared(lines: Sequence[VisitLine], counted: int) -> list[int]:
    """What was counted of a bin and part, over its lines: each its own, what is more or less goes to the last."""
    given = []
    for line in lines[:-1]:
        wanted = line.quantity if line.loaded is None else line.loaded
        part = max(0, min(wanted, counted)) if wanted >= 0 else min(0, max(wanted, counted))
        given.append(part)
        counted -= part
    return [*given, counted] if lines else []


def _note(session: Session, line: VisitLine, counted: int, movement: str) -> bool:
    if line.counted == counted and line.counted_by == "gateway":
        return False
    count(session, line, counted, "gateway")
    line.movement, line.left_out = movement, ""
    session.add(line)
    return True


def count(session: Session, line: VisitLine, counted: int, by: str) -> None:
    """Keep what came or went. The store gets what was loaded and did not stay; a new count moves it by the rest."""
    change = from_store(line) - counted if line.counted is None else line.counted - counted
    move_store(session, line.dealer_id, line.part, change)
    line.counted, line.counted_by = counted, by
    session.add(line)


def from_store(line: VisitLine) -> int:
    """What the store gave for a line when it was loaded: a transfer and what is taken back come from a shop."""
    return line.loaded if line.loaded is not None and line.quantity > 0 and not line.from_shop else 0


def move_store(session: Session, dealer: str, part: str, change: int) -> None:
    """The store's own figure, where the dealer keeps one."""
    if not change:
        return
    rows = select(DealerStock).where(col(DealerStock.dealer_id) == dealer, col(DealerStock.part) == part)
    row = session.exec(rows.with_for_update()).one_or_none()
    if row is not None:
        row.on_hand += change
        session.add(row)
        session.flush()


# ---- what is over ----


def _leave_out(session: Session, visit: Visit, lines: Sequence[VisitLine], now_ms: int) -> bool:
    """A request that ended by itself is not brought, unless it is on the van."""
    waiting = {line.request for line in lines if line.request and line.counted is None and not line.left_out}
    if visit.state not in NOT_ON_THE_VAN or not waiting:
        return False
    rows = select(RequestEnd).where(col(RequestEnd.shop_id) == visit.shop_id, col(RequestEnd.request).in_(waiting))
    over = {row.request for row in session.exec(rows) if _is_over(row, now_ms)}
    for line in lines:
        if line.request in over and line.counted is None:
            line.left_out = "withdrawn"
            session.add(line)
    return bool(over)


def _is_over(row: RequestEnd, now_ms: int) -> bool:
    return row.how == "withdrawn" or row.ingested_ms < now_ms - FILLED_ELSEWHERE_MS


def _close(session: Session, visit: Visit, lines: Sequence[VisitLine]) -> bool:
    """Done, when every line that was to be brought is answered, or nobody waits for it."""
    carried = [line for line in lines if not line.left_out and (line.counted is not None or not line.settled_ms)]
    answered = [line for line in carried if line.counted is not None]
    if visit.state not in {"planned", "loaded"} or not answered or len(answered) < len(carried):
        return False
    rows = select(RestockedBin.restocked_ms).where(
        col(RestockedBin.dealer_id) == visit.dealer_id, col(RestockedBin.visit) == visit.id
    )
    visit.state, visit.done_ms = "done", max(session.exec(rows), default=0)
    session.add(visit)
    return True


def release(session: Session, visit: Visit, lines: Sequence[VisitLine]) -> None:
    """A request that is answered, left out, or whose visit does not come may be asked for again."""
    held = {
        line.request
        for line in lines
        if line.request and line.counted is None and not line.left_out and not line.settled_ms
    }
    for row in session.exec(select(OnVisit).where(col(OnVisit.visit) == visit.id)):
        if visit.state == "cancelled" or row.request not in held:
            session.delete(row)
    session.flush()
