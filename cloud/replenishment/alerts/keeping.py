"""Alerts as they are kept: begun once, changed as their matter changes, ended by themselves, continued when it is back.

`keep` may be called with the same findings any number of times, in any order, by any process: of a matter one alert is
open at most, and the table itself refuses a second. The cloud's own work: every query says whose rows it means.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import text
from sqlmodel import Session, col, select

from cloud.replenishment.alerts.lasting import Memory, Step, step
from cloud.replenishment.alerts.matters import PATIENCE, REOPEN_MS, Finding, Kind
from cloud.tables import Alert, AlertWatch

Key = tuple[str, str, str]
GONE: Final[Mapping[Kind, str]] = {  # why a matter ended of which nothing is found any more
    "runs_out": "restocked",
    "sensor_blind": "gone",
    "no_contact": "gone",
    "unexplained_loss": "no_more",
    "rollout_stopped": "decided",
}
_BEGIN = text(
    "INSERT INTO alert (id, dealer_id, shop_id, kind, matter, cabinet, bin, part, urgency, detail, since_ms, began_ms, "
    "changed_ms, ended_ms, ended_why, seen_by, seen_ms, note) VALUES (:id, :dealer, :shop, :kind, :matter, :cabinet, "
    ":bin, :part, :urgency, :detail, :since_ms, :now_ms, :now_ms, 0, '', '', 0, '') ON CONFLICT DO NOTHING"
)

_WATCH = text(
    "INSERT INTO alert_watch (dealer_id, kind, shop_id, matter, since_ms, seen_ms) "
    "VALUES (:dealer, :kind, :shop, :matter, :since_ms, :seen_ms) "
    "ON CONFLICT (dealer_id, kind, shop_id, matter) DO UPDATE SET seen_ms = excluded.seen_ms"
)
_FORGET = text(
    "DELETE FROM alert_watch WHERE dealer_id = :dealer AND kind = :kind AND shop_id = :shop AND matter = :matter"
)


@dataclass
class Kept:
    """What became of a dealer's matters: ids of alerts."""

    began: list[str] = field(default_factory=list)
    continued: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)


def standing(session: Session, dealer: str, kinds: Collection[Kind]) -> list[Alert]:
    """A dealer's open alerts of some kinds."""
    rows = select(Alert).where(
        col(Alert.dealer_id) == dealer, col(Alert.ended_ms) == 0, col(Alert.kind).in_(sorted(kinds))
    )
    return list(session.exec(rows.order_by(col(Alert.id))))


def keep(session: Session, dealer: str, kinds: Collection[Kind], findings: Iterable[Finding], now_ms: int) -> Kept:
    """Bring a dealer's alerts of some kinds to what was found of all of them just now."""
    open_now = {(row.kind, row.shop_id, row.matter): row for row in standing(session, dealer, kinds)}
    watches = {(row.kind, row.shop_id, row.matter): row for row in _watches(session, dealer, kinds)}
    found = {finding.key: finding for finding in findings}
    for kind, shop, matter in (open_now.keys() | watches.keys()) - found.keys():
        known: Kind = next(each for each in kinds if each == kind)
        found[kind, shop, matter] = Finding(known, shop, matter, holds=False, why=GONE[known])
    kept = Kept()
    for key, finding in sorted(found.items()):
        watch, alert = watches.get(key), open_now.get(key)
        memory = Memory(watch.since_ms, watch.seen_ms) if watch else None
        taken = step(finding, memory, PATIENCE[finding.kind], now_ms, is_open=alert is not None)
        _remember(session, dealer, finding, watch, taken.memory)
        _act(session, dealer, (finding, alert, taken), kept, now_ms)
    return kept


def _watches(session: Session, dealer: str, kinds: Collection[Kind]) -> list[AlertWatch]:
    rows = select(AlertWatch).where(col(AlertWatch.dealer_id) == dealer, col(AlertWatch.kind).in_(sorted(kinds)))
    return list(session.exec(rows))


def _remember(session: Session, dealer: str, finding: Finding, row: AlertWatch | None, memory: Memory | None) -> None:
    """By statements that another process may run as well: what is remembered twice is remembered once."""
    whose = {"dealer": dealer, "kind": finding.kind, "shop": finding.shop, "matter": finding.matter}
    if memory is not None:
        session.execute(_WATCH, {**whose, "since_ms": memory.since_ms, "seen_ms": memory.seen_ms})
    elif row is not None:
        session.execute(_FORGET, whose)


def _act(session: Session, dealer: str, what: tuple[Finding, Alert | None, Step], kept: Kept, now_ms: int) -> None:
    finding, alert, taken = what
    if taken.act == "begin":
        since_ms = finding.since_ms or (taken.memory.since_ms if taken.memory else now_ms)
        _begin(session, dealer, finding, kept, (since_ms, now_ms))
    elif alert is not None and taken.act == "stand":
        _change(alert, finding, now_ms)
    elif alert is not None and taken.act == "end":
        alert.ended_ms, alert.changed_ms, alert.ended_why = now_ms, now_ms, finding.why
        kept.ended.append(alert.id)


def _change(alert: Alert, finding: Finding, now_ms: int) -> None:
    told = _told(finding)
    if (alert.urgency, alert.detail) != (finding.urgency, told):
        alert.urgency, alert.detail, alert.changed_ms = finding.urgency, told, now_ms


def _begin(session: Session, dealer: str, finding: Finding, kept: Kept, times_ms: tuple[int, int]) -> None:
    since_ms, now_ms = times_ms
    before = _lately_ended(session, dealer, finding, now_ms)
    if before is not None:
        before.ended_ms, before.ended_why = 0, ""
        _change(before, finding, now_ms)
        kept.continued.append(before.id)
        return
    name = "/".join((dealer, *finding.key, str(now_ms)))
    made = {
        "id": f"a-{hashlib.sha256(name.encode()).hexdigest()[:20]}",
        "dealer": dealer,
        "shop": finding.shop,
        "kind": finding.kind,
        "matter": finding.matter,
        "cabinet": finding.cabinet,
        "bin": finding.bin,
        "part": finding.part,
        "urgency": finding.urgency,
        "detail": _told(finding),
        "since_ms": since_ms,
        "now_ms": now_ms,
    }
    session.execute(_BEGIN, made)
    kept.began.append(str(made["id"]))


def _lately_ended(session: Session, dealer: str, finding: Finding, now_ms: int) -> Alert | None:
    kind, shop, matter = finding.key
    rows = select(Alert).where(
        col(Alert.dealer_id) == dealer,
        col(Alert.kind) == kind,
        col(Alert.shop_id) == shop,
        col(Alert.matter) == matter,
        col(Alert.ended_ms) > max(0, now_ms - REOPEN_MS),
    )
    return session.exec(rows.order_by(col(Alert.ended_ms).desc()).limit(1)).first()


def _told(finding: Finding) -> str:
    return json.dumps(dict(finding.detail), sort_keys=True, ensure_ascii=False)
