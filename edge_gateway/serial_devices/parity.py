"""The eighth bit: a line of seven bits with parity, read as eight bits without.

Pure. Such a line can be read all the same, and its parity even tells whether a byte came wrong; a byte that does not
fit its neighbours' parity makes the frame a fault. Nothing is ever masked on trust.
"""

from typing import Final

_EVEN: Final = bytes(byte | (0x80 if byte.bit_count() % 2 else 0) for byte in range(128))
_ODD: Final = bytes(byte | (0 if byte.bit_count() % 2 else 0x80) for byte in range(128))
_SEVEN: Final = bytes(byte & 0x7F for byte in range(256))
LOW_BITS: Final = _SEVEN  # for bytes.translate: what a byte is without its eighth bit


def without_parity(data: bytes) -> bytes | None:
    """The seven bits of every byte; None when the eighth bits are neither all clear, all set, nor a sound parity."""
    if data.isascii():
        return data
    plain = data.translate(_SEVEN)
    sound = (plain.translate(_EVEN + bytes(128)), plain.translate(_ODD + bytes(128)), bytes(b | 0x80 for b in plain))
    return plain if data in sound else None
