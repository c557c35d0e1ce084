"""The `live` message: doors and weights for whoever watches, QoS 0, never evidence.

On change while a session is open, at most five a second; otherwise every thirty seconds.
"""

from array import array

from cabinet import session, wire

OPEN_MS_MIN = 200
SHUT_MS = 30000
_CHANGE = 3  # times the noise: less is not worth a message


class Live:
    """Looks at the cabinet and says whether there is something new to see."""

    def __init__(self, attendant, doors, weighing, clock):
        self._attendant = attendant
        self._doors = doors
        self._weighing = weighing
        self._clock = clock
        self._sent_ms = -SHUT_MS
        self._mg = array("i", [0] * weighing.bins)
        self._quality = bytearray(weighing.bins)
        self._state = None

    def message(self):
        """The payload of `live` when one is due, else None."""
        now_ms = self._clock.up_ms()
        state = (self._attendant.session, self._attendant.state, self._door_rows())
        waited_ms = now_ms - self._sent_ms
        due = waited_ms >= SHUT_MS or state != self._state
        if waited_ms < OPEN_MS_MIN or not (due or self._has_changed()):
            return None
        self._sent_ms = now_ms
        self._state = state
        return self._encode(now_ms, state[2])

    def _door_rows(self):
        return [(door.number, 1 if door.open else 0, 1 if door.locked else 0) for door in self._doors]

    def _has_changed(self):
        if self._attendant.state == session.SHUT:
            return False
        for i in range(self._weighing.bins):
            mg, noise_mg, quality = self._weighing.now(i + 1)
            if quality != self._quality[i] or (mg is not None and abs(mg - self._mg[i]) > _CHANGE * noise_mg):
                return True
        return False

    def _encode(self, now_ms, doors):
        rows = []
        for i in range(self._weighing.bins):
            mg, _, quality = self._weighing.now(i + 1)
            rows.append((i + 1, mg, quality))
            self._mg[i] = mg or 0
            self._quality[i] = quality
        fields = {
            "up_ms": now_ms,
            "session": self._attendant.session,
            "person": self._attendant.person,
            "doors": doors,
            "bins": rows,
        }
        return wire.encode("live", fields)
