"""Who somebody is: dealers' people by email and password, programs by an API token, gateways by a random key.

The one place that makes a `TenantId`. A signed-in browser holds a signed token (JWT) that names its row in
`sign_in`; signing out ends that row, so a copied cookie ends with it. Passwords are kept as argon2, keys and API
tokens as SHA-256. An API token begins with `TOKEN_MARK` and is digested apart from keys: neither passes for the other.
What a membership may do is read anew at every request, so that its end or another role counts at the next one.
"""

import asyncio
import hashlib
import hmac
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import cast

import jwt
from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from sqlalchemy import Update, bindparam
from sqlalchemy import select as columns_of
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, delete, select, update

from cloud.database import Database
from cloud.ingest import GatewayIdentity
from cloud.rights import RIGHTS_OF, SHOP_ROLES, Right, Role
from cloud.sign_in_limit import SignInLimit
from cloud.tables import ApiToken, BotHook, Dealer, Gateway, Membership, Shop, SignIn, User
from cloud.tenancy import TenantId, signed_in_tenant

log = logging.getLogger(__name__)

SIGNED_IN_MS = 7 * 24 * 3600 * 1000
SEEN_EVERY_MS = 10 * 60 * 1000  # a page that is open asks every few seconds: not each is worth a write
TOKEN_MARK = "pbt_"  # noqa: S105 -- how a token begins, not one
BROWSER_CHARACTERS_MAX = 300
_PASSWORD_CHARS_MAX = 200
_CHECKS_AT_ONCE = 2  # argon2 takes 64 MB and a core
_AUDIENCE = "partsbay"
_ALGORITHM = "HS256"

_GATEWAY_OF_KEY = (  # made once: every request of every gateway asks it
    columns_of(
        col(Gateway.id),
        col(Gateway.shop_id),
        col(Gateway.dealer_id),
        col(Gateway.key_sha256),
        col(Gateway.withdrawn_ms),
        col(Shop.document_version),
    )
    .join(Shop, col(Shop.id) == col(Gateway.shop_id))
    .where(col(Gateway.key_sha256) == bindparam("digest"))
)
_WHO_SIGNED_IN = (  # made once: every request of everybody's browser asks it
    select(SignIn, User, Membership, Dealer)
    .join(User, col(User.id) == col(SignIn.user_id))
    .join(Membership, col(Membership.id) == col(SignIn.membership_id))
    .join(Dealer, col(Dealer.id) == col(Membership.dealer_id), isouter=True)
    .where(col(SignIn.id) == bindparam("sign_in"))
)


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
    membership_id: int = 0
    sign_in_id: str = ""  # "" for a program
    token_id: int = 0  # 0 for a browser
    token_name: str = ""

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
    stored = (user and user.password_hash) or _nobodys_hash()
    return len(password) <= _PASSWORD_CHARS_MAX and password_matches(password, stored)


@cache
def _nobodys_hash() -> str:
    return hash_password(secrets.token_hex())


def key_digest(key: str) -> bytes:
    """A gateway's key as it is stored: it is random, so a fast digest is enough."""
    return hashlib.sha256(key.encode()).digest()


def token_digest(token: str) -> bytes:
    """An API token as it is stored: other than a gateway's key with the same characters would be."""
    return hashlib.sha256(b"partsbay API token\0" + token.encode()).digest()


