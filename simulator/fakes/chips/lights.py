"""The bins' WS2812 pixels: tells which of them changed."""


class Lights:
    """`tell("light", bin, red, green, blue)` hears of every pixel that changes."""

    def __init__(self, bins, tell):
        self._shown = bytearray(bins * 3)
        self._tell = tell

    def level(self):
        return 0

    def drive(self, value):
        """The level of the data line between transfers means nothing to the pixels."""

    def show(self, data):
        """Take what came over the wire: green, red, blue for each pixel."""
        shown = self._shown
        for at in range(0, min(len(data), len(shown)), 3):
            if data[at : at + 3] != shown[at : at + 3]:
                shown[at : at + 3] = data[at : at + 3]
                self._tell("light", at // 3 + 1, data[at + 1], data[at], data[at + 2])
