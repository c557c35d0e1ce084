"""Who may see what: dealers (the tenants), people, what they are to a dealer, and how they are recognised."""

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from cloud.tables.base import Table


class Dealer(Table, table=True):
    """A parts dealer (经销商): the tenant. Not a tenant row itself, but what they all point to."""

    __tablename__ = "dealer"

    id: str = Field(primary_key=True)
    name: str
    closed_ms: int = Field(default=0, sa_type=BigInteger)  # 0: nobody has closed it


class User(Table, table=True):
    """Somebody who signs in. The password is an argon2 hash, never the password; "" until one is chosen."""

    __tablename__ = "dealer_user"

    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(unique=True)
    name: str
    password_hash: str


class Membership(Table, table=True):
    """What somebody is to a dealer. `shops`: ids joined by newlines, for roles that see certain shops alone.

    `dealer_id` is None for an operator, `brand` is whose totals a brand's person sees.
    """

    __tablename__ = "membership"

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="dealer_user.id", index=True)
    dealer_id: str | None = Field(default=None, foreign_key="dealer.id", index=True)
    role: str
    shops: str = ""
    brand: str = ""
    made_ms: int = Field(default=0, sa_type=BigInteger)
    ended_ms: int = Field(default=0, sa_type=BigInteger)  # 0: it goes on


class SignIn(Table, table=True):
    """One signed-in browser: its cookie is good until it expires or `ended_ms` is set."""

    __tablename__ = "sign_in"

    id: str = Field(primary_key=True)
    dealer_id: str | None = Field(default=None, foreign_key="dealer.id", index=True)
    user_id: int = Field(foreign_key="dealer_user.id", index=True)
    membership_id: int | None = Field(default=None, foreign_key="membership.id", index=True)
    started_ms: int = Field(sa_type=BigInteger)
    expires_ms: int = Field(sa_type=BigInteger)
    ended_ms: int | None = Field(default=None, sa_type=BigInteger)
    last_seen_ms: int = Field(default=0, sa_type=BigInteger)  # to ten minutes
    browser: str = ""  # as it calls itself, so that a person knows one's own
    address: str = ""  # where it was signed in from


class SignInAttempts(Table, table=True):
    """When somebody last tried a password: by e-mail and by address, so that a restart forgets nothing.

    `times_ms`: joined by blanks, the newest last. `beside`: of an e-mail, the key of the address that tried it last.
    """

    __tablename__ = "sign_in_attempts"

    key: str = Field(primary_key=True)  # "address 10.0.0.1", "email li@dealer.example"
    times_ms: str = ""
    last_ms: int = Field(default=0, sa_type=BigInteger, index=True)
    beside: str = ""


class ApiToken(Table, table=True):
    """A program's key, with the rights of a membership or fewer. Kept as SHA-256 only; `ended_ms` withdraws it."""

    __tablename__ = "api_token"

    id: int | None = Field(default=None, primary_key=True)
    dealer_id: str = Field(foreign_key="dealer.id", index=True)
    membership_id: int = Field(foreign_key="membership.id", index=True)
    name: str
    token_sha256: bytes = Field(unique=True)
    rights: str  # joined by spaces
    made_ms: int = Field(sa_type=BigInteger)
    expires_ms: int = Field(sa_type=BigInteger)
    last_used_ms: int = Field(default=0, sa_type=BigInteger)
    ended_ms: int = Field(default=0, sa_type=BigInteger)


class Invitation(Table, table=True):
    """A single-use link by which somebody joins a dealer, or chooses a new password. Kept as SHA-256 only."""

    __tablename__ = "invitation"

    id: int | None = Field(default=None, primary_key=True)
    kind: str  # join | reset
    dealer_id: str | None = Field(default=None, foreign_key="dealer.id", index=True)
    email: str = Field(index=True)
    role: str = ""
    shops: str = ""
    brand: str = ""
    code_sha256: bytes = Field(unique=True)
    made_by: int | None = Field(default=None, foreign_key="dealer_user.id")
    made_ms: int = Field(sa_type=BigInteger)
    expires_ms: int = Field(sa_type=BigInteger)
    used_ms: int = Field(default=0, sa_type=BigInteger)
    withdrawn_ms: int = Field(default=0, sa_type=BigInteger)


class AuditEntry(Table, table=True):
    """Who changed what, when, from what to what. Append-only; never holds a password, a key or a code."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("audit_by_time", "dealer_id", "at_ms"),)

    id: int | None = Field(default=None, primary_key=True)
    dealer_id: str | None = Field(default=None)
    at_ms: int = Field(sa_type=BigInteger)
    user_id: int | None
    user_name: str
    action: str  # such as part.changed
    target: str  # such as part WK-1060
    before: str = ""
    after: str = ""
