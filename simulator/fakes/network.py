"""`network` as a board with Ethernet has it. The link is up unless the world pulls the cable.

A PHY is made of the arguments that the ESP32 port asks of it, and refused without (`network_lan.c`).
"""

PHY_LAN8720 = 2
PHY_W5500 = 20

_WIRING = {
    PHY_LAN8720: ("mdc", "mdio", "power", "ref_clk", "ref_clk_mode"),
    PHY_W5500: ("spi", "cs", "int"),
}
_CLOCKS_OUT = (0, 16, 17)  # of the ESP32's EMAC

linked = True  # the world's cable


class LAN:
    def __init__(self, id=0, phy_type=None, phy_addr=0, **wiring):
        if phy_type not in _WIRING or [key for key in _WIRING[phy_type] if wiring.get(key) is None]:
            raise ValueError("expected the wiring of a PHY, found %r" % sorted(wiring))
        if phy_type == PHY_LAN8720 and wiring["ref_clk"].number not in _CLOCKS_OUT:
            raise ValueError("expected a clock on pin 0, 16 or 17, found %d" % wiring["ref_clk"].number)
        self._active = False

    def active(self, active=None):
        if active is not None:
            self._active = bool(active)
        return self._active

    def isconnected(self):
        return self._active and linked

    def ifconfig(self, settings=None):
        return ("127.0.0.1", "255.0.0.0", "127.0.0.1", "127.0.0.1") if settings is None else None
