"""Runs `update_power_cuts.py` on the host's interpreter, with small bundles."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from hardware import rom_image
from hardware.bundles import bundle, interpreter, release_key
from simulator import controller_process

HERE = Path(__file__).parent
TEARS = ("nothing", "half", "all", "garbage")
FILLING = bytes(range(256)) * 22
BOARD = "esp32s3-w5500-12"
INTERPRETER_BYTES = 7001  # two blocks, the second not full


def cut(folder: Path, step: int, fewer: int = 1) -> dict[str, Any]:
    """Every `step`th of all cases (operations times tears), by story; a `fewer`th of that with an interpreter."""
    key = rsa.generate_private_key(release_key.EXPONENT, release_key.BITS)
    keys = folder / "keys"
    keys.write_text(release_key.public_line(key, "test") + "\n")
    bundles = [_bundle(folder, version, key) for version in ("0.2.0", "0.3.0")]
    bundles.append(_bundle(folder, "0.4.0", key, application()))
    program = HERE / "update_power_cuts.py"
    arguments = [HERE.parents[1] / "firmware", *bundles, keys, step, fewer]
    done = subprocess.run(
        [controller_process.interpreter(), "-X", "heapsize=8M", str(program), *map(str, arguments)],
        env={**os.environ, "MICROPYPATH": f"{controller_process.build()[0]}:.frozen"},
        capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def application(chip: int = 9, micropython: str = "99.0.0") -> bytes:
    """An application image by its headers, with MicroPython's greeting."""
    headers = b"\xe9" + bytes(11) + chip.to_bytes(2, "little") + bytes(18) + bytes.fromhex("3254cdab")
    greeting = b"MicroPython v%s on 2026-11-01; " % micropython.encode()
    return (headers + greeting + FILLING + FILLING)[:INTERPRETER_BYTES]


def _bundle(folder: Path, version: str, key: rsa.RSAPrivateKey, brought: bytes = b"") -> Path:
    """A bundle of two blocks whose only file ends in its version; and the interpreter it brings."""
    files = folder / version
    files.mkdir()
    (files / "which.mpy").write_bytes(FILLING + f"={version}==".encode())
    path = folder / f"{version}.bundle"
    image = bundle.Image(version, rom_image.pack([files]), 6)
    more = interpreter.parse(brought, version) if brought else None
    path.write_bytes(bundle.sign(image, key, [BOARD] if brought else (), interpreter=more))
    return path
