"""The bins' lights: one pixel a bin, in the order of the bins.

A bin shows the colour it was given until its time is over. A signal to the person at the cabinet (unlocked, refused,
identify) covers all bins meanwhile. Pixels are written when they change, never otherwise.
"""

COLOURS = {
    "off": (0, 0, 0),
    "white": (40, 40, 40),
    "green": (0, 60, 0),
    "amber": (60, 30, 0),
    "red": (60, 0, 0),
    "blue": (0, 0, 60),
}
_OFF = COLOURS["off"]
_BLINK_MS = 200


class Lights:
    """`pixels` is a NeoPixel or anything with its item assignment and `write`."""

    def __init__(self, pixels, bins: int):
        self._pixels = pixels
        self._shown = [None] * bins
        self._given = {}  # bin: (colour, end_ms)
        self._signal = None  # (colour, blinking, start_ms, end_ms)
        self.lit = True  # whether a tick may have something to do
        self.tick(0)

    def light(self, bin_: int, colour: str, end_ms: int) -> None:
        """Show a colour at one bin until `end_ms`."""
        self._given[bin_] = (COLOURS[colour], end_ms)
        self.lit = True

    def signal(self, colour: str, blinking: bool, now_ms: int, for_ms: int) -> None:
        """Show a colour at all bins, steady or blinking."""
        self._signal = (COLOURS[colour], blinking, now_ms, now_ms + for_ms)
        self.lit = True

    def tick(self, now_ms: int) -> None:
        """Bring the pixels up to date; call it ten times a second or so while `lit`."""
        if not self.lit:
            return
        covering = self._covering(now_ms)
        changed = False
        for i in range(len(self._shown)):
            colour = self._of_bin(i + 1, now_ms) if covering is None else covering
            if colour != self._shown[i]:
                self._shown[i] = self._pixels[i] = colour
                changed = True
        if changed:
            self._pixels.write()
        self.lit = self._signal is not None or bool(self._given)

    def _covering(self, now_ms: int):
        if self._signal is None:
            return None
        colour, blinking, start_ms, end_ms = self._signal
        if now_ms >= end_ms:
            self._signal = None
            return None
        if blinking and (now_ms - start_ms) // _BLINK_MS % 2:
            return _OFF
        return colour

    def _of_bin(self, bin_: int, now_ms: int):
        if bin_ not in self._given:
            return _OFF
        colour, end_ms = self._given[bin_]
        if now_ms >= end_ms:
            del self._given[bin_]
            return _OFF
        return colour
