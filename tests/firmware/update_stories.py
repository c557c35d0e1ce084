"""Runs `update_power_cuts.py` on the host's interpreter, with two small bundles."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from hardware import rom_image
from hardware.bundles import bundle, release_key
from simulator import controller_process

HERE = Path(__file__).parent
TEARS = ("nothing", "half", "all", "garbage")
FILLING = bytes(range(256)) * 22


def cut(folder: Path, step: int) -> dict[str, Any]:
    """Every `step`th of all cases (operations times tears), by story."""
    key = rsa.generate_private_key(release_key.EXPONENT, release_key.BITS)
    keys = folder / "keys"
    keys.write_text(release_key.public_line(key, "test") + "\n")
    bundles = [_bundle(folder, version, key) for version in ("0.2.0", "0.3.0")]
    program = HERE / "update_power_cuts.py"
    arguments = [HERE.parents[1] / "firmware", *bundles, keys, step]
    done = subprocess.run(
        [controller_process.interpreter(), "-X", "heapsize=8M", str(program), *map(str, arguments)],
        env={**os.environ, "MICROPYPATH": f"{controller_process.build()[0]}:.frozen"},
        capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _bundle(folder: Path, version: str, key: rsa.RSAPrivateKey) -> Path:
    """A bundle of two blocks whose only file ends in its version."""
    files = folder / version
    files.mkdir()
    (files / "which.mpy").write_bytes(FILLING + f"={version}==".encode())
    path = folder / f"{version}.bundle"
    path.write_bytes(bundle.sign(bundle.Image(version, rom_image.pack([files]), 6), key))
    return path
