"""What a bin's change of weight becomes: a booking where it is sure, a discrepancy where it is not.

Pure: values in, rows added to a `Decision`. The settled weight is an absolute check on the ledger: pieces that do
not agree open a discrepancy, grams follow the scale beyond the dead band, from the unexplained account. No balance
of a bin ever goes below zero: when more was taken than the ledger held, the ledger was short, and the shortage is
booked from unexplained first.

Reasons of a discrepancy, and the keys of its `detail`:
    uncertain_count     candidates [[change, ppm]...], other_ppm, delta_mg, before_mg, after_mg, stock, unit;
                        delta_mg alone while the bin still holds the part it had before
    not_this_part       the same: the weight is likelier something else than any count of the part
    balance             found_mg, expected_mg, stock, limit_mg: the settled weight is not what the ledger says
    blind               before_mg, after_mg: the sensor gave no weight, so nobody knows whether something moved
    no_part             delta_mg: weight moved in a bin without a part
    no_unit_mass        delta_mg: weight moved in a bin whose part has no unit mass
    no_person           quantity, movement: moved in a session that nobody's badge opened
    unexplained_change  quantity, movement: moved behind a shut door, or (bulk) between two sessions
    more_than_held      quantity, held, movement: more was taken than the ledger held
    part_changed        part_before, stock: the planogram gave the bin to another part while it was not empty
    read_late           quantity, stock: an event that was set aside is read now, and newer weights agree with the
                        ledger without what it says: somebody may have booked that already
    session_unended     next: another session of the cabinet began, and the end of this one never came
    contested           note, person: somebody does not agree with a session
    different_content   epoch, seq: two different events under one identity; the second is in quarantine
    journal_lost, journal_unfinished   epoch, through, journal_last: what an ended journal may have held back
    journal_forgotten   epoch, through, journal_first, missing: events the cabinet no longer holds, and nobody here
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from cabinet import wire

from edge_gateway.counting import one_part as counting
from edge_gateway.decision import Booking, Decision, OpenDiscrepancy, OpenSession, Weighed, detail, postings
from edge_gateway.planogram import BinPlan, CabinetPlan
from edge_gateway.upload_format import DiscrepancyItem, MovementItem, ResolutionItem

UNSURE = ("uncertain_count", "not_this_part")
SETTLED_BY_WEIGHT = (*UNSURE, "balance", "blind")  # a later weighing that agrees with the ledger ends these
AGREES = "a later weighing agrees with the ledger"
NAMELESS_MG_MIN = 2000  # in a bin without a part, less than this is not worth a question


class LaterWeight(NamedTuple):
    """A settled weight of a bin that is newer than the event: it judges the ledger, not the event's own."""

    mg: int
    noise_mg: int


@dataclass(frozen=True, slots=True)
class Ground:
    """What a decision stands on: the plan, what the ledger holds, and what is open in this cabinet."""

    plan: CabinetPlan
    balances: Mapping[tuple[str, str], int]
    open_by_bin: Mapping[int, Mapping[str, OpenDiscrepancy]]
    session: OpenSession | None  # the one the event belongs to, when it is open
    session_seen: bool  # a session of that id was closed before
    role: str = ""  # of whoever opened the session
    unended: tuple[OpenSession, ...] = ()  # open although this event begins another
    later: Mapping[int, LaterWeight] | None = None  # None: the event is read as it comes


@dataclass(frozen=True, slots=True)
class Mover:
    """On whose account changes go, and what more and less are called. `reason`: why somebody must explain them."""

    account: str  # dealer, shop or unexplained
    brings: str
    takes: str
    towards: int
    reason: str
    session: str
    person: str


def nobody(reason: str, session: str) -> Mover:
    """Changes that no person answers for."""
    return Mover("unexplained", "unexplained", "unexplained", -1, reason, session, "")


