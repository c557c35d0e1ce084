"""Replaces MicroPython itself, on a board with two partitions for it; loaded only for a bundle that brings one.

The image goes into the application partition that does not run. What starts is the bootloader's to choose (ESP-IDF,
"App OTA", with CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE): an interpreter that was named by `set_boot` gets one start; at
the next, whatever caused it, the one before is back, unless it has been marked valid meanwhile. `boot/starter.py` then
has the firmware go back too. Here it is marked only when the firmware that came with it has proved itself.
"""

import asyncio
import hashlib
from binascii import hexlify

from cabinet.bundle import BundleError

_BLOCK_BYTES = 4096
_READ_BYTES = 1024
_OTA_SUBTYPES = 0x10  # ota_0 to ota_15
_NOTHING_CHOSEN = 1  # ESP_FAIL: flashed by a cable, and no partition has ever been named


class Interpreter:
    """The partition for `wanted`, a header's `interpreter`; `BundleError` when this board cannot take it."""

    def __init__(self, wanted: dict):
        running, self._partition = _partitions()
        room = self._partition.ioctl(4, 0) * _BLOCK_BYTES
        if not 0 < wanted["bytes"] <= room:
            raise BundleError("expected an interpreter of at most %d bytes, found %d" % (room, wanted["bytes"]))
        _settle(running)
        self.label = self._partition.info()[4]

    def erase(self, block: int) -> None:
        """Erase a block of the partition."""
        self._partition.ioctl(6, block)

    def program(self, block: int, offset: int, data: bytes) -> None:
        """Write into an erased block of the partition."""
        self._partition.writeblocks(block, data, offset)

    async def sha256(self, length: int) -> str:
        """Of so many bytes as the flash gives them back, in hex; other tasks have their turn meanwhile."""
        digest = hashlib.sha256()
        buffer = memoryview(bytearray(_READ_BYTES))
        for at in range(0, length, _READ_BYTES):
            piece = buffer[: min(_READ_BYTES, length - at)]
            self._partition.readblocks(at // _BLOCK_BYTES, piece, at % _BLOCK_BYTES)
            digest.update(piece)
            if at % _BLOCK_BYTES == 0:
                await asyncio.sleep_ms(0)
        return hexlify(digest.digest()).decode()

    def set_boot(self) -> None:
        """Have the bootloader start it next; `BundleError` when that finds it is no image for this chip."""
        try:
            self._partition.set_boot()
        except OSError as error:
            raise BundleError("expected an interpreter that the bootloader takes, found error %d" % error.errno)


def keep(is_new: bool) -> None:
    """Have the bootloader stay with what runs; where it has no choice, only an interpreter that `is_new` fails."""
    try:
        from esp32 import Partition  # noqa: PLC0415 - of that family alone

        Partition.mark_app_valid_cancel_rollback()
    except (ImportError, OSError):
        if is_new:
            raise


def _partitions():
    """(the one that runs, the other)."""
    try:
        from esp32 import Partition  # noqa: PLC0415 - of that family alone

        running = Partition(Partition.RUNNING)  # type: ignore[arg-type]
        other = running.get_next_update()
        labels = [found.info()[4] for found in (running, other) if found.info()[1] & 0xF0 == _OTA_SUBTYPES]
    except (ImportError, OSError):
        labels = []
    if len(labels) < 2 or labels[0] == labels[1]:
        raise BundleError("expected two partitions for an interpreter, found fewer")
    return running, other


def _settle(running):
    """Make sure that the bootloader returns to what runs now: that it can, and that this is marked valid."""
    try:
        try:
            running.mark_app_valid_cancel_rollback()
        except OSError as error:
            if abs(error.errno) != _NOTHING_CHOSEN:
                raise
            running.set_boot()
            running.mark_app_valid_cancel_rollback()
    except OSError as error:
        raise BundleError("expected a bootloader that returns to the interpreter before, found error %d" % error.errno)
