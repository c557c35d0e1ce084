"""The journals of the cabinets as a whole: where one begins, where one was broken off, what a cabinet has forgotten.

Part of the intake: gathers into the same batch, on the same thread. What is missing for good is never passed over in
silence: it becomes a discrepancy of the cabinet, once.
"""

import logging
from typing import Protocol

from edge_gateway.batch import Batch
from edge_gateway.decision import Cause, Decision, detail
from edge_gateway.per_hour import PerHour
from edge_gateway.upload_format import DiscrepancyItem

log = logging.getLogger(__name__)

BEGUN_PER_HOUR_MAX = 20  # journals that a cabinet begins or goes on with after a loss; more of them wait there


class Seen(Protocol):
    """What is looked up in the database."""

    def discrepancy_seen(self, discrepancy: str) -> bool:
        """Whether a discrepancy of that id was ever opened."""
        ...


class Journals:
    """`batch` is set anew by the intake after every commit."""

    def __init__(self, batch: Batch, seen: Seen) -> None:
        self.batch = batch
        self._seen = seen
        self._begun = PerHour(BEGUN_PER_HOUR_MAX)
        self._over_bound: set[str] = set()  # cabinets of which it was logged

    def may_begin(self, cabinet: str, now_ms: int) -> bool:
        """Whether one more journal of a cabinet may begin; it counts. Whoever begins them without end has to wait."""
        if self._begun.allows(cabinet, now_ms):
            self._over_bound.discard(cabinet)
            return True
        if cabinet not in self._over_bound:
            log.error("%s begins more than %d journals in an hour: they wait there", cabinet, BEGUN_PER_HOUR_MAX)
        self._over_bound.add(cabinet)
        return False

    def begin(self, cabinet: str, epoch: str, now_ms: int) -> None:
        """A journal nothing is known of yet; an alarm when the one before was not finished."""
        books = self.batch.books
        before = books.present.get(cabinet)
        books.begin_journal(cabinet, epoch, now_ms)
        if before is None:
            return
        through = books.cursors[cabinet, before].through
        status = books.statuses.get(cabinet)
        last = status.journal_last if status is not None and status.epoch == before else through
        if last > through:
            self.alarm(cabinet, "journal_unfinished", now_ms, epoch=before, through=through, journal_last=last)

    def lost(self, cabinet: str, epoch: str, now_ms: int) -> None:
        """A journal that began because the one before could not be used."""
        self.alarm(cabinet, "journal_lost", now_ms, epoch=epoch)

    def pass_over(self, cabinet: str, epoch: str, first: int, now_ms: int) -> None:
        """Go on from `first`, the oldest event the cabinet holds, when events before it never came.

        This database is older than what the cabinet was told to forget, or was lost: they will not come again.
        """
        books = self.batch.books
        cursor = books.cursors.get((cabinet, epoch))
        through = 0 if cursor is None else cursor.through
        missing = first - 1 - through
        if missing <= 0 or not self.may_begin(cabinet, now_ms):
            return
        if cursor is None:
            self.begin(cabinet, epoch, now_ms)
        self.batch.pass_over((cabinet, epoch, first - 1), now_ms, forgotten(through, first))
        facts = {"epoch": epoch, "through": through, "journal_first": first, "missing": missing}
        self._open(f"{cabinet}/{epoch}/{first}/journal_forgotten", cabinet, "journal_forgotten", now_ms, facts)

    def alarm(self, cabinet: str, reason: str, now_ms: int, **facts: object) -> None:
        """A discrepancy of the cabinet as a whole; one per reason and journal is enough."""
        self._open(f"{cabinet}/{facts['epoch']}/{reason}", cabinet, reason, now_ms, facts)

    def _open(self, identity: str, cabinet: str, reason: str, now_ms: int, facts: dict[str, object]) -> None:
        open_here = self.batch.books.open_in(cabinet).get(0, {})
        if identity in open_here or self._seen.discrepancy_seen(identity):
            return
        decision = Decision(Cause(identity, cabinet, "", 0, now_ms, now_ms))
        decision.discrepancies.append(DiscrepancyItem(identity, cabinet, 0, "", "", reason, now_ms, detail(**facts)))
        self.batch.add(decision)


def forgotten(through: int, first: int) -> str:
    """Why the events after `through` are passed over: `first` is the oldest that the cabinet holds."""
    return f"expected event {through + 1}, found {first} the oldest that the cabinet still holds"
