"""Invitations: made by somebody of a dealer, accepted once by whoever has the link.

Somebody without an account chooses a name and a password; somebody with one signs in with it and gains a membership.
"""

from typing import cast

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from cloud.audit import record, record_of
from cloud.identity import SignedIn
from cloud.people.links import Made, good_link, make_link, withdraw_links
from cloud.people.members import own_shops, place_text, refuse_member, split
from cloud.people.own_rows import newest_first, own_row
from cloud.people.rules import Place, TakenError, check_may_give, check_place, checked_email
from cloud.people.views import Invitations, InvitationView, LinkTold
from cloud.rights import Role
from cloud.tables import Dealer, Invitation, Membership, User
from cloud.tenancy import NotFoundError, TenantId, tenant_rows


def invite(session: Session, person: SignedIn, email: str, place: Place, now_ms: int) -> Made:
    """Invite somebody (`RefusedError`, `NotYoursToGiveError`); an invitation of before is withdrawn."""
    email = checked_email(email)
    check_place(place, person.rights, own_shops(session, person.tenant))
    refuse_member(session, person.tenant, email)
    made = make(session, now_ms, dealer=person.dealer, made_by=person.user_id, email=email, place=place)
    record(session, person, now_ms, action="invitation.made", target=f"invitation {email}", after=place_text(place))
    return made


def make(session: Session, now_ms: int, *, dealer: str, made_by: int, email: str, place: Place) -> Made:
    """An invitation to a dealer, in the open transaction; whoever asks has made sure of the right to."""
    withdraw_links(session, "join", email, dealer, now_ms)
    return make_link(
        session,
        "join",
        now_ms,
        dealer=dealer,
        made_by=made_by,
        email=email,
        role=place.role,
        shops="\n".join(place.shops),
        brand=place.brand,
    )


def invitations(session: Session, person: SignedIn, now_ms: int, *, cursor: str = "", limit: int = 50) -> Invitations:
    """Invitations that wait to be accepted, the newest first (`NotFoundError` for a foreign cursor)."""
    waiting = tenant_rows(person.tenant, Invitation).where(
        col(Invitation.kind) == "join",
        col(Invitation.used_ms) == 0,
        col(Invitation.withdrawn_ms) == 0,
        col(Invitation.expires_ms) > now_ms,
    )
    rows, onward = newest_first(session, person.tenant, Invitation, waiting, cursor=cursor, limit=limit)
    names = _makers(session, person.tenant, [row.made_by for row in rows if row.made_by])
    return Invitations(invitations=[_view(row, names) for row in rows], cursor=onward)


def _makers(session: Session, tenant: TenantId, ids: list[int]) -> dict[int, str]:
    """Names of people of the dealer; whoever runs the cloud has none here."""
    rows = tenant_rows(tenant, Membership).join(User, col(User.id) == col(Membership.user_id))
    rows = rows.where(col(User.id).in_(ids))
    return {int(user): name for user, name in session.execute(rows.with_only_columns(col(User.id), col(User.name)))}


def _view(row: Invitation, names: dict[int, str]) -> InvitationView:
    return InvitationView(
        id=row.id or 0,
        email=row.email,
        role=cast(Role, row.role),
        shops=split(row.shops),
        brand=row.brand,
        made_by=names.get(row.made_by or 0, ""),
        made_ms=row.made_ms,
        expires_ms=row.expires_ms,
    )


def withdraw(session: Session, person: SignedIn, invitation: int, now_ms: int) -> None:
    """Make an invitation good for nothing (`NotFoundError`)."""
    row = own_row(session, person.tenant, Invitation, invitation, "an invitation")
    if row.kind != "join" or row.used_ms or row.withdrawn_ms:
        raise NotFoundError(f"expected an invitation of yours that is open, found {invitation!r}")
    check_may_give(row.role, person.rights)
    row.withdrawn_ms = now_ms
    record(session, person, now_ms, action="invitation.withdrawn", target=f"invitation {row.email}")


def told(session: Session, code: str, now_ms: int) -> LinkTold:
    """What somebody with an invitation is shown (`BadLinkError`)."""
    row = good_link(session, "join", code, now_ms)
    dealer = session.get_one(Dealer, row.dealer_id)
    return LinkTold(
        email=row.email,
        dealer_name=dealer.name,
        role=cast(Role, row.role),
        has_account=_account(session, row.email) is not None,
        expires_ms=row.expires_ms,
    )


def accept_as_new(session: Session, code: str, name: str, password_hash: str, now_ms: int) -> Membership:
    """Make an account and a membership (`BadLinkError`, `TakenError` for an e-mail that has an account)."""
    row = good_link(session, "join", code, now_ms, to_use=True)
    if _account(session, row.email) is not None:
        raise TakenError(f"expected an e-mail without an account, found {row.email}: sign in with it to accept")
    user = session.exec(select(User).where(col(User.email) == row.email)).one_or_none()
    if user is None:
        user = User(email=row.email, name=name, password_hash=password_hash)
    user.name, user.password_hash = name, password_hash
    session.add(user)
    try:
        session.flush()
    except IntegrityError as error:  # the same person, with another dealer's link, at the same moment
        raise TakenError(f"expected an e-mail without an account, found {row.email}: sign in to accept") from error
    return _join(session, row, user, now_ms)


def accept_as(session: Session, code: str, person: SignedIn, now_ms: int) -> Membership:
    """Add a membership to the account that is signed in (`BadLinkError`, `TakenError` when it is another's)."""
    row = good_link(session, "join", code, now_ms, to_use=True)
    if row.email != person.email:
        raise TakenError(f"expected {row.email} to be signed in, found {person.email}: sign in with the other")
    return _join(session, row, session.get_one(User, person.user_id), now_ms)


def _join(session: Session, row: Invitation, user: User, now_ms: int) -> Membership:
    dealer = session.get_one(Dealer, row.dealer_id)
    found = select(Membership).where(
        col(Membership.user_id) == user.id, col(Membership.dealer_id) == dealer.id, col(Membership.ended_ms) == 0
    )
    if session.exec(found).first() is not None:
        raise TakenError(f"expected somebody who is no member of {dealer.name} yet, found {user.email}")
    row.used_ms = now_ms
    membership = Membership(
        user_id=user.id or 0,
        dealer_id=dealer.id,
        role=row.role,
        shops=row.shops,
        brand=row.brand,
        made_ms=now_ms,
    )
    session.add(membership)
    session.flush()
    role = cast(Role, row.role)
    after = place_text(Place(role, tuple(split(row.shops)), row.brand))
    record_of(
        session, dealer.id, user, now_ms, action="invitation.accepted", target=f"member {user.email}", after=after
    )
    return membership


def _account(session: Session, email: str) -> User | None:
    """Whoever signs in with an e-mail; somebody who has not chosen a password yet has no account."""
    user = session.exec(select(User).where(col(User.email) == email)).one_or_none()
    return user if user is not None and user.password_hash else None
