"""The folder of keys and certificates in a gateway's data_dir: written whole or not at all, keys for their owner alone.

    gateway.pem          this gateway's key and certificate, by which the cloud knows it
    cloud.pem            who signed that
    joining.pem          the key of a try to join whose answer has not come
    authority-key.pem    who signs this shop's cabinets: key and certificate
    authority.pem        the certificate alone
    server.pem, server-key.pem    what cabinets see when they connect
    revocations.pem      which of their certificates are good no longer
    register.db          what was issued, which codes were made, what happened

It lies beside the books and not in them: a gateway that takes another's place has these before it restores the books.
"""

import os
from pathlib import Path

NAME = "identity"


class Folder:
    """Files of `data_dir`/identity."""

    def __init__(self, data_dir: Path) -> None:
        self.path = data_dir / NAME

    def of(self, name: str) -> Path:
        """Where a file is, or would be."""
        return self.path / name

    def read(self, name: str) -> bytes:
        """What a file holds; b"" when there is none."""
        try:
            return self.of(name).read_bytes()
        except FileNotFoundError:
            return b""

    def write(self, name: str, data: bytes) -> None:
        """Put a file in place: its owner alone may read it, and a power cut leaves the old one or the new one."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        replace_file(self.of(name), data)

    def remove(self, name: str) -> None:
        """Forget a file."""
        self.of(name).unlink(missing_ok=True)


def replace_file(path: Path, data: bytes) -> None:
    """Write a file that only its owner may read, beside, and give it its name when it is durable."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
