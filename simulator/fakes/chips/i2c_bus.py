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
        self._muxes = (bins + 7) // 8
        self._channels = bytearray(self._muxes)  # as written
        self._stuck = bytearray(self._muxes)  # channels that stay open, whatever is written
        self._through = bytearray(self._muxes)  # channels that are open
        self._scales = scales
        # Whose converter is on the bus, by all that is open: one bit a channel. Anything else is garbled.
        self._bin_on = {1 << at: at if at < bins else _NOBODY for at in range(8 * self._muxes)}
        self._bin_on[0] = _NOBODY
        self._open = _NOBODY  # index of the bin whose converter is on the bus
        self.wire_bytes = 0  # address bytes included, for the bench

    def stick(self, bin_, stuck):
        """Have a bin's multiplexer hang on that bin's channel, or no longer."""
        mux = bin_ // 8
        channel = 1 << bin_ % 8
        if stuck:
            self._stuck[mux] = channel
        elif self._stuck[mux] == channel:
            self._stuck[mux] = 0
        self._look(mux)

    def answers(self, address):
        if address == _CONVERTER:
            return self._open >= 0 and self._scales.answers(self._open)
        return 0 <= address - self._first < self._muxes

    def writeto(self, address, data, stop=True):
        count = len(data)
        if address == _CONVERTER:
            self._check_converter()
            self._scales.write(self._open, data[0], data[1:])
        else:
            mux = address - self._first
            if not 0 <= mux < self._muxes:
                raise OSError(_ENODEV)
            if count:
                self._channels[mux] = data[count - 1]
                self._look(mux)
        self.wire_bytes += 1 + count
        return count

    def readfrom_into(self, address, buffer, stop=True):
        if address == _CONVERTER:
            raise OSError(_EIO)  # no driver of ours reads without naming the register
        mux = address - self._first
        if not 0 <= mux < self._muxes:
            raise OSError(_ENODEV)
        count = len(buffer)
        self.wire_bytes += 1 + count
        while count:
            count -= 1
            buffer[count] = self._channels[mux]

    def writeto_mem(self, address, register, data):
        if address != _CONVERTER:
            raise OSError(_ENODEV)
        self._check_converter()
        self.wire_bytes += 2 + len(data)
        self._scales.write(self._open, register, data)

    def readfrom_mem_into(self, address, register, buffer):
        if address != _CONVERTER:
            raise OSError(_ENODEV)
        bin_ = self._open
        if bin_ < 0 or not self._scales.read(bin_, register, buffer):
            self._check_converter()
        self.wire_bytes += 3 + len(buffer)

    def _check_converter(self):
        if self._open == _GARBLED:
            raise OSError(_EIO)
        if self._open == _NOBODY or not self._scales.answers(self._open):
            raise OSError(_ENODEV)

    def _look(self, mux):
        """A multiplexer has changed: whose converter is on the bus."""
        self._through[mux] = self._stuck[mux] or self._channels[mux]
        self._open = self._bin_on.get(int.from_bytes(self._through, "little"), _GARBLED)
