"""What an entry of the cloud's feed changes: jobs come and go, plans and orders are carried out once, or refused with a
sentence.

It runs on the writer's thread between batches and writes nothing. An entry that is held already changes nothing; one
that cannot be understood or carried out is answered as refused and blocks nobody behind it.
"""

import logging
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field

from edge_gateway import feed_plans, resolving, work_actions
from edge_gateway.batch import Batch
from edge_gateway.books import Books
from edge_gateway.command import command_message
from edge_gateway.decision import Cause, Decision, ShopJob
from edge_gateway.desk import Desk, Rows
from edge_gateway.feed_format import (
    Count,
    FeedEntry,
    FeedError,
    Firmware,
    JobClosed,
    JobTold,
    Light,
    Policy,
    Resolve,
    Restock,
    RestockOff,
    RevokeCabinet,
    Told,
    Withdraw,
    read_entry,
)
from edge_gateway.kiosk_seam import ActionError, ResolveByNote, ResolveByStock, SendCommand
from edge_gateway.received import Outgoing
from edge_gateway.review import review_bins
from edge_gateway.upload_format import FeedAnswerItem

log = logging.getLogger(__name__)

LIGHT_MS_MAX = 120_000
_WHY_CHARACTERS_MAX = 500


@dataclass
class Taken:
    """What one entry changes, and what a cabinet is told at once. `before`: decisions that go before its own."""

    decision: Decision
    messages: list[Outgoing] = field(default_factory=list)
    before: list[Decision] = field(default_factory=list)


