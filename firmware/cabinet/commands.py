"""Commands from the gateway: unlock, light, identify, recalibrate, update; each id is carried out once.

What cannot be taken back (unlock) is journaled as done before it is done, so that a power cut can lose it but never
double it. The ids of the last sixteen are found again in the journal after a start.
"""

from cabinet import session, wire
from cabinet.calibration import CalibrationError

IDS_MAX = 16


class Commands:
    """Carries out the payloads of `command`."""

    def __init__(self, attendant, calibration, weighing, lights, recorder, clock):
        self.ids = []  # of the last commands done, newest last
        self.refused = 0  # payloads that were no command at all
        self._attendant = attendant
        self._calibration = calibration
        self._weighing = weighing
        self._lights = lights
        self._recorder = recorder
        self._clock = clock
        self.update = None  # begins an update: why it is refused, or ""

    def remember(self, ids) -> None:
        """Ids found in the journal."""
        self.ids += ids
        self.ids = self.ids[-IDS_MAX:]

    def take(self, payload: bytes) -> None:
        """Carry out a command, unless it has been."""
        try:
            command = wire.decode_command(payload)
        except wire.WireError:
            self.refused += 1
            return
        if command["id"] in self.ids:
            return
        self.remember([command["id"]])
        late = self._too_late(command)
        if late:
            self._done(command, "expired", late)
        else:
            getattr(self, "_" + command["kind"])(command)

    def _too_late(self, command):
        expires_utc_ms = command.get("expires_utc_ms")
        if expires_utc_ms is None:
            return ""
        utc_ms = self._clock.utc_ms()
        if utc_ms is None:
            return "expected a clock to judge the expiry by, found none"
        return "expired %d ms ago" % (utc_ms - expires_utc_ms) if utc_ms > expires_utc_ms else ""

    def _done(self, command, result, detail=""):
        self._recorder.record("command_done", id=command["id"], result=result, detail=detail[:96])

    def _unlock(self, command):
        why = self._attendant.cannot_unlock(command["door"])
        if why:
            self._done(command, "refused", why)
            return
        self._done(command, "done")
        self._attendant.unlock(command["door"], command["person"])

    def _light(self, command):
        if not self._has_bin(command):
            return
        self._done(command, "done")
        self._lights.light(command["bin"], command["colour"], self._clock.up_ms() + command["for_ms"])
        self._attendant.stir()

    def _identify(self, command):
        self._done(command, "done")
        self._lights.signal("white", True, self._clock.up_ms(), command["for_ms"])
        self._attendant.stir()

    def _recalibrate(self, command):
        if not self._has_bin(command):
            return
        if self._attendant.state != session.SHUT:
            self._done(command, "refused", "expected all doors shut, found a session")
            return
        try:
            self._calibrate(command["bin"], command["mass_mg"])
        except CalibrationError as error:
            self._done(command, "refused", str(error))
            return
        self._done(command, "done")

    def _update(self, command):
        why = self.update(command)
        self._done(command, "refused" if why else "done", why)

    def _calibrate(self, bin_, mass_mg):
        was_calibrated = self._weighing.calibration(bin_)[1]
        zero_counts, ng_per_count = self._calibration.take(bin_, mass_mg)
        self._recorder.record(
            "recalibrated", bin=bin_, mass_mg=mass_mg, zero_counts=zero_counts, ng_per_count=ng_per_count
        )
        if ng_per_count and not was_calibrated:
            self._recorder.record("bin_well", bin=bin_)

    def _has_bin(self, command):
        bins = self._weighing.bins
        if command["bin"] <= bins:
            return True
        self._done(command, "refused", "expected bin 1 to %d, found %d" % (bins, command["bin"]))
        return False
