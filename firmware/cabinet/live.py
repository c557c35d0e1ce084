"""The `live` message: doors and weights for whoever watches, QoS 0, never evidence.

While something happens every ten seconds and on change, at most five a second; at rest when a door changes, never
otherwise.
"""

from array import array

from cabinet import session, wire

_MS_MIN = 200
_MS_MAX = 10000
_CHANGE = 3  # times the noise: less is not worth a message


class Live:
    """Looks at the cabinet and says whether there is something new to see."""

    def __init__(self, attendant, doors, weighing, clock):
        self._attendant = attendant
        self._doors = doors
        self._weighing = weighing
        self._clock = clock
        self._sent_ms = -_MS_MAX
        self._mg = array("i", [0] * weighing.bins)
        self._quality = bytearray(weighing.bins)
        self._state = None

    def message(self, now_ms: int, happening: bool):
        """The payload of `live` when one is due, else None; `happening`: somebody may be watching what bins do."""
        waited_ms = now_ms - self._sent_ms
        if waited_ms < _MS_MIN:
            return None
        state = (self._attendant.session, self._attendant.state, self._door_rows())
        due = state != self._state or (happening and (waited_ms >= _MS_MAX or self._has_changed()))
        if not due:
            return None
        self._sent_ms = now_ms
        self._state = state
        return self._encode(now_ms, state[2])

    def _door_rows(self):
        return [(door.number, 1 if door.open else 0, 1 if door.locked else 0) for door in self._doors]

    def _has_changed(self):
        weighing = self._weighing
        if self._attendant.state == session.OPEN:
            weighing.evaluate_all()  # nobody else does so then
        for i in range(weighing.bins):
            mg, noise_mg, quality = weighing.now(i + 1)
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
