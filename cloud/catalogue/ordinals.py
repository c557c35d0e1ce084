"""Sets of ordinals as the search index keeps and compares them. Pure.

A set is an integer whose bit n says whether n is in it: `&` and `|` of 200,000 parts take microseconds. It is stored
in blocks of `BLOCK` ordinals, so that a change of one part rewrites little: few ordinals as two bytes each, many as
the bits themselves.
"""

import sys
from array import array
from collections.abc import Iterable, Iterator
from typing import Final

BLOCK: Final = 32768
_BYTES: Final = BLOCK // 8
_FEW: Final = 1024


def packed(ordinals: Iterable[int]) -> bytes:
    """The ordinals of one block (0 to `BLOCK` - 1) as they are stored."""
    found = sorted(set(ordinals))
    if len(found) <= _FEW:
        numbers = array("H", found)
        if sys.byteorder == "big":
            numbers.byteswap()
        return numbers.tobytes()
    bits = bytearray(_BYTES)
    for ordinal in found:
        bits[ordinal >> 3] |= 1 << (ordinal & 7)
    return bytes(bits)


def unpacked(stored: bytes) -> set[int]:
    """The ordinals of one block, from 0."""
    return set(_few(stored)) if len(stored) < _BYTES else set(members(int.from_bytes(stored, "little")))


def bits_of(stored: bytes, block: int) -> int:
    """One stored block as a set among all ordinals."""
    if len(stored) == _BYTES:
        return int.from_bytes(stored, "little") << (block * BLOCK)
    bits = bytearray(_BYTES)
    for ordinal in _few(stored):
        bits[ordinal >> 3] |= 1 << (ordinal & 7)
    return int.from_bytes(bits, "little") << (block * BLOCK)


def _few(stored: bytes) -> "array[int]":
    numbers = array("H")
    numbers.frombytes(stored)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def set_of(ordinals: Iterable[int]) -> int:
    """A set of any ordinals."""
    found = list(ordinals)
    bits = bytearray((max(found, default=0) >> 3) + 1)
    for ordinal in found:
        bits[ordinal >> 3] |= 1 << (ordinal & 7)
    return int.from_bytes(bits, "little")


def members(bits: int) -> Iterator[int]:
    """The ordinals of a set, the lowest first."""
    stored = bits.to_bytes((bits.bit_length() + 7) // 8, "little")
    for at, byte in enumerate(stored):
        if byte:
            for bit in range(8):
                if byte >> bit & 1:
                    yield at * 8 + bit


def at_least(sets: Iterable[int]) -> list[int]:
    """For each k from all of the sets down to one: what is in at least k of them, the most first."""
    levels: list[int] = []
    for bits in sets:
        levels.append(0)
        for at in range(len(levels) - 1, 0, -1):
            levels[at] |= levels[at - 1] & bits
        levels[0] |= bits
    return levels[::-1]
