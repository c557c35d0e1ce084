"""What verifying a release's signature costs on the controller's interpreter: time and heap, by kind of signature.

On this machine; a board's are longer (decision 0038). Each against SHA-256 of a whole image, which is due in any case.
"""

import hashlib
import json
import subprocess
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from simulator.controller_process import interpreter
from tests.benchmarks.figures import Figure

DATA = b"the head of a bundle" * 20
PROGRAM = Path(__file__).with_name("signatures_on_micropython.py")


def measure() -> list[Figure]:
    """Milliseconds and bytes, of each kind."""
    with tempfile.TemporaryDirectory(prefix="partsbay-bench-") as folder:
        given = Path(folder) / "given.json"
        given.write_text(json.dumps(_signatures()))
        done = subprocess.run(
            [interpreter(), "-X", "heapsize=64M", str(PROGRAM), str(given)],
            capture_output=True, text=True, timeout=300, check=True,
        )  # fmt: skip
    found: dict[str, list[int]] = json.loads(done.stdout)
    image_us = found.pop("SHA-256 of 64 KB")[0]
    times = [
        Figure(f"signature: {name}", took_us / 1000, "ms", image_us / 1000, "SHA-256 of 64 KB")
        for name, (took_us, _) in found.items()
    ]
    return times + [Figure(f"signature: {name}, allocated", float(held), "bytes") for name, (_, held) in found.items()]


def _signatures() -> dict[str, object]:
    return {"data": DATA.hex(), "rsa": {str(bits): _rsa(bits) for bits in (2048, 3072, 4096)}} | _curves()


def _rsa(bits: int) -> tuple[str, str]:
    key = rsa.generate_private_key(65537, bits)
    return f"{key.public_key().public_numbers().n:x}", key.sign(DATA, padding.PKCS1v15(), hashes.SHA256()).hex()


def _curves() -> dict[str, object]:
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_numbers()
    numbers = (public.x, public.y, *decode_dss_signature(key.sign(DATA, ec.ECDSA(hashes.SHA256()))))
    edwards = ed25519.Ed25519PrivateKey.generate()
    public_bytes, signature = edwards.public_key().public_bytes_raw(), edwards.sign(DATA)
    challenge = hashlib.sha512(signature[:32] + public_bytes + DATA).digest()
    return {
        "p256": [f"{number:x}" for number in numbers],
        "ed25519": [public_bytes.hex(), signature.hex(), challenge.hex()],
    }
