"""Rollouts while the cloud runs: looked at every half minute, by one of its processes."""

import asyncio
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from cloud.database import Database
from cloud.replenishment.alerts.turns import take
from cloud.rollouts.following import active, look_at_all

log = logging.getLogger(__name__)

TURN: Final = "rollouts"
EVERY_S: Final = 30.0
LEASE_MS: Final = 5 * 60_000


@dataclass
class RolloutWork:
    """Looks at rollouts when it is this process's turn."""

    database: Database
    now_ms: Callable[[], int]
    _holder: str = field(default_factory=lambda: secrets.token_hex(8))

    def look(self) -> None:
        """Look at all of them, if there are any and nobody else does."""
        if not active(self.database):
            return
        now_ms = self.now_ms()
        with self.database.writing() as session:
            turn = take(session, TURN, self._holder, LEASE_MS, now_ms)
        if turn is not None:
            look_at_all(self.database, now_ms)


async def see_to_rollouts(work: RolloutWork, every_s: float = EVERY_S) -> None:
    """Until it is cancelled; a database that is away for a while is asked again the next time."""
    while True:
        try:
            await asyncio.to_thread(work.look)
        except SQLAlchemyError:
            log.exception("rollouts could not be looked at; they will be, the next time")
        await asyncio.sleep(every_s)
