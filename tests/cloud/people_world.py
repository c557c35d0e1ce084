"""People of every role for tests: made straight in the tables, signed in at a browser of their own."""

import httpx
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlmodel import col, select

from cloud.api.access import COOKIE
from cloud.tables import Membership, User
from tests.cloud.caller import Caller
from tests.cloud.conftest import Cloud

PASSWORD = "seven green apples"
# As the cloud keeps it, but for what a guess costs: with its memory and rounds each sign-in would take its time.
HASH = Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
ADMIN, OTHER_ADMIN = "li@north.example", "wang@south.example"


def add_member(
    cloud: Cloud, email: str, role: str, *, dealer: str | None = "north", shops: str = "", brand: str = ""
) -> int:
    """Somebody is something to a dealer; the membership's id."""
    with cloud.services.database.writing() as session:
        user = session.exec(select(User).where(col(User.email) == email)).one_or_none()
        if user is None:
            user = User(email=email, name=email.split("@", maxsplit=1)[0], password_hash=HASH)
            session.add(user)
            session.flush()
        row = Membership(user_id=user.id or 0, dealer_id=dealer, role=role, shops=shops, brand=brand)
        session.add(row)
        session.flush()
        return row.id or 0


def browser_of(cloud: Cloud, email: str) -> Caller:
    """Somebody signs in at a new browser."""
    with cloud.services.database.reading() as session:
        user = session.exec(select(User).where(col(User.email) == email)).one()
    cookie = cloud.services.identity.begin(user.id or 0, "10.1.2.3", "Firefox")
    return Caller(cloud.client.app, cloud.client.runner, httpx.Cookies({COOKIE: cookie}))


def nobody(cloud: Cloud) -> Caller:
    """A browser without any cookie."""
    return Caller(cloud.client.app, cloud.client.runner)
