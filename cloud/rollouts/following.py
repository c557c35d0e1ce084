"""One look at a rollout: what became of its cabinets, how they are, and what is done next; all in one transaction.

It may be looked at any number of times by any process: the rollout's row is the lock, and what was done is kept in the
same transaction as the order that does it.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session, col, select

from cloud.database import Database
from cloud.rollouts import facts, telling
from cloud.rollouts.facts import World
from cloud.rollouts.health import Health, health
from cloud.rollouts.judging import Step, plan
from cloud.rollouts.learning import UNDER_WAY, learned
from cloud.rollouts.releases import older_release
from cloud.rollouts.resuming import leaves_some, may_go_on, resume
from cloud.rollouts.steps import change, members, note
from cloud.tables import Rollout, RolloutCabinet

log = logging.getLogger(__name__)

ACTIVE = ("running", "paused", "stopped", "taken_back")
BEGUN = frozenset({"loading", "trial", "confirmed", "returned", "refused"})


def active(database: Database) -> list[str]:
    """Rollouts that are not over, and those that are done and may still come to cabinets that they left."""
    with database.reading() as session:
        rows = select(Rollout.id).where(col(Rollout.state).in_(ACTIVE) | leaves_some())
        return list(session.exec(rows.order_by(col(Rollout.id))))


def look_at_all(database: Database, now_ms: int) -> None:
    """Look at every rollout; one's trouble is no other's."""
    for name in active(database):
        try:
            with database.writing() as session:
                follow(session, name, now_ms)
        except Exception:
            log.exception("rollout %s could not be looked at; it will be, the next time", name)


def held(session: Session, name: str) -> Rollout | None:
    """A rollout that nobody else changes until the transaction ends."""
    rows = select(Rollout).where(col(Rollout.id) == name).with_for_update()
    return session.exec(rows.execution_options(populate_existing=True)).one_or_none()


def follow(session: Session, name: str, now_ms: int) -> str:
    """Look at one rollout in the open transaction of the cloud's own; what was done."""
    rollout = held(session, name)
    if rollout is None or not (rollout.state in ACTIVE or may_go_on(session, rollout)):
        return "nothing"
    rows = members(session, rollout)
    known = facts.world(session, rollout.dealer_id, rows)
    learn(session, rollout, rows, known, now_ms)
    if rollout.state == "done" and resume(session, rollout, rows, known, now_ms):
        return "resume"
    if rollout.state == "taken_back":
        return _end_taking_back(session, rollout, rows, now_ms)
    if rollout.state != "running":
        return "nothing"
    found = health_of(rows, known, now_ms)
    step = plan(facts.course_of(rollout), [facts.member(rollout, row, known, now_ms) for row in rows], found, now_ms)
    _do(session, rollout, rows, (step, found), now_ms)
    return step.act


def learn(session: Session, rollout: Rollout, rows: Sequence[RolloutCabinet], known: World, now_ms: int) -> None:
    """Bring the cabinets to what their gateways say."""
    for row in rows:
        state, reason = learned(*facts.known_and_seen(row, known), rollout.version)
        if (state, reason) == (row.state, row.reason):
            continue
        if state == "confirmed":
            row.confirmed_ms = now_ms
            facts.mark(row, known, now_ms, with_rates=False)
        change(session, rollout, row, state, now_ms, reason=reason)
        rollout.changed_ms = now_ms


def health_of(rows: Sequence[RolloutCabinet], known: World, now_ms: int) -> Health:
    """How the cabinets that were begun are, beside those that wait."""
    counted = [row for row in rows if not row.is_forgiven]
    begun = [facts.patient(row, known) for row in counted if row.state in BEGUN]
    others = [facts.patient(row, known) for row in counted if row.state == "waiting" and not row.told_ms]
    return health(begun, others, now_ms)


def _do(
    session: Session,
    rollout: Rollout,
    rows: Sequence[RolloutCabinet],
    what: tuple[Step, Health],
    now_ms: int,
) -> None:
    step, found = what
    if step.act == "tell":
        chosen = {member.place for member in step.tell}
        telling.begin(session, rollout, [row for row in rows if (row.shop_id, row.cabinet) in chosen], now_ms)
    elif step.act == "watch":
        rollout.soak_ms = now_ms
        note(session, rollout, now_ms, "watched", detail={"stage": rollout.stage})
    elif step.act == "next_stage":
        _begin_stage(session, rollout, rollout.stage + 1, now_ms)
    elif step.act == "another_first":
        _choose_another(session, rollout, rows, now_ms)
    elif step.act == "stop":
        stop(session, rollout, rows, _why(rollout, found), now_ms)
    elif step.act == "done":
        rollout.state, rollout.ended_ms = "done", now_ms
        note(session, rollout, now_ms, "done")
    if step.act != "nothing":
        rollout.changed_ms = now_ms


def _begin_stage(session: Session, rollout: Rollout, stage: int, now_ms: int) -> None:
    rollout.stage, rollout.stage_ms, rollout.soak_ms = stage, now_ms, 0
    note(session, rollout, now_ms, "stage", detail={"stage": stage})


def _choose_another(session: Session, rollout: Rollout, rows: Sequence[RolloutCabinet], now_ms: int) -> None:
    """Whoever comes next in the second stage, or else in the last, is the first instead."""
    chosen = next(row for row in rows if row.state == "waiting")
    chosen.stage = rollout.stage = 0
    rollout.stage_ms, rollout.soak_ms = now_ms, 0
    note(session, rollout, now_ms, "another_first", of=chosen)


def _why(rollout: Rollout, found: Health) -> Mapping[str, Any]:
    return {
        "kind": found.signs[0][0],
        "bad": found.bad,
        "of": found.of,
        "stage": rollout.stage,
        "signs": [list(each) for each in found.signs],
    }


def stop(
    session: Session,
    rollout: Rollout,
    rows: Sequence[RolloutCabinet],
    why: Mapping[str, Any],
    now_ms: int,
    *,
    by: str = "",
) -> None:
    """Begin nothing more, call off what has not begun to run, and take back what was asked for to be taken back."""
    rollout.state, rollout.why, rollout.changed_ms = "stopped", json.dumps(why, ensure_ascii=False), now_ms
    note(session, rollout, now_ms, "stopped", by=by, detail=why)
    telling.call_off(session, rollout, [row for row in rows if row.state in {"told", "loading"}], now_ms)
    if rollout.takes_back and not by:
        take_back(session, rollout, rows, now_ms)


def take_back(session: Session, rollout: Rollout, rows: Sequence[RolloutCabinet], now_ms: int) -> None:
    """Order every cabinet that has confirmed the release back to what it ran before, where that is kept here."""
    confirmed = [row for row in rows if row.state == "confirmed"]
    for version in sorted({row.before for row in confirmed}):
        own = [row for row in confirmed if row.before == version]
        before = older_release(session, rollout.dealer_id, version)
        if before is not None:
            telling.call_back(session, rollout, own, before, now_ms)
            continue
        for row in own:
            change(session, rollout, row, "stays", now_ms, reason=f"expected a release {version}, found none here")


def _end_taking_back(session: Session, rollout: Rollout, rows: Sequence[RolloutCabinet], now_ms: int) -> str:
    """A rollout that was taken back is over when every cabinet has ended; who confirms late is called back as well."""
    take_back(session, rollout, rows, now_ms)
    if any(row.state in UNDER_WAY or row.state == "calling_back" for row in rows):
        return "nothing"
    rollout.state, rollout.ended_ms, rollout.changed_ms = "ended", now_ms, now_ms
    note(session, rollout, now_ms, "ended")
    return "done"
