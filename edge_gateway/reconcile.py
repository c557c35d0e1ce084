"""From a controller's event to a decision: whose session it is, and on whose account its changes go.

Pure: an event, the cabinet's plan and what the ledger holds go in, a `Decision` comes out. Weights are evidence;
what a bin's change becomes is decided in `bin_changes.py`. What moved without a person goes to the unexplained
account, in sight, with a discrepancy.
"""

from typing import Any

from edge_gateway import dating
from edge_gateway.bin_bookings import BinBookings
from edge_gateway.bin_changes import Bins, levels_between
from edge_gateway.decision import Cause, Decision, Mover, OpenSession, detail, nobody
from edge_gateway.evidence_rows import plateaus, session_id, tag_read
from edge_gateway.ground import Ground
from edge_gateway.later_evidence import LaterEvidence
from edge_gateway.upload_format import DiscrepancyItem, ResolutionItem, SessionItem

LAST_PASS = 2
ENDED = "its end has come after all"


class ReconcileError(ValueError):
    """An event says what cannot be; the text says what was expected and what was found."""


def reconcile(event: Cause, body: dict[str, Any], ground: Ground) -> Decision:
    """What an event of one of `KINDS` changes; all others change nothing."""
    decision = Decision(event, plateaus=list(plateaus(body)))
    _BY_KIND[body["kind"]](decision, body, ground)
    return decision


def _session_opened(decision: Decision, body: dict[str, Any], ground: Ground) -> None:
    event = decision.cause
    for session in ground.unended:
        _leave_unended(decision, session)
    if not ground.session_seen:  # read late, its end has made a session of it: whose it was is all that is new
        decision.opened = OpenSession(
            id=event.id,
            cabinet=event.cabinet,
            door=body["door"],
            opened_by=body["by"],
            person=body["person"],
            badge=body["badge"],
            opened_ms=event.occurred_ms,
        )
    if body["person"]:
        decision.joined.append((event.id, body["person"], body["badge"]))
    bins = Bins(decision, ground, nobody("unexplained_change", ""))
    for row in _each_once(body["bins"]):
        bins.weighed(row)
    bins.finish(event.id)


def _leave_unended(decision: Decision, session: OpenSession) -> None:
    """A session of a cabinet begins while another is open: the end of that one was set aside, or will never come."""
    event = decision.cause
    facts = detail(next=event.id)
    decision.unended.append(session)
    decision.discrepancies.append(
        DiscrepancyItem(
            unended_id(session.id), event.cabinet, 0, "", session.id, "session_unended", event.occurred_ms, facts
        )
    )


def unended_id(session: str) -> str:
    """The discrepancy of a session whose end never came."""
    return f"{session}/session_unended"


def _person_joined(decision: Decision, body: dict[str, Any], ground: Ground) -> None:
    if ground.session is not None or ground.session_seen:
        session = session_id(decision.cause.cabinet, decision.cause.epoch, body["session"])
        decision.joined.append((session, body["person"], body["badge"]))


def _session_closed(decision: Decision, body: dict[str, Any], ground: Ground) -> None:
    event = decision.cause
    identity = session_id(event.cabinet, event.epoch, body["session"])
    session = ground.session
    if session is None and not ground.session_seen:
        session = decision.opened = _unheard_of(event, identity, body["open_ms"])
    if session is not None:
        decision.closed = SessionItem(
            id=identity,
            cabinet=event.cabinet,
            person=session.person,
            opened_by=session.opened_by,
            how=body["how"],
            missing=body["missing"],
            opened_ms=session.opened_ms,
            closed_ms=max(event.occurred_ms, session.opened_ms),
            booked_ms=event.booked_ms,
        )
        if unended_id(identity) in ground.open_by_bin.get(0, {}):
            decision.resolutions.append(ResolutionItem(unended_id(identity), "", ENDED, "", event.booked_ms))
    plateaus_by_bin = {} if session is None else levels_between(body.get("plateaus") or ())
    bins = Bins(decision, ground, _mover(body["how"], session, identity, ground.role), plateaus_by_bin)
    for row in _each_once(body["bins"]):
        if session is None:
            bins.told_again(row)
        else:
            bins.changed(row)
    bins.finish(identity if session is not None else event.id)


def _each_once(rows: list[Any]) -> list[Any]:
    numbers = [row[0] for row in rows]
    if len(set(numbers)) != len(numbers):
        raise ReconcileError(f"expected each bin once in an event, found bins {numbers}")
    return rows


def _unheard_of(event: Cause, identity: str, open_ms: int) -> OpenSession:
    """The end of a session whose beginning never came: recorded, and nobody's."""
    return OpenSession(identity, event.cabinet, 0, "unknown", "", "", dating.began_ms(event.occurred_ms, open_ms))


def _bins_changed(decision: Decision, body: dict[str, Any], ground: Ground) -> None:
    bins = Bins(decision, ground, nobody("unexplained_change", ""))
    for row in _each_once(body["bins"]):
        bins.behind_shut_doors(row)
    bins.finish(decision.cause.id)


def _tags_read(decision: Decision, body: dict[str, Any], ground: Ground) -> None:
    """The second look is the last: with it the session is decided again."""
    read = decision.tag_read = tag_read(decision.cause.cabinet, decision.cause.epoch, body)
    if read is not None and read.number == LAST_PASS and not read.more and ground.tags:
        bookings = BinBookings(decision, ground)
        LaterEvidence(bookings).hear(read.session, ground.tags)
        bookings.expect_booked()


def _mover(how: str, session: OpenSession | None, identity: str, role: str) -> Mover:
    if session is None or how == "not_opened":
        return nobody("unexplained_change", identity)
    if session.opened_by == "forced" or not session.person:
        return nobody("no_person", identity)
    if role == "restocker":
        return Mover("dealer", "restock", "removal", "restocker", "", identity, session.person)
    return Mover("shop", "return", "take", "mechanic", "", identity, session.person)


_BY_KIND = {
    "session_opened": _session_opened,
    "person_joined": _person_joined,
    "session_closed": _session_closed,
    "bins_changed": _bins_changed,
    "tags_read": _tags_read,
}

KINDS = frozenset(_BY_KIND)
