"""What gateways fetch: the bytes of bundles that their shop was told of, as they are or a part of them."""

from sqlmodel import Session, col, or_, select

from cloud.database import Database
from cloud.ingest import GatewayIdentity
from cloud.tables import FirmwareBundle, FirmwareRelease
from cloud.tenancy import NotFoundError


def bundle(database: Database, gateway: GatewayIdentity, digest: str) -> bytes:
    """A bundle that a dealer's gateway may have: of a release of its dealer or of the operator (`NotFoundError`)."""
    with database.reading() as session:
        body = _body(session, gateway.dealer, digest)
    if body is None:
        raise NotFoundError(f"expected a bundle of your dealer, found {digest[:70]!r}")
    return body


def _body(session: Session, dealer: str, digest: str) -> bytes | None:
    own = or_(col(FirmwareRelease.dealer_id) == dealer, col(FirmwareRelease.dealer_id).is_(None))
    known = select(FirmwareRelease.id).where(own, col(FirmwareRelease.digest) == digest)
    if session.exec(known.limit(1)).first() is None:
        return None
    body = session.exec(select(FirmwareBundle.body).where(col(FirmwareBundle.digest) == digest)).one_or_none()
    return None if body is None else bytes(body)
