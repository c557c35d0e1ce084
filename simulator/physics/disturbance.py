"""What shakes and presses: ringing after a knock, hands that rummage, somebody who leans on a tray.

What is over is forgotten. A bin that nothing touches costs nothing.
"""

from .curves import decayed, sine
from .stream import Stream

_OVER_AFTER_US = 4000000  # a ringing of at most 1 kg x e^-16 is nothing
_HAND_MG = (400000, 2000000)  # SIM: a hand in the bin, at random
_LEAN_RISE_US = 250000
_SWAY_MHZ = (200, 900)  # millihertz: a person does not stand still
_SWAY_PERCENT = 4
_TREMOR_PERCENT = 1


class Disturbances:
    """Of all bins of a cabinet."""

    def __init__(self, stream: Stream):
        self.bins: dict[int, bool] = {}  # those that something shakes or presses, or will
        self._stream = stream
        self._ringing: dict[int, list[tuple[int, int, int, int]]] = {}  # [(start_us, mg, millihertz, tau_us)]
        self._hands: dict[int, tuple[int, int, int]] = {}  # (from_us, to_us, mg)
        self._leaning: dict[int, tuple[int, int, int, int]] = {}  # (from_us, to_us, mg, millihertz)

    def ring(self, bin_: int, at_us: int, mg: int, millihertz: tuple[int, int], taus_us: tuple[int, int]) -> None:
        """A knock, of some frequency and duration within the two ranges."""
        frequency = self._stream.between(millihertz[0], millihertz[1])
        tau_us = self._stream.between(taus_us[0], taus_us[1])
        rings = [ring for ring in self._ringing.get(bin_, ()) if at_us - ring[0] < _OVER_AFTER_US]
        rings.append((at_us, mg, frequency, tau_us))
        self._ringing[bin_] = rings
        self.bins[bin_] = True

    def hand(self, bin_: int, from_us: int, to_us: int) -> None:
        """A hand rummages."""
        self._hands[bin_] = (from_us, to_us, self._stream.between(_HAND_MG[0], _HAND_MG[1]))
        self.bins[bin_] = True

    def lean(self, bin_: int, from_us: int, to_us: int, mg: int) -> None:
        """Somebody leans on a tray with `mg`, swaying; below zero it is lifted."""
        self._leaning[bin_] = (from_us, to_us, mg, self._stream.between(_SWAY_MHZ[0], _SWAY_MHZ[1]))
        self.bins[bin_] = True

    def mg(self, bin_: int, at_us: int) -> int:
        """What they press on a bin with at `at_us`."""
        total_mg = self._ring_mg(bin_, at_us) if bin_ in self._ringing else 0
        if bin_ in self._hands:
            total_mg += self._hand_mg(bin_, at_us)
        if bin_ in self._leaning:
            total_mg += self._lean_mg(bin_, at_us)
        if not (bin_ in self._ringing or bin_ in self._hands or bin_ in self._leaning):
            del self.bins[bin_]
        return total_mg

    def _ring_mg(self, bin_: int, at_us: int) -> int:
        total_mg = 0
        for start_us, mg, millihertz, tau_us in self._ringing[bin_]:
            age_us = at_us - start_us
            if 0 <= age_us < _OVER_AFTER_US:
                turn = age_us * millihertz * 128 // 1000000000
                total_mg += decayed(mg, age_us, tau_us) * sine(turn) // 32767
        if at_us - start_us >= _OVER_AFTER_US:  # the last one
            del self._ringing[bin_]
        return total_mg

    def _hand_mg(self, bin_: int, at_us: int) -> int:
        from_us, to_us, mg = self._hands[bin_]
        if at_us >= to_us:
            del self._hands[bin_]
        return self._stream.between(-mg, mg) if from_us <= at_us < to_us else 0

    def _lean_mg(self, bin_: int, at_us: int) -> int:
        from_us, to_us, mg, millihertz = self._leaning[bin_]
        if at_us >= to_us:
            del self._leaning[bin_]
        if not from_us <= at_us < to_us:
            return 0
        edge_us = min(at_us - from_us, to_us - at_us, _LEAN_RISE_US)
        sway = sine((at_us - from_us) * millihertz * 128 // 1000000000) * _SWAY_PERCENT // 327
        tremor = self._stream.between(-100 * _TREMOR_PERCENT, 100 * _TREMOR_PERCENT)
        return mg * edge_us // _LEAN_RISE_US * (10000 + sway + tremor) // 10000
