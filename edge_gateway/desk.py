"""The desk at which what a person asks for is decided: what it looks up, what it refuses, the rows it makes.

It runs on the writer's thread between batches, reads the database and the books, and writes neither.
"""

import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from edge_gateway.books import Books
from edge_gateway.decision import Booking, Cause, Decision
from edge_gateway.kiosk_seam import ActionError
from edge_gateway.planogram import BinPlan, ShopPlan
from edge_gateway.upload_format import MovementItem, PostingItem, ResolutionItem

QUANTITY_MAX = 1_000_000
NOTE_CHARACTERS_MAX = 500
# The lines of a movement, of what corrects it (a person's word, or later evidence), and of what charged it on.
_LINES = """
select account, part, quantity from posting where movement in (
    select ?1
    union all select id from movement where id between ?1 || '/charge-' and ?1 || '/charge.'
    union all select id from movement
        where session = (select session from movement where id = ?1) and session != '' and corrects = ?1
)
"""


class Rows(Protocol):
    """Reading the database between batches."""

    def one(self, statement: str, values: Sequence[Any] = ()) -> Any:
        """The first row of a query, or None."""
        ...

    def all(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        """All rows of a query."""
        ...

    def last_role(self, person: str) -> str:
        """The role a person had in the newest document that named him; empty when none did."""
        ...


class Desk:
    """Where one action is decided. `dealers`: who at the dealer's asks for it, when it is none of the shop."""

    def __init__(self, books: Books, rows: Rows, now_ms: int, dealers: str = "") -> None:
        if books.plan is None:
            raise ActionError("expected the shop's document to have come, found none yet", "no_document")
        self.books = books
        self.plan: ShopPlan = books.plan
        self.rows = rows
        self.now_ms = now_ms
        self._dealers = dealers

    # ---- making rows ----

    def decision(self, identity: str, cabinet: str) -> Decision:
        """An empty decision that rests on somebody's word."""
        return Decision(Cause(identity, cabinet, "", 0, self.now_ms, self.now_ms))

    def book(
        self,
        decision: Decision,
        movement: str,
        cause: str,
        lines: list[PostingItem],
        *,
        person: str,
        number: int = 0,
        session: str = "",
        job: str = "",
        corrects: str = "",
        hand: str = "",
        note: str = "",
    ) -> str:
        """Add a movement to a decision; its id."""
        item = MovementItem(
            id=movement,
            cause=cause,
            cabinet=decision.cause.cabinet,
            session=session,
            person=person,
            job=job,
            occurred_ms=self.now_ms,
            booked_ms=self.now_ms,
            confidence_ppm=1_000_000,
            corrects=corrects,
            note=checked_note(note),
            postings=lines,
        )
        decision.bookings.append(Booking(item, number, hand))
        if number:
            decision.touched.add(number)
        return movement

    def resolve(self, decision: Decision, discrepancy: str, person: str, note: str, movement: str) -> str:
        """Close a discrepancy; the id of what was booked for it, or its own."""
        resolution = ResolutionItem(discrepancy, person, checked_note(note), movement, self.now_ms)
        decision.resolutions.append(resolution)
        return movement or discrepancy

    # ---- what is looked up and checked ----

    def check_person(self, person: str) -> None:
        """Refuse somebody who is not of this shop."""
        if person not in self.plan.roles and (not person or person != self._dealers):
            raise ActionError(f"expected a person of this shop, found {person!r}", "unknown_person")

    def role(self, person: str) -> str:
        """The role of somebody who is of this shop, or was."""
        return self.plan.roles.get(person) or self.rows.last_role(person)

    def session(self, session: str) -> Any:
        """(cabinet, person) of a session."""
        row = self.rows.one("select cabinet, person from session where id = ?", (session,))
        if row is None:
            raise ActionError(f"expected a session of this shop, found {session!r}")
        return row

    def open(self, discrepancy: str) -> Any:
        """(cabinet, bin, part, session, reason) of an open discrepancy."""
        row = self.rows.one(
            "select cabinet, bin, part, session, reason from open_discrepancy where id = ?", (discrepancy,)
        )
        if row is None:
            raise ActionError(f"expected an open discrepancy, found {discrepancy!r}", "already_answered")
        return row

    def open_bin(self, discrepancy: str) -> tuple[Decision, BinPlan, str, str]:
        """An open discrepancy that can be booked: a decision to fill, its bin's plan, session and reason."""
        cabinet, number, part, session, reason = self.open(discrepancy)
        plan = self.plan.cabinet(cabinet).bin(number)
        if number == 0 or not (plan.parts or self.strays(plan)):
            raise ActionError(f"expected a discrepancy of a bin with a part, found {reason}: explain it by a note")
        if part and plan.part(part) is None and part not in self.strays(plan):
            found = ", ".join(planned.number for planned in plan.parts)
            raise ActionError(f"expected bin {number} of {cabinet} to hold {part} still, found {found}", "part_changed")
        return self.decision(discrepancy, cabinet), plan, session, reason

    def strays(self, plan: BinPlan) -> list[str]:
        """Parts that lie in a bin by the ledger although the planogram does not put them there."""
        held = self.books.in_bins.get(plan.account, {})
        return [part for part, quantity in sorted(held.items()) if quantity > 0 and plan.part(part) is None]

    def by_part(self, counted: int | Mapping[str, int], part: str, plan: BinPlan) -> dict[str, int]:
        """What somebody counted in a bin, by part: a number alone is of the part named, or of the bin's only one."""
        if not isinstance(counted, int):
            known = self.plan.catalogue.keys() | self.strays(plan)
            for number in counted:
                if number not in known:
                    raise ActionError(f"expected a part of this shop, found {number!r}")
            return dict(counted)
        if not part and len(plan.parts) != 1:
            raise ActionError(f"expected a count for each part of bin {plan.bin}, found {counted} alone")
        return {part or plan.parts[0].number: counted}

    def check_held(self, bin_account: str, part: str, change: int) -> None:
        """Refuse to take more out of a bin than the ledger holds."""
        held = self.held(bin_account, part)
        if held + change < 0:
            raise ActionError(
                f"expected at most the {held} that the bin holds by the ledger, found {-change}", "more_than_held"
            )

    def held(self, account: str, part: str) -> int:
        """What an account holds."""
        return self.books.balances.get((account, part), 0)

    def holders(self, movement: str) -> dict[tuple[str, str], int]:
        """Where a movement's quantity lies now: it, what corrects it, and what charged it on."""
        sums: dict[tuple[str, str], int] = defaultdict(int)
        for account, part, quantity in self.rows.all(_LINES, (movement,)):
            sums[account, part] += quantity
        return dict(sums)

    def bin_lines(self, movement: str, bin_account: str) -> list[tuple[str, int]]:
        """The one part a movement moved in or out of a bin, and how much as corrected so far."""
        lines = [(part, total) for (account, part), total in self.holders(movement).items() if account == bin_account]
        if len(lines) != 1:
            raise ActionError(f"expected a movement of one part, found {len(lines)} in {movement!r}")
        return lines

    def next_id(self, movement: str, what: str) -> str:
        """The id of the next correction or charge of a movement.

        A number alone would come again after the database was put back from a backup, for something else.
        """
        low, high = f"{movement}/{what}-", f"{movement}/{what}."  # "." follows "-" in ASCII
        count = self.rows.one("select count(*) from movement where id between ? and ?", (low, high))[0]
        return f"{movement}/{what}-{count + 1}-{secrets.token_hex(4)}"


def check_quantity(quantity: int) -> None:
    """Refuse what nobody can have counted."""
    if type(quantity) is not int or not 0 <= quantity <= QUANTITY_MAX:
        raise ActionError(f"expected a quantity from 0 to {QUANTITY_MAX}, found {quantity!r}")


def checked_note(note: str) -> str:
    """A note, refused when it is too long or no text."""
    if len(note) > NOTE_CHARACTERS_MAX:
        raise ActionError(f"expected a note of at most {NOTE_CHARACTERS_MAX} characters, found {len(note)}")
    if any(character == "\0" or "\ud800" <= character <= "\udfff" for character in note):
        raise ActionError("expected a note of readable characters, found one that is none")
    return note.strip()
