"""`network` as a board with Ethernet has it. The link is up unless the world pulls the cable."""

PHY_LAN8720 = 2
PHY_W5500 = 20

linked = True  # the world's cable


class LAN:
    def __init__(self, id=0, **wiring):
        self._active = False

    def active(self, active=None):
        if active is not None:
            self._active = bool(active)
        return self._active

    def isconnected(self):
        return self._active and linked

    def ifconfig(self, settings=None):
        return ("127.0.0.1", "255.0.0.0", "127.0.0.1", "127.0.0.1") if settings is None else None
