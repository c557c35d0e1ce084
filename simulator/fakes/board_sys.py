"""`sys` as a board's own: what it says of its interpreter is the board's, everything else the host interpreter's."""

import sys

_XTENSA_WINDOWED = 10 << 10  # the machine code that the board would take in an .mpy


class Implementation:
    """`sys.implementation` of a stock build for a board."""

    def __init__(self, build, machine):
        self.name = "micropython"
        self.version = sys.implementation.version[:3] + ("",)
        self._machine = machine
        self._mpy = sys.implementation._mpy & 0xFF | _XTENSA_WINDOWED
        self._build = build

    def __getitem__(self, index):
        return (self.name, self.version, self._machine, self._mpy)[index]


class BoardSys:
    """Stands in `sys.modules` for the real one."""

    platform = "esp32"

    def __init__(self, build, machine):
        self.implementation = Implementation(build, machine)
        self._build = build

    def __getattr__(self, name):
        return getattr(sys, name)


def install(build, machine):
    """From now on `import sys` finds the board's."""
    sys.modules["sys"] = BoardSys(build, machine)
