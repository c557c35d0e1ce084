"""Sine, decay and square root in integers."""

from array import array

# A quarter of a sine in 32 steps, as parts of 32767.
_SINE = array(
    "h",
    (0, 1607, 3211, 4807, 6392, 7961, 9511, 11038, 12539, 14009, 15446, 16845, 18204, 19519, 20787, 22004)
    + (23169, 24278, 25329, 26318, 27244, 28105, 28897, 29621, 30272, 30851, 31356, 31785, 32137, 32412, 32609, 32727)
    + (32767,),
)
# 2^-(n/32) in parts of 2^24.
_HALVING = array(
    "i",
    (16777216, 16417715, 16065917, 15721658, 15384775, 15055111, 14732511, 14416824, 14107901, 13805598, 13509772)
    + (13220286, 12937002, 12659789, 12388516, 12123055, 11863283, 11609078, 11360319, 11116891, 10878679, 10645571)
    + (10417458, 10194234, 9975792, 9762032, 9552851, 9348154, 9147842, 8951823, 8760003, 8572295, 8388608),
)
_SLOT = 19  # a 32nd of a half-life is 2^19 of 2^24
_SLOT_MASK = 524287


def sine(turn: int) -> int:
    """The sine of an angle in 1/128 of a turn, as parts of 32767."""
    turn &= 127
    if turn < 32:
        return _SINE[turn]
    if turn < 64:
        return _SINE[64 - turn]
    return -sine(turn - 64)


def fine_sine(turn: int) -> int:
    """The sine of an angle in 1/32768 of a turn, as parts of 32767."""
    low = sine(turn >> 8)
    return low + ((sine((turn >> 8) + 1) - low) * (turn & 255) >> 8)


def decayed(amplitude: int, age_us: int, tau_us: int) -> int:
    """What an exponential decay has left, to a part in ten thousand; towards zero, whatever the sign."""
    half_us = tau_us * 693147 // 1000000
    if age_us >= half_us * 40:
        return 0
    halves = (age_us << 24) // half_us
    at = halves >> _SLOT & 31
    factor = _HALVING[at]
    factor -= (factor - _HALVING[at + 1]) * (halves & _SLOT_MASK) >> _SLOT
    if amplitude < 0:
        return -(-amplitude * factor >> 24 + (halves >> 24))
    return amplitude * factor >> 24 + (halves >> 24)


def root(value: int) -> int:
    """The whole square root, by Newton's method."""
    if value < 2:
        return value
    guess = 1
    while guess * guess < value:
        guess <<= 1
    while True:
        better = (guess + value // guess) >> 1
        if better >= guess:
            return guess
        guess = better
