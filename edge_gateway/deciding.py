"""What an event changes: its body is read, the ground a decision stands on is gathered from the books, and decided.

Used where events come in and where those set aside are read again. It adds nothing to a batch and writes nothing.
"""

from collections.abc import Collection, Mapping
from typing import Any, Protocol

from cabinet import wire

from edge_gateway import evidence_rows, restocking
from edge_gateway.books import Books
from edge_gateway.counting.evidence import Lump, TagEvidence
from edge_gateway.decision import Cause, Decision, OpenSession
from edge_gateway.evidence_rows import session_id
from edge_gateway.ground import Ground, LaterWeight
from edge_gateway.planogram import CabinetPlan
from edge_gateway.reconcile import reconcile
from edge_gateway.review import review_bins


class Stored(Protocol):
    """What is looked up in the database on the rare paths."""

    def session_seen(self, session: str) -> bool:
        """Whether a session of that id was ever recorded."""
        ...

    def last_role(self, person: str) -> str:
        """The role a person had in the newest document that named him; empty when none did."""
        ...


def read_body(envelope: Any) -> dict[str, Any]:
    """The body of a sound envelope (`wire.BodyError` when it cannot be understood or kept)."""
    body: dict[str, Any] = wire.decode_body(envelope)
    if nul := [name for name, value in body.items() if type(value) is str and "\0" in value]:
        raise wire.BodyError(f"expected text in {nul[0]}, found a NUL")
    return body


def decide(
    cause: Cause,
    body: dict[str, Any],
    books: Books,
    stored: Stored,
    *,
    ended: Collection[str] = (),
    later: Mapping[int, LaterWeight] | None = None,
) -> Decision:
    """What an event of one of `reconcile.KINDS` changes.

    `ended` are sessions that ended in rows not written yet. `later` is there for an event that is read long after it
    came: the settled weights of its cabinet's bins that are newer than it.
    """
    if books.plan is None:
        raise RuntimeError("expected the shop's document before any event is booked")
    plan = books.plan.cabinet(cause.cabinet)
    session, seen = _session(cause, body, books, stored, ended=ended, is_late=later is not None)
    role = _role(session, plan, stored) if body["kind"] == "session_closed" else ""
    unended = _unended(cause, books) if body["kind"] == "session_opened" else ()
    counting = books.counting
    ground = Ground(
        plan=plan,
        in_bins=books.in_bins,
        open_by_bin=books.open_in(cause.cabinet),
        session=session,
        session_seen=seen,
        role=role,
        unended=unended,
        later=later,
        boot=body["boot"],
        references=counting.references[cause.cabinet],
        gains=counting.gains[cause.cabinet],
        moved=counting.moved[cause.cabinet],
        masses=counting.masses,
        takes=counting.takes,
        in_hand=() if session is None else _in_hand(session.person, cause.occurred_ms, plan, books),
        tags=_tags(cause, body, books),
        verdicts=counting.verdicts,
        answered=counting.answered,
        charged=counting.charged,
    )
    decision = reconcile(cause, body, ground)
    if decision.closed is not None and role == "restocker":
        decision.restocked += restocking.answers(decision, decision.closed, books.visits.values(), books.came)
    if later is not None:
        _leave_newer(decision, later)
    if decision.touched:
        review_bins(decision, plan, books)
    return decision


def _session(
    cause: Cause, body: dict[str, Any], books: Books, stored: Stored, *, ended: Collection[str], is_late: bool
) -> tuple[OpenSession | None, bool]:
    """The open session an event belongs to, and whether one of that name was recorded before."""
    number = body.get("session", cause.seq if is_late and body["kind"] == "session_opened" else None)
    if number is None:
        return None, False
    identity = session_id(cause.cabinet, cause.epoch, number)
    session = books.sessions.get(identity)
    if session is None and (is_late or body["kind"] == "session_closed"):
        return None, identity in ended or stored.session_seen(identity)
    return session, False


def _unended(cause: Cause, books: Books) -> tuple[OpenSession, ...]:
    """The sessions of a cabinet that were open when this one began: theirs is an end that never came."""
    return tuple(
        session
        for session in books.sessions.values()
        if session.cabinet == cause.cabinet and not session.unended and _is_before(session, cause, books)
    )


def _is_before(session: OpenSession, cause: Cause, books: Books) -> bool:
    _cabinet, epoch, seq = session.id.rsplit("/", 2)
    if epoch == cause.epoch:
        return int(seq) < cause.seq
    before = books.cursors.get((cause.cabinet, epoch))
    return before is not None and before.begun_ms < books.cursors[cause.cabinet, cause.epoch].begun_ms


def _role(session: OpenSession | None, plan: CabinetPlan, stored: Stored) -> str:
    """The role of whoever opened a session; the last he had when the document names him no more."""
    if session is None or not session.person:
        return ""
    return plan.roles.get(session.person) or stored.last_role(session.person)


def _in_hand(person: str, now_ms: int, plan: CabinetPlan, books: Books) -> tuple[Lump, ...]:
    """The pieces a person may bring back; grams are not counted, and would count as so many pieces."""
    held = books.counting.hands.of(person, now_ms)
    return tuple(lump for lump in held if plan.part(0, lump.part).counted)


def _tags(cause: Cause, body: dict[str, Any], books: Books) -> dict[str, TagEvidence] | None:
    """What the tags say of the session an event ends, or looks at once more."""
    book = books.counting.tags.get(cause.cabinet)
    if book is None or books.plan is None or body["kind"] not in ("session_closed", "tags_read"):
        return None
    read = evidence_rows.tag_read(cause.cabinet, cause.epoch, body)
    session = session_id(cause.cabinet, cause.epoch, body["session"])
    return book.evidence(session, books.plan.parts_by_gtin, read)


def _leave_newer(decision: Decision, later: Mapping[int, LaterWeight]) -> None:
    """What is read late says nothing of how things are: weights and readings that came since know better."""
    decision.references = {number: found for number, found in decision.references.items() if number not in later}
    decision.moved = {number: found for number, found in decision.moved.items() if number not in later}
    decision.gains = {}
    decision.read_late = True
