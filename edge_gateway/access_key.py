"""The key that signs a cabinet's access list: its fingerprint, and another key in its place.

`partsbay gateway new-access-key CABINET` writes a new one into the gateway's settings. Until the cabinet has it too
(`partsbay commission`), it refuses the lists that are signed with it, says so, and goes on with the one it has until
that expires. The key itself is shown nowhere.
"""

import hashlib
import secrets
from pathlib import Path

from edge_gateway import settings
from edge_gateway.lifecycle.ownership import give_to
from edge_gateway.secret_file import write_secret

FINGERPRINT_CHARACTERS = 8


class AccessKeyError(ValueError):
    """A key cannot be replaced; the text says what was expected and what was found."""


def fingerprint(key: str) -> str:
    """What may be shown of a key: it tells two keys apart, and nobody finds the key by it."""
    return hashlib.sha256(b"partsbay access key " + key.encode()).hexdigest()[:FINGERPRINT_CHARACTERS]


def replace(config: Path, cabinet: str) -> tuple[str, str]:
    """A new key in the settings, which otherwise stay as they are, to the letter; the fingerprints before and now."""
    known = settings.load(config).cabinets.get(cabinet)
    if known is None:
        raise AccessKeyError(f"expected a cabinet of these settings, found {cabinet!r}")
    text = config.read_text(encoding="utf-8")
    if text.count(known.access_key) != 1:
        raise AccessKeyError(
            f"expected the key of {cabinet} once in {config}, found it {text.count(known.access_key)} times"
        )
    new, owner = secrets.token_hex(32), config.stat()
    write_secret(config, text.replace(known.access_key, new))
    give_to(owner, config)  # the gateway's user, whoever the folder belongs to
    return fingerprint(known.access_key), fingerprint(new)


def run(config: Path, cabinet: str) -> int:
    """The command."""
    before, now = replace(config, cabinet)
    for line in (
        f"the access list of {cabinet} is signed with another key now: {before} is over, {now} begins",
        "write it to the cabinet (`partsbay commission`), and start the gateway again",
        "until then the cabinet refuses newer lists, and lets in whom its last one names until that expires",
    ):
        print(line)  # noqa: T201 - what a person called it for
    return 0
