"""Release keys: made, kept in a file with a passphrase or for its owner only; the public half is a line of text.

A private key never leaves its file but for the moment of a signature. RSA-3072 with the exponent 65537: what a
controller verifies in a fraction of a second (decision 0038).
"""

import os
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

BITS = 3072
EXPONENT = 65537


class KeyFileError(ValueError):
    """A key file cannot be used; the text says what was expected and found, never what is in it."""


def make(path: Path, passphrase: str, name: str) -> str:
    """Make a key and keep it in a new file (0600), by the passphrase if there is one; its public line."""
    key = rsa.generate_private_key(EXPONENT, BITS)
    how = serialization.BestAvailableEncryption(passphrase.encode()) if passphrase else serialization.NoEncryption()
    data = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
    return public_line(key, name)


def load(path: Path, passphrase: str) -> rsa.RSAPrivateKey:
    """The private key of a file. One that others may read is refused unless a passphrase protects it."""
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), passphrase.encode() or None)
    except (TypeError, ValueError, UnsupportedAlgorithm) as error:
        raise KeyFileError(f"expected {path} to hold a release key for this passphrase, found: {error}") from None
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size != BITS:
        raise KeyFileError(f"expected an RSA key of {BITS} bits in {path}, found another")
    if not passphrase and path.stat().st_mode & 0o077:
        raise KeyFileError(f"expected a key without a passphrase to be readable by its owner only: chmod 600 {path}")
    return key


def public_line(key: rsa.RSAPrivateKey, name: str) -> str:
    """The line that controllers, gateways and clouds know the key by: its modulus in hex, a space, its name."""
    return f"{key.public_key().public_numbers().n:0768x} {name}"


def sign(key: rsa.RSAPrivateKey, data: bytes) -> bytes:
    """The signature of some bytes: PKCS #1 v1.5 with SHA-256, which is the same whenever it is made."""
    return key.sign(data, padding.PKCS1v15(), hashes.SHA256())
