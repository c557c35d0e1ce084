"""`esp32` as far as firmware asks for it: flash partitions, with the flashes that `attach` says lie behind them."""

_partitions = {}  # label -> (type, subtype, flash)
_bootloader = None


def attach(partitions, bootloader=None):
    """Have these partitions, (type, label, flash) each; and those the bootloader chooses from, if it has a choice."""
    global _bootloader
    _partitions.clear()
    for kind, label, flash in partitions:
        _partitions[label] = kind, 0, flash
    _bootloader = bootloader
    for number, flash in enumerate(bootloader.flashes if bootloader else ()):
        _partitions["ota_%d" % number] = Partition.TYPE_APP, 0x10 + number, flash


class Partition:
    """A part of the flash: the block device of its own, written without erasing where an offset is given."""

    BOOT = 0
    RUNNING = 1
    TYPE_APP = 0
    TYPE_DATA = 1

    def __init__(self, id):
        if isinstance(id, int):
            id = "ota_%d" % (_bootloader.chosen() if id == self.BOOT else _bootloader.running) if _bootloader else ""
        if id not in _partitions:
            raise OSError(2)
        self._kind, self._subtype, flash = _partitions[id]
        self._label = id
        self.readblocks = flash.readblocks
        self.writeblocks = flash.writeblocks
        self.ioctl = flash.ioctl

    @staticmethod
    def find(type=TYPE_APP, subtype=0xFF, label=None, block_size=4096):
        return [Partition(each) for each in _partitions if _partitions[each][0] == type and label in (None, each)]

    def info(self):
        blocks = self.ioctl(4, 0)
        return self._kind, self._subtype, 0, blocks * 4096, self._label, False

    def get_next_update(self):
        return Partition("ota_%d" % ((self._subtype - 0x10 + 1) % len(_bootloader.flashes)))

    def set_boot(self):
        _bootloader.choose(self._subtype - 0x10)

    @staticmethod
    def mark_app_valid_cancel_rollback():
        if _bootloader is None:
            raise OSError(-261)
        _bootloader.mark_valid()
