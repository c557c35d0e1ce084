"""Who may see what: dealers (the tenants), their people, and where those people are signed in."""

from sqlalchemy import BigInteger
from sqlmodel import Field

from cloud.tables.base import Table


class Dealer(Table, table=True):
    """A parts dealer (经销商): the tenant. Not a tenant row itself, but what they all point to."""

    __tablename__ = "dealer"

    id: str = Field(primary_key=True)
    name: str


class User(Table, table=True):
    """Somebody who signs in for a dealer. The password is an argon2 hash, never the password."""

    __tablename__ = "dealer_user"

    id: int | None = Field(default=None, primary_key=True)
    dealer_id: str = Field(foreign_key="dealer.id", index=True)
    email: str = Field(unique=True)
    name: str
    password_hash: str


class SignIn(Table, table=True):
    """One signed-in browser: its cookie is good until it expires or `ended_ms` is set by signing out."""

    __tablename__ = "sign_in"

    id: str = Field(primary_key=True)
    dealer_id: str = Field(foreign_key="dealer.id", index=True)
    user_id: int = Field(foreign_key="dealer_user.id", index=True)
    started_ms: int = Field(sa_type=BigInteger)
    expires_ms: int = Field(sa_type=BigInteger)
    ended_ms: int | None = Field(default=None, sa_type=BigInteger)
