"""Which dealer's planning run is due or was asked for, and what became of each.

A row of `planning_run` that has not ended is work to be done: it was asked for, or was cut off. Whoever plans takes
such rows first, then the dealers whose night it is.
"""

import json
import logging
import secrets
from collections.abc import Callable
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from cloud.audit import record
from cloud.database import Database
from cloud.dealer_time import zone_of_dealer
from cloud.identity import SignedIn
from cloud.people.rules import TakenError
from cloud.replenishment.planning_lock import sole_planner
from cloud.replenishment.policy_views import RunView
from cloud.tables import Dealer, PlannedBin, PlanningRun
from cloud.tenancy import NotFoundError, TenantId, tenant_rows
from cloud.work.shop_time import last_midnight_ms

log = logging.getLogger(__name__)

HOUR = 2  # of the dealer's night
TRIES_MAX = 3  # of a run that is cut off again and again
ERROR_CHARACTERS_MAX = 500
RunOf = Callable[[Database, str, int], tuple[int, int, str]]  # bins, told, note


def plan_what_is_due(database: Database, now_ms: Callable[[], int], run_of: RunOf, dealer: str = "") -> int | None:
    """Do every run that was asked for or is due, or that of one dealer at once; how many, None when somebody else does.

    `run_of(database, dealer, now_ms)` answers (bins, bins told, note).
    """
    with sole_planner(database) as alone:
        if not alone:
            return None
        if dealer:
            with database.writing() as session:
                asked = _open(session, dealer) or begun(session, dealer, now_ms())
            _carry_out(database, asked, now_ms, run_of)
            return 1
        done = 0
        while (row := _next(database, now_ms())) is not None:
            _carry_out(database, row, now_ms, run_of)
            done += 1
        return done


def is_work(database: Database, now_ms: int) -> bool:
    """Whether anybody waits for a run."""
    with database.reading() as session:
        open_ = select(PlanningRun.id).where(col(PlanningRun.ended_ms) == 0).limit(1)
        return session.exec(open_).first() is not None or bool(due_dealers(session, now_ms))


def due_dealers(session: Session, now_ms: int) -> list[str]:
    """Dealers with bins whose run of this night has not begun."""
    with_bins = select(PlannedBin.dealer_id).distinct()
    rows = select(Dealer.id).where(col(Dealer.closed_ms) == 0, col(Dealer.id).in_(with_bins)).order_by(col(Dealer.id))
    return [
        dealer
        for dealer in session.exec(rows).all()
        if _newest_ms(session, dealer) < last_midnight_ms(now_ms, zone_of_dealer(session, dealer), HOUR)
    ]


def _newest_ms(session: Session, dealer: str) -> int:
    rows = select(PlanningRun.started_ms).where(col(PlanningRun.dealer_id) == dealer)
    return session.exec(rows.order_by(col(PlanningRun.started_ms).desc()).limit(1)).first() or 0


def _next(database: Database, now_ms: int) -> PlanningRun | None:
    """What to do now; a run that is cut off again and again is given up."""
    with database.writing() as session:
        row = _open(session)
        if row is None:
            due = due_dealers(session, now_ms)
            return begun(session, due[0], now_ms) if due else None
        tries = 1 + int(note_of(row).get("tries", 0))
        row.note = json.dumps({"tries": tries})
        if tries > TRIES_MAX:
            row.ended_ms, row.error = now_ms, f"cut off {TRIES_MAX} times: is there memory enough?"
        session.add(row)
    return row if not row.ended_ms else _next(database, now_ms)


def _open(session: Session, dealer: str = "") -> PlanningRun | None:
    rows = select(PlanningRun).where(col(PlanningRun.ended_ms) == 0)
    if dealer:
        rows = rows.where(col(PlanningRun.dealer_id) == dealer)
    return session.exec(rows.order_by(col(PlanningRun.started_ms), col(PlanningRun.id))).first()


def begun(session: Session, dealer: str, now_ms: int) -> PlanningRun:
    """A run that has not ended, in the open transaction."""
    row = PlanningRun(id=f"r-{secrets.token_hex(6)}", dealer_id=dealer, started_ms=now_ms)
    session.add(row)
    session.flush()
    return row


def _carry_out(database: Database, row: PlanningRun, now_ms: Callable[[], int], run_of: RunOf) -> None:
    error, bins, told, note = "", 0, 0, ""
    try:
        bins, told, note = run_of(database, row.dealer_id, now_ms())
    except SQLAlchemyError:
        raise  # the database is away: the row stays, and is done the next time
    except Exception as failure:  # one dealer's trouble is not the others'
        log.exception("the plan of %s could not be made", row.dealer_id)
        error = f"{type(failure).__name__}: {failure}"[:ERROR_CHARACTERS_MAX]
    with database.writing() as session:
        held = session.get_one(PlanningRun, row.id)
        held.ended_ms, held.bins, held.told, held.error, held.note = now_ms(), bins, told, error, note
        session.add(held)


# ---- for people ----


def ask(session: Session, person: SignedIn, now_ms: int) -> RunView:
    """Have one's own dealer's policies computed now (`TakenError` while that is being done)."""
    rows = tenant_rows(person.tenant, PlanningRun).where(col(PlanningRun.ended_ms) == 0)
    if session.exec(rows).first() is not None:
        raise TakenError("expected no run that goes on, found one: wait for its end")
    row = begun(session, person.tenant.dealer, now_ms)
    record(session, person, now_ms, action="planning.asked", target=f"run {row.id}")
    return view(row)


def runs(session: Session, tenant: TenantId, *, cursor: str = "", limit: int = 50) -> list[RunView]:
    """The dealer's runs, the last first, behind the one named `cursor` (`NotFoundError`)."""
    rows = tenant_rows(tenant, PlanningRun)
    if cursor:
        last = session.exec(rows.where(col(PlanningRun.id) == cursor)).one_or_none()
        if last is None:
            raise NotFoundError(f"expected a cursor of this list, found {cursor!r}")
        same = (col(PlanningRun.started_ms) == last.started_ms) & (col(PlanningRun.id) < last.id)
        rows = rows.where((col(PlanningRun.started_ms) < last.started_ms) | same)
    newest = rows.order_by(col(PlanningRun.started_ms).desc(), col(PlanningRun.id).desc())
    return [view(row) for row in session.exec(newest.limit(limit))]


def view(row: PlanningRun) -> RunView:
    """A run as it is shown."""
    note = note_of(row)
    return RunView(
        id=row.id,
        started_ms=row.started_ms,
        ended_ms=row.ended_ms,
        bins=row.bins,
        told=row.told,
        error=row.error,
        methods=note.get("methods", {}),
        scores=note.get("scores", {}),
        reached_ppm=note.get("reached_ppm", -1),
        asked=note.get("asked", 0),
    )


def note_of(row: PlanningRun) -> dict[str, Any]:
    """What a run says beside its figures."""
    found = json.loads(row.note) if row.note else {}
    return found if isinstance(found, dict) else {}
