"""A controller's flash as the factory leaves it, and the files that whoever commissions a cabinet writes."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from hardware import boards
from hardware.bundles import first_install
from simulator import physics

_FLASH_BYTES = 4096 * 512
_PARTITION_BYTES = 4096 * 128


class Firmware(NamedTuple):
    """A bundle for a blank controller, and the public lines of the release keys it shall trust."""

    bundle: bytes
    keys: tuple[str, ...]


def blank_flash(path: Path) -> None:
    """Have a flash, erased; one that is there already stays as it is."""
    if not path.exists():
        path.write_bytes(b"\xff" * _FLASH_BYTES)


def install(firmware: Firmware, slots: Path, folder: Path) -> None:
    """What a blank controller needs to start from its slots; one that has them already stays as it is."""
    folder.mkdir(exist_ok=True)
    for name, data in first_install.files(firmware.keys).items():
        (folder / name).write_bytes(data)
    if not slots.exists():
        first_install.write_partition(slots, firmware.bundle, _PARTITION_BYTES)


def write_factory_files(
    folder: Path, board_path: Path, settings: Mapping[str, str | int], calibration: Mapping[str, tuple[int, int]]
) -> None:
    """What `fakes/virtual_board.py` copies to the flash: board, settings, calibration."""
    folder.mkdir(exist_ok=True)
    (folder / "board.json").write_text(boards.firmware_json(boards.load(board_path)))
    (folder / "settings.json").write_text(json.dumps(settings))
    (folder / "calibration.json").write_text(json.dumps(calibration))


def calibration(cell_class: str, bins: int, seed: int) -> dict[str, tuple[int, int]]:
    """Per bin (zero_counts, ng_per_count), as certified weights on these cells give them."""
    cells = physics.Cells(cell_class, bins, seed)
    return {str(bin_): cells.calibration(bin_ - 1) for bin_ in range(1, bins + 1)}
