"""The oracle of a simulated run: it hears what happens, reads both databases, and says which rule does not hold.

`after_step` looks at what is new, `at_rest` at everything; `verdict.RULES` lists the rules in plain words. It shares
no code with the product, changes nothing, and decides nothing for the run: the conductor tells it the facts and asks.
"""

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from simulator.oracle_bookings import Bookings, requests_open_twice, untrue_stock
from simulator.oracle_cloud import CloudWatch
from simulator.oracle_coils import Boards, Coils
from simulator.oracle_database import Database
from simulator.oracle_equality import differences
from simulator.oracle_gateway import GatewayWatch
from simulator.oracle_journals import Heard, JournalsAtRest
from simulator.oracle_ledger import Ledger, RunningLedger
from simulator.oracle_plans import Plans
from simulator.verdict import NOTHING_EXCUSED, Bin, Excused, Truth, Verdict, Violation

SHOWN_MAX = 20  # violations of one rule in a verdict; the rest is counted


class Oracle:
    """Used by one thread at a time. The databases may come into being later."""

    def __init__(self, gateway_db: Path, cloud_db: Path, lock_ms_max: Mapping[tuple[str, int], int]) -> None:
        self._heard = Heard()
        self._coils = Coils(lock_ms_max)
        self._boards = Boards()
        self._gateway = GatewayWatch(Database(gateway_db, "outbox"), self._heard.line_of)
        self._cloud = CloudWatch(Database(cloud_db, "upload_batch"), self._gateway)
        self._pending: list[Violation] = []
        self._found: dict[Violation, None] = {}  # all that was reported, in order

    # ---- what it hears ----

    def lock(self, cabinet: str, door: int, on: bool, at_ms: int) -> None:
        """The coil of a lock is switched, as the chip sees it."""
        self._pending += self._coils.switch((cabinet, door), on, at_ms)

    def power(self, cabinet: str, on: bool, at_ms: int) -> None:
        """Power is given or taken; with it go all coils. After giving it a `booted` must follow."""
        if not on:
            self._pending += self._coils.power_lost(cabinet, at_ms)
        self._boards.power(cabinet, on, at_ms)

    def booted(self, cabinet: str, at_ms: int) -> None:
        """The firmware has reached its main loop."""
        self._pending += self._boards.booted(cabinet, at_ms)

    def sent(self, cabinet: str, epoch: str, seq: int, line: bytes) -> None:
        """An event line is on the wire; repeats may be told too."""
        self._pending += self._heard.sent((cabinet, epoch), seq, line)

    def journal_acknowledged(self, cabinet: str, epoch: str, through: int) -> None:
        """A journal_ack leaves the gateway; tell it before anything else happens: the events must be committed now."""
        journal = (cabinet, epoch)
        self._heard.acknowledge(journal, through)
        if through <= self._gateway.taken.get(journal, 0):
            return
        held = self._gateway.last_taken(journal) if self._gateway.database.ready() else 0
        if through > held:
            text = f"{cabinet}/{epoch}: expected events 1 to {through} committed before their journal_ack, found {held}"
            self._pending.append(Violation("acknowledged", text))

    def receipt(self, gateway_epoch: str, through: int) -> None:
        """A receipt of the cloud reached the gateway: the cloud holds so much, or held it before it was replaced."""
        if through <= self._cloud.held.get(gateway_epoch, 0):
            return
        held = self._cloud.holds(gateway_epoch)
        if through > held:
            text = f"receipt for {gateway_epoch}: expected {held} at most, for the cloud holds no more, found {through}"
            self._pending.append(Violation("in_order", text))

    def gateway_replaced(self, why: str) -> None:
        """The gateway's database is another one now: from a backup, or made anew. Call it before the gateway starts.

        What had been acknowledged may be missing until the next rest. `why` stands in the accounts.
        """
        self._gateway.replaced = why
        self._gateway.forget()

    def cloud_replaced(self, why: str) -> None:
        """The cloud's database is another one now; the same holds."""
        self._cloud.replaced = why
        self._cloud.forget()

    def release(self) -> None:
        """Close both files. Call it before copying, moving or removing them; the next question opens them again."""
        self._gateway.database.release()
        self._cloud.database.release()

    # ---- what it says ----

    def after_step(self, now_ms: int) -> list[Violation]:
        """What was found since the last call, each thing once."""
        found = [*self._pending, *self._coils.overdue(now_ms), *self._boards.overdue(now_ms)]
        self._pending = []
        gateway_changed = self._gateway.database.changed()
        if gateway_changed:
            found += self._gateway.look()
        if self._cloud.database.changed() or self._cloud.fresh:
            found += self._cloud.look()
        if gateway_changed:
            found += self._cloud.ahead_of_cloud()
        return self._report(found)

    def at_rest(
        self,
        now_ms: int,
        truth: Mapping[Bin, Truth],
        journals: Mapping[str, Mapping[str, int]],
        excused: Excused = NOTHING_EXCUSED,
    ) -> Verdict:
        """Everything, after quiet time: all is sent, taken in and uploaded that can be.

        `journals` are, by cabinet and epoch, the last number that was ever durable on its flash.
        """
        self.after_step(now_ms)
        verdict = Verdict(violations=self._coils.at_rest(now_ms))
        with self._gateway.database.moment(), self._cloud.database.moment():
            JournalsAtRest(self._heard, self._gateway, verdict, excused).judge(journals)
            self._judge_bookings(verdict, truth, excused)
            self._judge_plans(verdict, now_ms)
            self._judge_cloud(verdict)
        self._report(verdict.violations)
        verdict.violations = _shortened(list(self._found))
        return verdict

    def _report(self, found: list[Violation]) -> list[Violation]:
        new = [violation for violation in dict.fromkeys(found) if violation not in self._found]
        self._found |= dict.fromkeys(new)
        return new

    def _judge_bookings(self, verdict: Verdict, truth: Mapping[Bin, Truth], excused: Excused) -> None:
        database = self._gateway.database
        bookings = Bookings(database)
        verdict.violations += bookings.twice() + bookings.cited()
        verdict.doubled += len(bookings.doubled)
        verdict.violations += _added_up(self._gateway.ledger)
        verdict.violations += self._kept()
        verdict.violations += requests_open_twice("gateway", database)
        verdict.violations += untrue_stock(database, self._gateway.ledger.balances(), truth, excused.bins)

    def _judge_plans(self, verdict: Verdict, now_ms: int) -> None:
        plans = Plans(self._gateway.database, now_ms)
        verdict.violations += plans.needs(self._gateway.ledger.balances()) + plans.too_much()
        verdict.violations += plans.visits(in_order=not self._gateway.replaced)

    def _kept(self) -> list[Violation]:
        ledger, running = self._gateway.ledger, self._gateway.running
        rows, postings = {row[0]: row for row in ledger.movements()}, ledger.postings()
        gone = [name for name in running.seen if name not in rows]
        found = [Violation("kept", f"gateway: expected movement {name}, which was booked, found none") for name in gone]
        for name in running.seen.keys() & rows.keys():
            found += running.unchanged(ledger.side, rows[name], postings.get(name, []))
        return found

    def _judge_cloud(self, verdict: Verdict) -> None:
        ledger, database = self._cloud.ledger, self._cloud.database
        doubled, found = self._cloud.doubled()
        verdict.doubled += doubled
        verdict.violations += found
        verdict.violations += _added_up(ledger)
        verdict.violations += requests_open_twice("cloud", database, ledger.shop)
        verdict.violations += self._cloud.behind()
        verdict.violations += differences(
            self._gateway.database, database, ledger.shop or "", with_times=not self._gateway.replaced
        )


def _added_up(ledger: Ledger) -> list[Violation]:
    return RunningLedger().load(ledger)


def _shortened(violations: list[Violation]) -> list[Violation]:
    by_rule: dict[str, list[Violation]] = defaultdict(list)
    for violation in violations:
        by_rule[violation.rule].append(violation)
    shown: list[Violation] = []
    for rule, found in by_rule.items():
        shown += found[:SHOWN_MAX]
        if len(found) > SHOWN_MAX:
            shown.append(Violation(rule, f"and {len(found) - SHOWN_MAX} more"))
    return shown
