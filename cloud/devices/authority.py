"""Who signs gateways' certificates: one authority for the whole cloud, made once, its key sealed by the cloud's secret.

Several processes may come to make it at once: the first that writes wins, the others read.
"""

import hashlib
import threading

from sqlmodel import Session

from cloud.catalogue.bot_hooks import RobotError, Seal
from cloud.database import Database
from cloud.tables import CloudAuthority
from edge_gateway.certificates import Authority, key_pem, new_authority, pem, read_certificate, read_key


class SealError(ValueError):
    """What is kept was sealed under another secret; the text says what to do."""


class Vault:
    """The cloud's authority, and what else is sealed for devices."""

    def __init__(self, database: Database, secret: str) -> None:
        self._database = database
        self._seal = Seal(secret, "devices")
        self.pepper = hashlib.sha256(f"enrolment codes\n{secret}".encode()).digest()
        self._lock = threading.Lock()
        self._authority: Authority | None = None

    def authority(self, now_ms: int) -> Authority:
        """The authority; made when there is none. Not within a transaction: it may need one of its own."""
        with self._lock:
            if self._authority is None:
                self._authority = self._read() or self._made(now_ms)
            return self._authority

    def closed(self, text: str) -> bytes:
        """As it is stored."""
        return self._seal.closed({"kept": text})

    def opened(self, sealed: bytes) -> str:
        """What was sealed (`SealError` when the cloud's secret is another by now)."""
        try:
            return self._seal.opened(sealed)["kept"]
        except RobotError:
            raise SealError(
                "expected keys sealed under this cloud's secret, found others: put the secret back that it had, "
                "or enrol every gateway anew"
            ) from None

    def _read(self) -> Authority | None:
        with self._database.reading() as session:
            return self._of(session)

    def _of(self, session: Session) -> Authority | None:
        row = session.get(CloudAuthority, 1)
        if row is None:
            return None
        return Authority(read_certificate(row.certificate.encode()), read_key(self.opened(row.sealed).encode()))

    def _made(self, now_ms: int) -> Authority:
        made = new_authority("Partsbay cloud", now_ms)
        sealed = self.closed(key_pem(made.key).decode())
        with self._database.writing() as session:
            self._lock_table(session)
            standing = self._of(session)
            if standing is not None:
                return standing
            session.add(CloudAuthority(certificate=pem(made.certificate).decode(), sealed=sealed, made_ms=now_ms))
        return made

    def _lock_table(self, session: Session) -> None:
        if not self._database.is_sqlite:
            session.connection().exec_driver_sql("LOCK TABLE cloud_authority IN SHARE ROW EXCLUSIVE MODE")
