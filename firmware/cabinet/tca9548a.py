"""TCA9548A multiplexers in a row of addresses: which bin's converter is on the bus.

All converters have the same address, so never may two channels be open: the multiplexer left behind is closed first,
and each selection is read back. A multiplexer that keeps another channel open raises `OSError`, because the weight
would be that of another bin.
"""

CHANNELS = 8


class Tca9548a:
    """The multiplexers of a cabinet; bin 1 is channel 0 of the first."""

    def __init__(self, i2c, first: int):
        self._i2c = i2c
        self._first = first
        self._selected = 0  # address of the one with an open channel
        self._byte = bytearray(1)

    def select(self, bin_: int) -> None:
        """Put the converter of a bin on the bus."""
        address = self._first + (bin_ - 1) // CHANNELS
        if self._selected and self._selected != address:
            self._set(self._selected, 0)
        self._selected = address
        self._set(address, 1 << (bin_ - 1) % CHANNELS)

    def close(self, muxes: int) -> None:
        """Close every channel, as after a start in the middle of a scan; one that does not answer is left alone."""
        for address in range(self._first, self._first + muxes):
            try:
                self._set(address, 0)
            except OSError:
                continue  # its bins will be found not to answer
        self._selected = 0

    def _set(self, address: int, channels: int) -> None:
        byte = self._byte
        byte[0] = channels
        self._i2c.writeto(address, byte)
        self._i2c.readfrom_into(address, byte)
        found = byte[0]
        if found != channels:
            raise OSError("expected channels %02x of multiplexer %02x, found %02x" % (channels, address, found))
