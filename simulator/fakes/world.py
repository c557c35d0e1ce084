"""The line to the host, where hands, badges and faults come from: one JSON list a line, both ways, on a socket.

From the host: `[number, name, ...]`, done by the chip that registered `name`. A number other than 0 wants an answer,
`["done", number, value]`, which may come later in virtual time. To the host, unasked: what `controller_process.py`
lists. The world never speaks to the firmware, only to chips.
"""

import json
import select
import socket


class World:
    """The socket, its unfinished line, and who does what."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.connect(b"\x01\x00" + path.encode())  # sun_family, then the path
        self.poller = select.poll()
        self.poller.register(self.socket, select.POLLIN)
        self._line = b""
        self._calls = {}

    def say(self, *message):
        """Tell the host."""
        self.socket.write(json.dumps(message) + "\n")

    def done(self, number, value=None):
        """Answer a line that wanted an answer."""
        if number:
            self.say("done", number, value)

    def on(self, name, call):
        """Have lines called `name` done by `call(number, ...)`."""
        self._calls[name] = call

    def ask(self, *message):
        """Say something and wait for the one line that answers it; only before the firmware runs."""
        self.say(*message)
        return json.loads(self.socket.readline())

    def serve(self):
        """Do what the host has sent; when the host is gone, so is this controller's world."""
        data = self.socket.recv(512)
        if not data:
            raise SystemExit(3)
        lines = (self._line + data).split(b"\n")
        self._line = lines.pop()
        interrupt = None
        for line in lines:
            message = json.loads(line)
            try:
                self._calls[message[1]](message[0], *message[2:])
            except KeyboardInterrupt as typed:  # at a serial port; what came after it is heard, too
                interrupt = typed
        if interrupt is not None:
            raise interrupt
