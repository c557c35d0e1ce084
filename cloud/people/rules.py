"""What may be given to whom, and what a name, an e-mail and a password have to look like. Pure.

RefusedError             what was asked for is not possible: 422
├── TakenError           something stands against it at present: 409
NotYoursToGiveError      it is more than the giver may do: 403
"""

import re
from collections.abc import Collection, Set
from dataclasses import dataclass
from typing import get_args

from cloud.rights import RIGHTS_OF, SHOP_ROLES, Right, Role

NAME_CHARACTERS_MAX = 64
EMAIL_CHARACTERS_MAX = 254
PASSWORD_CHARACTERS_MIN = 10
PASSWORD_CHARACTERS_MAX = 200
SHOPS_MAX = 500
_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f<>,;]+@[^@\s\x00-\x1f\x7f<>,;]+")


class RefusedError(ValueError):
    """It is not possible; the text says what was expected and what was found."""


class TakenError(RefusedError):
    """Something stands against it at present."""


class NotYoursToGiveError(PermissionError):
    """Nobody gives more than they have."""


@dataclass(frozen=True)
class Place:
    """What somebody is to be to a dealer."""

    role: Role
    shops: tuple[str, ...] = ()
    brand: str = ""


def check_place(place: Place, giver: Set[Right], own_shops: Collection[str]) -> None:
    """Whether a giver may make somebody that (`RefusedError`, `NotYoursToGiveError`)."""
    check_may_give(place.role, giver)
    if place.role in SHOP_ROLES and not place.shops:
        raise RefusedError(f"expected at least one shop for a {place.role}, found none")
    if place.role not in SHOP_ROLES and place.shops:
        raise RefusedError(f"expected no shops for a {place.role}, who sees all of them, found {len(place.shops)}")
    for shop in place.shops:
        if shop not in own_shops:
            raise RefusedError(f"expected shops of yours, found {shop!r}")
    if (place.role == "brand") != bool(place.brand):
        found = repr(place.brand) if place.brand else "none"
        raise RefusedError(f"expected a brand for the role brand and for no other, found {found} for a {place.role}")


def check_may_give(role: str, giver: Set[Right]) -> None:
    """Whether a role has nothing that the giver has not (`NotYoursToGiveError`)."""
    if role not in get_args(Role) or RIGHTS_OF[role] - giver:  # type: ignore[index]
        raise NotYoursToGiveError(f"expected a role with rights you have yourself, found {role}")


def checked_email(text: str) -> str:
    """An e-mail as it is kept (`RefusedError`)."""
    email = text.strip().lower()
    if len(email) > EMAIL_CHARACTERS_MAX or not _EMAIL.fullmatch(email):
        raise RefusedError(f"expected an e-mail address, found {text[:80]!r}")
    return email


def checked_name(text: str, what: str = "a name") -> str:
    """A name as it is kept (`RefusedError`)."""
    name = text.strip()
    if not name or len(name) > NAME_CHARACTERS_MAX or not name.isprintable():
        raise RefusedError(f"expected {what} of 1 to {NAME_CHARACTERS_MAX} characters, found {text[:80]!r}")
    return name


def check_password(password: str, email: str) -> None:
    """Whether a password may be chosen (`RefusedError`); the text never shows it."""
    if not PASSWORD_CHARACTERS_MIN <= len(password) <= PASSWORD_CHARACTERS_MAX:
        limits = f"{PASSWORD_CHARACTERS_MIN} to {PASSWORD_CHARACTERS_MAX}"
        raise RefusedError(f"expected a password of {limits} characters, found {len(password)}")
    if password.strip().lower() == email or len(set(password)) < 4:
        raise RefusedError("expected a password that is not the e-mail nor a few characters again and again")
