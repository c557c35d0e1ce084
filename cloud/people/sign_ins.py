"""One's own account: how one is called, where one is signed in, for whom one acts."""

import hashlib
from typing import cast

from sqlmodel import Session, col, select

from cloud.audit import record
from cloud.identity import SignedIn, good_memberships
from cloud.people.rules import checked_name
from cloud.people.views import MembershipView, SignInView
from cloud.rights import Role
from cloud.tables import Dealer, SignIn, User
from cloud.tenancy import NotFoundError


def sign_ins(session: Session, person: SignedIn, now_ms: int) -> list[SignInView]:
    """Every browser somebody is signed in with, the one that asks first."""
    rows = _good(session, person, now_ms)
    names = {row.id: row.name for row in session.exec(select(Dealer).where(col(Dealer.id).in_(_dealers(rows))))}
    shown = [_view(row, names, person) for row in rows]
    return sorted(shown, key=lambda row: (not row.current, -row.last_seen_ms))


def _good(session: Session, person: SignedIn, now_ms: int) -> list[SignIn]:
    rows = select(SignIn).where(
        col(SignIn.user_id) == person.user_id, col(SignIn.ended_ms).is_(None), col(SignIn.expires_ms) > now_ms
    )
    return list(session.exec(rows.order_by(col(SignIn.started_ms).desc(), col(SignIn.id))))


def _dealers(rows: list[SignIn]) -> set[str]:
    return {row.dealer_id for row in rows if row.dealer_id}


def _view(row: SignIn, names: dict[str, str], person: SignedIn) -> SignInView:
    return SignInView(
        id=_shown_id(row.id),
        browser=row.browser,
        address=row.address,
        dealer_name=names.get(row.dealer_id or "", ""),
        started_ms=row.started_ms,
        last_seen_ms=max(row.last_seen_ms, row.started_ms),
        expires_ms=row.expires_ms,
        current=row.id == person.sign_in_id,
    )


def _shown_id(sign_in: str) -> str:
    """What a sign-in is called to its owner: not what its cookie names."""
    return hashlib.sha256(sign_in.encode()).hexdigest()[:16]


def end(session: Session, person: SignedIn, sign_in: str, now_ms: int) -> None:
    """End one of one's own sign-ins (`NotFoundError`)."""
    for row in _good(session, person, now_ms):
        if _shown_id(row.id) == sign_in:
            row.ended_ms = now_ms
            record(session, person, now_ms, action="sign_in.ended", target=f"member {person.email}")
            return
    raise NotFoundError(f"expected a sign-in of yours, found {sign_in!r}")


def end_all(session: Session, person: SignedIn, now_ms: int, *, but_this: bool) -> int:
    """End all of one's own sign-ins, perhaps but the one that asks; how many."""
    rows = [row for row in _good(session, person, now_ms) if not (but_this and row.id == person.sign_in_id)]
    for row in rows:
        row.ended_ms = now_ms
    after = f"{len(rows)} ended"
    record(session, person, now_ms, action="sign_in.all_ended", target=f"member {person.email}", after=after)
    return len(rows)


def memberships(session: Session, person: SignedIn) -> list[MembershipView]:
    """Every dealer somebody may act for."""
    rows = good_memberships(session, person.user_id)
    wanted = {row.dealer_id for row in rows if row.dealer_id}
    names = {row.id: row.name for row in session.exec(select(Dealer).where(col(Dealer.id).in_(wanted)))}
    return [
        MembershipView(
            id=row.id or 0,
            dealer=row.dealer_id or "",
            dealer_name=names.get(row.dealer_id or "", ""),
            role=cast(Role, row.role),
            current=row.id == person.membership_id,
        )
        for row in rows
    ]


def switch(session: Session, person: SignedIn, membership: int) -> None:
    """Let this sign-in act for another of one's own memberships (`NotFoundError`)."""
    for row in good_memberships(session, person.user_id):
        if row.id == membership:
            sign_in = session.get_one(SignIn, person.sign_in_id)
            sign_in.membership_id, sign_in.dealer_id = row.id, row.dealer_id
            return
    raise NotFoundError(f"expected a membership of yours, found {membership!r}")


def rename(session: Session, person: SignedIn, wanted: str, now_ms: int) -> None:
    """Be called something else (`RefusedError`)."""
    name = checked_name(wanted)
    session.get_one(User, person.user_id).name = name
    target = f"member {person.email}"
    record(session, person, now_ms, action="name.changed", target=target, before=person.name, after=name)
