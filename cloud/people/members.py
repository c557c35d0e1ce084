"""Who may sign in for a dealer: shown, changed, ended. What changes counts at the member's next request.

Names and e-mails are of people who may belong to other dealers, too: only those of the tenant's members are shown.
"""

from collections.abc import Iterable
from typing import cast

from sqlalchemy import func
from sqlmodel import Session, col, select, update

from cloud.audit import record
from cloud.fleet import age_ms
from cloud.identity import SignedIn
from cloud.people.own_rows import newest_first, own_row
from cloud.people.rules import Place, RefusedError, TakenError, check_may_give, check_place
from cloud.people.views import Members, MemberView
from cloud.rights import RIGHTS_OF, Role
from cloud.sign_in_limit import lift, locked_out
from cloud.tables import ApiToken, Membership, Shop, SignIn, User
from cloud.tenancy import NotFoundError, TenantId, tenant_rows


def members(session: Session, person: SignedIn, now_ms: int, *, cursor: str = "", limit: int = 50) -> Members:
    """The dealer's members, the newest first (`NotFoundError` for a foreign cursor)."""
    going_on = tenant_rows(person.tenant, Membership).where(col(Membership.ended_ms) == 0)
    rows, onward = newest_first(session, person.tenant, Membership, going_on, cursor=cursor, limit=limit)
    users = _users(session, rows)
    seen = _last_seen(session, person.tenant, rows)
    locked = locked_out(session, [user.email for user in users.values()], now_ms)
    shown = [_view(row, users[row.user_id], age_ms(now_ms, seen.get(row.id or 0, 0)), locked, person) for row in rows]
    return Members(members=shown, cursor=onward)


def _users(session: Session, rows: Iterable[Membership]) -> dict[int, User]:
    ids = {row.user_id for row in rows}
    return {user.id or 0: user for user in session.exec(select(User).where(col(User.id).in_(ids)))}


def _last_seen(session: Session, tenant: TenantId, rows: Iterable[Membership]) -> dict[int, int]:
    ids = [row.id for row in rows]
    seen = tenant_rows(tenant, SignIn).where(col(SignIn.membership_id).in_(ids)).group_by(col(SignIn.membership_id))
    latest = seen.with_only_columns(col(SignIn.membership_id), func.max(SignIn.last_seen_ms))
    return {int(number): int(then_ms) for number, then_ms in session.execute(latest)}


def _view(row: Membership, user: User, seen_age_ms: int | None, locked: set[str], person: SignedIn) -> MemberView:
    return MemberView(
        id=row.id or 0,
        email=user.email,
        name=user.name,
        role=cast(Role, row.role),
        shops=split(row.shops),
        brand=row.brand,
        since_ms=row.made_ms,
        last_seen_age_ms=seen_age_ms,
        locked_out=user.email in locked,
        you=row.id == person.membership_id,
    )


def split(shops: str) -> list[str]:
    """Shops as a table keeps them, one by one."""
    return [shop for shop in shops.split("\n") if shop]


def own_shops(session: Session, tenant: TenantId) -> set[str]:
    """Every shop the dealer serves."""
    return set(session.scalars(tenant_rows(tenant, Shop).with_only_columns(col(Shop.id))))


def place_text(place: Place) -> str:
    """What somebody is, in one line of the audit trail."""
    return " ".join([place.role, *place.shops, *([place.brand] if place.brand else [])])


def place_of(row: Membership) -> Place:
    """What a membership makes of somebody."""
    role = cast(Role, row.role)
    return Place(role, tuple(split(row.shops)), row.brand)


def change(session: Session, person: SignedIn, member: int, place: Place, now_ms: int) -> None:
    """Make a member something else (`NotFoundError`, `NotYoursToGiveError`, `RefusedError`)."""
    admins = _hold_admins(session, person.tenant)
    row = _own_member(session, person, member)
    check_place(place, person.rights, own_shops(session, person.tenant))
    if place.role != "admin":
        _keep_an_admin(row, admins)
    user = session.get_one(User, row.user_id)
    before, after = place_text(place_of(row)), place_text(place)
    row.role, row.shops, row.brand = place.role, "\n".join(place.shops), place.brand
    record(session, person, now_ms, action="member.changed", target=f"member {user.email}", before=before, after=after)


