"""A controller's clock and world in lockstep with the host: time moves only when the host says so.

Whenever the firmware waits for longer than it was granted, or has said something, one line goes to the host,
`[now_us, until_us, [message, ...]]`, and one comes back, `[at_us, granted_us, [message, ...]]`: it is `at_us` now, the
messages (`[number, name, ...]`) happen, and nothing else will before `granted_us`. In between time jumps from wait to
wait; computing takes none.

Garbage is collected here, now and then: collecting as the firmware asks the interpreter to costs as much as all else,
and that the firmware lives in its own heap is proven elsewhere.
"""

import gc
import json

import usocket

_NEVER_US = 1 << 52
_COLLECT_WAITS = 512  # between two collections; the heap must be large enough for as many


class World:
    """What `world.py` is to a controller on the wall clock, with everything said kept until the next wait."""

    def __init__(self, path):
        self.socket = None  # nobody polls it: the host answers when it is asked
        self.poller = None
        self.said = []
        self._socket = usocket.socket(usocket.AF_UNIX, usocket.SOCK_STREAM)
        self._socket.connect(b"\x01\x00" + path.encode())  # sun_family, then the path
        self._calls = {}

    def say(self, *message):
        self.said.append(message)

    def done(self, number, value=None):
        if number:
            self.said.append(("done", number, value))

    def on(self, name, call):
        self._calls[name] = call

    def ask(self, *message):
        """Say something and wait for the one line that answers it; only before the firmware runs."""
        self._socket.write(json.dumps(message) + "\n")
        return json.loads(self._socket.readline())

    def serve(self):
        """Nothing comes but as the answer to a wait."""

    def exchange(self, now_us, until_us):
        """Tell the host until when this controller waits; (at_us, granted_us, messages)."""
        said, self.said = self.said, []
        self._socket.write(json.dumps((now_us, until_us, said)) + "\n")
        line = self._socket.readline()
        if not line:
            raise SystemExit(3)  # when the host is gone, so is this controller's world
        return json.loads(line)

    def perform(self, messages):
        for message in messages:
            self._calls[message[1]](message[0], *message[2:])


class LockstepClock:
    """The clock seam of `virtual_time`, driven by the host."""

    def __init__(self, world):
        self._world = world
        self._now_us = 0
        self._granted_us = 0
        self._waits = 0
        gc.disable()

    def now_us(self):
        return self._now_us

    def wait(self, _poller, until_us):
        """Be at `until_us`, or earlier when the host has something to say then. No stream is ever ready here."""
        world = self._world
        self._waits += 1
        if self._waits == _COLLECT_WAITS:
            self._waits = 0
            gc.collect()
        if until_us <= self._granted_us and not world.said:
            if until_us > self._now_us:
                self._now_us = until_us
            return ()
        self._now_us, self._granted_us, messages = world.exchange(self._now_us, until_us)
        if messages:
            world.perform(messages)
        return ()

    def wait_for_ever(self, poller):
        """Let the host bring something; `()` when it has."""
        return self.wait(poller, _NEVER_US)
