"""What a shop's gateway leaves with the cloud, so that another can take its place and no cabinet is touched.

The deposit (the shop's authority with its key, and what each cabinet shares with its gateway) is sealed by the cloud's
secret. It is given back to one caller only: a gateway of the same shop, by certificate, within an hour after a code let
it in. The list of cabinets' certificates goes with it, so that what was revoked stays revoked.
"""

import base64
from collections.abc import Iterable

from sqlmodel import Session, col, select

from cloud.devices.authority import Vault
from cloud.devices.happened import note
from cloud.ingest import GatewayIdentity
from cloud.people.rules import RefusedError
from cloud.tables import CabinetCertificate, Dealer, GatewayCertificate, GatewayEpoch, Shop, ShopDeposit
from edge_gateway import certificates
from edge_gateway.certificates import CertificateError, fingerprint, read_certificate, read_key
from edge_gateway.enrolment_format import (
    Answered,
    Deposit,
    Joined,
    Told,
    decode_deposit,
    deposit_sha256,
    encode,
)
from edge_gateway.enrolment_format import CabinetCertificate as Held

JOINING_MS = 60 * 60 * 1000  # for so long after a code let it in a gateway is given the deposit
CERTIFICATES_MAX = 2000


def joined(session: Session, vault: Vault, gateway: GatewayIdentity, address: str, now_ms: int) -> Joined:
    """What a gateway learns that has just enrolled (`PermissionError` for who did not)."""
    row = session.get(GatewayCertificate, gateway.certificate)
    if row is None or not row.by_code or now_ms - row.issued_ms > JOINING_MS:
        raise PermissionError("expected a gateway that a code let in within the last hour, found another")
    shop, dealer = session.get_one(Shop, gateway.shop), session.get_one(Dealer, gateway.dealer)
    kept = session.get(ShopDeposit, gateway.shop)
    deposit = decode_deposit(vault.opened(kept.sealed).encode()) if kept else None
    if deposit is not None:
        told = {"dealer": gateway.dealer, "shop": gateway.shop, "address": address}
        note(session, now_ms, "deposit_given", target=f"gateway {gateway.gateway}", **told)
    epochs = select(GatewayEpoch.epoch).where(col(GatewayEpoch.gateway_id) == gateway.gateway)
    return Joined(
        gateway=gateway.gateway,
        shop=gateway.shop,
        shop_name=shop.name,
        dealer=dealer.name,
        deposit=deposit,
        certificates=[_held(each) for each in _of_shop(session, gateway.shop)],
        has_books=session.exec(epochs.limit(1)).first() is not None,
    )


def take(session: Session, vault: Vault, gateway: GatewayIdentity, told: Told, now_ms: int) -> Answered:
    """Keep what a gateway tells of itself (`RefusedError`); what is revoked here stays so."""
    if not gateway.certificate:
        raise RefusedError("expected a gateway with a certificate, found one with a key: it has nothing to deposit")
    if len(told.certificates) > CERTIFICATES_MAX:
        raise RefusedError(f"expected at most {CERTIFICATES_MAX} certificates, found {len(told.certificates)}")
    if told.deposit is not None:
        _keep_deposit(session, vault, gateway, told.deposit, now_ms)
    standing = {row.serial: row for row in _of_shop(session, gateway.shop)}
    for held in told.certificates:
        _keep(session, gateway, standing.get(held.serial), held)
    session.flush()
    kept = session.get(ShopDeposit, gateway.shop)
    revoked = [row.serial for row in _of_shop(session, gateway.shop) if row.revoked_ms]
    return Answered(kept.sha256 if kept else "", sorted(revoked))


def _of_shop(session: Session, shop: str) -> Iterable[CabinetCertificate]:
    rows = select(CabinetCertificate).where(col(CabinetCertificate.shop_id) == shop)
    return session.exec(rows.order_by(col(CabinetCertificate.issued_ms), col(CabinetCertificate.serial))).all()


def _held(row: CabinetCertificate) -> Held:
    return Held(row.cabinet, row.serial, row.issued_ms, row.not_after_ms, row.revoked_ms, row.why, row.der)


def _keep(session: Session, gateway: GatewayIdentity, row: CabinetCertificate | None, held: Held) -> None:
    if row is None:
        _check_held(held)
        row = CabinetCertificate(
            serial=held.serial,
            dealer_id=gateway.dealer,
            shop_id=gateway.shop,
            cabinet=held.cabinet,
            der=held.der,
            issued_ms=held.issued_ms,
            not_after_ms=held.not_after_ms,
        )
        session.add(row)
    if held.revoked_ms and not row.revoked_ms:
        row.revoked_ms, row.why = held.revoked_ms, held.why[:200].replace("\0", "")


def _check_held(held: Held) -> None:
    try:
        found = read_certificate(base64.b64decode(held.der, validate=True))
    except ValueError as error:
        raise RefusedError(
            f"expected the certificate of {held.cabinet[:40]!r} as DER in base64, found {error}"
        ) from error
    if (certificates.serial_of(found), certificates.name_of(found)) != (held.serial, held.cabinet):
        raise RefusedError(f"expected certificate {held.serial[:40]!r} of {held.cabinet[:40]!r}, found another")


def _keep_deposit(session: Session, vault: Vault, gateway: GatewayIdentity, deposit: Deposit, now_ms: int) -> None:
    authority = _authority_of(deposit)
    row = session.get(ShopDeposit, gateway.shop)
    if row is not None and row.authority != authority:
        raise RefusedError(
            f"expected a deposit of the shop's authority {row.authority[:16]}, found one of {authority[:16]}: "
            "enrol this gateway anew, it is given the shop's"
        )
    sealed, digest = vault.closed(encode(deposit).decode()), deposit_sha256(deposit)
    if row is None:
        row = ShopDeposit(
            shop_id=gateway.shop, dealer_id=gateway.dealer, sha256="", authority=authority, sealed=b"", deposited_ms=0
        )
        session.add(row)
    if row.sha256 != digest:
        row.sha256, row.sealed, row.deposited_ms = digest, sealed, now_ms
        target = f"gateway {gateway.gateway}"
        note(session, now_ms, "deposit_taken", dealer=gateway.dealer, shop=gateway.shop, target=target)


def _authority_of(deposit: Deposit) -> str:
    try:
        certificate = read_certificate(deposit.authority.encode())
        if read_key(deposit.authority_key.encode()).public_key() != certificates.public_key(certificate):
            raise RefusedError("expected the key of the deposited authority, found another's")
    except CertificateError as error:
        raise RefusedError(f"expected a shop's authority with its key, found none: {error}") from error
    return fingerprint(certificate)
