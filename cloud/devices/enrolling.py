"""How a gateway joins: a code and a request in, a certificate out, each code once; and how it renews.

Whatever is refused is written down with where it came from. Tries are counted before they are looked at, by code and by
network address (`sign_in_limit.py`).
"""

import hmac
import secrets
from dataclasses import dataclass

from sqlmodel import Session, col, select

from cloud.database import Database
from cloud.devices.authority import Vault
from cloud.devices.happened import note
from cloud.identity import LockedOutError, key_digest
from cloud.ingest import GatewayIdentity
from cloud.sign_in_limit import SignInLimit
from cloud.tables import EnrolmentCode, Gateway, GatewayCertificate, Shop
from edge_gateway import certificates
from edge_gateway.certificates import GATEWAY_MS, Certificate, Leaf, PublicKey
from edge_gateway.enrolment_format import (
    CODE_TRIES_MAX,
    Code,
    CodeRefusedError,
    EnrolmentError,
    TokenError,
    read_body,
    read_code,
)


@dataclass(frozen=True)
class _Try:
    """One try to get in."""

    code: Code
    key: PublicKey
    address: str
    now_ms: int

    @property
    def public_bytes(self) -> bytes:
        return certificates.public_bytes(self.key)


class Enrolling:
    """Lets gateways in by code, and renews their certificates."""

    def __init__(self, database: Database, vault: Vault, limit: SignInLimit) -> None:
        self.database, self._vault, self._limit = database, vault, limit

    def enrol(self, typed: str, body: bytes, address: str, now_ms: int) -> Certificate:
        """A certificate for who shows a code with a request in base64.

        `CodeRefusedError`, `LockedOutError`; `EnrolmentError`, `CertificateError` for what is no request.
        """
        self._vault.authority(now_ms)
        code = self._read(typed, address, now_ms)
        _name, key = certificates.read_request(read_body(body))
        tried = _Try(code, key, address, now_ms)
        with self.database.writing() as session:
            found = self._let_in(session, tried)
        if isinstance(found, CodeRefusedError):
            raise found
        self._limit.succeeded(f"code {code.name}")
        return found

    def _read(self, typed: str, address: str, now_ms: int) -> Code:
        try:
            code = read_code(typed)
        except EnrolmentError as error:
            self._count("typed wrong", address, now_ms)
            with self.database.writing() as session:
                note(session, now_ms, "code_refused", dealer=None, address=address, detail=str(error))
            raise CodeRefusedError(str(error), "mistyped") from error
        self._count(code.name, address, now_ms)
        return code

    def _count(self, name: str, address: str, now_ms: int) -> None:
        if name == "typed wrong":  # nobody else's slips count against this address
            name = f"typed wrong at {address}"
        if wait_ms := self._limit.attempt(f"code {name}", f"enrolling {address}", now_ms):
            raise LockedOutError(wait_ms)

    def _let_in(self, session: Session, tried: _Try) -> "Certificate | CodeRefusedError":
        held = select(EnrolmentCode).where(col(EnrolmentCode.name) == tried.code.name).with_for_update()
        row = session.exec(held).one_or_none()
        refused = self._refusal(session, row, tried)
        if refused is not None or row is None:
            refused = refused or CodeRefusedError(_UNKNOWN, "unknown")
            self._note(session, row, tried, refused)
            return refused
        if row.used_ms:  # the same key again: the answer was lost on its way
            standing = session.get_one(GatewayCertificate, row.serial)
            return certificates.read_certificate(standing.der)
        gateway = self._gateway(session, row, tried)
        certificate = self.issue(session, gateway, tried.key, tried.now_ms, by_code=True)
        row.used_ms, row.serial = tried.now_ms, certificates.serial_of(certificate)
        told = {"dealer": row.dealer_id, "shop": row.shop_id, "address": tried.address}
        note(session, tried.now_ms, "enrolled", target=f"gateway {gateway.id}", detail=row.serial, **told)
        return certificate

    def _refusal(self, session: Session, row: EnrolmentCode | None, tried: _Try) -> CodeRefusedError | None:
        if row is None:
            return CodeRefusedError(_UNKNOWN, "unknown")
        if row.tries >= CODE_TRIES_MAX:
            return _refused("was tried too often", "dead")
        if not hmac.compare_digest(row.digest, tried.code.digest(self._vault.pepper)):
            row.tries += 1
            return CodeRefusedError(_UNKNOWN, "unknown")
        if row.used_ms and not self._is_same_key(session, row, tried):
            return _refused("was used", "used")
        return _over(row, tried.now_ms)

    def _is_same_key(self, session: Session, row: EnrolmentCode, tried: _Try) -> bool:
        standing = session.get(GatewayCertificate, row.serial)
        return standing is not None and not standing.revoked_ms and standing.public_key == tried.public_bytes

    def _note(self, session: Session, row: EnrolmentCode | None, tried: _Try, why: CodeRefusedError) -> None:
        note(
            session,
            tried.now_ms,
            "code_refused",
            dealer=row.dealer_id if row else None,
            shop=row.shop_id if row else "",
            target=f"code {tried.code.name}",
            address=tried.address,
            detail=str(why),
        )

    def _gateway(self, session: Session, row: EnrolmentCode, tried: _Try) -> Gateway:
        """The shop's gateway: the one it has, whose keys of before end, or its first."""
        session.get_one(Shop, row.shop_id, with_for_update={"key_share": True})  # one code at a time makes its first
        standing = select(Gateway).where(col(Gateway.shop_id) == row.shop_id, col(Gateway.withdrawn_ms) == 0)
        gateway = session.exec(standing.with_for_update()).one_or_none()
        nobodys = key_digest(secrets.token_urlsafe(32))
        if gateway is None:
            made = Gateway(
                id=f"gw-{secrets.token_hex(4)}", dealer_id=row.dealer_id, shop_id=row.shop_id, key_sha256=nobodys
            )
            session.add(made)
            session.flush()
            return made
        gateway.key_sha256 = nobodys
        revoke_all(session, gateway.id, tried.now_ms, "replaced by a gateway that enrolled anew")
        return gateway

    def issue(self, session: Session, gateway: Gateway, key: PublicKey, now_ms: int, *, by_code: bool) -> Certificate:
        """A certificate for a gateway, in the open transaction."""
        leaf = Leaf(gateway.id, gateway.shop_id, "client", GATEWAY_MS)
        certificate = certificates.issue(self._vault.authority(now_ms), key, leaf, now_ms)
        session.add(
            GatewayCertificate(
                serial=certificates.serial_of(certificate),
                dealer_id=gateway.dealer_id,
                shop_id=gateway.shop_id,
                gateway_id=gateway.id,
                public_key=certificates.public_bytes(key),
                der=certificates.der(certificate),
                by_code=by_code,
                issued_ms=now_ms,
                not_after_ms=certificates.not_after_ms(certificate),
            )
        )
        session.flush()
        return certificate

    def renew(self, gateway: GatewayIdentity, body: bytes, address: str, now_ms: int) -> Certificate:
        """Another certificate for who has a good one; those older than that one end (as `enrol` refuses).

        `TokenError` when it was revoked after its token was looked at: no revocation is overtaken by a renewal.
        """
        self._vault.authority(now_ms)
        name, key = certificates.read_request(read_body(body))
        if name and name != gateway.gateway:
            raise certificates.CertificateError(
                f"expected a request of {gateway.gateway}, found one of {name[:60]!r}", "name"
            )
        with self.database.writing() as session:
            row = session.get_one(Gateway, gateway.gateway, with_for_update=True)
            _refuse_revoked(session.get_one(GatewayCertificate, gateway.certificate))
            revoke_all(session, row.id, now_ms, "renewed", but=gateway.certificate)
            certificate = self.issue(session, row, key, now_ms, by_code=False)
            note(
                session,
                now_ms,
                "renewed",
                dealer=row.dealer_id,
                shop=row.shop_id,
                target=f"gateway {row.id}",
                address=address,
                detail=certificates.serial_of(certificate),
            )
        return certificate


def revoke_all(session: Session, gateway: str, now_ms: int, why: str, *, but: str = "") -> None:
    """End every certificate of a gateway that is in force, but one."""
    rows = select(GatewayCertificate).where(
        col(GatewayCertificate.gateway_id) == gateway,
        col(GatewayCertificate.revoked_ms) == 0,
        col(GatewayCertificate.serial) != but,
    )
    for row in session.exec(rows):
        row.revoked_ms, row.why = now_ms, why


def _refuse_revoked(shown: GatewayCertificate) -> None:
    if shown.revoked_ms:
        raise TokenError(f"expected a certificate in force, found {shown.serial}, revoked: {shown.why}")


_UNKNOWN = "expected a code that was made here, found another: compare it character by character"


def _over(row: EnrolmentCode, now_ms: int) -> CodeRefusedError | None:
    if row.withdrawn_ms:
        return _refused("was withdrawn", "withdrawn")
    if row.expires_ms <= now_ms:
        return _refused(f"ended {(now_ms - row.expires_ms) // 1000} s ago", "expired")
    return None


def _refused(found: str, reason: str) -> CodeRefusedError:
    return CodeRefusedError(f"expected a code that is good, found one that {found}: make another", reason)