@dataclass
class Identity:
    """Signs people in and out, and recognises people and gateways."""

    database: Database
    secret: str
    now_ms: Callable[[], int]
    limit: SignInLimit = field(init=False)
    _checks: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_CHECKS_AT_ONCE))

    def __post_init__(self) -> None:
        self.limit = SignInLimit(self.database)

    async def sign_in(self, email: str, password: str, address: str, browser: str = "") -> str:
        """A new cookie for somebody at a network address (`WrongPasswordError`, `LockedOutError`)."""
        user = await self.password_owner(email, password, address)
        return await asyncio.to_thread(self.begin, user.id or 0, address, browser)

    async def password_owner(self, email: str, password: str, address: str) -> User:
        """Whoever has this password, every try counted (`WrongPasswordError`, `LockedOutError`)."""
        email = email.strip().lower()
        if wait_ms := await asyncio.to_thread(self.limit.attempt, email, address, self.now_ms()):
            raise LockedOutError(wait_ms)
        user = await asyncio.to_thread(self._user, email)
        async with self._checks:
            # Somebody unknown costs the same time, so that emails cannot be found out.
            right = await asyncio.to_thread(_matches, password, user)
        if user is None or not right:
            raise WrongPasswordError("expected a known email and its password, found another")
        await asyncio.to_thread(self.limit.succeeded, email)
        return user

    def count_question(self, email: str, address: str) -> None:
        """Count that somebody asked for a new password (`LockedOutError`); apart from attempts to sign in."""
        if wait_ms := self.limit.attempt(f"forgotten {email}", f"forgotten {address}", self.now_ms()):
            raise LockedOutError(wait_ms)

    async def hashed(self, password: str) -> str:
        """A password as it is stored, few at once: each takes memory and a core."""
        async with self._checks:
            return await asyncio.to_thread(hash_password, password)

    def signed_in(self, cookie: str | None) -> SignedIn | None:
        """Who a cookie stands for; None when it is not (or no longer) good."""
        sign_in_id = self._read(cookie)
        if sign_in_id is None:
            return None
        with self.database.reading() as session:
            row = self._good(session, sign_in_id)
        if row is None:
            return None
        sign_in, user, membership, dealer = row
        if self.now_ms() - sign_in.last_seen_ms >= SEEN_EVERY_MS:
            self._note_sign_in(sign_in.id)
        return _signed_in(user, membership, dealer, sign_in_id=sign_in.id)

    def program(self, token: str) -> SignedIn | None:
        """Who made a token, with the rights it was given and no more; None when it is not (or no longer) good."""
        if not token.startswith(TOKEN_MARK):
            return None
        digest = token_digest(token)
        with self.database.reading() as session:
            rows = (
                select(ApiToken, User, Membership, Dealer)
                .join(Membership, col(Membership.id) == col(ApiToken.membership_id))
                .join(User, col(User.id) == col(Membership.user_id))
                .join(Dealer, col(Dealer.id) == col(Membership.dealer_id))
                .where(col(ApiToken.token_sha256) == digest)
            )
            row = session.exec(rows).one_or_none()
        if row is None or not self._token_is_good(*row):
            return None
        found, user, membership, dealer = row
        if self.now_ms() - found.last_used_ms >= SEEN_EVERY_MS:
            self._note_token(found.id)
        return _signed_in(user, membership, dealer, token=found)

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
            row = session.execute(_GATEWAY_OF_KEY, {"digest": digest}).one_or_none()
        if row is None or row.withdrawn_ms or not hmac.compare_digest(bytes(row.key_sha256), digest):
            return None
        return GatewayIdentity(row.id, row.shop_id, row.dealer_id, row.document_version)

    def robot_tenant(self, robot: BotHook) -> TenantId | None:
        """Whose parts a chat robot may tell, once what it sent was signed rightly; None when it may no longer."""
        with self.database.reading() as session:
            row = session.get(BotHook, robot.id)
            dealer = session.get(Dealer, row.dealer_id) if row is not None and not row.ended_ms else None
        if dealer is None or dealer.closed_ms:
            return None
        shops = frozenset(robot.shops.split("\n")) - {""}
        return signed_in_tenant(dealer.id, shops or None)

    def _user(self, email: str) -> User | None:
        with self.database.reading() as session:
            return session.exec(select(User).where(col(User.email) == email)).one_or_none()

    def begin(self, user: int, address: str = "", browser: str = "", membership: int | None = None) -> str:
        """A new cookie for somebody who has been recognised, acting for the dealer of a membership of theirs.

        Without one: for whom they acted last, else for the first (`WrongPasswordError` when they have none).
        """
        now_ms = self.now_ms()
        with self.database.writing() as session:
            chosen = self._chosen(session, user, membership)
            row = SignIn(
                id=secrets.token_urlsafe(24),
                dealer_id=chosen.dealer_id,
                user_id=user,
                membership_id=chosen.id,
                started_ms=now_ms,
                expires_ms=now_ms + SIGNED_IN_MS,
                last_seen_ms=now_ms,
                browser=_printable(browser)[:BROWSER_CHARACTERS_MAX],
                address=address[:100],
            )
            session.exec(delete(SignIn).where(col(SignIn.expires_ms) < now_ms))
            session.add(row)
        claims = {"aud": _AUDIENCE, "sub": row.id}  # until when it is good stands in the row, where it can be ended
        return jwt.encode(claims, self.secret, algorithm=_ALGORITHM)

    def _chosen(self, session: Session, user: int, membership: int | None) -> Membership:
        good = good_memberships(session, user)
        last = session.exec(
            select(SignIn.membership_id).where(col(SignIn.user_id) == user).order_by(col(SignIn.started_ms).desc())
        ).first()
        for wanted in (membership, last):
            for each in good:
                if each.id == wanted:
                    return each
        if not good:
            raise WrongPasswordError("expected a known email and its password, found another")
        return good[0]

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

    def _good(self, session: Session, sign_in_id: str) -> tuple[SignIn, User, Membership, Dealer | None] | None:
        row = session.exec(_WHO_SIGNED_IN, params={"sign_in": sign_in_id}).one_or_none()
        if row is None:
            return None
        sign_in, user, membership, dealer = row
        if sign_in.ended_ms is not None or sign_in.expires_ms <= self.now_ms() or not _goes_on(membership, dealer):
            return None
        return sign_in, user, membership, dealer

    def _token_is_good(self, token: ApiToken, _user: User, membership: Membership, dealer: Dealer) -> bool:
        return not token.ended_ms and token.expires_ms > self.now_ms() and _goes_on(membership, dealer)

    def _note_sign_in(self, sign_in: str) -> None:
        self._note(update(SignIn).where(col(SignIn.id) == sign_in).values(last_seen_ms=self.now_ms()))

    def _note_token(self, token: int | None) -> None:
        self._note(update(ApiToken).where(col(ApiToken.id) == token).values(last_used_ms=self.now_ms()))

    def _note(self, statement: Update) -> None:
        """Write when somebody was last seen. On a full disk people still see their stock."""
        try:
            with self.database.writing() as session:
                session.execute(statement)
        except OperationalError as error:
            log.warning("when somebody was last seen could not be written: %s", error)


