"""Whose turn it is among the cloud's processes: by a row that one of them holds for a while, on both databases.

A process that was killed lets go when its time is over. The row also says when the cloud itself heard nobody: no
gateway is missed for that.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from sqlalchemy import CursorResult, func, text
from sqlmodel import Session, col, select

from cloud.replenishment.alerts.contact import Span
from cloud.replenishment.alerts.matters import MINUTE_MS
from cloud.tables import CloudTurn, Gateway

AWAY_MIN_MS: Final = 6 * MINUTE_MS
SPANS_KEPT: Final = 50


@dataclass(frozen=True, slots=True)
class Turn:
    """It is this process's turn. `away`: when the cloud heard nobody."""

    name: str
    holder: str
    away: Sequence[Span]


def take(session: Session, name: str, holder: str, lease_ms: int, now_ms: int) -> Turn | None:
    """Take the turn, or go on with it; None while another process has it."""
    session.execute(text("INSERT INTO cloud_turn (name, holder, until_ms, ran_ms, away) VALUES (:name, '', 0, 0, '[]') ON CONFLICT DO NOTHING"), {"name": name})  # fmt: skip  # noqa: E501
    taken = session.execute(
        text(
            "UPDATE cloud_turn SET holder = :holder, until_ms = :until_ms "
            "WHERE name = :name AND (until_ms <= :now_ms OR holder = :holder)"
        ),
        {"name": name, "holder": holder, "until_ms": now_ms + lease_ms, "now_ms": now_ms},
    )
    if cast("CursorResult[Any]", taken).rowcount != 1:
        return None
    row = session.exec(select(CloudTurn).where(col(CloudTurn.name) == name)).one()
    heard_ms = session.scalar(select(func.max(Gateway.last_contact_ms))) or 0
    spans = with_away(json.loads(row.away), row.ran_ms, min(heard_ms, now_ms), now_ms)
    row.away, row.ran_ms = json.dumps(spans), now_ms
    return Turn(name, holder, spans)


def with_away(known: Sequence[Sequence[int]], ran_ms: int, heard_ms: int, now_ms: int) -> list[Span]:
    """The times away, with the one that has just ended. Whenever a gateway was heard of, the cloud was there."""
    spans = [(each[0], each[1]) for each in known]
    from_ms = max(ran_ms, heard_ms)
    if from_ms and now_ms - from_ms >= AWAY_MIN_MS:
        spans.append((from_ms, now_ms))
    return spans[-SPANS_KEPT:]


def let_go(session: Session, turn: Turn) -> None:
    """End one's turn early, at a stop."""
    session.execute(
        text("UPDATE cloud_turn SET until_ms = 0 WHERE name = :name AND holder = :holder"),
        {"name": turn.name, "holder": turn.holder},
    )
