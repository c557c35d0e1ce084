"""A rollout that is done, and cabinets that it could not reach: their gateway or their controller was too old for it.

As long as it is the dealer's newest one and its release stands, it goes on by itself as soon as one of them can be
updated. A rollout that a person has ended stays so.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from cloud.rollouts import facts
from cloud.rollouts.facts import World
from cloud.rollouts.health import sign
from cloud.rollouts.learning import UNDER_WAY
from cloud.rollouts.steps import note
from cloud.tables import Dealer, FirmwareRelease, Rollout, RolloutCabinet

OUT_OF_REACH: Final = ("gateway_old", "controller_old")


def leaves_some() -> Any:
    """What a query asks of `Rollout`: it is done without cabinets that it may still come to."""
    left = select(RolloutCabinet.rollout).where(
        col(RolloutCabinet.rollout) == col(Rollout.id), col(RolloutCabinet.state).in_(OUT_OF_REACH)
    )
    return (col(Rollout.state) == "done") & left.exists() & _stands() & _is_newest()


def _stands() -> Any:
    """Its release was not withdrawn."""
    same = col(FirmwareRelease.id) == col(Rollout.release)
    return select(FirmwareRelease.id).where(same, col(FirmwareRelease.withdrawn_ms) == 0).exists()


def _is_newest() -> Any:
    """The dealer has begun none since."""
    later = aliased(Rollout)
    since = col(later.made_ms) > col(Rollout.made_ms)
    return ~select(later.id).where(col(later.dealer_id) == col(Rollout.dealer_id), since).exists()


def hold_dealer(session: Session, dealer: str) -> None:
    """Who begins a rollout and who resumes one wait for each other; those who add rows of the dealer's do not."""
    session.exec(select(Dealer.id).where(col(Dealer.id) == dealer).with_for_update(key_share=True)).one()


def may_go_on(session: Session, rollout: Rollout) -> bool:
    """Whether one that is done may come to cabinets that it left, until the transaction ends."""
    hold_dealer(session, rollout.dealer_id)
    return session.exec(select(Rollout.id).where(col(Rollout.id) == rollout.id, leaves_some())).first() is not None


def resume(session: Session, rollout: Rollout, rows: Sequence[RolloutCabinet], known: World, now_ms: int) -> bool:
    """Have it run again when one of its cabinets can be updated by now; whether it does.

    Cabinets that run the release are compared with how they are now, and what is bad does not count any more.
    """
    if not any(row.state == "waiting" or row.state in UNDER_WAY for row in rows):
        return False
    for row in rows:
        if row.state == "confirmed":
            facts.mark(row, known, now_ms, with_rates=True)
    forgive(rows, known, now_ms)
    rollout.state, rollout.ended_ms, rollout.soak_ms = "running", 0, 0
    rollout.stage_ms = rollout.changed_ms = now_ms
    note(session, rollout, now_ms, "resumed")
    return True


def forgive(rows: Sequence[RolloutCabinet], known: World, now_ms: int) -> None:
    """What is bad now does not count from now on."""
    for row in rows:
        if row.told_ms and sign(facts.patient(row, known), now_ms) is not None:
            row.is_forgiven = True
