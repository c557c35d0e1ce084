"""What a broker needs to know to let cabinets in by certificate: files of its own, and whom it lets in.

A broker that maps by subject reads `Admitted.subject` or `.uri`, one that reads a revocation list has `revocations`.
Both say the same: the certificates in force of the cabinets of this shop, one each, or two while one is renewed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Admitted:
    """One certificate in force. `subject` as RFC 4514 has it, `uri` its subjectAltName."""

    cabinet: str
    serial: str
    subject: str
    uri: str
    not_after_ms: int


@dataclass(frozen=True)
class Trust:
    """Files in PEM, the key readable by its owner alone, and who is let in."""

    authority: Path
    certificate: Path
    key: Path
    revocations: Path
    admitted: tuple[Admitted, ...]
    revoked: frozenset[str]  # serials
    barred: frozenset[str] = frozenset()  # cabinets of which a key was revoked: who has it may have the password, too


Changed = Callable[[Trust], None]  # called on the thread that changed it, after the files were written