def end(session: Session, person: SignedIn, member: int, now_ms: int) -> None:
    """End a membership, and with it every sign-in and token of it (`NotFoundError`, `TakenError`)."""
    admins = _hold_admins(session, person.tenant)
    row = _own_member(session, person, member)
    _keep_an_admin(row, admins)
    user = session.get_one(User, row.user_id)
    row.ended_ms = now_ms
    end_access(session, [row.id or 0], now_ms)
    before = place_text(place_of(row))
    record(session, person, now_ms, action="member.ended", target=f"member {user.email}", before=before)


def let_try_again(session: Session, person: SignedIn, member: int, now_ms: int) -> None:
    """Lift a member's lock-out (`NotFoundError`)."""
    user = session.get_one(User, _own_member(session, person, member).user_id)
    lift(session, user.email)
    record(session, person, now_ms, action="member.lock_out_lifted", target=f"member {user.email}")


def end_access(session: Session, memberships: list[int], now_ms: int) -> None:
    """End every sign-in and token of memberships, at once."""
    sign_ins = update(SignIn).where(col(SignIn.membership_id).in_(memberships), col(SignIn.ended_ms).is_(None))
    session.exec(sign_ins.values(ended_ms=now_ms))
    tokens = update(ApiToken).where(col(ApiToken.membership_id).in_(memberships), col(ApiToken.ended_ms) == 0)
    session.exec(tokens.values(ended_ms=now_ms))


def own_member(session: Session, person: SignedIn, member: int) -> Membership:
    """A membership of the dealer's that goes on, whose holder may do no more than `person`."""
    return _own_member(session, person, member)


def _own_member(session: Session, person: SignedIn, member: int) -> Membership:
    row = own_row(session, person.tenant, Membership, member, "a member")
    if row.ended_ms:
        raise NotFoundError(f"expected a member of yours, found {member!r}")
    check_may_give(row.role, person.rights)
    return row


def _hold_admins(session: Session, tenant: TenantId) -> list[int]:
    """Hold all admins' rows, always in one order: two cannot remove each other, nor wait for each other for ever.

    Before any other row of a member is held.
    """
    rows = tenant_rows(tenant, Membership).where(col(Membership.role) == "admin", col(Membership.ended_ms) == 0)
    admins = session.exec(rows.order_by(col(Membership.id)).with_for_update(of=Membership)).all()
    return [each.id or 0 for each in admins]


def _keep_an_admin(row: Membership, admins: list[int]) -> None:
    """Refuse to lose the last admin."""
    if row.role == "admin" and not any(each != row.id for each in admins):
        raise TakenError("expected another admin to remain, found none: make somebody else admin first")


def refuse_member(session: Session, tenant: TenantId, email: str) -> None:
    """Whether an e-mail is a member's already (`RefusedError`)."""
    rows = (
        tenant_rows(tenant, Membership)
        .join(User, col(User.id) == col(Membership.user_id))
        .where(col(User.email) == email, col(Membership.ended_ms) == 0)
    )
    if session.exec(rows).first() is not None:
        raise RefusedError(f"expected somebody who is no member yet, found {email}: change what they are instead")


def works_elsewhere(session: Session, row: Membership) -> bool:
    """Whether a member belongs to another dealer, too, or runs the cloud: then nobody here may set the password."""
    others = select(Membership).where(
        col(Membership.user_id) == row.user_id,
        col(Membership.id) != row.id,
        col(Membership.ended_ms) == 0,
    )
    return any(each.dealer_id != row.dealer_id for each in session.exec(others))


def may_be_given(person: SignedIn) -> list[Role]:
    """Every role that has nothing `person` has not."""
    return [role for role, rights in RIGHTS_OF.items() if role != "operator" and rights <= person.rights]
