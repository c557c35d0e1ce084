"""Runs under MicroPython: the whole firmware over the fakes, on a clock that jumps, with a broker inside the process.

`power_on` does what it does for every virtual cabinet; only clock, world and sockets are others. The world plays a
scene: a rest with the door shut, then a visit in which the door stands open and hands move. The processor time of each
part is printed as `name virtual_ms processor_us`. The argument is a file with the scene (`jumping_bench.py`).
"""

import json
import select
import sys

import in_process_broker
import virtual_asyncio
import virtual_time

with open(sys.argv[1]) as file:
    _SCENE = json.load(file)


def processor_us():
    """Processor time of this process so far (Linux), to ten milliseconds."""
    with open("/proc/self/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 10000


class JumpingClock:
    """Goes to the next thing due at once; the scene begins with the first wait."""

    def __init__(self, begin):
        self.us = 0
        self._begin = begin
        self.on_anchor = None

    def now_us(self):
        return self.us

    def wait(self, poller, until_us):
        if self._begin is not None:
            begin = self._begin
            self._begin = None
            begin()
        elif until_us > self.us:
            self.us = until_us
        return ()

    def wait_for_ever(self, poller):
        raise RuntimeError("expected something to do, found nothing")


class Silence(virtual_asyncio.InProcessStream):
    """In place of the host's socket: nobody speaks there."""

    def ready(self, events):
        return 0


class World:
    """Tells the controller what it is, and plays the scene."""

    def __init__(self, path):
        self.socket = Silence()
        self.poller = select.poll()
        self._calls = {}
        self._marked = (0, 0)

    def say(self, *message):
        if message[0] in ("reset", "stopped"):
            raise SystemExit(1)  # the scene is for a firmware that goes on

    def done(self, number, value=None):
        """Nobody waits for answers."""

    def serve(self):
        """Nobody asks."""

    def on(self, name, call):
        self._calls[name] = call

    def ask(self, *message):
        virtual_time.WallClock = lambda speed_permille: JumpingClock(self._begin)
        return _SCENE["boot"]

    def _begin(self):
        at = virtual_time.after_ms
        rest_ms = _SCENE["settled_ms"] + _SCENE["rest_ms"]
        opened_ms = rest_ms + 2000
        shut_ms = opened_ms + _SCENE["open_ms"]
        at(_SCENE["settled_ms"], self._mark)
        at(rest_ms, self._mark, "rest")
        at(rest_ms + 1, self._do, "badge", _SCENE["badge"], False, 800)
        at(rest_ms + 1500, self._do, "pull", 1)
        at(opened_ms, self._mark)
        for bin_ in range(1, _SCENE["open_ms"] // 6000):
            at(opened_ms + 6000 * bin_, self._do, "move", bin_, 1900000, 0, 600, 600)
        at(shut_ms, self._mark, "open")
        at(shut_ms, self._do, "shut", 1, True)
        at(shut_ms + 240000, self._end)

    def _do(self, name, *arguments):
        self._calls[name](0, *arguments)

    def _mark(self, name=None):
        now = (virtual_time.clock.us // 1000, processor_us())
        if name:
            print(name, now[0] - self._marked[0], now[1] - self._marked[1])
        self._marked = now

    def _end(self):
        print("end")
        raise SystemExit


class Worlds:
    """The module `world`."""

    World = World


class Sockets:
    """The module `socket`, as far as the link uses it."""

    SOCK_STREAM = 1
    socket = in_process_broker.Connection

    @staticmethod
    def getaddrinfo(host, port, *_):
        return [(0, 0, 0, "", (host, port))]


in_process_broker.Connection.reachable = _SCENE["reachable"]
sys.modules["socket"] = Sockets
sys.modules["world"] = Worlds
sys.argv[:] = ["", "nowhere"]
import power_on  # noqa: E402, F401 - it runs for ever
