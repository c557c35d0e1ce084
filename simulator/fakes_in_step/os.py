"""`os` of a controller in lockstep: the interpreter's own, but chance comes from the world's seed.

Everything a run depends on must come from its seed, and `urandom` is the one source of chance the firmware has.
"""

from uos import *  # noqa: F403

_state = 1


def seed(value):
    """Begin the stream of chance; `virtual_board` does, before the firmware is imported."""
    global _state
    _state = (value * 2654435761 + 0x9E3779B9) & 0xFFFFFFFF or 1


def urandom(count):
    """Marsaglia's xorshift32, a byte at a time."""
    global _state
    drawn = bytearray(count)
    for i in range(count):
        x = _state
        x ^= x << 13 & 0xFFFFFFFF
        x ^= x >> 17
        x ^= x << 5 & 0xFFFFFFFF
        _state = x
        drawn[i] = x >> 16 & 0xFF
    return bytes(drawn)