class FeedDesk:
    """Where entries are decided. `knows`: whether a cabinet is one of ours; `revoke`: ends certificates of one."""

    def __init__(
        self,
        books: Books,
        rows: Rows,
        knows: Callable[[str], bool],
        now_ms: int,
        revoke: Callable[[RevokeCabinet], None] | None = None,
    ) -> None:
        self.books = books
        self._revoke = revoke
        self._rows = rows
        self._knows = knows
        self._now_ms = now_ms

    def take_into(self, batch: Batch, entry: FeedEntry, aside: str = "") -> list[Outgoing]:
        """One entry into a batch; what cabinets are to be told at once. `aside`: why it cannot be carried out."""
        if self._rows.one("select 1 from feed_entry where number = ?", (entry.number,)) is not None:
            return []
        try:
            taken = self.set_aside(entry, aside) if aside else self.take(entry)
            for decision in (*taken.before, taken.decision):
                batch.add(decision)
        except sqlite3.Error:
            raise
        except Exception as error:  # whatever the cloud tells, the next entry is taken
            log.exception("entry %d of the feed could not be carried out", entry.number)
            taken = self.set_aside(entry, f"could not be carried out: {type(error).__name__}: {error}")
            batch.add(taken.decision)
        return taken.messages

    def take(self, entry: FeedEntry) -> Taken:
        """What one entry changes that is not held yet."""
        if self._is_answered(entry.number):  # before this database was restored from the cloud
            return self._with(self._empty(), entry)
        try:
            taken = self._carry_out(entry.number, read_entry(entry.kind, bytes(entry.body)))
        except (ActionError, FeedError) as error:
            taken = self._refused(entry, str(error))
        return self._with(taken, entry)

    def _refused(self, entry: FeedEntry, why: str) -> Taken:
        """Nothing but the answer."""
        return self._answered(self._empty(), entry.number, "refused", why)

    def set_aside(self, entry: FeedEntry, why: str) -> Taken:
        """An entry whose rows could not be written: kept, and answered as refused."""
        return self._with(self._refused(entry, why), entry)

    def _carry_out(self, number: int, told: Told) -> Taken:
        match told:
            case JobTold() | JobClosed():
                return self._tell_job(told) if isinstance(told, JobTold) else self._close_job(told)
            case Resolve():
                return self._resolve(number, told)
            case Count():
                return self._count(number, told)
            case Withdraw():
                return self._withdraw(number, told)
            case Light():
                return self._light(number, told)
            case Firmware() | RevokeCabinet() | Policy() | Restock() | RestockOff():
                return self._plan(number, told)

    # ---- jobs ----

    def _tell_job(self, told: JobTold) -> Taken:
        known = self.books.jobs.get(told.id)
        taken = self._empty()
        taken.decision.jobs.append(
            ShopJob(
                told.id,
                told.title,
                told.plate,
                told.vin,
                known.km if known else -1,
                told.opened_by,
                told.opened_ms,
                known.source if known else "cloud",
            )
        )
        return taken

    def _close_job(self, told: JobClosed) -> Taken:
        known = self.books.jobs.get(told.id) or self.books.open_jobs().get(told.id) or ShopJob(told.id, told.id)
        taken = self._empty()
        taken.decision.jobs.append(known._replace(closed_ms=max(told.closed_ms, 1)))
        return taken

    # ---- orders ----

    def _resolve(self, number: int, told: Resolve) -> Taken:
        desk = Desk(self.books, self._rows, self._now_ms, told.by)
        if told.found:
            found = {line.part: line.quantity for line in told.found}
            by_stock = ResolveByStock(told.discrepancy, found, told.by, told.note)
            decision, _made = resolving.by_stock(desk, by_stock)
        else:
            decision, _made = resolving.by_note(desk, ResolveByNote(told.discrepancy, told.by, told.note))
        work_actions.answer_counts(decision, self.books)
        review_bins(decision, desk.plan.cabinet(decision.cause.cabinet), self.books)
        made = next(each.movement for each in decision.resolutions if each.discrepancy == told.discrepancy)
        return self._answered(Taken(decision), number, "done", movement=made)

    def _count(self, number: int, told: Count) -> Taken:
        desk = Desk(self.books, self._rows, self._now_ms)
        plan = desk.plan.cabinet(told.cabinet).bin(told.bin)
        held = desk.books.in_bins.get(plan.account, {})
        if plan.part(told.part) is None and held.get(told.part, 0) <= 0:
            found = ", ".join(part.number for part in plan.parts) or "none"
            raise ActionError(f"expected {told.part} in bin {told.bin} of {told.cabinet}, found {found} there")
        taken = self._empty()
        taken.decision.waits[number] = told
        return taken

    def _withdraw(self, number: int, told: Withdraw) -> Taken:
        if told.number not in self.books.counts:
            raise ActionError(f"expected an order that still waits, found {told.number}: it is answered, or never came")
        taken = self._answered(self._empty(), told.number, "withdrawn")
        return self._answered(taken, number, "done")

    def _light(self, number: int, told: Light) -> Taken:
        if self._now_ms > told.until_ms:
            late_s = (self._now_ms - told.until_ms) // 1000
            raise ActionError(
                f"expected to light bin {told.bin} of {told.cabinet} in time, found it {late_s} s too late"
            )
        fields = {"bin": told.bin, "colour": "green", "for_ms": max(1, min(told.for_ms, LIGHT_MS_MAX))}
        wait_ms = max(1, min(told.until_ms - self._now_ms, LIGHT_MS_MAX))
        command = SendCommand(told.cabinet, "light", fields, wait_ms)
        message = command_message(command, self._knows, self._now_ms)[1]
        return self._answered(Taken(self._empty().decision, [message]), number, "done")

    def _plan(self, number: int, told: Firmware | RevokeCabinet | Policy | Restock | RestockOff) -> Taken:
        if isinstance(told, RevokeCabinet):
            return self._end_certificates(number, told)
        if isinstance(told, Firmware):
            return self._update(number, told)
        plans = feed_plans.take(self.books, told, number, self._now_ms)
        return self._answered(Taken(self._empty().decision, before=plans), number, "done")

    def _update(self, number: int, told: Firmware) -> Taken:
        """Held is all that happens here: `cabinet_updates` reads what is wanted from the feed's own rows."""
        foreign = [name for name in told.cabinets if not self._knows(name)]
        if foreign:
            raise ActionError(f"expected cabinets that this gateway knows, found {', '.join(foreign)[:200]}")
        return self._answered(self._empty(), number, "done")

    def _end_certificates(self, number: int, told: RevokeCabinet) -> Taken:
        if self._revoke is None:
            raise ActionError("expected a gateway that gives cabinets certificates, found one that does not")
        self._revoke(told)
        return self._answered(self._empty(), number, "done")

    # ---- rows ----

    def _empty(self) -> Taken:
        return Taken(Decision(Cause("", "", "", 0, self._now_ms, self._now_ms)))

    def _with(self, taken: Taken, entry: FeedEntry) -> Taken:
        taken.decision.told.append(entry)
        return taken

    def _is_answered(self, number: int) -> bool:
        return self._rows.one("select 1 from feed_answer where number = ?", (number,)) is not None

    def _answered(self, taken: Taken, number: int, outcome: str, why: str = "", movement: str = "") -> Taken:
        text = why.replace("\0", "\\0")[:_WHY_CHARACTERS_MAX]
        answer = FeedAnswerItem(number, outcome, text, movement, self._now_ms)  # type: ignore[arg-type]
        taken.decision.answers.append(answer)
        return taken
