"""API tokens: made by somebody of a dealer for a program, with no more rights than their maker has."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from typing import cast

from sqlalchemy import func
from sqlmodel import Session, col

from cloud.audit import record
from cloud.fleet import age_ms
from cloud.identity import TOKEN_MARK, SignedIn, token_digest
from cloud.people.own_rows import newest_first, own_row
from cloud.people.rules import NotYoursToGiveError, RefusedError, TakenError, checked_name
from cloud.people.views import Tokens, TokenView
from cloud.rights import RIGHTS, Right
from cloud.tables import ApiToken, Membership, User
from cloud.tenancy import NotFoundError, TenantId, tenant_rows

DAY_MS = 24 * 3600 * 1000
DAYS_MAX = 366
OF_ONE_MAX = 50


@dataclass(frozen=True)
class Made:
    """A new token; it is known here alone."""

    id: int
    token: str
    expires_ms: int


def make(session: Session, person: SignedIn, now_ms: int, *, name: str, rights: Collection[Right], days: int) -> Made:
    """A new token (`RefusedError`, `NotYoursToGiveError`)."""
    name = checked_name(name)
    if not rights:
        raise RefusedError("expected at least one right for a token, found none")
    if beyond := sorted(set(rights) - person.rights):
        raise NotYoursToGiveError(f"expected rights you have yourself, found {', '.join(beyond)}")
    if not 1 <= days <= DAYS_MAX:
        raise RefusedError(f"expected a token to be good for 1 to {DAYS_MAX} days, found {days}")
    if _count(session, person, now_ms) >= OF_ONE_MAX:
        raise TakenError(f"expected at most {OF_ONE_MAX} tokens of one person, found as many: withdraw one first")
    token = TOKEN_MARK + secrets.token_urlsafe(32)
    row = ApiToken(
        dealer_id=person.tenant.dealer,
        membership_id=person.membership_id,
        name=name,
        token_sha256=token_digest(token),
        rights=" ".join(right for right in RIGHTS if right in rights),
        made_ms=now_ms,
        expires_ms=now_ms + days * DAY_MS,
    )
    session.add(row)
    session.flush()
    record(session, person, now_ms, action="token.made", target=f"token {name}", after=row.rights)
    return Made(row.id or 0, token, row.expires_ms)


def _count(session: Session, person: SignedIn, now_ms: int) -> int:
    rows = tenant_rows(person.tenant, ApiToken).where(
        col(ApiToken.membership_id) == person.membership_id,
        col(ApiToken.ended_ms) == 0,
        col(ApiToken.expires_ms) > now_ms,
    )
    return int(session.scalar(rows.with_only_columns(func.count())) or 0)


def tokens(
    session: Session, person: SignedIn, now_ms: int, *, cursor: str = "", limit: int = 50, mine_only: bool = False
) -> Tokens:
    """One's own tokens that are good; all of the dealer's for somebody who manages people. Newest first."""
    good = tenant_rows(person.tenant, ApiToken).where(col(ApiToken.ended_ms) == 0, col(ApiToken.expires_ms) > now_ms)
    if mine_only or not person.may("manage_people"):
        good = good.where(col(ApiToken.membership_id) == person.membership_id)
    rows, onward = newest_first(session, person.tenant, ApiToken, good, cursor=cursor, limit=limit)
    makers = _makers(session, person.tenant, [row.membership_id for row in rows])
    return Tokens(tokens=[_view(row, makers, now_ms) for row in rows], cursor=onward)


def _makers(session: Session, tenant: TenantId, ids: list[int]) -> dict[int, str]:
    rows = tenant_rows(tenant, Membership).join(User, col(User.id) == col(Membership.user_id))
    rows = rows.where(col(Membership.id).in_(ids))
    found = session.execute(rows.with_only_columns(col(Membership.id), col(User.name)))
    return {int(number): str(name) for number, name in found}


def _view(row: ApiToken, makers: dict[int, str], now_ms: int) -> TokenView:
    return TokenView(
        id=row.id or 0,
        name=row.name,
        maker=makers.get(row.membership_id, ""),
        rights=cast(list[Right], row.rights.split()),
        made_ms=row.made_ms,
        expires_ms=row.expires_ms,
        last_used_age_ms=age_ms(now_ms, row.last_used_ms),
    )


def withdraw(session: Session, person: SignedIn, token: int, now_ms: int) -> None:
    """Make a token good for nothing: one's own, or any of the dealer's for somebody who manages people."""
    row = own_row(session, person.tenant, ApiToken, token, "a token")
    mine = row.membership_id == person.membership_id
    if row.ended_ms or not (mine or person.may("manage_people")):
        raise NotFoundError(f"expected a token of yours that is good, found {token!r}")
    row.ended_ms = now_ms
    record(session, person, now_ms, action="token.withdrawn", target=f"token {row.name}", before=row.rights)
