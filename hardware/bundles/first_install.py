"""What a blank controller is given over serial, so that it starts and can be updated from then on.

Into its file system: `main.py` and `starter.mpy`, which choose the slot that runs, and `release_keys`, the keys whose
bundles it takes. Into the flash partition `romfs`: the first slot. Everything else (board, settings, calibration) is
the commissioning's own.
"""

from collections.abc import Sequence
from pathlib import Path

from hardware import firmware_build

BLOCK_BYTES = 4096
_PREFIX_BYTES = 12  # of a bundle: magic, and the length of the header behind them
_SIGNATURE_BYTES = 384
KEYS_FILE = "release_keys"
STARTER = firmware_build.FIRMWARE / "boot"


class RoomError(ValueError):
    """The partition is too small for the firmware."""


def files(key_lines: Sequence[str]) -> dict[str, bytes]:
    """The files by their names."""
    target = firmware_build.BUILD / "boot" / "starter.mpy"
    firmware_build.compile_file(STARTER / "starter.py", target, "starter.py")
    return {
        "starter.mpy": target.read_bytes(),
        "main.py": (STARTER / "main.py").read_bytes(),  # the last: a start before it is there finds no program
        KEYS_FILE: "".join(f"{line}\n" for line in key_lines).encode(),
    }


def slot(bundle: bytes, partition_bytes: int, number: int = 1) -> bytes:
    """Slot a of a partition, whole: image, 0xFF, and in the last block number and head of the bundle."""
    head = _PREFIX_BYTES + int.from_bytes(bundle[8:_PREFIX_BYTES], "big") + _SIGNATURE_BYTES
    slot_bytes = partition_bytes // 2 // BLOCK_BYTES * BLOCK_BYTES
    image = bundle[head:]
    if len(image) > slot_bytes - BLOCK_BYTES:
        raise RoomError(f"expected an image of at most {slot_bytes - BLOCK_BYTES} bytes, found {len(image)}")
    last = number.to_bytes(4, "big") + bundle[:head]
    return image.ljust(slot_bytes - BLOCK_BYTES, b"\xff") + last.ljust(BLOCK_BYTES, b"\xff")


def write_partition(path: Path, bundle: bytes, partition_bytes: int) -> None:
    """A partition in a file, with the bundle in slot a, as a virtual board's."""
    path.write_bytes(slot(bundle, partition_bytes).ljust(partition_bytes, b"\xff"))
