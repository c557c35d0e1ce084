"""All of it, while the cloud runs: judged every two minutes by one process, told by all of them.

One dealer's trouble is no other's, and a receiver that does not answer holds up nobody but itself.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from cloud.catalogue.bot_hooks import Seal
from cloud.database import Database
from cloud.people.mail import OutboundMail
from cloud.replenishment.alerts.judge import QUICK, SLOW, Judge
from cloud.replenishment.alerts.matters import MINUTE_MS
from cloud.replenishment.alerts.outbound import Outbound
from cloud.replenishment.alerts.telling import Telling
from cloud.replenishment.alerts.turns import take
from cloud.replenishment.alerts.ways import PURPOSE
from cloud.settings import Settings

log = logging.getLogger(__name__)

TURN: Final = "alerts"
EVERY_S: Final = 15.0
JUDGE_EVERY_MS: Final = 2 * MINUTE_MS
SLOW_EVERY_MS: Final = 10 * MINUTE_MS
LEASE_MS: Final = 10 * MINUTE_MS
TELLERS: Final = 4


@dataclass
class AlertWork:
    """Judges when it is this process's turn, and tells what is due."""

    database: Database
    telling: Telling
    now_ms: Callable[[], int]
    judge: Judge = field(init=False)
    _holder: str = field(default_factory=lambda: secrets.token_hex(8))
    _judged_ms: int = 0
    _slow_ms: int = 0
    _tellers: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(TELLERS, "alerts"))
    _under_way: dict[str, "Future[int]"] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.judge = Judge(self.database)

    def look(self) -> None:
        """Judge what is due to be judged, and begin to tell what is due to be told."""
        now_ms = self.now_ms()
        if now_ms - self._judged_ms >= JUDGE_EVERY_MS:
            self._judge(now_ms)
        self._under_way = {way: each for way, each in self._under_way.items() if not each.done()}
        for way in self.telling.due_ways():
            if way not in self._under_way:
                self._under_way[way] = self._tellers.submit(self._tell, way)

    def _judge(self, now_ms: int) -> None:
        self._judged_ms = now_ms
        with self.database.writing() as session:
            turn = take(session, TURN, self._holder, LEASE_MS, now_ms)
        if turn is None:
            return
        is_slow = now_ms - self._slow_ms >= SLOW_EVERY_MS
        if is_slow:
            self._slow_ms = now_ms
        kinds = (*QUICK, *SLOW) if is_slow else QUICK
        for dealer in self.judge.dealers():
            try:
                self.judge.look(dealer, kinds, turn.away, now_ms)
            except Exception:  # one dealer's trouble, whatever it is, must not blind the others
                log.exception("alerts of dealer %s could not be judged; they will be, the next time", dealer)
        self.telling.plan()

    def _tell(self, way: str) -> int:
        try:
            return self.telling.tell(way)
        except Exception:  # nobody waits for this thread: what went wrong is said here or nowhere
            log.exception("alerts could not be told by way %s; they will be tried again", way)
            return 0

    def close(self) -> None:
        """Begin nothing more; what is being told just now goes on to its end."""
        self._tellers.shutdown(wait=False, cancel_futures=True)


def open_work(
    settings: Settings, database: Database, mail: OutboundMail | None, now_ms: Callable[[], int]
) -> AlertWork:
    """The work of a cloud with these settings."""
    return AlertWork(database, open_telling(settings, database, mail, now_ms), now_ms)


def open_telling(
    settings: Settings, database: Database, mail: OutboundMail | None, now_ms: Callable[[], int]
) -> Telling:
    """What tells alerts, and tries ways out."""
    seal = Seal(settings.secret, PURPOSE)
    outbound = Outbound(inside=settings.webhooks_inside)
    return Telling(database, seal, outbound, mail, settings.public_url.rstrip("/"), now_ms)


async def see_to_alerts(work: AlertWork, every_s: float = EVERY_S) -> None:
    """Until it is cancelled; a database that is away for a while is asked again the next time."""
    try:
        while True:
            try:
                await asyncio.to_thread(work.look)
            except SQLAlchemyError:
                log.exception("alerts could not be looked at; they will be, the next time")
            await asyncio.sleep(every_s)
    finally:
        work.close()