class Bins:
    """The bins of one event, decided one after the other into one `Decision`."""

    def __init__(self, decision: Decision, ground: Ground, mover: Mover) -> None:
        self.decision = decision
        self.ground = ground
        self.mover = mover

    def weighed(self, row: list[Any]) -> None:
        """One weighing: nothing to compare it with but the ledger."""
        self._weigh(Weighed(row[0], None, 0, row[1], row[2], row[3]))

    def told_again(self, row: list[Any]) -> None:
        """A bin of a session whose end was told before: what does not go on from the ledger is booked already."""
        number, before_mg = row[:2]
        plan = self.ground.plan.bin(number)
        stock_mg = self._stock(plan) * plan.unit_mass_mg
        if plan.counted and before_mg is not None and 2 * abs(before_mg - stock_mg) <= plan.unit_mass_mg:
            self.changed(row)
        else:
            self._weigh(Weighed(*row))

    def changed(self, row: list[Any]) -> None:
        """Two weighings: what happened between them, then the later one against the ledger."""
        number, before_mg, before_noise_mg, mg, noise_mg, quality = row
        self.decision.weighings.append(Weighed(number, before_mg, before_noise_mg, mg, noise_mg, quality))
        plan = self.ground.plan.bin(number)
        if before_mg is None and mg is not None and quality == wire.SETTLED:
            self._check_level(plan, mg, noise_mg, self._stock(plan))
            return
        if mg is None or before_mg is None or quality == wire.BLIND:
            self._blind(plan, before_mg, mg)
            return
        change = counting.Change(before_mg, before_noise_mg, mg, noise_mg)
        settled = quality == wire.SETTLED
        if self._holds_another_part(plan):
            self._nameless(plan, change, "uncertain_count")
        elif plan.counted:
            self._pieces(plan, change, settled)
        elif plan.bulk:
            self._bulk(plan, change, settled)
        else:
            self._nameless(plan, change, "no_unit_mass" if plan.number else "no_part")

    def _weigh(self, found: Weighed) -> None:
        self.decision.weighings.append(found)
        if found.quality == wire.SETTLED and found.mg is not None:
            plan = self.ground.plan.bin(found.bin)
            self._check_level(plan, found.mg, found.noise_mg, self._stock(plan))

    # ---- what happened between two weighings ----

    def _blind(self, plan: BinPlan, before_mg: int | None, after_mg: int | None) -> None:
        if plan.number:
            self._open_standing(plan, "blind", detail(before_mg=before_mg, after_mg=after_mg))

    def _nameless(self, plan: BinPlan, change: counting.Change, reason: str) -> None:
        """No part, one without a unit mass, or not the one it shall hold: nothing can be booked, a change is seen."""
        delta_mg = change.after_mg - change.before_mg
        if abs(delta_mg) > NAMELESS_MG_MIN and abs(delta_mg) > 4 * counting.change_sigma_mg(change):
            self._open_standing(plan, reason, detail(delta_mg=delta_mg))

    def _pieces(self, plan: BinPlan, change: counting.Change, settled: bool) -> None:
        stock = self._stock(plan)
        found = counting.count(change, plan.piece, stock, plan.capacity, self.mover.towards)
        if found.confidence_ppm < counting.SURE_PPM or (found.best != 0 and not settled):
            self._doubt(plan, change, found.candidates, found.other_ppm)
            return
        if found.best != 0:
            stock = self._book(plan, found.best, stock, found.confidence_ppm)
        if settled:
            self._check_level(plan, change.after_mg, change.after_noise_mg, stock)

    def _bulk(self, plan: BinPlan, change: counting.Change, settled: bool) -> None:
        stock = self._stock(plan)
        grams = to_grams(change.after_mg - change.before_mg)
        if abs(grams) >= max(plan.dead_band, 1):
            if not settled:
                self._doubt(plan, change, ((grams, 0),), 0)
                return
            stock = self._book(plan, grams, stock, 1_000_000)
        if settled:
            self._check_level(plan, change.after_mg, change.after_noise_mg, stock)

    def _doubt(
        self, plan: BinPlan, change: counting.Change, candidates: tuple[tuple[int, int], ...], other_ppm: int
    ) -> None:
        facts = detail(
            candidates=candidates,
            other_ppm=other_ppm,
            delta_mg=change.after_mg - change.before_mg,
            before_mg=change.before_mg,
            after_mg=change.after_mg,
            stock=self._stock(plan),
            unit=plan.unit,
        )
        self._open(plan, "not_this_part" if other_ppm > 500_000 else "uncertain_count", facts)

    # ---- the settled weight as an absolute check ----

    def _check_level(self, plan: BinPlan, mg: int, noise_mg: int, stock: int) -> None:
        if (later := self._later(plan)) is not None:
            mg, noise_mg = later
        if self._holds_another_part(plan):
            return
        if plan.counted:
            self._check_pieces(plan, mg, noise_mg, stock)
        elif plan.bulk:
            self._follow_bulk(plan, mg, stock)

    def _check_pieces(self, plan: BinPlan, mg: int, noise_mg: int, stock: int) -> None:
        expected_mg = stock * plan.unit_mass_mg
        if 2 * abs(mg - expected_mg) <= plan.unit_mass_mg and not self._open_here(plan):
            return  # the everyday case
        sigma_mg, limit_mg = _level_limit_mg(plan, mg, noise_mg, stock)
        if abs(mg - expected_mg) <= limit_mg:
            if 8 * sigma_mg <= plan.unit_mass_mg:  # agreement means something: half a piece would have shown
                self._settle_by_weight(plan)
        elif not self._unsure(plan):
            facts = detail(found_mg=mg, expected_mg=expected_mg, stock=stock, limit_mg=int(limit_mg))
            self._open_standing(plan, "balance", facts)

    def _follow_bulk(self, plan: BinPlan, mg: int, stock: int) -> None:
        """What a settled weight shows beyond the dead band happened outside any session: in sight, unexplained."""
        rest = max(to_grams(mg), 0) - stock
        if abs(rest) <= max(plan.dead_band, 1):
            self._settle_by_weight(plan)
        elif not self._unsure(plan):
            movement = self._move(plan, rest, 1_000_000, nobody("", self.mover.session), "level")
            self._open_standing(plan, "unexplained_change", detail(quantity=rest, movement=movement))

    def _settle_by_weight(self, plan: BinPlan) -> None:
        for found in self._open_here(plan).values():
            if found.reason in SETTLED_BY_WEIGHT:
                booked_ms = self.decision.cause.booked_ms
                self.decision.resolutions.append(ResolutionItem(found.id, "", AGREES, "", booked_ms))
                self.decision.touched.add(plan.bin)

    def _unsure(self, plan: BinPlan) -> bool:
        """Whether the bin's balance is known to be in doubt already."""
        return any(found.reason in UNSURE for found in self._open_here(plan).values())

    def _holds_another_part(self, plan: BinPlan) -> bool:
        """Whether the bin was given to another part and nobody has said yet that it was cleared."""
        return plan.number != "" and any(found.reason == "part_changed" for found in self._open_here(plan).values())

    # ---- bookings ----

    def _book(self, plan: BinPlan, quantity: int, stock: int, confidence_ppm: int) -> int:
        """Book a change of a bin for whoever made it; its stock after it."""
        if self._is_booked_already(plan, stock):
            self._open(plan, "read_late", detail(quantity=quantity, stock=stock))
            return stock
        short = -(stock + quantity)
        if short > 0:
            movement = self._move(plan, short, confidence_ppm, nobody("", self.mover.session), "short")
            self._open(plan, "more_than_held", detail(quantity=quantity, held=stock, movement=movement))
            stock += short
        movement = self._move(plan, quantity, confidence_ppm, self.mover, "session")
        if self.mover.reason:
            self._open(plan, self.mover.reason, detail(quantity=quantity, movement=movement))
        return stock + quantity

    def _move(self, plan: BinPlan, quantity: int, confidence_ppm: int, mover: Mover, what: str) -> str:
        event = self.decision.cause
        other = account(plan, mover.account)
        source, target = (other, plan.account) if quantity > 0 else (plan.account, other)
        item = MovementItem(
            id=f"{event.id}/{plan.bin}/{what}",
            cause=mover.brings if quantity > 0 else mover.takes,
            cabinet=event.cabinet,
            session=mover.session,
            person=mover.person,
            job="",
            occurred_ms=event.occurred_ms,
            booked_ms=event.booked_ms,
            confidence_ppm=confidence_ppm,
            corrects="",
            note="",
            postings=postings(source, target, plan.number, abs(quantity)),
        )
        self.decision.bookings.append(Booking(item, plan.bin))
        self.decision.touched.add(plan.bin)
        return item.id

    def _open(self, plan: BinPlan, reason: str, facts: str) -> None:
        event = self.decision.cause
        self.decision.discrepancies.append(
            DiscrepancyItem(
                id=f"{event.id}/{plan.bin}/{reason}",
                cabinet=event.cabinet,
                bin=plan.bin,
                part=plan.number,
                session=self.mover.session,
                reason=reason,
                opened_ms=event.occurred_ms,
                detail=facts,
            )
        )
        self.decision.touched.add(plan.bin)

    def _open_standing(self, plan: BinPlan, reason: str, facts: str) -> None:
        """Open a discrepancy that describes a lasting condition, unless one is open for the bin already."""
        now = (item.reason == reason for item in self.decision.discrepancies if item.bin == plan.bin)
        if not any(found.reason == reason for found in self._open_here(plan).values()) and not any(now):
            self._open(plan, reason, facts)

    def _later(self, plan: BinPlan) -> LaterWeight | None:
        """The newer weight of a bin, of an event that is read late."""
        return None if self.ground.later is None else self.ground.later.get(plan.bin)

    def _is_booked_already(self, plan: BinPlan, stock: int) -> bool:
        """Whether a weight newer than the event agrees with the ledger without what the event says."""
        later = self._later(plan)
        if later is None:
            return False
        if plan.bulk:
            return abs(to_grams(later.mg) - stock) <= max(plan.dead_band, 1)
        return abs(later.mg - stock * plan.unit_mass_mg) <= _level_limit_mg(plan, later.mg, later.noise_mg, stock)[1]

    def _open_here(self, plan: BinPlan) -> Mapping[str, OpenDiscrepancy]:
        return self.ground.open_by_bin.get(plan.bin, _NOTHING_OPEN)

    def _stock(self, plan: BinPlan) -> int:
        return self.ground.balances.get((plan.account, plan.number), 0)


_NOTHING_OPEN: Mapping[str, OpenDiscrepancy] = {}


def _level_limit_mg(plan: BinPlan, mg: int, noise_mg: int, stock: int) -> tuple[float, float]:
    """How far a weight of a bin may be from what so many pieces weigh: one standard deviation, and the limit."""
    sigma_mg = counting.level_sigma_mg(mg, noise_mg, stock, plan.spread_mg)
    return sigma_mg, max(plan.unit_mass_mg / 2, 4 * sigma_mg)


def account(plan: BinPlan, whose: str) -> str:
    """The account on the other side of a bin's movement."""
    if whose == "shop":
        return plan.shop_account
    return plan.dealer_account if whose == "dealer" else plan.unexplained_account


def to_grams(mg: int) -> int:
    """Milligrams as the nearest whole gram, halves away from zero."""
    grams = (abs(mg) + 500) // 1000
    return grams if mg >= 0 else -grams
