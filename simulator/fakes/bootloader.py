"""The bootloader of an ESP32 with application partitions: which one it starts, and what it writes about that.

As ESP-IDF's with CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE (`bootloader_utility.c`, `esp_ota_ops.c`): partition `otadata`
has two sectors, each with a number, a state and the CRC-32 of the number. The highest number that is whole and not
given up says which partition starts, modulo their count. One that is new is on trial for this start; one that was on
trial at the next start is given up, whatever the cause. Every change erases a sector and writes it.
"""

import struct
from binascii import crc32

NEW, PENDING, VALID, INVALID, ABORTED = range(5)
_SOUND = (NEW, PENDING, VALID)
_ENTRY = "<I20sII"
_ENTRY_BYTES = 32
_MAGIC = 0xE9  # of an image


class Bootloader:
    """Chooses from `flashes`; `returns`: whether it was built to come back from what does not prove itself."""

    def __init__(self, otadata, flashes, returns=True):
        self.flashes = flashes
        self.running = 0
        self._otadata = otadata
        self._returns = returns

    def start(self):
        """A start of the chip: says which partition runs now."""
        for sector in (0, 1):
            seq, state = self._read(sector)
            if state == PENDING:
                self._write(sector, seq, ABORTED)
        active = self._active()
        if active is not None:
            seq, state = self._read(active)
            if state == NEW:
                self._write(active, seq, PENDING if self._returns else VALID)
        self.running = self.chosen()
        if not self._is_image(self.running):
            self.running = (self.running + 1) % len(self.flashes)

    def chosen(self):
        """The number of the partition that `otadata` names."""
        active = self._active()
        return 0 if active is None else (self._read(active)[0] - 1) % len(self.flashes)

    def choose(self, number):
        """`Partition.set_boot`."""
        if not self._is_image(number):
            raise OSError(-0x1503)
        active = self._active()
        seq = number + 1
        if active is None:
            self._write(0, seq, NEW)
            return
        while seq <= self._read(active)[0]:
            seq += len(self.flashes)
        self._write(1 - active, seq, NEW)

    def mark_valid(self):
        """`Partition.mark_app_valid_cancel_rollback`."""
        active = self._active()
        if not self._returns:
            raise OSError(-261)
        if active is None:
            raise OSError(-1)
        seq, state = self._read(active)
        if state != VALID:
            self._write(active, seq, VALID)

    def _active(self):
        """The sector that counts; None when neither does."""
        sound = [(self._read(sector)[0], sector) for sector in (0, 1) if self._read(sector)[1] in _SOUND]
        return max(sound)[1] if sound else None

    def _read(self, sector):
        """(number, state) of a sector; state None when it is not whole."""
        data = bytearray(_ENTRY_BYTES)
        self._otadata.readblocks(sector, data, 0)
        seq, _, state, check = struct.unpack(_ENTRY, data)
        return seq, state if check == _check(seq) else None

    def _write(self, sector, seq, state):
        self._otadata.ioctl(6, sector)
        self._otadata.writeblocks(sector, struct.pack(_ENTRY, seq, b"\xff" * 20, state, _check(seq)), 0)

    def _is_image(self, number):
        start = bytearray(1)
        self.flashes[number].readblocks(0, start, 0)
        return start[0] == _MAGIC


def _check(seq):
    return crc32(struct.pack("<I", seq), 0xFFFFFFFF)
