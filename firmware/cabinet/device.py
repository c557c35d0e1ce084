"""What this controller is, for the gateway, and the way to its updates, which are loaded only when there is one.

At rest a look at a file says that nothing is being updated. Names and code of `updating.py` and what it needs take a
tenth of the heap: they come in with a command `update`, or when the boot record says that one is under way, and a
restart ends it. This module, too, is loaded when there is something to tell, and let go of.
"""

import asyncio
import sys

from cabinet.health import FIRMWARE

# One text, because a controller keeps every short one for ever.
_MESSAGE = (
    '{"v":1,"firmware":"%s","board":"%s","micropython":"%s/%d","slot":"%s","trial":%d,"installing":"%s","got_bytes":%d,'
    '"of_bytes":%d,"locks":"%s","tls":%d,"certificate":"%s","not_after_ms":%d}'
)
_AT_REST = '"trial": 0,|"gone": null|"job": null'


class Device:
    """`parts` are what an update needs of the controller; `slots` is None for firmware that runs from none.

    `certificate` is its serial and until when it holds, ("", 0) where there is none. It is to be kept while `updating`.
    """

    def __init__(self, parts, board: str, settings: dict, slots, certificate):
        self.certificate = certificate
        self.updating = None
        self._parts = parts
        self._board = board
        self._settings = settings
        self._slots = slots

    def start(self) -> None:
        """See which certificate is in use, and go on with an update that is under way."""
        if "tls" in self._settings:
            self.take()
        if self._slots:
            try:
                with open("slots") as file:
                    text = file.read()
            except OSError:
                text = ""
            for word in _AT_REST.split("|"):  # as text, as it is written
                if word not in text:
                    self._load().start()
                    break

    def tell(self) -> None:
        """Send `device`."""
        trial, installing, got_bytes, of_bytes = self.updating.progress() if self.updating else (0, "", 0, 0)
        text = _MESSAGE % (
            FIRMWARE, self._board, "%d.%d.%d" % sys.implementation.version[:3],
            getattr(sys.implementation, "_mpy") & 0xFF,  # noqa: B009 - a name that is spelt keeps itself
            self._slots[1] if self._slots else "none", trial, installing, got_bytes, of_bytes,
            self._settings["locks"], 1 if self._settings.get("tls") else 0, self.certificate[0], self.certificate[1],
        )  # fmt: skip
        self._parts[0].publish("device", text.encode())

    def update(self, command: dict) -> str:
        """Begin an update; why that is refused, "" when it is not."""
        if not self._slots:
            return "expected a flash with two slots for firmware, found none"
        return self._load().begin(command)

    def take(self, payload=None) -> None:
        """A renewed certificate has come (or see which is in use): from the next connection on, or journal why not."""
        from cabinet import certificate  # noqa: PLC0415 - seldom needed

        self.certificate = certificate.take(self._settings, payload, self._parts[2])
        certificate = None
        del sys.modules["cabinet.certificate"], sys.modules["cabinet"].certificate
        self.tell()

    def _load(self):
        """What carries out updates."""
        if not self.updating:
            from cabinet.updating import Updating  # noqa: PLC0415 - seldom needed

            updating = self.updating = Updating(self._parts, self._board, self._slots, self.tell)
            asyncio.create_task(updating.run())
        return self.updating
