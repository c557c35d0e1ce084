"""Which gateway a token is from. Its certificate is looked up at every request: one that is revoked is refused at once.

A token is proved once and remembered for its minute; after that it costs the one query that a random key costs.
"""

import threading
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key
from sqlalchemy import Row, bindparam
from sqlalchemy import select as columns_of
from sqlmodel import col

from cloud.database import Database
from cloud.devices.authority import Vault
from cloud.devices.happened import note
from cloud.ingest import GatewayIdentity
from cloud.tables import Gateway, GatewayCertificate, Shop
from edge_gateway.certificates import PublicKey, fingerprint
from edge_gateway.enrolment_format import TOKEN_CLOCK_MS, Token, TokenError, audience, read_token, token_serial

PROVED_MAX = 5000  # tokens remembered: of as many gateways
NOTE_EVERY_MS = 10 * 60 * 1000  # a gateway that was put out asks every few seconds: not each is a line

_OF_SERIAL = (  # made once: every request of every gateway asks it
    columns_of(
        col(GatewayCertificate.serial),
        col(GatewayCertificate.public_key),
        col(GatewayCertificate.not_after_ms),
        col(GatewayCertificate.revoked_ms),
        col(GatewayCertificate.why),
        col(Gateway.id),
        col(Gateway.shop_id),
        col(Gateway.dealer_id),
        col(Gateway.withdrawn_ms),
        col(Shop.document_version),
    )
    .join(Gateway, col(Gateway.id) == col(GatewayCertificate.gateway_id))
    .join(Shop, col(Shop.id) == col(Gateway.shop_id))
    .where(col(GatewayCertificate.serial) == bindparam("serial"))
)


class Tokens:
    """Recognises gateways by their tokens."""

    def __init__(self, database: Database, vault: Vault, now_ms: Callable[[], int]) -> None:
        self._database, self._vault, self._now_ms = database, vault, now_ms
        self._proved: dict[str, Token] = {}
        self._noted: dict[tuple[str, str], int] = {}
        self._lock = threading.Lock()

    def gateway(self, token: str, address: str) -> GatewayIdentity:
        """The gateway of a token (`TokenError`: it is not good, or its certificate is in force no longer)."""
        known = self._proved.get(token)
        serial = known.serial if known is not None else token_serial(token)
        with self._database.reading() as session:
            row = session.execute(_OF_SERIAL, {"serial": serial}).one_or_none()
        if row is None:
            raise TokenError(f"expected a certificate that was issued here, found {serial[:40]!r}")
        try:
            self._prove(token, bytes(row.public_key), row.id)
            self._check(row)
        except TokenError as error:
            self._note(row, address, str(error))
            raise
        return GatewayIdentity(row.id, row.shop_id, row.dealer_id, row.document_version, serial)

    def _prove(self, token: str, public_key: bytes, gateway: str) -> None:
        now_ms = self._now_ms()
        known = self._proved.get(token)
        if known is not None and now_ms <= known.expires_ms + TOKEN_CLOCK_MS:
            return
        meant_for = audience(fingerprint(self._vault.authority(now_ms).certificate))
        read = read_token(token, _key(public_key), meant_for, now_ms)
        if read.gateway != gateway:
            raise TokenError(f"expected a token of {gateway}, found one of {read.gateway[:40]!r}")
        with self._lock:
            if len(self._proved) >= PROVED_MAX:
                self._forget(now_ms)
            self._proved[token] = read

    def _forget(self, now_ms: int) -> None:
        good = {token: read for token, read in self._proved.items() if now_ms <= read.expires_ms + TOKEN_CLOCK_MS}
        self._proved = good if len(good) < PROVED_MAX else {}

    def _check(self, row: Row[Any]) -> None:
        serial, now_ms = row.serial, self._now_ms()
        if row.withdrawn_ms:
            raise TokenError(f"expected a gateway that is heard, found {row.id}, withdrawn")
        if row.revoked_ms:
            raise TokenError(f"expected a certificate in force, found {serial}, revoked: {row.why}")
        if row.not_after_ms < now_ms:
            raise TokenError(f"expected a certificate in force, found {serial}, which has ended: enrol anew")

    def _note(self, row: Row[Any], address: str, why: str) -> None:
        """One line for each reason in ten minutes."""
        now_ms, key = self._now_ms(), (row.serial, why[:60])
        if now_ms - self._noted.get(key, -NOTE_EVERY_MS) < NOTE_EVERY_MS:
            return
        if len(self._noted) >= PROVED_MAX:
            self._noted.clear()
        self._noted[key] = now_ms
        with self._database.writing() as session:
            note(
                session,
                now_ms,
                "refused",
                dealer=row.dealer_id,
                shop=row.shop_id,
                target=f"gateway {row.id}",
                address=address,
                detail=why,
            )


def _key(public_key: bytes) -> PublicKey:
    key = load_der_public_key(public_key)
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise TokenError("expected a key on P-256, found another")
    return key
