"""A NOR flash in a file: programming can only clear bits, erasing a block sets them, and a cut power keeps the rest.

Every write reaches the host's file at once, so that killing the process is cutting the power.
"""

_BLOCK_BYTES = 4096
_BLOCKS = 512
_EIO = 5
_GONE = -2


def _noise(at):
    """Bits that depend on where they are."""
    x = (at + 1) * 2654435761 & 0xFFFFFFFF
    return (x >> 13 ^ x >> 21) & 0xFF


class _Cut:
    """When the power goes, and how."""

    def __init__(self, left, tear, cut):
        self.left = left  # operations until then; below 0: it is gone
        self.tear = tear
        self.cut = cut


class Flash:
    """The block device that littlefs wants, extended interface."""

    def __init__(self, path, blocks=_BLOCKS, beside=None):
        self._blocks = blocks
        self._cuts = [None] if beside is None else beside._cuts  # one power supply for all flashes of a board
        self._image = open(path, "r+b", 0)
        self._found = bytearray(256)
        self._erased = b"\xff" * 256
        self._left = -1  # operations until the power goes; -1: it stays

    def cut_in(self, operations, tear, cut):
        """Lose the power in the operation after so many: `cut()` is called in the middle of it and does not return.

        `tear` is what becomes of that operation: `nothing`, `half`, `all`, or `garbage` (each cell done or not).
        """
        self._cuts[0] = _Cut(operations, tear, cut)

    def readblocks(self, block, buffer, offset=0):
        self._image.seek(block * _BLOCK_BYTES + offset)
        return 0 if self._image.readinto(buffer) == len(buffer) else -_EIO

    def writeblocks(self, block, buffer, offset=None):
        if offset is None:  # the simple interface erases by itself
            self._erase(block)
            offset = 0
        view = memoryview(buffer)
        for start in range(0, len(buffer), 256):
            self._program(block * _BLOCK_BYTES + offset + start, view[start : start + 256])
        return 0

    def _program(self, at, data):
        if self._is_last():
            data = self._torn(at, data)
        found = self._found if len(data) == 256 else memoryview(self._found)[: len(data)]
        self._image.seek(at)
        self._image.readinto(found)
        if found != self._erased[: len(data)]:
            for i in range(len(data)):
                found[i] &= data[i]
            data = found
        self._image.seek(at)
        self._image.write(data)
        if self._cuts[0] is not None and self._cuts[0].left == _GONE:
            self._cuts[0].cut()

    def _is_last(self):
        """Whether the power goes in this operation."""
        cut = self._cuts[0]
        if cut is None or cut.left < 0:
            return False
        cut.left -= 1
        if cut.left >= 0:
            return False
        cut.left = _GONE
        return True

    def _torn(self, at, data):
        """The bytes that are programmed when the power goes meanwhile."""
        torn = bytearray(data)
        tear = self._cuts[0].tear
        for i in range(len(torn)):
            if tear == "nothing" or (tear == "half" and i >= len(torn) // 2):
                torn[i] = 0xFF
            elif tear == "garbage":
                torn[i] |= _noise(at + i)
        return torn

    def _erase(self, block):
        if self._is_last():
            self._erase_torn(block)
        self._image.seek(block * _BLOCK_BYTES)
        for _ in range(_BLOCK_BYTES // 256):
            self._image.write(self._erased)

    def _erase_torn(self, block):
        """Of a block, what a cut erase leaves; each cell of a garbled one may have been erased."""
        tear = self._cuts[0].tear
        for start in range(0, _BLOCK_BYTES, 256):
            at = block * _BLOCK_BYTES + start
            if tear == "all" or (tear == "half" and start < _BLOCK_BYTES // 2):
                self._found[:] = self._erased
            else:
                self._image.seek(at)
                self._image.readinto(self._found)
                if tear == "garbage":
                    for i in range(256):
                        self._found[i] |= _noise(at + i)
            self._image.seek(at)
            self._image.write(self._found)
        self._cuts[0].cut()

    def ioctl(self, request, argument):
        if request == 4:
            return self._blocks
        if request == 5:
            return _BLOCK_BYTES
        if request == 6:
            self._erase(argument)
        return 0
