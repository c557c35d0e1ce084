"""Links that work once: an invitation to join a dealer, or the way to a new password. Only their digest is kept."""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Literal

from sqlmodel import Session, col, select, update

from cloud.tables import Invitation
from cloud.tenancy import NotFoundError

Kind = Literal["join", "reset"]
LASTS_MS: dict[Kind, int] = {"join": 7 * 24 * 3600 * 1000, "reset": 30 * 60 * 1000}
PATHS: dict[Kind, str] = {"join": "/invitation/", "reset": "/reset/"}


class BadLinkError(NotFoundError):
    """A link is good for nothing; whether it ever was is not said."""


@dataclass(frozen=True)
class Made:
    """A new link; its code is known here alone."""

    id: int
    email: str
    code: str
    expires_ms: int


def make_link(
    session: Session,
    kind: Kind,
    now_ms: int,
    *,
    dealer: str | None,
    made_by: int | None,
    email: str,
    role: str = "",
    shops: str = "",
    brand: str = "",
) -> Made:
    """A link, in the open transaction; the last three say as what its reader is to join."""
    code, expires_ms = new_code(), now_ms + LASTS_MS[kind]
    row = Invitation(
        kind=kind,
        dealer_id=dealer,
        email=email,
        role=role,
        shops=shops,
        brand=brand,
        code_sha256=code_digest(code),
        made_by=made_by,
        made_ms=now_ms,
        expires_ms=expires_ms,
    )
    session.add(row)
    session.flush()
    return Made(row.id or 0, email, code, expires_ms)


def new_code() -> str:
    """What stands at the end of a link: nobody can guess it."""
    return secrets.token_urlsafe(32)


def code_digest(code: str) -> bytes:
    """A code as it is kept."""
    return hashlib.sha256(b"partsbay link\0" + code.encode()).digest()


def good_link(session: Session, kind: Kind, code: str, now_ms: int, *, to_use: bool = False) -> Invitation:
    """What a code stands for (`BadLinkError`). `to_use`: nobody else can use it until the transaction ends."""
    rows = select(Invitation).where(col(Invitation.code_sha256) == code_digest(code), col(Invitation.kind) == kind)
    row = session.exec(rows.with_for_update() if to_use else rows).one_or_none()
    if row is None or row.used_ms or row.withdrawn_ms or row.expires_ms <= now_ms:
        raise BadLinkError("expected a link that is still good, found one that is used, withdrawn or too old")
    return row


def withdraw_links(session: Session, kind: Kind, email: str, dealer: str | None, now_ms: int) -> None:
    """A newer link takes the place of every one before; `dealer` None: those of every dealer."""
    rows = update(Invitation).where(
        col(Invitation.kind) == kind,
        col(Invitation.email) == email,
        col(Invitation.used_ms) == 0,
        col(Invitation.withdrawn_ms) == 0,
    )
    if dealer is not None:
        rows = rows.where(col(Invitation.dealer_id) == dealer)
    session.exec(rows.values(withdrawn_ms=now_ms))
