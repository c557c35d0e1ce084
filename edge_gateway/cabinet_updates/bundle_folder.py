"""Bundles on the gateway's disk, each under its digest: whole ones, and what has come so far of others.

Only what is whole and has its digest is under a bundle's own name: it was written beside, looked at and renamed.
"""

import hashlib
import os
from collections.abc import Collection
from pathlib import Path
from typing import Final

_WHOLE: Final = ".bundle"
_PART: Final = ".part"


class DigestError(ValueError):
    """What came is not what was asked for; it is thrown away."""


class BundleFolder:
    """A folder of bundles. `digest` is always the SHA-256 of a whole bundle in hex."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, digest: str) -> Path:
        """Where a bundle lies when it is held."""
        return self._folder / f"{digest}{_WHOLE}"

    def holds(self, digest: str) -> bool:
        """Whether it is here, whole."""
        return self.path(digest).exists()

    def come_bytes(self, digest: str) -> int:
        """How much of a bundle is here that is not whole yet."""
        part = self._part(digest)
        return part.stat().st_size if part.exists() else 0

    def add(self, digest: str, at_byte: int, data: bytes) -> None:
        """Write what came behind what is here; from the first byte on it begins anew."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._part(digest).open("r+b" if at_byte else "wb") as file:
            file.truncate(at_byte)
            file.seek(at_byte)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    def finish(self, digest: str) -> None:
        """All of it has come: keep it if it is what its name says (`DigestError`)."""
        part = self._part(digest)
        found = hashlib.sha256(part.read_bytes()).hexdigest()
        if found != digest:
            part.unlink()
            raise DigestError(f"expected a bundle with digest {digest[:16]}, found {found[:16]}: fetched again")
        part.replace(self.path(digest))

    def keep(self, digest: str, data: bytes) -> None:
        """Keep a bundle that is here as a whole already (`DigestError`)."""
        self.add(digest, 0, data)
        self.finish(digest)

    def forget_all_but(self, digests: Collection[str]) -> None:
        """Throw away what no cabinet is to run any more."""
        if not self._folder.exists():
            return
        for found in self._folder.iterdir():
            if found.suffix in {_WHOLE, _PART} and found.stem not in digests:
                found.unlink(missing_ok=True)

    def _part(self, digest: str) -> Path:
        return self._folder / f"{digest}{_PART}"
