"""What a person does about visits: accept, move, change a line, load, bring, confirm, settle, cancel.

Every step is one transaction, and none leaves a request on two visits. A step that comes twice is refused or changes
nothing. Works in the tenant's transaction; what gateways said is matched first (`following.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, delete

from cloud.audit import record
from cloud.gate import as_service
from cloud.identity import SignedIn
from cloud.people.rules import RefusedError, TakenError
from cloud.replenishment.visits import following
from cloud.replenishment.visits.arranging import lines_of, own_van, put, retime, round_of
from cloud.replenishment.visits.proposing import lock_rounds
from cloud.replenishment.visits.showing import is_under_way
from cloud.replenishment.visits.telling import call_off, tell_visit
from cloud.replenishment.visits.values import heaviest_g
from cloud.tables import OnVisit, Visit, VisitLine
from cloud.tenancy import NotFoundError, TenantId, owned, tenant_rows

VISITS_MAX = 500
NOTE_CHARACTERS_MAX = 300
QUANTITY_MAX = 10_000_000


@dataclass(frozen=True)
class Step:
    """Who does something, and when."""

    person: SignedIn
    now_ms: int

    @property
    def tenant(self) -> TenantId:
        """Whose visits it is about."""
        return self.person.tenant

    def audit(self, session: Session, action: str, visit: Visit, after: str = "") -> None:
        """Say it in the trail."""
        target = f"visit {visit.id} to {visit.shop_id} on {visit.day}"
        record(session, self.person, self.now_ms, action=f"visit.{action}", target=target, after=after)


def own_visit(session: Session, step: Step, name: str, *states: str) -> Visit:
    """The tenant's visit in one of some states, up to date with what its gateway said (`NotFoundError`)."""
    lock_rounds(session, step.tenant)
    rows = tenant_rows(step.tenant, Visit).where(col(Visit.id) == name)
    if session.exec(rows).one_or_none() is None:
        raise NotFoundError(f"expected a visit of yours, found {name!r}")
    with as_service(session):
        following.follow(session, name, step.now_ms)
    visit = session.exec(rows.execution_options(populate_existing=True)).one()
    if states and visit.state not in states:
        raise TakenError(f"expected a visit that is {' or '.join(states)}, found it {visit.state}")
    return visit


def own_lines(session: Session, step: Step, visit: Visit) -> list[VisitLine]:
    """Its lines, in order."""
    return lines_of(session, step.tenant, [visit.id])[visit.id]


def own_line(session: Session, step: Step, visit: Visit, number: int) -> VisitLine:
    """One of its lines (`NotFoundError`)."""
    line = next((each for each in own_lines(session, step, visit) if each.line == number), None)
    if line is None:
        raise NotFoundError(f"expected a line of visit {visit.id}, found {number}")
    return line


# ---- before the van is loaded ----


def accept(session: Session, step: Step, names: Sequence[str]) -> list[str]:
    """Take proposals over, and tell their gateways (`TakenError`); the visits that they are now."""
    if not 1 <= len(names) <= VISITS_MAX:
        raise RefusedError(f"expected 1 to {VISITS_MAX} visits, found {len(names)}")
    asked = list(dict.fromkeys(names))
    # Shops are always held in one order: two who accept at the same moment wait for each other, not for ever.
    known = tenant_rows(step.tenant, Visit).where(col(Visit.id).in_(asked)).order_by(col(Visit.shop_id), col(Visit.id))
    in_order = list(session.scalars(known.with_only_columns(col(Visit.id))))
    unknown = [name for name in asked if name not in in_order]  # refused by the first of them
    became = {name: _accept(session, step, name) for name in [*in_order, *unknown]}
    return [became[name] for name in asked]


def _accept(session: Session, step: Step, name: str) -> str:
    visit = own_visit(session, step, name, "proposed")
    known = _beside(session, step, visit)
    if known is not None:
        _join(session, step, visit, known)
        visit = known
    visit.state = "planned"
    session.add(visit)
    session.flush()
    tell_visit(session, visit, own_lines(session, step, visit), step.now_ms, step.person.name)
    retime(session, step.tenant, visit.van, visit.day)
    step.audit(session, "accepted", visit)
    return visit.id


def _beside(session: Session, step: Step, visit: Visit) -> Visit | None:
    """The accepted visit that it goes with: not one by which the same bin was filled, whose count answers that need."""
    rows = tenant_rows(step.tenant, Visit).where(
        col(Visit.shop_id) == visit.shop_id,
        col(Visit.van) == visit.van,
        col(Visit.day) == visit.day,
        col(Visit.state) == "planned",
    )
    more = {_place(line) for line in own_lines(session, step, visit)}
    for known in session.exec(rows.order_by(col(Visit.made_ms), col(Visit.id))).all():
        filled = {_place(line) for line in own_lines(session, step, known) if line.counted is not None}
        if not filled & more:
            return known
    return None


def _place(line: VisitLine) -> tuple[str, int, str]:
    return line.cabinet, line.bin, line.part


