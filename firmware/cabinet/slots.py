"""The two halves of the flash for firmware, and the record of which one runs: the firmware's end of `boot/starter.py`.

The firmware runs from one half and writes only the other. The record is read when asked for and written whole, beside
and renamed. Fields beside the starter's:

    blind  how many bins had no weight when the update was installed
    app    label of the partition whose interpreter is on trial together with it; "" for none
    told   1: `update_installed` has been journaled
    job    [version, bytes, sha256, downgrade, bytes got] of the bundle that is being fetched; null
"""

import hashlib
import json
import os
from binascii import crc32, hexlify

import vfs

BLOCK_BYTES = 4096
_MAGIC = b"PBFW\x00\x00\x00\x01"


class Slots:
    """The partition `partition`, of which the slot `running` is in use."""

    def __init__(self, partition, running: str):
        self.running = running
        self.other = "b" if running == "a" else "a"
        self.image_bytes_max = partition.ioctl(4, 0) // 2 * BLOCK_BYTES - BLOCK_BYTES  # the last block is the head's
        self._partition = partition

    # ---- the record ----

    def read(self) -> dict:
        """The record, every field there; as of proven firmware when it is damaged."""
        record = {
            "run": self.running,
            "trial": 0,
            "starts": 0,
            "gone": None,
            "blind": 0,
            "told": 0,
            "job": None,
            "app": "",
        }
        try:
            with open("slots") as file:
                line, check = file.read().split("\n")
            if check == "%08x" % (crc32(line.encode()) & 0xFFFFFFFF):
                record.update(json.loads(line))
        except (OSError, ValueError):
            pass  # the starter has made it anew by the next start
        return record

    def write(self, **fields) -> None:
        """Change these fields of the record; durable when it returns."""
        record = self.read()
        record.update(fields)
        line = json.dumps(record)
        with open("slots.new", "w") as file:
            file.write("%s\n%08x" % (line, crc32(line.encode()) & 0xFFFFFFFF))
        os.rename("slots.new", "slots")

    def switch(self, blind: int, app: str) -> None:
        """From the next start on the other half runs, on trial, with the interpreter in `app` ("": the same)."""
        self.write(run=self.other, trial=1, starts=0, gone=None, blind=blind, told=0, job=None, app=app)

    def stay(self) -> None:
        """It could not be switched: what runs goes on running."""
        self.write(run=self.running, trial=0, app="")

    def give_up(self, version: str, reason: str) -> None:
        """From the next start on the other half runs, and tells that this one was given up."""
        self.write(run=self.other, trial=0, starts=0, gone=[version, reason[:96]], job=None, app="")

    # ---- the other half ----

    def erase(self, block: int) -> None:
        """Erase a block of the other half."""
        self._partition.ioctl(6, self._first(self.other) + block)

    def program(self, block: int, offset: int, data: bytes) -> None:
        """Write into an erased block of the other half."""
        self._partition.writeblocks(self._first(self.other) + block, data, offset)

    def clear(self) -> None:
        """Have nothing in the other half that could be started."""
        self.erase(self._head_block())

    def seal(self, head: bytes) -> None:
        """The other half is whole: write the bundle's head behind it, numbered as the newest."""
        found = self.header(self.running)
        number = (found[0] if found else 0) + 1
        self.clear()
        self.program(self._head_block(), 0, number.to_bytes(4, "big"))
        self.program(self._head_block(), 4, head)

    def image_sha256(self, slot: str, image_bytes: int) -> str:
        """Of so many bytes of a slot as the flash gives them back, in hex."""
        return hexlify(hashlib.sha256(self._half(slot)[:image_bytes]).digest()).decode()

    def header(self, slot: str):
        """(number, header) of what lies in a slot, whole or not; None when there is none."""
        half = self._half(slot)
        head = half[len(half) - BLOCK_BYTES :]
        if bytes(head[4:12]) != _MAGIC:
            return None
        length = int.from_bytes(head[12:16], "big")
        try:
            return int.from_bytes(head[:4], "big"), json.loads(bytes(head[16 : 16 + length]))
        except ValueError:
            return None

    def _half(self, slot):
        memory = memoryview(vfs.rom_ioctl(2, 0))
        half = len(memory) // 2
        return memory[:half] if slot == "a" else memory[half:]

    def _first(self, slot):
        return 0 if slot == "a" else self._partition.ioctl(4, 0) // 2

    def _head_block(self):
        return self._partition.ioctl(4, 0) // 2 - 1
