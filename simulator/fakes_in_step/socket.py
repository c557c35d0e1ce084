"""`socket` of a controller in lockstep: TCP whose wire is the world's.

A connection is a number. To the world: `tcp_open number host port`, `tcp_data number hex`, `tcp_close number`. From
it: `tcp_opened`, `tcp_failed number errno`, `tcp_data`, `tcp_closed` (the other side sends no more). Nothing here
delays, loses or reorders anything: that is the world's business.
"""

from binascii import hexlify, unhexlify

from virtual_asyncio import InProcessStream

AF_INET = 2
SOCK_STREAM = 1

_POLLIN = 1
_POLLOUT = 4
_POLLERR = 8
_EAGAIN = 11
_ENOTCONN = 107
_EINPROGRESS = 115
_EINVAL = 22
_POLL = 3
_CLOSE = 4

_world = None
_open = {}
_numbers = 0


def attach(world):
    """Let connections go through `world`."""
    global _world
    _world = world
    world.on("tcp_opened", lambda _, number: _tell(number, "opened"))
    world.on("tcp_failed", lambda _, number, error: _tell(number, "failed", error))
    world.on("tcp_data", lambda _, number, data: _tell(number, "arrive", unhexlify(data)))
    world.on("tcp_closed", lambda _, number: _tell(number, "ended"))


def getaddrinfo(host, port, *_):
    return [(AF_INET, SOCK_STREAM, 0, "", (host, port))]


def _tell(number, what, *arguments):
    connection = _open.get(number)
    if connection is not None:  # it may have been closed while this was on its way
        getattr(connection, what)(*arguments)


class socket(InProcessStream):
    """A TCP connection that never blocks."""

    def __init__(self, *_):
        global _numbers
        _numbers += 1
        self._number = _numbers
        self._received = bytearray()
        self._up = False
        self._over = False
        self._error = 0

    def setblocking(self, _):
        """It never does."""

    def connect(self, address):
        _open[self._number] = self
        _world.say("tcp_open", self._number, address[0], address[1])
        raise OSError(_EINPROGRESS)

    def ioctl(self, request, argument):
        if request == _POLL:
            return self.ready(argument)
        if request == _CLOSE:
            self.close()
            return 0
        return -_EINVAL  # no file descriptor: whoever polls asks for readiness

    def ready(self, events):
        found = 0
        if self._received or self._over or self._error:
            found |= _POLLIN
        if self._up or self._error:
            found |= _POLLOUT
        if self._error:
            found |= _POLLERR
        return found & (events | _POLLERR)

    def read(self, count=-1):
        if self._error:
            raise OSError(self._error)
        if not self._received:
            return b"" if self._over else None
        if count < 0 or count > len(self._received):
            count = len(self._received)
        data = bytes(self._received[:count])
        self._received = self._received[count:]
        return data

    def readinto(self, buffer):
        data = self.read(len(buffer))
        if data is None:
            return None
        buffer[: len(data)] = data
        return len(data)

    def write(self, data):
        if self._error or not self._up:
            raise OSError(self._error or _ENOTCONN)
        _world.say("tcp_data", self._number, str(hexlify(data), "ascii"))
        return len(data)

    send = write

    def close(self):
        if _open.pop(self._number, None) is not None:
            _world.say("tcp_close", self._number)

    # ---- what the wire brings ----

    def opened(self):
        self._up = True
        self.wake()

    def failed(self, error):
        self._error = error
        self.wake()

    def arrive(self, data):
        self._received += data
        self.wake()

    def ended(self):
        self._over = True
        self.wake()