def _join(session: Session, step: Step, more: Visit, known: Visit) -> None:
    """What was proposed on top goes with the visit that is accepted already."""
    lines = own_lines(session, step, more)
    first = 1 + max((line.line for line in own_lines(session, step, known)), default=0)
    made = [VisitLine(**(line.model_dump() | {"visit": known.id, "line": first + at})) for at, line in enumerate(lines)]
    requests = [(line.shop_id, line.request) for line in lines if line.request]
    session.exec(delete(OnVisit).where(owned(step.tenant, OnVisit), col(OnVisit.visit) == more.id))
    session.exec(delete(VisitLine).where(owned(step.tenant, VisitLine), col(VisitLine.visit) == more.id))
    session.exec(delete(Visit).where(owned(step.tenant, Visit), col(Visit.id) == more.id))
    session.flush()
    session.expunge_all()
    session.add_all(made)
    for shop, request in dict.fromkeys(requests):
        session.add(OnVisit(shop_id=shop, request=request, dealer_id=step.tenant.dealer, visit=known.id))
    session.flush()


def move(session: Session, step: Step, name: str, van: str, day: str) -> Visit:
    """To another day or van, where it costs least (`RefusedError`: it does not fit there)."""
    visit = own_visit(session, step, name, "proposed", "planned")
    before = visit.van, visit.day
    if before != (van, day):
        put(session, step.tenant, visit, own_van(session, step.tenant, van), day)
        retime(session, step.tenant, *before)
        _tell_if_accepted(session, step, visit)
        step.audit(session, "moved", visit, f"{before[0]} {before[1]} to {van} {day}")
    return visit


