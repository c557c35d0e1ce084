"""The people of a shop, as a person edits them: who they are, which badges open for them, since when they are gone.

Every change is a new version of the shop's document (`document_edit.py`), so gateways and cabinets learn of it at once.
The audit trail says who was changed by id, and never a name.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec
from sqlmodel import Session, col

from cloud.document_edit import Edited, edit_document
from cloud.gate import as_service
from cloud.people.rules import RefusedError
from cloud.redaction import FORGOTTEN
from cloud.shop_plan import own_shop, plan_of
from cloud.tables import Shop, ShopPerson
from cloud.tenancy import NotFoundError, TenantId, tenant_rows
from cloud.work.leavers import mark_left
from cloud.work.names import forget_ms
from cloud.work.vehicles import new_id
from cloud.work.views import PersonView, ShopPeople
from edge_gateway.shop_document import NAME_CHARACTERS_MAX, Person, Role, ShopDocument

BADGES_MAX = 8
LIST_DAYS_MAX = 365
NAMES_DAYS_MAX = 3650
ROLES: tuple[Role, ...] = ("mechanic", "restocker", "shop_owner")
_BADGE = re.compile(r"(?:[0-9A-F]{2}){4,10}")
_BETWEEN = re.compile(r"[\s:.\-]+")


class PersonError(RefusedError):
    """Somebody cannot be kept so; the text says what was expected and what was found."""


@dataclass(frozen=True)
class Told:
    """What is told of somebody. None leaves as it is."""

    name: str | None = None
    role: Role | None = None
    badges: Sequence[str] | None = None


@dataclass(frozen=True)
class Edit:
    """An edit of one shop's people in an open transaction; `seen`: the document's version that the person edited."""

    session: Session
    tenant: TenantId
    shop: str
    now_ms: int
    seen: int | None = None

    def put(self, change_people: Callable[[Sequence[Person]], list[Person]]) -> Edited:
        """Make a new version of the document with other people in it."""
        hosted_shop(self.session, self.tenant, self.shop)

        def changed(document: ShopDocument) -> ShopDocument:
            return msgspec.structs.replace(document, people=change_people(document.people))

        with as_service(self.session):
            return edit_document(
                self.session,
                self.shop,
                changed,
                self.now_ms,
                seen=self.seen,
                watched=lambda document: document.people,
            )


def hosted_shop(session: Session, tenant: TenantId, shop: str) -> Shop:
    """The tenant's shop, if its people are the tenant's to change (`NotFoundError`, `PersonError`).

    A badge opens every cabinet of the shop, and a name is forgotten for ever: that is its own dealer's, not a guest's.
    """
    row = own_shop(session, tenant, shop)
    if row.dealer_id != tenant.dealer:
        raise PersonError(f"expected the shop's own dealer to change its people, found a guest in {row.name}: ask them")
    return row


def people_of(session: Session, tenant: TenantId, shop: str) -> ShopPeople:
    """The people of a shop: those who work there, those who left, those whose names are forgotten (`NotFoundError`)."""
    row = own_shop(session, tenant, shop)
    document = plan_of(session, tenant, shop).document
    left = {
        person.person: person
        for person in session.exec(tenant_rows(tenant, ShopPerson).where(col(ShopPerson.shop_id) == shop))
    }
    found = [_view(person, left.get(person.id), row.names_days) for person in document.people] if document else []
    return ShopPeople(
        shop=shop,
        version=document.version if document else 0,
        names_days=row.names_days,
        list_days=document.access_days if document else 0,
        people=sorted(found, key=lambda person: (person.forgotten_ms > 0, person.left_ms > 0, person.name, person.id)),
    )


def _view(person: Person, row: ShopPerson | None, names_days: int) -> PersonView:
    left_ms = row.left_ms if row else 0
    return PersonView(
        id=person.id,
        name=person.name,
        role=person.role,
        badges=person.badges,
        pin_reset_ms=person.pin_reset_ms,
        left_ms=left_ms,
        forget_ms=forget_ms(left_ms, names_days) if left_ms and row and not row.forgotten_ms else None,
        forgotten_ms=row.forgotten_ms if row else 0,
    )


def add(edit: Edit, told: Told) -> str:
    """Somebody new; the id (`PersonError`, `NotFoundError`, `StaleEditError`)."""
    person = Person(
        id=new_id("p-"), name=_name(told.name or ""), role=_role(told.role), badges=_badges(told.badges or ())
    )
    edit.put(lambda people: [*people, person])
    return person.id


def change(edit: Edit, person: str, told: Told) -> Edited:
    """Change somebody (`PersonError`, `NotFoundError`, `StaleEditError`). A badge lets who had left in again."""

    def changed(known: Person) -> Person:
        if known.name == FORGOTTEN:
            raise PersonError(f"expected somebody whose name is kept, found {known.id}, who was forgotten")
        return msgspec.structs.replace(
            known,
            name=known.name if told.name is None else _name(told.name),
            role=known.role if told.role is None else _role(told.role),
            badges=known.badges if told.badges is None else _badges(told.badges),
        )

    return edit.put(lambda people: _with(people, person, changed))


def leave(edit: Edit, person: str, left_ms: int) -> Edited:
    """Somebody left: no badge opens any more, and the name is kept for as long as the shop says."""
    if not 0 < left_ms <= edit.now_ms:
        raise PersonError(f"expected a time that is over, found {left_ms}")
    edited = edit.put(lambda people: _with(people, person, lambda known: msgspec.structs.replace(known, badges=[])))
    with as_service(edit.session):
        mark_left(edit.session, edit.shop, person, left_ms)
    return edited


def let_choose_pin(edit: Edit, person: str) -> Edited:
    """A PIN somebody had counts no more, and for a day a new one may be chosen at the kiosk, with the badge in hand.

    The PIN itself never comes here (`PersonError`, `NotFoundError`, `StaleEditError`).
    """

    def changed(known: Person) -> Person:
        if not known.badges:
            raise PersonError(f"expected somebody with a badge, found {known.id} without one")
        return msgspec.structs.replace(known, pin_reset_ms=edit.now_ms)

    return edit.put(lambda people: _with(people, person, changed))


def keep_lists(edit: Edit, days: int) -> Edited:
    """A cabinet's access list is good for so many days without a newer one (`PersonError`, `NotFoundError`).

    That is how long a badge that was taken away goes on opening a cabinet that cannot be reached.
    """
    if not 1 <= days <= LIST_DAYS_MAX:
        raise PersonError(f"expected 1 to {LIST_DAYS_MAX} days, found {days}")
    hosted_shop(edit.session, edit.tenant, edit.shop)
    with as_service(edit.session):
        return edit_document(
            edit.session,
            edit.shop,
            lambda document: msgspec.structs.replace(document, access_days=days),
            edit.now_ms,
            seen=edit.seen,
            watched=lambda document: document.access_days,
        )


def keep_names(session: Session, tenant: TenantId, shop: str, days: int) -> int:
    """Keep names of people who left for so many days; how many it was before (`PersonError`)."""
    if not 0 <= days <= NAMES_DAYS_MAX:
        raise PersonError(f"expected 0 to {NAMES_DAYS_MAX} days, found {days}")
    row = hosted_shop(session, tenant, shop)
    before, row.names_days = row.names_days, days
    session.flush()
    return before


def known_person(session: Session, tenant: TenantId, shop: str, person: str) -> Person:
    """Somebody of the shop (`NotFoundError`)."""
    document = plan_of(session, tenant, shop).document
    for known in document.people if document else []:
        if known.id == person:
            return known
    raise NotFoundError(f"expected somebody of this shop, found {person!r}")


def _with(people: Sequence[Person], person: str, change_one: Callable[[Person], Person]) -> list[Person]:
    if all(known.id != person for known in people):
        raise NotFoundError(f"expected somebody of this shop, found {person!r}")
    return [change_one(known) if known.id == person else known for known in people]


def _name(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= NAME_CHARACTERS_MAX or "\0" in name or name == FORGOTTEN:
        raise PersonError(f"expected a name of 1 to {NAME_CHARACTERS_MAX} characters, found {name[:70]!r}")
    return name


def _role(role: str | None) -> Role:
    for known in ROLES:
        if role == known:
            return known
    raise PersonError(f"expected one of {', '.join(ROLES)}, found {str(role)[:40]!r}")


def _badges(badges: Sequence[str]) -> list[str]:
    """Badges as cabinets read them: hexadecimal, in upper case, however they were typed."""
    if len(badges) > BADGES_MAX:
        raise PersonError(f"expected at most {BADGES_MAX} badges, found {len(badges)}")
    plain = [_BETWEEN.sub("", badge).upper() for badge in badges if badge.strip()]
    for badge in plain:
        if not _BADGE.fullmatch(badge):
            raise PersonError(
                f"expected a badge of 4 to 10 bytes in hexadecimal, such as 04A1B2C3, found {badge[:40]!r}"
            )
    return list(dict.fromkeys(plain))