def good_memberships(session: Session, user: int) -> list[Membership]:
    """Every membership of somebody that goes on, with a dealer that is open; the oldest first."""
    rows = (
        select(Membership, Dealer)
        .join(Dealer, col(Dealer.id) == col(Membership.dealer_id), isouter=True)
        .where(col(Membership.user_id) == user)
        .order_by(col(Membership.id))
    )
    return [membership for membership, dealer in session.exec(rows) if _goes_on(membership, dealer)]


def _goes_on(membership: Membership, dealer: Dealer | None) -> bool:
    if membership.ended_ms:
        return False
    return membership.dealer_id is None or (dealer is not None and not dealer.closed_ms)


def _printable(text: str) -> str:
    return "".join(each for each in text if each.isprintable())


def _signed_in(
    user: User, membership: Membership, dealer: Dealer | None, *, sign_in_id: str = "", token: ApiToken | None = None
) -> SignedIn:
    role = cast(Role, membership.role)
    shops = frozenset(membership.shops.split("\n")) - {""} if role in SHOP_ROLES else None
    rights = RIGHTS_OF.get(role, frozenset())
    return SignedIn(
        user_id=user.id or 0,
        email=user.email,
        name=user.name,
        dealer=dealer.id if dealer else "",
        dealer_name=dealer.name if dealer else "",
        role=role,
        rights=rights & frozenset(token.rights.split()) if token else rights,
        own_tenant=signed_in_tenant(dealer.id, shops) if dealer else None,
        brand=membership.brand,
        membership_id=membership.id or 0,
        sign_in_id=sign_in_id,
        token_id=(token.id or 0) if token else 0,
        token_name=token.name if token else "",
    )
