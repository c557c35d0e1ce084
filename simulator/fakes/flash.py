"""A NOR flash in a file: programming can only clear bits, erasing a block sets them, and a cut power keeps the rest.

Every write reaches the host's file at once, so that killing the process is cutting the power.
"""

BLOCK_BYTES = 4096
BLOCKS = 512
_EIO = 5


class Flash:
    """The block device that littlefs wants, extended interface."""

    def __init__(self, path, blocks=BLOCKS):
        self._blocks = blocks
        self._image = open(path, "r+b", 0)
        self._found = bytearray(256)
        self._erased = b"\xff" * 256

    def readblocks(self, block, buffer, offset=0):
        self._image.seek(block * BLOCK_BYTES + offset)
        return 0 if self._image.readinto(buffer) == len(buffer) else -_EIO

    def writeblocks(self, block, buffer, offset=None):
        if offset is None:  # the simple interface erases by itself
            self._erase(block)
            offset = 0
        view = memoryview(buffer)
        for start in range(0, len(buffer), 256):
            self._program(block * BLOCK_BYTES + offset + start, view[start : start + 256])
        return 0

    def _program(self, at, data):
        found = self._found if len(data) == 256 else memoryview(self._found)[: len(data)]
        self._image.seek(at)
        self._image.readinto(found)
        if found != self._erased[: len(data)]:
            for i in range(len(data)):
                found[i] &= data[i]
            data = found
        self._image.seek(at)
        self._image.write(data)

    def _erase(self, block):
        self._image.seek(block * BLOCK_BYTES)
        for _ in range(BLOCK_BYTES // 256):
            self._image.write(self._erased)

    def ioctl(self, request, argument):
        if request == 4:
            return self._blocks
        if request == 5:
            return BLOCK_BYTES
        if request == 6:
            self._erase(argument)
        return 0
