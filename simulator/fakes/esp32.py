"""`esp32` as far as firmware asks for it: flash partitions, with the flashes that `attach` says lie behind them."""

_partitions = {}  # label -> Partition


def attach(partitions):
    """Have these partitions, (type, label, flash) each."""
    _partitions.clear()
    for kind, label, flash in partitions:
        _partitions[label] = Partition(kind, label, flash)


class Partition:
    """A part of the flash: the block device of its own, written without erasing where an offset is given."""

    TYPE_APP = 0
    TYPE_DATA = 1

    def __init__(self, kind, label, flash):
        self._kind = kind
        self._label = label
        self.readblocks = flash.readblocks
        self.writeblocks = flash.writeblocks
        self.ioctl = flash.ioctl

    @staticmethod
    def find(type=TYPE_APP, subtype=0xFF, label=None, block_size=4096):
        return [p for p in _partitions.values() if p._kind == type and label in (None, p._label)]

    def info(self):
        blocks = self.ioctl(4, 0)
        return self._kind, 0, 0, blocks * 4096, self._label, False
