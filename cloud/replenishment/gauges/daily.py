"""Keeps the rows of the gauges up to date: every shop by itself, the days that something new has come for.

Making a day again gives the same row, so it matters to nobody who makes it or how often: a process that was cut off,
or two at once, leave nothing wrong behind.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import date, timedelta

from sqlalchemy import func, insert
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlmodel import Session, col, delete, select

from cloud.database import Database
from cloud.replenishment.gauges.missing import PAST_DAYS
from cloud.replenishment.gauges.part_years import make_part_years
from cloud.replenishment.gauges.shop_days import DAY_MS, Days, Known, days_until, gauge_days
from cloud.replenishment.gauges.shop_rows import ShopRows
from cloud.tables import Gateway, GaugeDay, PartPrice, ShopDealer
from cloud.work.shop_time import day_of, midnight_ms

log = logging.getLogger(__name__)

EVERY_S = 6 * 3600.0
FIRST_S = 20.0  # after the cloud has started: pages first
RESTS = 19.0  # a twentieth of the time: pages are answered by the same interpreter
LOOKED_AT_MAX = 10  # shops of a dealer that are made while somebody waits for them
AGAIN_DAYS = 2  # before the newest row, always made again: what is put right mostly is put right by then
ARRIVING_MS = 3_600_000  # an upload that was under way while a day was made took no longer
_making = threading.Lock()  # one shop at a time is enough for a process
_marks: dict[tuple[str, str, str], tuple[str, int]] = {}  # of each shop (database, dealer, shop) when it was made last


async def see_to_gauges(database: Database, now_ms: Callable[[], int], every_s: float = EVERY_S) -> None:
    """Until it is cancelled; a database that is away for a while is asked again the next time."""
    ending = threading.Event()
    try:
        await asyncio.sleep(FIRST_S)
        while True:
            try:
                await asyncio.to_thread(make_gauges, database, now_ms, rest=RESTS, ending=ending)
            except SQLAlchemyError:
                log.exception("the gauges could not be made; they will be, the next time")
            await asyncio.sleep(every_s)
    finally:
        ending.set()  # no thread goes on through all shops when the cloud ends


def make_gauges(
    database: Database, now_ms: Callable[[], int], *, rest: float = 0.0, ending: threading.Event | None = None
) -> int:
    """Bring the gauges of every dealer up to date; how many rows were made.

    `rest`: how long to stand still after each shop, as a multiple of what it took: pages are answered meanwhile.
    `ending`: once it is set, no other shop is begun.
    """
    ending = ending or threading.Event()
    with database.reading() as session:
        rows = select(ShopDealer.dealer_id, ShopDealer.shop_id).where(~col(ShopDealer.has_left))
        served = sorted(tuple(row) for row in session.exec(rows))
    made = 0
    for dealer, shop in served:
        began_s = time.monotonic()
        made += make_when_new(database, dealer, shop, now_ms())
        if ending.wait(rest * (time.monotonic() - began_s)):
            return made
    for dealer in sorted({dealer for dealer, _ in served}):
        make_part_years(database, dealer, now_ms())
    return made


def make_looked_at(database: Database, dealer: str, now_ms: int, shop: str = "") -> int:
    """While somebody looks: bring one shop up to date, or some of the dealer's, those made longest ago first."""
    with database.reading() as session:
        newest = select(GaugeDay.shop_id, func.max(GaugeDay.made_ms)).where(GaugeDay.dealer_id == dealer)
        known = {row[0]: int(row[1]) for row in session.execute(newest.group_by(col(GaugeDay.shop_id)))}
        rows = select(ShopDealer.shop_id).where(ShopDealer.dealer_id == dealer, ~col(ShopDealer.has_left))
        shops = sorted(session.exec(rows), key=lambda name: (known.get(name, 0), name))
    wanted = [shop] if shop else shops[:LOOKED_AT_MAX]
    made = sum(make_when_new(database, dealer, name, now_ms) for name in wanted if name in shops)
    make_part_years(database, dealer, now_ms)
    return made


def make_when_new(database: Database, dealer: str, shop: str, now_ms: int) -> int:
    """Make a shop's rows; 0 when its gateways have said nothing since, on the same day."""
    key = (str(database.engine.url), dealer, shop)
    with _making:
        with database.reading() as session:
            uploads = session.exec(select(func.sum(Gateway.uploads)).where(Gateway.shop_id == shop)).one()
            mark = day_of(now_ms, ShopRows(session, dealer, shop).time_zone()), int(uploads or 0)
        if _marks.get(key) == mark:
            return 0
        try:
            made = make_shop(database, dealer, shop, now_ms)
        except IntegrityError:
            log.info("the gauges of %s at %s were made by another process", dealer, shop)
            return 0
        _marks[key] = mark
        return made


def make_shop(database: Database, dealer: str, shop: str, now_ms: int) -> int:
    """Make the rows of a shop's new days, and of those for which something came late; how many."""
    with database.reading() as session:
        rows = ShopRows(session, dealer, shop)
        zone = rows.time_zone()
        first = _first_day(session, rows, (dealer, shop), zone)
        if first is None:
            return 0
        days = days_until(first, now_ms, zone)
        if not days.names:
            return 0
        known = _known(session, rows, days, dealer, zone)
        made = gauge_days(dealer, shop, days, known, zone)
    with database.writing() as session:
        old = delete(GaugeDay).where(
            col(GaugeDay.dealer_id) == dealer, col(GaugeDay.shop_id) == shop, col(GaugeDay.day) >= first
        )
        session.execute(old)
        session.execute(insert(GaugeDay), [asdict(row) for row in made])
    return len(made)


def _first_day(session: Session, rows: ShopRows, whose: tuple[str, str], zone: str) -> str | None:
    """The first day that has to be made; None when the ledger is empty."""
    begin_ms = rows.first_ms()
    if begin_ms is None:
        return None
    dealer, shop = whose
    newest, made_ms = session.execute(
        select(func.max(GaugeDay.day), func.max(GaugeDay.made_ms)).where(
            col(GaugeDay.dealer_id) == dealer, col(GaugeDay.shop_id) == shop
        )
    ).one()
    begin = day_of(begin_ms, zone)
    if newest is None:
        return begin
    first = (date.fromisoformat(newest) - timedelta(days=AGAIN_DAYS)).isoformat()
    late_ms = rows.late_ms(int(made_ms) - ARRIVING_MS)
    return max(begin, min(first, day_of(late_ms, zone) if late_ms is not None else first))


def _known(session: Session, rows: ShopRows, days: Days, dealer: str, zone: str) -> Known:
    from_ms = days.starts_ms[0]
    since_ms = midnight_ms(f"{days.names[0][:7]}-01", zone) - PAST_DAYS * DAY_MS
    story = rows.story(since_ms, days.now_ms)
    parts = {*story.first, *(part for _, part, _ in story.taken)}
    return Known(
        story=story,
        planned=rows.planned(),
        bulk=rows.bulk(),
        rates=rows.rates(),
        counted=rows.counted(from_ms, days.now_ms),
        checks=rows.checks(from_ms, days.now_ms),
        filled=rows.filled(from_ms, days.now_ms),
        prices=rows.prices(parts),
        currency=currency_of(session, dealer),
    )


def currency_of(session: Session, dealer: str) -> str:
    """The currency that most of a dealer's prices are said in; "" without prices."""
    counted = select(PartPrice.currency).where(PartPrice.dealer_id == dealer).group_by(PartPrice.currency)
    return session.exec(counted.order_by(func.count().desc(), PartPrice.currency).limit(1)).first() or ""
