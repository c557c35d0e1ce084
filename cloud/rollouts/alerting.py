"""Rollouts that have stopped by themselves and wait for somebody's decision, as matters of alerts."""

import json
from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, col, select

from cloud.replenishment.alerts.matters import TODAY, Figure, Finding
from cloud.tables import Rollout


def stopped_rollouts(session: Session, dealer: str) -> list[Finding]:
    """Of a dealer: each that stopped because health fell, until somebody has it go on, takes it back or ends it."""
    rows = select(Rollout).where(col(Rollout.dealer_id) == dealer, col(Rollout.state) == "stopped")
    findings = []
    for row in session.exec(rows.order_by(col(Rollout.id))):
        why: Mapping[str, Any] = json.loads(row.why or "{}")
        if why.get("kind") != "person":
            findings.append(_finding(row, why))
    return findings


def _finding(row: Rollout, why: Mapping[str, Any]) -> Finding:
    detail: dict[str, Figure] = {"rollout": row.id, "version": row.version, "sign": str(why.get("kind", ""))}
    detail |= {"bad": int(why.get("bad", 0)), "of": int(why.get("of", 0))}
    return Finding(
        "rollout_stopped", "", row.id, holds=True, urgency=TODAY, since_ms=row.changed_ms, detail=detail, why="decided"
    )
