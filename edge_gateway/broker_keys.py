"""How the gateway itself is known to its embedded broker: certificates of an authority that lives no longer than it.

The broker takes nobody without a certificate, so the gateway needs one, and so does its password door for each cabinet
it lets in. They are made at each start and signed by a key that is never written: nothing here outlives the process,
and nothing of the shop's own authority is used.
"""

import ssl
import time
from collections.abc import Iterable
from pathlib import Path

from edge_gateway import certificates
from edge_gateway.secret_file import write_secret


class BrokerKeys:
    """A certificate with its key, in one file, for each of `names`; the folder is its owner's alone."""

    def __init__(self, folder: Path, names: Iterable[str]) -> None:
        self.names = tuple(names)
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._now_ms = time.time_ns() // 1_000_000
        self._authority = certificates.new_authority("Partsbay, inside this gateway", self._now_ms)
        self._uris = {name: self._issue(name) for name in self.names}

    def uri_of(self, name: str) -> str:
        """What the broker knows it by."""
        return self._uris[name]

    def file_of(self, name: str) -> Path:
        """Its certificate and key in PEM."""
        return self._folder / f"{name}.pem"

    def context_of(self, name: str, authority: Path) -> ssl.SSLContext:
        """What it connects with."""
        return client_context(authority, self.file_of(name))

    def authorities_with(self, other: Path) -> Path:
        """A file of this authority and another: whose certificates the broker looks at."""
        path = self._folder / "authorities.pem"
        write_secret(path, other.read_text() + certificates.pem(self._authority.certificate).decode())
        return path

    def _issue(self, name: str) -> str:
        key = certificates.new_key()
        leaf = certificates.Leaf(name, "", "client", certificates.AUTHORITY_MS)
        made = certificates.issue(self._authority, key.public_key(), leaf, self._now_ms)
        text = certificates.pem(made).decode() + certificates.key_pem(key).decode()
        write_secret(self.file_of(name), text)
        return certificates.device_uri(name, certificates.serial_of(made))


def client_context(authority: Path | None, own: Path) -> ssl.SSLContext:
    """To a broker of this shop, wherever it is: its authority says enough, whatever name it goes by here."""
    context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=authority)
    context.check_hostname = False
    context.load_cert_chain(own)
    return context
