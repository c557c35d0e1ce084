"""What people do with a rollout: pause it, go on, stop it, take it back, end it, leave cabinets out or take them in."""

from collections.abc import Sequence

from sqlmodel import Session, col

from cloud.audit import record
from cloud.identity import SignedIn
from cloud.people.rules import TakenError
from cloud.rollouts import facts, telling
from cloud.rollouts.following import held, learn, stop, take_back
from cloud.rollouts.resuming import forgive
from cloud.rollouts.steps import change, members, note
from cloud.rollouts.views import Place
from cloud.tables import Rollout, RolloutCabinet
from cloud.tenancy import NotFoundError, TenantId, tenant_rows


def own_rollout(session: Session, tenant: TenantId, name: str) -> Rollout:
    """A rollout of the tenant's (`NotFoundError`)."""
    row = session.exec(tenant_rows(tenant, Rollout).where(col(Rollout.id) == name)).one_or_none()
    if row is None:
        raise NotFoundError(f"expected a rollout of yours, found {name!r}")
    return row


def pause(session: Session, person: SignedIn, name: str, now_ms: int) -> None:
    """Begin no more cabinets for now (`NotFoundError`, `TakenError`)."""
    rollout = _to_change(session, person, name, "running")
    rollout.state = "paused"
    _note(session, person, rollout, "paused", now_ms)


def go_on(session: Session, person: SignedIn, name: str, now_ms: int) -> None:
    """Go on with one that was paused or has stopped: what is bad so far does not count any more."""
    rollout = _to_change(session, person, name, "paused", "stopped")
    rows = members(session, rollout)
    if rollout.state == "stopped":
        known = facts.world(session, rollout.dealer_id, rows)
        learn(session, rollout, rows, known, now_ms)
        forgive(rows, known, now_ms)
    rollout.state, rollout.why, rollout.soak_ms = "running", "", 0
    _note(session, person, rollout, "went_on", now_ms)


def stop_it(session: Session, person: SignedIn, name: str, now_ms: int) -> None:
    """Begin nothing more, and call off what has not begun to run."""
    rollout = _to_change(session, person, name, "running", "paused")
    rows = members(session, rollout)
    begun = sum(row.told_ms > 0 for row in rows)
    why = {"kind": "person", "bad": 0, "of": begun, "stage": rollout.stage, "signs": [], "by": person.name}
    stop(session, rollout, rows, why, now_ms, by=person.name)
    _record(session, person, rollout, "stopped", now_ms)


def take_it_back(session: Session, person: SignedIn, name: str, now_ms: int) -> None:
    """Order every cabinet that runs the release by this rollout back to what it ran before."""
    rollout = _to_change(session, person, name, "running", "paused", "stopped", "done", "ended")
    rows = members(session, rollout)
    telling.call_off(session, rollout, [row for row in rows if row.state in {"told", "loading"}], now_ms)
    rollout.state, rollout.ended_ms = "taken_back", 0
    _note(session, person, rollout, "taken_back", now_ms)
    take_back(session, rollout, rows, now_ms)


def end(session: Session, person: SignedIn, name: str, now_ms: int) -> None:
    """Leave everything as it is: cabinets that wait are not begun any more."""
    rollout = _to_change(session, person, name, "running", "paused", "stopped", "taken_back")
    rows = members(session, rollout)
    telling.call_off(session, rollout, [row for row in rows if row.state in {"told", "loading"}], now_ms)
    rollout.state, rollout.ended_ms = "ended", now_ms
    _note(session, person, rollout, "ended", now_ms)


def leave_out(session: Session, person: SignedIn, name: str, place: Place, now_ms: int) -> None:
    """Leave a cabinet, or every one of a shop, out of what is still to be done (`NotFoundError`)."""
    rollout = _to_change(session, person, name, "running", "paused", "stopped")
    rows = [row for row in _at(members(session, rollout), place) if row.state in {"waiting", "told", "loading"}]
    telling.call_off(session, rollout, [row for row in rows if row.state != "waiting"], now_ms)
    for row in rows:
        change(session, rollout, row, "excluded", now_ms, reason="")
    _note(session, person, rollout, "left_out", now_ms, place=place)


def take_in(session: Session, person: SignedIn, name: str, place: Place, now_ms: int) -> None:
    """Take cabinets in again that were left out."""
    rollout = _to_change(session, person, name, "running", "paused", "stopped")
    for row in _at(members(session, rollout), place):
        if row.state == "excluded":
            change(session, rollout, row, "waiting", now_ms)
    _note(session, person, rollout, "taken_in", now_ms, place=place)


def _at(rows: Sequence[RolloutCabinet], place: Place) -> list[RolloutCabinet]:
    found = [row for row in rows if row.shop_id == place.shop and place.cabinet in {"", row.cabinet}]
    if not found:
        where = f"{place.shop} {place.cabinet}".strip()
        raise NotFoundError(f"expected a cabinet of the rollout, found {where!r}")
    return found


def _to_change(session: Session, person: SignedIn, name: str, *states: str) -> Rollout:
    own_rollout(session, person.tenant, name)
    rollout = held(session, name)
    if rollout is None or rollout.state not in states:
        found = rollout.state.replace("_", " ") if rollout else "none"
        raise TakenError(
            f"expected a rollout that is {' or '.join(states).replace('_', ' ')}, found one that is {found}"
        )
    return rollout


def _note(
    session: Session, person: SignedIn, rollout: Rollout, what: str, now_ms: int, *, place: Place | None = None
) -> None:
    where = {"where": f"{place.shop} {place.cabinet}".strip()} if place else {}
    note(session, rollout, now_ms, what, by=person.name, detail=where)
    rollout.changed_ms = now_ms
    _record(session, person, rollout, what, now_ms, after=where.get("where", ""))


def _record(session: Session, person: SignedIn, rollout: Rollout, what: str, now_ms: int, *, after: str = "") -> None:
    detail = after or f"stage {rollout.stage + 1}"
    record(session, person, now_ms, action=f"rollout.{what}", target=f"rollout {rollout.version}", after=detail)
