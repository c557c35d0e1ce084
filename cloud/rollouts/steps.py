"""What happened in a rollout, step by step: kept for ever, and shown on its page."""

import json
from collections.abc import Mapping
from typing import Any, Final

from sqlmodel import Session, col, func, select

from cloud.tables import Rollout, RolloutCabinet, RolloutStep

REASON_CHARACTERS_MAX: Final = 300


def note(
    session: Session,
    rollout: Rollout,
    now_ms: int,
    what: str,
    *,
    by: str = "",
    of: RolloutCabinet | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Keep one step of a rollout that this transaction holds. `of`: the cabinet that it is about."""
    session.flush()
    last = session.exec(
        select(func.max(RolloutStep.number)).where(
            col(RolloutStep.rollout) == rollout.id, col(RolloutStep.dealer_id) == rollout.dealer_id
        )
    ).one()
    session.add(
        RolloutStep(
            rollout=rollout.id,
            number=(last or 0) + 1,
            dealer_id=rollout.dealer_id,
            at_ms=now_ms,
            what=what,
            detail=json.dumps(detail, ensure_ascii=False) if detail else "",
            by=by,
            shop_id=of.shop_id if of else "",
            cabinet=of.cabinet if of else "",
        )
    )


def change(
    session: Session, rollout: Rollout, row: RolloutCabinet, state: str, now_ms: int, *, reason: str = ""
) -> None:
    """Put a cabinet into another state, and keep that it was."""
    row.state, row.reason, row.changed_ms = state, reason[:REASON_CHARACTERS_MAX], now_ms
    note(session, rollout, now_ms, f"cabinet_{state}", of=row, detail={"reason": row.reason} if row.reason else None)


def members(session: Session, rollout: Rollout) -> list[RolloutCabinet]:
    """Its cabinets, in the order in which they come."""
    rows = select(RolloutCabinet).where(
        col(RolloutCabinet.rollout) == rollout.id, col(RolloutCabinet.dealer_id) == rollout.dealer_id
    )
    by = col(RolloutCabinet.stage), col(RolloutCabinet.turn), col(RolloutCabinet.shop_id), col(RolloutCabinet.cabinet)
    return list(session.exec(rows.order_by(*by)))
