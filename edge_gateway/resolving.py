"""What answers an open discrepancy: a person says what moved, counts the bin, or explains it by a note.

Part of what people do at the kiosk (`people_actions.py`). Every part of the bin may be named; each is booked on its
own. It writes nothing itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from edge_gateway.bin_bookings import account
from edge_gateway.decision import CountFound, Decision, postings
from edge_gateway.desk import Desk, check_quantity
from edge_gateway.ground import SETTLED_BY_WEIGHT
from edge_gateway.kiosk_seam import ActionError, ResolveByCount, ResolveByNote, ResolveByStock
from edge_gateway.planogram import BinPlan

Decided = tuple[Decision, str]  # and the id of what it makes


def by_note(desk: Desk, action: ResolveByNote) -> Decided:
    """Nothing is booked: the explanation is enough."""
    desk.check_person(action.person)
    if not action.note.strip():
        raise ActionError("expected an explanation, found an empty note")
    cabinet, number = desk.open(action.discrepancy)[:2]
    decision = desk.decision(action.discrepancy, cabinet)
    if number:
        decision.touched.add(number)
    return decision, desk.resolve(decision, action.discrepancy, action.person, action.note, "")


def by_count(desk: Desk, action: ResolveByCount) -> Decided:
    """What left or came is booked on account of whoever opened the session."""
    desk.check_person(action.person)
    decision, plan, session, reason = desk.open_bin(action.discrepancy)
    changes = desk.by_part(action.change, desk.open(action.discrepancy)[2], plan)
    for change in changes.values():
        check_quantity(abs(change))
    if reason not in SETTLED_BY_WEIGHT:  # what moved is booked already, only not explained
        raise ActionError(f"expected a question whose answer is not booked yet, found {reason}: explain it by a note")
    answer = _Answer(desk, decision, plan, action, session)
    for part, change in changes.items():
        if change:
            answer.book_session(part, change)
    return answer.given()


def by_stock(desk: Desk, action: ResolveByStock) -> Decided:
    """The difference between what was counted and what the ledger holds is booked, part by part."""
    desk.check_person(action.person)
    cabinet, number, part, session, reason = desk.open(action.discrepancy)
    if reason == "part_changed":
        return _cleared(desk, action, desk.plan.cabinet(cabinet).bin(number), part)
    decision, plan, session, _reason = desk.open_bin(action.discrepancy)
    found = _counted(desk, action, part, plan)
    answer = _Answer(desk, decision, plan, action, session)
    answer.book_found(found, "unexplained", plan.unexplained_account)
    answer_others(desk, decision, plan, found, action)
    return answer.given()


class Counted(Protocol):
    """Who counted a bin, and what there is to say of it."""

    @property
    def person(self) -> str: ...

    @property
    def note(self) -> str: ...


def answer_others(desk: Desk, decision: Decision, plan: BinPlan, found: Mapping[str, int], by: Counted) -> None:
    """A count of a bin answers all that was open about what was counted."""
    answered = {resolution.discrepancy for resolution in decision.resolutions}
    if isinstance(by, ResolveByStock):
        answered.add(by.discrepancy)
    for other in desk.books.open_in(decision.cause.cabinet).get(plan.bin, {}).values():
        if other.id not in answered and other.reason in SETTLED_BY_WEIGHT and _answers(found, other.part, plan):
            desk.resolve(decision, other.id, by.person, by.note, "")


def _counted(desk: Desk, action: ResolveByStock, part: str, plan: BinPlan) -> dict[str, int]:
    found = desk.by_part(action.found, part, plan)
    for quantity in found.values():
        check_quantity(quantity)
    return found


def _answers(found: Mapping[str, int], part: str, plan: BinPlan) -> bool:
    """Whether a count answers what is open about a part, or (part "") about the bin as a whole."""
    return part in found if part else all(planned.number in found for planned in plan.parts)


def _cleared(desk: Desk, action: ResolveByStock, plan: BinPlan, part: str) -> Decided:
    """The bin was emptied of what the planogram took from it, but for what was found.

    `part` is what was asked about; a part that came instead, when the planogram has changed again since.
    """
    strays = desk.strays(plan)
    if plan.part(part) is None and part not in strays and plan.parts:
        part = plan.parts[0].number
    found = _counted(desk, action, part, plan)
    for number, quantity in found.items():
        if plan.part(number) is None:
            desk.check_held(plan.account, number, -quantity)
    decision = desk.decision(action.discrepancy, desk.open(action.discrepancy)[0])
    answer = _Answer(desk, decision, plan, action, session="")
    here = {number: quantity for number, quantity in found.items() if number not in strays}
    answer.book_found(here, "opening", plan.dealer_account)
    answer.book_found({number: found.get(number, 0) for number in strays}, "removal", plan.dealer_account)
    return answer.given()


@dataclass
class _Answer:
    """One person's answer about one bin, booked part by part into a decision."""

    desk: Desk
    decision: Decision
    plan: BinPlan
    action: ResolveByCount | ResolveByStock
    session: str
    made: list[str] = field(default_factory=list)

    def book_session(self, part: str, change: int) -> None:
        """A change that belongs to the session; what the ledger was short of comes from unexplained first."""
        short = -(self.desk.held(self.plan.account, part) + change)
        if short > 0:
            self._book("short", "unexplained", part, (short, self.plan.unexplained_account))
        whose, brings, takes, person = _mover(self.desk, self.session)
        moved = change, account(self.plan, whose)
        self.made.append(self._book("resolution", brings if change > 0 else takes, part, moved, person))

    def book_found(self, found: Mapping[str, int], cause: str, other: str) -> None:
        """The differences between what was found and what the ledger holds."""
        self.decision.counted.add(self.plan.bin)
        for part, quantity in found.items():
            held = self.desk.held(self.plan.account, part)
            movement = ""
            if quantity != held:
                movement = self._book("resolution", cause, part, (quantity - held, other))
                self.made.append(movement)
            found_here = CountFound(self.plan.bin, part, held, quantity, self.action.person, movement)
            self.decision.found.append(found_here)

    def given(self) -> Decided:
        """The decision with the discrepancy closed by it, and what was booked first."""
        self.decision.touched.add(self.plan.bin)
        movement = self.made[0] if self.made else ""
        action = self.action
        return self.decision, self.desk.resolve(self.decision, action.discrepancy, action.person, action.note, movement)

    def _book(self, what: str, cause: str, part: str, moved: tuple[int, str], person: str = "") -> str:
        """Move so many into the bin (negative: out of it), from another account."""
        quantity, other = moved
        source, target = (other, self.plan.account) if quantity > 0 else (self.plan.account, other)
        further = f"-{len(self.made) + 1}" if self.made else ""
        return self.desk.book(
            self.decision,
            f"{self.action.discrepancy}/{what}{further}",
            cause,
            postings(source, target, part, abs(quantity)),
            person=person or self.action.person,
            number=self.plan.bin,
            session=self.session,
            note="" if what == "short" else self.action.note,
        )


def _mover(desk: Desk, session: str) -> tuple[str, str, str, str]:
    row = desk.rows.one("select person, opened_by, how from session where id = ?", (session,))
    if row is None or not row[0] or row[1] == "forced" or row[2] == "not_opened":
        return "unexplained", "unexplained", "unexplained", ""
    if desk.role(row[0]) == "restocker":
        return "dealer", "restock", "removal", row[0]
    return "shop", "return", "take", row[0]