def change_line(session: Session, step: Step, name: str, number: int, quantity: int) -> Visit:
    """Another quantity of a line; 0 drops it, and what it was for may be planned anew (`RefusedError`)."""
    visit = own_visit(session, step, name, "proposed", "planned")
    line = own_line(session, step, visit, number)
    if line.quantity * quantity < 0 or abs(quantity) > QUANTITY_MAX:
        raise RefusedError(f"expected a quantity that goes the same way as {line.quantity}, found {quantity}")
    if line.counted is not None:
        raise TakenError(f"expected a bin that nobody filled yet, found {line.counted} of {line.part} in it")
    before = line.quantity
    if quantity:
        line.mass_g = -(-line.mass_g * abs(quantity) // max(1, abs(line.quantity)))
        line.quantity, line.left_out = quantity, ""
    else:
        line.left_out = "dropped"
    session.add(line)
    session.flush()
    _check_load(session, step, visit)
    if quantity and line.request:
        _hold(session, step, visit, line)
    following.release(session, visit, own_lines(session, step, visit))
    _tell_if_accepted(session, step, visit)
    step.audit(session, "changed", visit, f"line {number}: {before} to {quantity} {line.part}")
    return visit


def _hold(session: Session, step: Step, visit: Visit, line: VisitLine) -> None:
    """A dropped line that is brought after all: unless its request is on another visit by now."""
    rows = tenant_rows(step.tenant, OnVisit).where(
        col(OnVisit.shop_id) == line.shop_id, col(OnVisit.request) == line.request
    )
    found = session.exec(rows).one_or_none()
    if found is None:
        session.add(OnVisit(shop_id=line.shop_id, request=line.request, dealer_id=step.tenant.dealer, visit=visit.id))
        session.flush()
    elif found.visit != visit.id:
        raise TakenError(f"expected a request that is on no other visit, found it on {found.visit}")


def _check_load(session: Session, step: Step, visit: Visit) -> None:
    found = round_of(session, step.tenant, own_van(session, step.tenant, visit.van), visit.day)
    kg, most = -(-heaviest_g(found.stops) // 1000), found.van.max_g // 1000
    if kg > most:
        raise RefusedError(f"expected at most {most} kg on this van, found {kg}")


def cancel(session: Session, step: Step, name: str) -> Visit:
    """It does not come: its gateway forgets it, its requests may be planned anew, what was loaded is in the store."""
    visit = own_visit(session, step, name, "proposed", "planned", "loaded")
    lines = own_lines(session, step, visit)
    for line in lines:
        if line.counted is None and following.from_store(line):
            following.move_store(session, line.dealer_id, line.part, following.from_store(line))
            line.loaded = 0
            session.add(line)
    visit.state = "cancelled"
    session.add(visit)
    session.flush()
    following.release(session, visit, lines)
    call_off(session, visit, step.now_ms)
    retime(session, step.tenant, visit.van, visit.day)
    step.audit(session, "cancelled", visit)
    return visit


def _tell_if_accepted(session: Session, step: Step, visit: Visit) -> None:
    if visit.state in {"planned", "loaded"}:
        tell_visit(session, visit, own_lines(session, step, visit), step.now_ms, step.person.name)


# ---- the van, and the shop ----


def load(session: Session, step: Step, name: str, loaded: Mapping[int, int | None], *, finished: bool) -> Visit:
    """Say what was put on the van, line by line; `finished`: that was all, what was not said is not on it.

    Less than planned is allowed, more is not; None takes back what was said. Said again it replaces what was said
    (`RefusedError`, `TakenError`).
    """
    visit = own_visit(session, step, name, "planned", "loaded")
    lines = {line.line: line for line in own_lines(session, step, visit)}
    for number, quantity in loaded.items():
        if number not in lines:
            raise NotFoundError(f"expected a line of visit {visit.id}, found {number}")
        _load_line(session, lines[number], quantity)
    if finished:
        for line in lines.values():
            if _is_unsaid(line):
                _load_line(session, line, 0)
        visit.state, visit.loaded_ms = "loaded", visit.loaded_ms or step.now_ms
        session.add(visit)
        session.flush()
    tell_visit(session, visit, list(lines.values()), step.now_ms, step.person.name)
    said = ", ".join(f"{number}: {quantity}" for number, quantity in sorted(loaded.items()))
    step.audit(session, "loaded" if finished else "being_loaded", visit, said)
    return visit


def _is_unsaid(line: VisitLine) -> bool:
    """Whether the store should give it, and nobody said whether it did; not when the bin is filled already."""
    gives = line.quantity > 0 and not line.from_shop and not line.left_out
    return gives and line.loaded is None and line.counted is None


def _load_line(session: Session, line: VisitLine, quantity: int | None) -> None:
    if line.left_out or line.quantity <= 0 or line.from_shop:
        raise RefusedError(f"expected a line that the store gives, found line {line.line}: {line.part}")
    if not 0 <= (quantity or 0) <= line.quantity:
        raise RefusedError(f"expected 0 to {line.quantity} of {line.part}, found {quantity}")
    if line.counted is not None:
        raise TakenError(f"expected a bin that nobody filled yet, found {line.counted} of {line.part} in it")
    following.move_store(session, line.dealer_id, line.part, (line.loaded or 0) - (quantity or 0))
    line.loaded = quantity
    session.add(line)
    session.flush()


def finish(session: Session, step: Step, name: str) -> Visit:
    """The restocker was there. Bins that the gateway has not told of yet stay delivered and not confirmed."""
    visit = own_visit(session, step, name, "planned", "loaded", "done")
    if visit.state != "done":
        visit.state, visit.done_ms = "done", step.now_ms
        session.add(visit)
        session.flush()
        step.audit(session, "done", visit)
    return visit


@dataclass(frozen=True)
class Said:
    """What a person says of a line: what came, or (below zero) went."""

    line: int
    counted: int
    note: str = ""


def confirm(session: Session, step: Step, name: str, said: Said) -> Visit:
    """A person says what came where no gateway does; the gateway's own word goes before it."""
    number, counted = said.line, said.counted
    visit = own_visit(session, step, name, "planned", "loaded", "done", "cancelled")
    line = own_line(session, step, visit, number)
    if line.counted_by == "gateway":
        raise TakenError(f"expected a bin that its gateway has not told of, found {line.counted} told")
    if line.quantity * counted < 0 or abs(counted) > QUANTITY_MAX:
        raise RefusedError(f"expected a quantity that goes the same way as {line.quantity}, found {counted}")
    line.note, line.left_out = _checked(said.note) or line.note, ""
    following.count(session, line, counted, step.person.name)
    session.flush()
    lines = own_lines(session, step, visit)
    if all(each.counted is not None or each.left_out for each in lines) and visit.state in {"planned", "loaded"}:
        visit.state, visit.done_ms = "done", step.now_ms
        session.add(visit)
    following.release(session, visit, lines)
    if visit.told_number and visit.state != "cancelled":
        tell_visit(session, visit, lines, step.now_ms, step.person.name)
    step.audit(session, "confirmed", visit, f"line {number}: {counted} {line.part}")
    return visit


def settle(session: Session, step: Step, name: str, number: int, note: str) -> Visit:
    """A difference is explained; of what was never confirmed it is said that nobody waits for it any more.

    What is still under way is not settled (`TakenError`): its need would be met twice. Drop it, or cancel the visit.
    """
    visit = own_visit(session, step, name)
    line = own_line(session, step, visit, number)
    waits = line.counted is None and not line.left_out
    if waits and is_under_way(session, step.tenant, visit, step.now_ms):
        raise TakenError(f"expected a visit that is over, found it {visit.state} for {visit.day}")
    line.settled_ms, line.settled_by, line.note = step.now_ms, step.person.name, _checked(note)
    session.add(line)
    session.flush()
    lines = own_lines(session, step, visit)
    following.release(session, visit, lines)
    if waits and visit.told_number and visit.state != "cancelled":
        tell_visit(session, visit, lines, step.now_ms, step.person.name)
    step.audit(session, "settled", visit, f"line {number}: {note}")
    return visit


def _checked(note: str) -> str:
    if len(note) > NOTE_CHARACTERS_MAX or "\0" in note:
        raise RefusedError(f"expected a note of at most {NOTE_CHARACTERS_MAX} characters, found {len(note)}")
    return note.strip()
