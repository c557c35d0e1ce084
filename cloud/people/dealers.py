"""What whoever runs the cloud does: make dealers, invite their first admin, close them. Never opens a tenant's rows.

An admin can be invited from here only while a dealer has none: so nobody who runs the cloud can let themselves in.
"""

import re
from collections.abc import Sequence

from sqlalchemy import func
from sqlmodel import Session, col, select, update

from cloud.audit import record, record_of
from cloud.fleet import age_ms
from cloud.identity import SignedIn
from cloud.people.invitations import make
from cloud.people.links import Made
from cloud.people.members import end_access
from cloud.people.passwords import make as make_reset
from cloud.people.rules import Place, RefusedError, TakenError, checked_email, checked_name
from cloud.people.views import Dealers, DealerView
from cloud.tables import Dealer, Gateway, Invitation, Membership, SchemaVersion, User
from cloud.tenancy import NotFoundError

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


def dealers(session: Session, now_ms: int, *, cursor: str = "", limit: int = 50) -> Dealers:
    """Every dealer, by id (`NotFoundError` for a cursor that is none)."""
    rows = select(Dealer).order_by(col(Dealer.id)).limit(limit + 1)
    if cursor:
        _dealer(session, cursor)
        rows = rows.where(col(Dealer.id) > cursor)
    found = session.exec(rows).all()
    shown = found[:limit]
    gateways, admins = _gateways(session, shown), _with_admin(session, shown)
    return Dealers(
        dealers=[_view(row, gateways.get(row.id, (0, 0)), row.id in admins, now_ms) for row in shown],
        cursor=shown[-1].id if len(found) > limit else "",
        schema_version=session.exec(select(SchemaVersion.version)).one(),
    )


def _gateways(session: Session, rows: Sequence[Dealer]) -> dict[str, tuple[int, int]]:
    """How many gateways each has, and when the last of them was heard of."""
    counted = (
        select(Gateway.dealer_id, func.count(), func.max(Gateway.last_contact_ms))
        .where(col(Gateway.dealer_id).in_([row.id for row in rows]), col(Gateway.withdrawn_ms) == 0)
        .group_by(col(Gateway.dealer_id))
    )
    return {dealer: (int(count), int(then_ms)) for dealer, count, then_ms in session.exec(counted)}


def _with_admin(session: Session, rows: Sequence[Dealer]) -> set[str]:
    admins = select(Membership.dealer_id).where(
        col(Membership.dealer_id).in_([row.id for row in rows]),
        col(Membership.role) == "admin",
        col(Membership.ended_ms) == 0,
    )
    return {dealer for dealer in session.exec(admins) if dealer}


def _view(row: Dealer, gateways: tuple[int, int], has_admin: bool, now_ms: int) -> DealerView:
    count, then_ms = gateways
    return DealerView(
        id=row.id,
        name=row.name,
        closed=bool(row.closed_ms),
        has_admin=has_admin,
        gateways=count,
        last_contact_age_ms=age_ms(now_ms, then_ms),
    )


def create(session: Session, person: SignedIn, dealer: str, name: str, now_ms: int) -> None:
    """Make a dealer (`RefusedError`, `TakenError`)."""
    if not _ID.fullmatch(dealer):
        raise RefusedError(f"expected an id of a-z, 0-9 and - with at most 32 characters, found {dealer[:80]!r}")
    name = checked_name(name)
    if session.get(Dealer, dealer) is not None:
        raise TakenError(f"expected an id that no dealer has yet, found {dealer!r}")
    session.add(Dealer(id=dealer, name=name))
    session.flush()
    _record(session, person, dealer, now_ms, action="dealer.made", after=name)


def rename(session: Session, person: SignedIn, dealer: str, name: str, now_ms: int) -> None:
    """Call a dealer something else (`NotFoundError`, `RefusedError`)."""
    row = _dealer(session, dealer)
    before, row.name = row.name, checked_name(name)
    _record(session, person, dealer, now_ms, action="dealer.renamed", before=before, after=row.name)


def close(session: Session, person: SignedIn, dealer: str, now_ms: int) -> None:
    """Close a dealer: every sign-in, token and open link ends. Its gateways are still heard: nothing is lost."""
    row = _dealer(session, dealer)
    if row.closed_ms:
        raise TakenError(f"expected a dealer that is open, found {dealer!r} closed")
    row.closed_ms = now_ms
    ids = session.exec(select(Membership.id).where(col(Membership.dealer_id) == dealer)).all()
    end_access(session, [number for number in ids if number], now_ms)
    links = update(Invitation).where(
        col(Invitation.dealer_id) == dealer, col(Invitation.used_ms) == 0, col(Invitation.withdrawn_ms) == 0
    )
    session.exec(links.values(withdrawn_ms=now_ms))
    _record(session, person, dealer, now_ms, action="dealer.closed")


def reopen(session: Session, person: SignedIn, dealer: str, now_ms: int) -> None:
    """Open a closed dealer again: its members sign in again (`NotFoundError`, `TakenError`)."""
    row = _dealer(session, dealer)
    if not row.closed_ms:
        raise TakenError(f"expected a dealer that is closed, found {dealer!r} open")
    row.closed_ms = 0
    _record(session, person, dealer, now_ms, action="dealer.reopened")


def invite_admin(session: Session, person: SignedIn, dealer: str, email: str, now_ms: int) -> Made:
    """Invite a dealer's first admin (`NotFoundError`, `TakenError` when it has one, `RefusedError`)."""
    row = _dealer(session, dealer)
    if row.closed_ms:
        raise TakenError(f"expected a dealer that is open, found {dealer!r} closed")
    if _with_admin(session, [row]):
        raise TakenError(f"expected a dealer without an admin, found that {dealer!r} has one: they invite the others")
    email = checked_email(email)
    made = make(session, now_ms, dealer=dealer, made_by=person.user_id, email=email, place=Place("admin"))
    _record(session, person, dealer, now_ms, action="invitation.made", after=f"admin {email}")
    return made


def make_operator(session: Session, email: str, now_ms: int) -> Made | None:
    """Let somebody run the cloud; a link to choose a password, None for somebody who has one (`RefusedError`)."""
    email = checked_email(email)
    user = session.exec(select(User).where(col(User.email) == email)).one_or_none()
    if user is None:
        user = User(email=email, name=email.split("@", maxsplit=1)[0][:64], password_hash="")
        session.add(user)
        session.flush()
    held = select(Membership).where(
        col(Membership.user_id) == user.id, col(Membership.role) == "operator", col(Membership.ended_ms) == 0
    )
    if session.exec(held).first() is None:
        session.add(Membership(user_id=user.id or 0, dealer_id=None, role="operator", made_ms=now_ms))
        record_of(session, None, user, now_ms, action="operator.made", target=f"operator {email}")
    if user.password_hash:
        return None
    return make_reset(session, None, None, email, now_ms)


def _dealer(session: Session, dealer: str) -> Dealer:
    row = session.exec(select(Dealer).where(col(Dealer.id) == dealer).with_for_update()).one_or_none()
    if row is None:
        raise NotFoundError(f"expected a dealer, found {dealer!r}")
    return row


def _record(
    session: Session,
    person: SignedIn,
    dealer: str,
    now_ms: int,
    *,
    action: str,
    before: str = "",
    after: str = "",
) -> None:
    """In the cloud's own trail, and in the dealer's: it is to see what was done to it."""
    target = f"dealer {dealer}"
    record(session, person, now_ms, action=action, target=target, before=before, after=after)
    record_of(session, dealer, person, now_ms, action=action, target=target, before=before, after=after)
