"""`network` as a board with Ethernet has it. The link is up unless the world pulls the cable."""

PHY_W5500 = 20
PHY_LAN8720 = 1
ETH_INITIALIZED = 0
ETH_STARTED = 1
ETH_STOPPED = 2
ETH_CONNECTED = 3
ETH_DISCONNECTED = 4
ETH_GOT_IP = 5

linked = True  # the world's cable
_hostname = "mpy-esp32s3"


def hostname(name=None):
    global _hostname
    if name is not None:
        _hostname = name
    return _hostname


class LAN:
    def __init__(self, id=0, **wiring):
        self._active = False

    def active(self, active=None):
        if active is not None:
            self._active = bool(active)
        return self._active

    def isconnected(self):
        return self._active and linked

    def status(self):
        if not self._active:
            return ETH_STOPPED
        return ETH_GOT_IP if linked else ETH_DISCONNECTED

    def ifconfig(self, settings=None):
        return ("127.0.0.1", "255.0.0.0", "127.0.0.1", "127.0.0.1") if settings is None else None

    def config(self, *names, **settings):
        return b"\x02\x00\x00\x00\x00\x01" if names == ("mac",) else None
