"""A shop's certificates for tests: an authority, a server, cabinets, and everybody who must not be let in.

Times are relative to now, in days. Files are PEM for brokers and Python clients, DER for controllers.
"""

import ssl
import time
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization

from edge_gateway import certificates
from edge_gateway.certificates import DAY_MS, Certificate, Key, Leaf
from edge_gateway.identity.trust import Admitted, Trust


@dataclass(frozen=True)
class Held:
    """A certificate with its key, as files: `pem` has both, `cert` and `key` are DER."""

    name: str
    serial: str
    pem: Path
    cert: Path
    key: Path


class ShopAuthority:
    """Signs, lists and revokes; `trust()` is what a broker is told."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._now_ms = time.time_ns() // 1_000_000
        self.authority = certificates.new_authority("Shop", self._now_ms)
        self.foreign = certificates.new_authority("Shop", self._now_ms)  # the same name, another key
        self._admitted: dict[str, Admitted] = {}
        self._revoked: dict[str, int] = {}
        self._barred: set[str] = set()
        self.pem = folder / "authority.pem"
        self.der = folder / "authority.der"
        self.pem.write_bytes(certificates.pem(self.authority.certificate))
        self.der.write_bytes(certificates.der(self.authority.certificate))
        self.server = self.make("gateway", purpose="server", names=(certificates.SERVER_NAME,))

    def cabinet(self, name: str) -> Held:
        """A certificate in force for a cabinet; the one before it stays in force."""
        held = self.make(name)
        end_ms = self._now_ms + certificates.CABINET_MS
        uri = certificates.device_uri(name, held.serial)
        self._admitted[held.serial] = Admitted(name, held.serial, "", uri, end_ms)
        return held

    def admit(self, held: Held) -> None:
        """List what was made by `make`, whatever is wrong with it."""
        uri = certificates.device_uri(held.name, held.serial)
        self._admitted[held.serial] = Admitted(held.name, held.serial, "", uri, self._now_ms)

    def revoke(self, held: Held) -> None:
        """In force no longer."""
        del self._admitted[held.serial]
        self._revoked[held.serial] = self._now_ms
        self._barred.add(held.name)

    def make(
        self,
        name: str,
        purpose: certificates.Purpose = "client",
        *,
        foreign: bool = False,
        begins_days: int = 0,
        ends_days: int = 30,
        names: tuple[str, ...] = (),
    ) -> Held:
        """A certificate that nobody lists."""
        key = certificates.new_key()
        leaf = Leaf(name, "shop-1", purpose, (ends_days - begins_days) * DAY_MS, names)
        authority = self.foreign if foreign else self.authority
        at_ms = self._now_ms + begins_days * DAY_MS + (certificates.BEFORE_MS if begins_days > 0 else 0)
        return self._write(certificates.issue(authority, key.public_key(), leaf, at_ms), key)

    def trust(self) -> Trust:
        """What is in force now, and the revocation list."""
        revocations = self.folder / "revocations.pem"
        revocations.write_bytes(certificates.revocation_list(self.authority, list(self._revoked.items()), self._now_ms))
        return Trust(
            self.pem,
            self.server.pem,
            self.server.pem,
            revocations,
            tuple(self._admitted.values()),
            frozenset(self._revoked),
            frozenset(self._barred),
        )

    def settings_of(self, held: Held, **changed: str) -> dict[str, str]:
        """A controller's `tls`."""
        files = {"ca": str(self.der), "cert": str(held.cert), "key": str(held.key)}
        return files | {"server_name": certificates.SERVER_NAME} | changed

    def client(self, held: Held | None) -> ssl.SSLContext:
        """What a client in Python connects with."""
        context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=self.pem)
        context.check_hostname = False
        if held is not None:
            context.load_cert_chain(held.pem)
        return context

    def _write(self, certificate: Certificate, key: Key) -> Held:
        serial = certificates.serial_of(certificate)
        paths = [self.folder / f"{serial}.{kind}" for kind in ("pem", "cert.der", "key.der")]
        kind = serialization.PrivateFormat.TraditionalOpenSSL
        der = key.private_bytes(serialization.Encoding.DER, kind, serialization.NoEncryption())
        for path, data in zip(
            paths,
            (certificates.pem(certificate) + certificates.key_pem(key), certificates.der(certificate), der),
            strict=True,
        ):
            path.write_bytes(data)
        return Held(certificates.name_of(certificate), serial, *paths)
