"""Fill a database from one JSON file: dealers, their people, shops, gateways and documents.

Loading the same file again changes nothing; a changed document gets a new version, a changed password or key
replaces the old one. Nothing is ever removed. A new planogram is checked: what it warns of is said, and what cannot be
counted by weight is refused, unless somebody insists.
"""

import sys
from pathlib import Path

import msgspec
from sqlmodel import Session, col, select

from cloud.clock import wall_clock_ms
from cloud.database import open_database
from cloud.document import PlanogramError, store_document
from cloud.identity import hash_password, key_digest, password_matches
from cloud.rights import SHOP_ROLES, Role
from cloud.settings import Settings
from cloud.tables import Dealer, Gateway, Membership, Shop, ShopDealer, SignIn, User
from edge_gateway.planogram_check import check_planogram
from edge_gateway.planogram_words import SAYS, bin_lines
from edge_gateway.shop_document import DocumentError, ShopDocument

KEY_CHARS_MIN = 16


class SeedError(ValueError):
    """A seed file cannot be loaded; the text says what was expected and what was found."""


class SeedUser(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody who signs in for a dealer. `shops`: of an owner or a mechanic, the shops they see."""

    email: str
    password: str
    name: str
    role: Role = "admin"
    shops: list[str] = []
    brand: str = ""


class SeedDealer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A dealer and its people."""

    id: str
    name: str
    users: list[SeedUser] = []


class SeedGateway(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A shop's gateway and its key."""

    id: str
    key: str


class SeedShop(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A shop: its gateway and its document, which names the shop and its dealer."""

    gateway: SeedGateway
    document: ShopDocument


class Seed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole seed file."""

    dealers: list[SeedDealer]
    shops: list[SeedShop] = []


def load(settings: Settings, path: Path | str, *, force: bool = False) -> int:
    """Load a seed file in one transaction (`SeedError`), say what came of it, and return 0.

    `force`: also planograms that the check refuses.
    """
    seed = read(Path(path))
    database = open_database(settings.database_url)
    try:
        with database.writing() as session:
            versions = store(session, seed, wall_clock_ms(), force=force)
    finally:
        database.close()
    for shop in seed.shops:
        name = shop.document.shop
        sys.stdout.write(f"cloud seed {name}: document version {versions[name]}\n")
        for found in check_planogram(shop.document):
            if found.verdict != "fine":
                sys.stdout.write("\n".join(bin_lines(found, SAYS["en"])) + "\n")
    return 0


def read(path: Path) -> Seed:
    """A seed file's content (`SeedError`)."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Seed)
    except OSError as error:
        raise SeedError(f"expected a seed file, found none at {path} ({error.strerror})") from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise SeedError(f"expected a seed file at {path}, found {error}") from error


def store(session: Session, seed: Seed, now_ms: int, *, force: bool = False) -> dict[str, int]:
    """Put a seed into an open transaction (`SeedError`); the document's version of every shop in it."""
    for dealer in seed.dealers:
        session.merge(Dealer(id=dealer.id, name=dealer.name))
        session.flush()
        for user in dealer.users:
            _store_user(session, dealer.id, user)
    return {shop.document.shop: _store_shop(session, shop, now_ms, force=force) for shop in seed.shops}


def _store_user(session: Session, dealer: str, user: SeedUser) -> None:
    email = user.email.strip().lower()
    if user.role in SHOP_ROLES and not user.shops:
        raise SeedError(f"expected the shops of {email}, a {user.role}, found none")
    row = session.exec(select(User).where(col(User.email) == email)).one_or_none()
    if row is None:
        row = User(email=email, name=user.name, password_hash=hash_password(user.password))
        session.add(row)
        session.flush()
    elif not password_matches(user.password, row.password_hash):
        row.password_hash = hash_password(user.password)
        for sign_in in session.exec(select(SignIn).where(col(SignIn.user_id) == row.id)):
            session.delete(sign_in)
    row.name = user.name
    _store_membership(session, row, dealer, user)


def _store_membership(session: Session, row: User, dealer: str, user: SeedUser) -> None:
    found = session.exec(
        select(Membership).where(col(Membership.user_id) == row.id, col(Membership.dealer_id) == dealer)
    ).first()
    membership = found or Membership(user_id=row.id or 0, dealer_id=dealer, role=user.role)
    membership.role, membership.shops, membership.brand = user.role, "\n".join(user.shops), user.brand
    session.add(membership)
    session.flush()


def _store_shop(session: Session, shop: SeedShop, now_ms: int, *, force: bool) -> int:
    document = shop.document
    if session.get(Dealer, document.dealer) is None:
        raise SeedError(f"expected a known dealer of {document.shop}, found {document.dealer!r}")
    row = session.get(Shop, document.shop)
    if row is None:
        session.add(Shop(id=document.shop, dealer_id=document.dealer, name=document.shop_name))
        session.flush()
        session.add(ShopDealer(shop_id=document.shop, dealer_id=document.dealer))
        session.flush()
    elif row.dealer_id != document.dealer:
        raise SeedError(f"expected {document.shop} to belong to {document.dealer}, found it with {row.dealer_id}")
    _store_gateway(session, shop.gateway, document)
    try:
        return store_document(session, document, now_ms, force=force)
    except PlanogramError as error:
        raise SeedError(f"{document.shop}: {error} (--force keeps it all the same)") from error
    except DocumentError as error:
        raise SeedError(f"expected a sound document of {document.shop}: {error}") from error


def _store_gateway(session: Session, gateway: SeedGateway, document: ShopDocument) -> None:
    if len(gateway.key) < KEY_CHARS_MIN:
        raise SeedError(f"expected a key of at least {KEY_CHARS_MIN} characters for {gateway.id}, found a shorter one")
    digest = key_digest(gateway.key)
    holder = session.exec(select(Gateway).where(col(Gateway.key_sha256) == digest)).one_or_none()
    if holder is not None and holder.id != gateway.id:
        raise SeedError(f"expected a key of its own for {gateway.id}, found that of {holder.id}")
    row = session.get(Gateway, gateway.id)
    if row is None:
        session.add(Gateway(id=gateway.id, dealer_id=document.dealer, shop_id=document.shop, key_sha256=digest))
    elif row.shop_id != document.shop:
        raise SeedError(f"expected {gateway.id} to belong to {document.shop}, found it with {row.shop_id}")
    else:
        row.key_sha256 = digest
    session.flush()
