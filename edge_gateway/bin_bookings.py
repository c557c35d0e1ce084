"""What a decision about bins writes: movements, discrepancies and their ends, one event after the other.

Pure: rows are added to a `Decision`. It remembers what it has booked, so that what is decided next stands on it. No
balance of a bin ever goes below zero: when more was taken than the ledger held, the ledger was short, and the shortage
is booked from unexplained first. It decides nothing about weights.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

import msgspec

from edge_gateway.balance import Holding, after_booking
from edge_gateway.counting.cells import CELLS
from edge_gateway.decision import Booking, Decision, Mover, OpenDiscrepancy, detail, nobody, postings
from edge_gateway.gain import Gain, unknown
from edge_gateway.ground import Ground
from edge_gateway.learned import Lessons, known_of
from edge_gateway.planogram import BinPlan
from edge_gateway.session_evidence import held_parts
from edge_gateway.upload_format import DiscrepancyItem, MovementItem, PostingItem, ResolutionItem, VerdictItem


@dataclass(frozen=True, slots=True)
class How:
    """How a movement comes about: on whose account, under what name, when, and how sure."""

    mover: Mover
    what: str  # session, level, again: the last part of its name
    occurred_ms: int
    confidence_ppm: int


class BinBookings:
    """The rows of one event, in the order in which they are decided."""

    def __init__(self, decision: Decision, ground: Ground) -> None:
        self.decision = decision
        self.ground = ground
        self.lessons = Lessons(ground.masses, decision.masses)
        self._changes: dict[tuple[str, str], int] = defaultdict(int)
        self._objects: dict[int, list[int]] = defaultdict(list)  # found here, by bin

    # ---- what the bins hold, with what is booked here ----

    def stock(self, plan: BinPlan, part: str) -> int:
        """What a bin holds of a part."""
        return self.ground.in_bins.get(plan.account, _EMPTY).get(part, 0) + self._changes.get((plan.account, part), 0)

    def in_bin(self, plan: BinPlan) -> dict[str, int]:
        """What a bin holds, by part."""
        held = dict(self.ground.in_bins.get(plan.account, _EMPTY))
        for (account, part), change in self._changes.items():
            if account == plan.account:
                held[part] = held.get(part, 0) + change
        return held

    def holding(self, plan: BinPlan) -> Holding:
        """The same as a weight is judged by it."""
        held = self.in_bin(plan)
        parts = held_parts(plan, self.ground.plan, held)
        pieces = tuple((held.get(part.number, 0), known_of(part, self.ground.masses).mass) for part in parts)
        return Holding(CELLS[plan.cell], pieces, sum(self.foreign_mg(plan)), self.gain(plan.bin))

    def has_started(self, number: int) -> bool:
        """Whether this is the first that is heard of a bin since a start of its controller."""
        ground = self.ground
        known = ground.gains.get(number)
        is_other = known is not None and known.boot != ground.boot
        return is_other and ground.later is None and number not in self.decision.gains

    def gain(self, number: int) -> Gain:
        """What a bin's cell reads too much, as far as it is known."""
        if self.has_started(number):
            return unknown(self.ground.boot, self.decision.cause.occurred_ms)
        found = self.decision.gains.get(number) or self.ground.gains.get(number)
        return found or Gain(boot=self.ground.boot)

    def foreign_mg(self, plan: BinPlan) -> tuple[int, ...]:
        """Objects that lie in a bin and are none of its parts, with what is found out here."""
        known = (found.foreign_mg for found in self.open_here(plan.bin) if found.foreign_mg)
        return (*known, *self._objects.get(plan.bin, ()))

    def note_object(self, plan: BinPlan, foreign_mg: int, session: str) -> None:
        """Something lies in a bin that is none of its parts."""
        facts = detail(foreign_mg=foreign_mg, delta_mg=foreign_mg)
        self.open(plan, "foreign_object", facts, only_part(plan), session)
        self._objects[plan.bin].append(foreign_mg)

    def open_here(self, number: int) -> list[OpenDiscrepancy]:
        """What was open of a bin before this event, and is still."""
        ended = {resolution.discrepancy for resolution in self.decision.resolutions}
        return [found for found in self.ground.open_here(number).values() if found.id not in ended]

    def has_open(self, number: int, *reasons: str) -> bool:
        """Whether something of these reasons is open of a bin, or was opened here."""
        opened = any(item.bin == number and item.reason in reasons for item in self.decision.discrepancies)
        return opened or any(found.reason in reasons for found in self.open_here(number))

    # ---- movements ----

    def book(self, plan: BinPlan, part: str, quantity: int, how: How) -> str:
        """A change of a bin for whoever made it; the movement's id, "" when it is asked instead."""
        stock = self.stock(plan, part)
        if stock + quantity < 0:
            self._cover(plan, part, quantity, how)
        movement = self.move(plan, part, quantity, how)
        if how.mover.reason:
            self.open(plan, how.mover.reason, detail(quantity=quantity, movement=movement), part, how.mover.session)
        return movement

    def move(self, plan: BinPlan, part: str, quantity: int, how: How) -> str:
        """The movement alone: `quantity` more in a bin, out of the mover's account; less, when negative."""
        other = account(plan, how.mover.account)
        source, target = (other, plan.account) if quantity > 0 else (plan.account, other)
        cause = how.mover.brings if quantity > 0 else how.mover.takes
        return self._add(plan, cause, postings(source, target, part, abs(quantity)), how)

    def move_between(self, source: BinPlan, target: BinPlan, part: str, quantity: int, how: How) -> str:
        """Pieces that left one bin and arrived in another."""
        if self.stock(source, part) < quantity:
            self._cover(source, part, -quantity, how)
        lines = postings(source.account, target.account, part, quantity)
        self.decision.touched.add(target.bin)
        return self._add(source, "misplaced", lines, replace(how, what=f"{how.what}-to-{target.bin}"))

    def correct(self, plan: BinPlan, part: str, quantity: int, corrected: tuple[str, str], how: How) -> str:
        """`quantity` more in a bin than was booked. `corrected`: that movement, and where what it moved lies now."""
        corrects, other = corrected
        if self.stock(plan, part) + quantity < 0:
            self._cover(plan, part, quantity, how)
        source, target = (other, plan.account) if quantity > 0 else (plan.account, other)
        lines = postings(source, target, part, abs(quantity))
        return self._add(plan, "correction", lines, how, corrects)

    def _cover(self, plan: BinPlan, part: str, quantity: int, how: How) -> None:
        """More left than the ledger held: it was short, and that is in sight."""
        held = self.stock(plan, part)
        short = How(nobody("", how.mover.session), "short", how.occurred_ms, how.confidence_ppm)
        movement = self.move(plan, part, -(held + quantity), short)
        facts = detail(quantity=quantity, held=held, movement=movement)
        self.open(plan, "more_than_held", facts, part, how.mover.session)

    def _add(self, plan: BinPlan, cause: str, lines: list[PostingItem], how: How, corrects: str = "") -> str:
        event = self.decision.cause
        taken = [booking.item.id for booking in self.decision.bookings]
        item = MovementItem(
            id=unlike(taken, f"{event.id}/{plan.bin}/{_named(plan, how.what, lines[0].part)}"),
            cause=cause,
            cabinet=event.cabinet,
            session=how.mover.session,
            person=how.mover.person,
            job="",
            occurred_ms=how.occurred_ms,
            booked_ms=event.booked_ms,
            confidence_ppm=how.confidence_ppm,
            corrects=corrects,
            note="",
            postings=lines,
        )
        hand = how.mover.person if corrects and how.mover.account == "shop" else ""
        self.decision.bookings.append(Booking(item, plan.bin, hand))
        self.decision.touched.add(plan.bin)
        for line in lines:
            self._changes[line.account, line.part] += line.quantity
        return item.id

    # ---- discrepancies ----

    def open(self, plan: BinPlan, reason: str, facts: str, part: str, session: str) -> None:
        """A question about a bin. `part` "": about the bin as a whole."""
        event = self.decision.cause
        opened = [item.id for item in self.decision.discrepancies]
        self.decision.discrepancies.append(
            DiscrepancyItem(
                id=unlike(opened, f"{event.id}/{plan.bin}/{_named(plan, reason, part)}"),
                cabinet=event.cabinet,
                bin=plan.bin,
                part=part,
                session=session,
                reason=reason,
                opened_ms=event.occurred_ms,
                detail=facts,
            )
        )
        self.decision.touched.add(plan.bin)

    def open_standing(self, plan: BinPlan, reason: str, facts: str, session: str) -> None:
        """A question about a lasting condition, unless one is open for the bin already."""
        if not self.has_open(plan.bin, reason):
            self.open(plan, reason, facts, only_part(plan), session)

    def end(self, found: OpenDiscrepancy, number: int, note: str, movement: str = "") -> None:
        """A question that evidence has answered."""
        booked_ms = self.decision.cause.booked_ms
        self.decision.resolutions.append(ResolutionItem(found.id, "", note, movement, booked_ms))
        self.decision.touched.add(number)

    def keep(self, item: VerdictItem) -> None:
        """A verdict, under a name of its own."""
        kept = [verdict.id for verdict in self.decision.verdicts]
        name = unlike(kept, f"{self.decision.cause.id}/{item.bin}/verdict")
        self.decision.verdicts.append(msgspec.structs.replace(item, id=name))

    # ---- references ----

    def expect_booked(self) -> None:
        """Bins that were booked without being weighed weigh so much more or less from now on."""
        if not self._changes:
            return
        by_account = {self.ground.plan.bin(number).account: number for number in self.decision.touched}
        changed: dict[int, dict[str, int]] = defaultdict(dict)
        for (held_in, part), change in self._changes.items():
            number = by_account.get(held_in)
            if change and number is not None and number not in self.decision.references:
                changed[number][part] = change
        for number, changes in changed.items():
            known = [
                (change, known_of(self.ground.plan.part(number, part), self.ground.masses).mass)
                for part, change in changes.items()
                if self.ground.plan.part(number, part).counted
            ]
            self.decision.references[number] = after_booking(self.ground.references.get(number), known)


_EMPTY: Mapping[str, int] = {}


def only_part(plan: BinPlan) -> str:
    """The part of a bin that has one; "" for a bin of several, or of none."""
    return plan.parts[0].number if len(plan.parts) == 1 else ""


def account(plan: BinPlan, whose: str) -> str:
    """The account on the other side of a bin's movement."""
    if whose == "shop":
        return plan.shop_account
    return plan.dealer_account if whose == "dealer" else plan.unexplained_account


def _named(plan: BinPlan, what: str, part: str) -> str:
    """A bin's first part needs no name: most bins have no other."""
    first = plan.parts[0].number if plan.parts else ""
    return what if part in ("", first) else f"{what}:{part}"


def unlike(others: list[str], name: str) -> str:
    """A name that none of the others has: one event may say something of two sessions of one bin."""
    found, number = name, 1
    while found in others:
        number += 1
        found = f"{name}~{number}"
    return found
