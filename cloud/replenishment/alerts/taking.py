"""Somebody takes an alert on, or gives it back: whoever has it is named, and nobody else is told of it any more."""

from sqlmodel import Session

from cloud.audit import record
from cloud.identity import SignedIn
from cloud.people.rules import RefusedError, TakenError
from cloud.replenishment.alerts.listing import one_alert, own_alert
from cloud.replenishment.alerts.views import AlertView

NOTE_CHARACTERS_MAX = 300


def take_on(session: Session, person: SignedIn, alert: str, note: str, now_ms: int) -> AlertView:
    """Take an open alert on, also from somebody else (`NotFoundError`, `TakenError`, `RefusedError`)."""
    if len(note) > NOTE_CHARACTERS_MAX or "\0" in note:
        raise RefusedError(f"expected a note of at most {NOTE_CHARACTERS_MAX} characters, found {len(note)}")
    row = own_alert(session, person.tenant, alert, lock=True)
    _check_open(row.ended_ms)
    before = row.seen_by
    row.seen_by, row.seen_ms, row.note = person.name, now_ms, note.strip()
    record(session, person, now_ms, action="alert.taken", target=_target(row.id, row.kind), before=before, after=note)
    session.flush()
    return one_alert(session, person.tenant, alert, prices=person.may("see_prices"))


def give_back(session: Session, person: SignedIn, alert: str, now_ms: int) -> AlertView:
    """Give an open alert back: it is nobody's again (`NotFoundError`, `TakenError`)."""
    row = own_alert(session, person.tenant, alert, lock=True)
    _check_open(row.ended_ms)
    before = row.seen_by
    row.seen_by, row.seen_ms, row.note = "", 0, ""
    if before:
        record(session, person, now_ms, action="alert.given_back", target=_target(row.id, row.kind), before=before)
    session.flush()
    return one_alert(session, person.tenant, alert, prices=person.may("see_prices"))


def _check_open(ended_ms: int) -> None:
    if ended_ms:
        raise TakenError("expected an alert that holds, found that it has ended by itself")


def _target(alert: str, kind: str) -> str:
    return f"alert {alert} {kind}"
