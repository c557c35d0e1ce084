"""Passwords: changed by their owner, or chosen anew with a link that works once. Every other sign-in ends with it."""

from sqlmodel import Session, col, select, update

from cloud.audit import record, record_of
from cloud.identity import SignedIn, good_memberships
from cloud.people.links import Made, good_link, make_link, withdraw_links
from cloud.people.members import end_access, own_member, works_elsewhere
from cloud.people.rules import RefusedError
from cloud.people.views import LinkTold
from cloud.sign_in_limit import lift
from cloud.tables import SignIn, User


def change(session: Session, person: SignedIn, password_hash: str, now_ms: int) -> None:
    """Set one's own password; every other browser has to sign in again."""
    session.get_one(User, person.user_id).password_hash = password_hash
    others = update(SignIn).where(
        col(SignIn.user_id) == person.user_id, col(SignIn.id) != person.sign_in_id, col(SignIn.ended_ms).is_(None)
    )
    session.exec(others.values(ended_ms=now_ms))
    withdraw_links(session, "reset", person.email, None, now_ms)
    record(session, person, now_ms, action="password.changed", target=f"member {person.email}")


def ask(session: Session, email: str, now_ms: int) -> Made | None:
    """A link for somebody who forgot the password; None when there is no such account."""
    user = session.exec(select(User).where(col(User.email) == email)).one_or_none()
    if user is None or not good_memberships(session, user.id or 0):
        return None
    made = make(session, None, None, email, now_ms)
    for dealer in _dealers(session, user):
        record_of(session, dealer, user, now_ms, action="password.asked", target=f"member {email}")
    return made


def make_for(session: Session, person: SignedIn, member: int, now_ms: int) -> Made:
    """A link for a member who cannot be written to (`NotFoundError`, `NotYoursToGiveError`, `RefusedError`)."""
    row = own_member(session, person, member)
    if works_elsewhere(session, row):
        raise RefusedError(
            "expected somebody of this dealer alone, found one who belongs to another, too: only they themselves "
            "can ask for a new password, by e-mail"
        )
    user = session.get_one(User, row.user_id)
    made = make(session, person.dealer, person.user_id, user.email, now_ms)
    record(session, person, now_ms, action="password.link_made", target=f"member {user.email}")
    return made


def make(session: Session, dealer: str | None, made_by: int | None, email: str, now_ms: int) -> Made:
    """A link to a new password, in the open transaction.

    Those of before stay good: else anybody who asks in somebody's name would take the link out of their hands.
    """
    return make_link(session, "reset", now_ms, dealer=dealer, made_by=made_by, email=email)


def told(session: Session, code: str, now_ms: int) -> LinkTold:
    """What somebody with a link to a new password is shown (`BadLinkError`)."""
    row = good_link(session, "reset", code, now_ms)
    return LinkTold(email=row.email, dealer_name="", role=None, has_account=True, expires_ms=row.expires_ms)


def reset(session: Session, code: str, password_hash: str, now_ms: int) -> None:
    """Set the password a link is for, and end every sign-in and token of its owner (`BadLinkError`)."""
    row = good_link(session, "reset", code, now_ms, to_use=True)
    user = session.exec(select(User).where(col(User.email) == row.email)).one()
    user.password_hash = password_hash
    row.used_ms = now_ms
    session.flush()
    withdraw_links(session, "reset", user.email, None, now_ms)
    memberships = good_memberships(session, user.id or 0)
    end_access(session, [each.id or 0 for each in memberships], now_ms)
    lift(session, user.email)
    for dealer in _dealers(session, user):
        record_of(session, dealer, user, now_ms, action="password.reset", target=f"member {user.email}")


def _dealers(session: Session, user: User) -> list[str | None]:
    return list(dict.fromkeys(each.dealer_id for each in good_memberships(session, user.id or 0)))
