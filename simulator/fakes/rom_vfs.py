"""`vfs` of a board with a partition for ROMFS: the interpreter's own, and where that partition is mapped into memory.

`rom_start.py` maps the file in which the partition's flash is; here it is handed out as a board's `vfs.rom_ioctl` does.
The fakes themselves lie in a ROMFS at `/rom`, which a board has for what is in the partition: it is left alone.
"""

import uctypes
from vfs import *  # noqa: F403
from vfs import umount as _umount

_memory = None


def attach(address, length):
    """The partition lies there."""
    global _memory
    _memory = uctypes.bytearray_at(address, length)


def rom_ioctl(operation, segment):
    """The bytes of a segment (operation 2); there is one."""
    if operation != 2 or segment != 0:
        return -22
    return _memory


def umount(path):
    if path != "/rom":
        _umount(path)
