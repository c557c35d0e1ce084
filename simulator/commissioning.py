"""A controller's flash as the factory leaves it, and the files that whoever commissions a cabinet writes."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from hardware import boards
from hardware.bundles import first_install
from simulator import physics

_FLASH_BYTES = 4096 * 512
_PARTITION_BYTES = 4096 * 128
_APP_BYTES = 4096 * 4  # far less than a board's: what lies there is only compared


class Firmware(NamedTuple):
    """A bundle for a blank controller, and the public lines of the release keys it shall trust."""

    bundle: bytes
    keys: tuple[str, ...]
    interpreter: bytes = b""  # what lies in the first of two application partitions; none: the board has one


class Certificates(NamedTuple):
    """What a cabinet has for mutual TLS: files in DER. `time_port`: where its gateway tells the date; 0: nowhere."""

    authority: Path
    certificate: Path
    key: Path
    server_name: str
    time_port: int = 0

    def settings(self) -> dict[str, Any]:
        """The controller's `tls`."""
        return {"ca": "ca.der", "cert": "cert.der", "key": "key.der", "server_name": self.server_name}

    def write(self, folder: Path) -> None:
        """Beside what the factory leaves."""
        folder.mkdir(exist_ok=True)
        for name, path in (("ca", self.authority), ("cert", self.certificate), ("key", self.key)):
            (folder / f"{name}.der").write_bytes(path.read_bytes())


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
        if firmware.interpreter:
            for path, data in zip(_app_partitions(slots), (b"", firmware.interpreter, b""), strict=True):
                path.write_bytes(data.ljust(_APP_BYTES, b"\xff"))


def app_partitions(slots: Path) -> list[str]:
    """The flashes of `otadata` and of two partitions for interpreters, where a board has them."""
    paths = _app_partitions(slots)
    return [str(path) for path in paths] if paths[0].exists() else []


def _app_partitions(slots: Path) -> list[Path]:
    return [slots.with_name(f"{name}.img") for name in ("otadata", "ota_0", "ota_1")]


def write_factory_files(
    folder: Path, board_path: Path, settings: Mapping[str, Any], calibration: Mapping[str, tuple[int, int]]
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
