"""Who somebody is: dealers' people by email and password, gateways by a random key.

The one place that makes a `TenantId`. A signed-in browser holds a signed token (JWT) that names its row in
`sign_in`; signing out ends that row, so a copied cookie ends with it. Passwords are kept as argon2, keys as SHA-256.
"""

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import cast

import jwt
from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from sqlmodel import Session, col, delete, select

from cloud.database import Database
from cloud.ingest import GatewayIdentity
from cloud.rights import RIGHTS_OF, SHOP_ROLES, Right, Role
from cloud.sign_in_limit import SignInLimit
from cloud.tables import Dealer, Gateway, Membership, SignIn, User
from cloud.tenancy import TenantId, signed_in_tenant

SIGNED_IN_MS = 7 * 24 * 3600 * 1000
_PASSWORD_CHARS_MAX = 200
_CHECKS_AT_ONCE = 2  # argon2 takes 64 MB and a core
_AUDIENCE = "partsbay"
_ALGORITHM = "HS256"


class WrongPasswordError(PermissionError):
    """The email or the password is wrong; which of them is not said."""


class LockedOutError(PermissionError):
    """Too many attempts; `wait_ms` says how long to wait."""

    def __init__(self, wait_ms: int) -> None:
        super().__init__(f"expected at most a few attempts, found too many: try again in {-(-wait_ms // 1000)} s")
        self.wait_ms = wait_ms


@dataclass(frozen=True)
class SignedIn:
    """Somebody whose cookie is good. `tenant` is None for an operator, who sees no dealer's rows."""

    user_id: int
    email: str
    name: str
    dealer: str
    dealer_name: str
    role: Role
    rights: frozenset[Right]
    own_tenant: TenantId | None
    brand: str = ""

    @property
    def tenant(self) -> TenantId:
        """The tenant (`PermissionError` for somebody who has none)."""
        if self.own_tenant is None:
            raise PermissionError("expected somebody of a dealer, found an operator")
        return self.own_tenant

    def may(self, right: Right) -> bool:
        """Whether that is allowed."""
        return right in self.rights


def hash_password(password: str) -> str:
    """A password as it is stored."""
    return PasswordHash.recommended().hash(password)


def password_matches(password: str, stored: str) -> bool:
    """Whether a password is the stored one."""
    try:
        return PasswordHash.recommended().verify(password, stored)
    except UnknownHashError:
        return False


def _matches(password: str, user: User | None) -> bool:
    stored = user.password_hash if user else _nobodys_hash()
    return len(password) <= _PASSWORD_CHARS_MAX and password_matches(password, stored)


@cache
def _nobodys_hash() -> str:
    return hash_password(secrets.token_hex())


def key_digest(key: str) -> bytes:
    """A gateway's key as it is stored: it is random, so a fast digest is enough."""
    return hashlib.sha256(key.encode()).digest()


@dataclass
class Identity:
    """Signs people in and out, and recognises people and gateways."""

    database: Database
    secret: str
    now_ms: Callable[[], int]
    limit: SignInLimit = field(default_factory=SignInLimit)
    _checks: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_CHECKS_AT_ONCE))

    async def sign_in(self, email: str, password: str, address: str) -> str:
        """A new cookie for somebody at a network address (`WrongPasswordError`, `LockedOutError`)."""
        email = email.strip().lower()
        if wait_ms := self.limit.attempt(email, address, self.now_ms()):
            raise LockedOutError(wait_ms)
        user = await asyncio.to_thread(self._user, email)
        async with self._checks:
            # Somebody unknown costs the same time, so that emails cannot be found out.
            right = await asyncio.to_thread(_matches, password, user)
        if user is None or not right:
            raise WrongPasswordError("expected a known email and its password, found another")
        self.limit.succeeded(email)
        return await asyncio.to_thread(self._begin, user)

    def signed_in(self, cookie: str | None) -> SignedIn | None:
        """Who a cookie stands for; None when it is not (or no longer) good."""
        sign_in_id = self._read(cookie)
        if sign_in_id is None:
            return None
        with self.database.reading() as session:
            row = self._good(session, sign_in_id)
        return None if row is None else _signed_in(*row)

    def sign_out(self, cookie: str | None) -> None:
        """End what a cookie stands for."""
        sign_in_id = self._read(cookie)
        if sign_in_id is None:
            return
        with self.database.writing() as session:
            row = session.get(SignIn, sign_in_id)
            if row is not None and row.ended_ms is None:
                row.ended_ms = self.now_ms()

    def gateway(self, key: str) -> GatewayIdentity | None:
        """The gateway of a key; None when there is none."""
        digest = key_digest(key)
        with self.database.reading() as session:
            row = session.exec(select(Gateway).where(col(Gateway.key_sha256) == digest)).one_or_none()
        if row is None or not hmac.compare_digest(bytes(row.key_sha256), digest):
            return None
        return GatewayIdentity(row.id, row.shop_id, row.dealer_id)

    def _user(self, email: str) -> User | None:
        with self.database.reading() as session:
            return session.exec(select(User).where(col(User.email) == email)).one_or_none()

    def _begin(self, user: User) -> str:
        now_ms = self.now_ms()
        with self.database.reading() as session:
            membership = session.exec(
                select(Membership)
                .where(col(Membership.user_id) == user.id, col(Membership.ended_ms) == 0)
                .order_by(col(Membership.id))
            ).first()
        if membership is None:
            raise WrongPasswordError("expected a known email and its password, found another")
        row = SignIn(
            id=secrets.token_urlsafe(24),
            dealer_id=membership.dealer_id,
            user_id=user.id or 0,
            membership_id=membership.id,
            started_ms=now_ms,
            expires_ms=now_ms + SIGNED_IN_MS,
        )
        claims = {"aud": _AUDIENCE, "sub": row.id}  # until when it is good stands in the row, where it can be ended
        with self.database.writing() as session:
            session.exec(delete(SignIn).where(col(SignIn.expires_ms) < now_ms))
            session.add(row)
        return jwt.encode(claims, self.secret, algorithm=_ALGORITHM)

    def _read(self, cookie: str | None) -> str | None:
        if not cookie:
            return None
        try:
            claims = jwt.decode(
                cookie, self.secret, algorithms=[_ALGORITHM], audience=_AUDIENCE, options={"require": ["aud", "sub"]}
            )
        except jwt.InvalidTokenError:
            return None
        return str(claims["sub"])

    def _good(self, session: Session, sign_in_id: str) -> tuple[User, Membership, Dealer | None] | None:
        row = session.get(SignIn, sign_in_id)
        if row is None or row.ended_ms is not None or row.expires_ms <= self.now_ms() or row.membership_id is None:
            return None
        user, membership = session.get(User, row.user_id), session.get(Membership, row.membership_id)
        if user is None or membership is None or membership.ended_ms:
            return None
        dealer = session.get(Dealer, membership.dealer_id) if membership.dealer_id is not None else None
        return user, membership, dealer


def _signed_in(user: User, membership: Membership, dealer: Dealer | None) -> SignedIn:
    role = cast(Role, membership.role)
    shops = frozenset(membership.shops.split("\n")) - {""} if role in SHOP_ROLES else None
    return SignedIn(
        user_id=user.id or 0,
        email=user.email,
        name=user.name,
        dealer=dealer.id if dealer else "",
        dealer_name=dealer.name if dealer else "",
        role=role,
        rights=RIGHTS_OF.get(role, frozenset()),
        own_tenant=signed_in_tenant(dealer.id, shops) if dealer else None,
        brand=membership.brand,
    )
