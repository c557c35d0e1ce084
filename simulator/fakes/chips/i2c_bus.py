"""The I2C bus of a cabinet: TCA9548A multiplexers, and behind each open channel a converter at 0x2A.

A TCA9548A has one register: bit n opens channel n. Everything on an open channel shares the bus, so two open channels
mean two converters answering at once, which garbles the bus. A multiplexer may hang: then one channel is open, and
stays open beside those of the others.
"""

_CONVERTER = 0x2A
_ENODEV = 19
_EIO = 5
_NOBODY = -1
_GARBLED = -2


class I2cBus:
    """Multiplexers from address `first` on, eight bins each; `scales` answers for the converters."""

    def __init__(self, first, bins, scales):
        self._first = first
        self._channels = bytearray((bins + 7) // 8)
        self._stuck = bytearray((bins + 7) // 8)  # channels that stay open, whatever is written
        self._scales = scales
        self._open = _NOBODY  # index of the bin whose converter is on the bus
        self.wire_bytes = 0  # address bytes included, for the bench

    def stick(self, bin_, stuck):
        """Have a bin's multiplexer hang on that bin's channel, or no longer."""
        channel = 1 << bin_ % 8
        if stuck:
            self._stuck[bin_ // 8] = channel
        elif self._stuck[bin_ // 8] == channel:
            self._stuck[bin_ // 8] = 0
        self._look()

    def answers(self, address):
        if address == _CONVERTER:
            return self._open >= 0 and self._scales.answers(self._open)
        return 0 <= address - self._first < len(self._channels)

    def writeto(self, address, data, stop=True):
        if address == _CONVERTER:
            self._converter()
            self.wire_bytes += 1 + len(data)
            self._scales.write(self._open, data[0], data[1:])
            return len(data)
        mux = self._mux(address)
        self.wire_bytes += 1 + len(data)
        if len(data):
            self._channels[mux] = data[len(data) - 1]
            self._look()
        return len(data)

    def readfrom_into(self, address, buffer, stop=True):
        if address == _CONVERTER:
            raise OSError(_EIO)  # no driver of ours reads without naming the register
        mux = self._mux(address)
        self.wire_bytes += 1 + len(buffer)
        for i in range(len(buffer)):
            buffer[i] = self._channels[mux]

    def writeto_mem(self, address, register, data):
        if address != _CONVERTER:
            raise OSError(_ENODEV)
        self._converter()
        self.wire_bytes += 2 + len(data)
        self._scales.write(self._open, register, data)

    def readfrom_mem_into(self, address, register, buffer):
        if address != _CONVERTER:
            raise OSError(_ENODEV)
        bin_ = self._open
        if bin_ < 0 or not self._scales.answers(bin_):
            self._converter()
        self.wire_bytes += 3 + len(buffer)
        self._scales.read(bin_, register, buffer)

    def _mux(self, address):
        mux = address - self._first
        if not 0 <= mux < len(self._channels):
            raise OSError(_ENODEV)
        return mux

    def _converter(self):
        if self._open == _GARBLED:
            raise OSError(_EIO)
        if self._open == _NOBODY or not self._scales.answers(self._open):
            raise OSError(_ENODEV)

    def _look(self):
        self._open = _NOBODY
        for mux in range(len(self._channels)):
            channels = self._stuck[mux] or self._channels[mux]
            if not channels:
                continue
            if self._open != _NOBODY or channels & (channels - 1):
                self._open = _GARBLED
                return
            channel = 0
            while channels >> channel != 1:
                channel += 1
            if mux * 8 + channel < self._scales.bins:
                self._open = mux * 8 + channel
