"""The audit trail: one line for every change that a person or a program makes in the cloud, in the same transaction.

Lines are added and never changed. A dealer's admins see their dealer's; whoever runs the cloud sees the cloud's own.
"""

from pydantic import Field
from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from cloud.identity import SignedIn
from cloud.tables import AuditEntry, User
from cloud.tenancy import NotFoundError, TenantId, tenant_rows
from cloud.views import TimeMs, View

CHARACTERS_MAX = 4000
ROWS_MAX = 200


class AuditLine(View):
    """Who changed what, when, from what to what."""

    at_ms: TimeMs
    person: str = Field(description="who did it; a program's token is named behind its maker", examples=["李经理"])
    action: str = Field(examples=["member.changed"])
    target: str = Field(examples=["member wang@dealer.example"])
    before: str = Field(examples=["clerk"])
    after: str = Field(examples=["admin"])


class AuditTrail(View):
    """A page of the trail, newest first."""

    lines: list[AuditLine]
    cursor: str = Field(description="for the next page; empty: this was the last", examples=["42"])


def record(
    session: Session, person: SignedIn, now_ms: int, *, action: str, target: str, before: str = "", after: str = ""
) -> None:
    """Say in the open transaction who changed `target`, from what to what. Never hand in a secret."""
    name = f"{person.name} · {person.token_name}" if person.token_id else person.name
    session.add(
        AuditEntry(
            dealer_id=person.dealer or None,
            at_ms=now_ms,
            user_id=person.user_id,
            user_name=name,
            action=action,
            target=target[:CHARACTERS_MAX],
            before=before[:CHARACTERS_MAX],
            after=after[:CHARACTERS_MAX],
        )
    )


def record_of(
    session: Session,
    dealer: str | None,
    user: User | SignedIn,
    now_ms: int,
    *,
    action: str,
    target: str,
    before: str = "",
    after: str = "",
) -> None:
    """As `record`, of somebody who is about to sign in, or in the trail of a dealer that is not their own."""
    session.add(
        AuditEntry(
            dealer_id=dealer,
            at_ms=now_ms,
            user_id=user.id if isinstance(user, User) else user.user_id,
            user_name=user.name,
            action=action,
            target=target[:CHARACTERS_MAX],
            before=before[:CHARACTERS_MAX],
            after=after[:CHARACTERS_MAX],
        )
    )


def trail(
    session: Session,
    tenant: TenantId,
    *,
    action: str = "",
    person: str = "",
    target: str = "",
    from_ms: int = 0,
    to_ms: int | None = None,
    cursor: str = "",
    limit: int = 50,
) -> AuditTrail:
    """The dealer's trail, newest first (`NotFoundError` for a foreign cursor).

    `action` and `target` are what they begin with, `person` a part of a name.
    """
    rows = tenant_rows(tenant, AuditEntry).where(*_filters(action, person, target, from_ms, to_ms))
    return _page(session, tenant_rows(tenant, AuditEntry), rows, cursor, limit)


def own_trail(session: Session, *, cursor: str = "", limit: int = 50) -> AuditTrail:
    """The cloud's own trail, for whoever runs it: no dealer's line is in it."""
    rows = select(AuditEntry).where(col(AuditEntry.dealer_id).is_(None))
    return _page(session, rows, rows, cursor, limit)


def _filters(action: str, person: str, target: str, from_ms: int, to_ms: int | None) -> list[ColumnElement[bool]]:
    filters: list[ColumnElement[bool]] = []
    if action:
        filters.append(col(AuditEntry.action).startswith(action, autoescape=True))
    if person:
        filters.append(col(AuditEntry.user_name).icontains(person, autoescape=True))
    if target:
        filters.append(col(AuditEntry.target).icontains(target, autoescape=True))
    if from_ms:
        filters.append(col(AuditEntry.at_ms) >= from_ms)
    if to_ms is not None:
        filters.append(col(AuditEntry.at_ms) < to_ms)
    return filters


def _page(
    session: Session,
    own: SelectOfScalar[AuditEntry],
    rows: SelectOfScalar[AuditEntry],
    cursor: str,
    limit: int,
) -> AuditTrail:
    if cursor:
        number = int(cursor) if cursor.isascii() and cursor.isdecimal() and len(cursor) < 19 else -1
        last = session.exec(own.where(col(AuditEntry.id) == number)).one_or_none()
        if last is None:
            raise NotFoundError(f"expected a cursor of this list, found {cursor!r}")
        same_time = and_(col(AuditEntry.at_ms) == last.at_ms, col(AuditEntry.id) < last.id)
        rows = rows.where(or_(col(AuditEntry.at_ms) < last.at_ms, same_time))
    ordered = rows.order_by(col(AuditEntry.at_ms).desc(), col(AuditEntry.id).desc())
    found = session.exec(ordered.limit(limit + 1)).all()
    shown = found[:limit]
    return AuditTrail(lines=[_line(row) for row in shown], cursor=str(shown[-1].id) if len(found) > limit else "")


def _line(row: AuditEntry) -> AuditLine:
    return AuditLine(
        at_ms=row.at_ms,
        person=row.user_name,
        action=row.action,
        target=row.target,
        before=row.before,
        after=row.after,
    )
