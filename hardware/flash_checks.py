"""Checks of what a board's flash has to hold, and of its watchdog's reach."""

from collections.abc import Iterator

from hardware import firmware_build, rom_image
from hardware.boards import Board
from hardware.chips import KIB, module_of

_BESIDE_BYTES = 256 * KIB  # settings, calibration, access list and their new versions; the log's last segment
_SLOT_BYTES = 256 * KIB - 4 * KIB  # half of the partition for firmware, less the block that describes it
_APP_STEP_BYTES = 64 * KIB  # application partitions begin at such steps (ESP-IDF, "Partition Tables")
_FULL = 0.9  # of a littlefs, beyond which it looks for blocks all the time


def check(board: Board) -> Iterator[str]:
    """Everything that does not fit."""
    module = module_of(board)
    if board["watchdog_ms"] > module.watchdog_ms_max:
        yield f"expected a watchdog of at most {module.watchdog_ms_max} ms, found {board['watchdog_ms']}"
    needed = board.get("journal_bytes", 0) + _BESIDE_BYTES
    room = int(module.file_system_bytes * _FULL)
    if needed > room:
        yield f"expected journal and files within {room} bytes of flash, found {needed}"
    app_bytes = board.get("app_partition_bytes", 0)
    if app_bytes % _APP_STEP_BYTES:
        yield f"expected application partitions in steps of {_APP_STEP_BYTES} bytes, found {app_bytes}"
    if "doors" in board:
        image_bytes = len(rom_image.pack([firmware_build.build()]))
        if image_bytes > _SLOT_BYTES:
            yield f"expected firmware of at most {_SLOT_BYTES} bytes a slot, found {image_bytes}"
