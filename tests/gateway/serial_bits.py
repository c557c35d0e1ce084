"""A serial line bit by bit: what a receiver makes of bytes sent at another speed, or with parity it ignores."""

from collections.abc import Iterator


def sent_bits(data: bytes, *, parity: str = "N", idle: int = 3) -> Iterator[int]:
    """The line's level, a bit's time each: idle, start, the bits (7 with parity), parity, stop."""
    for byte in data:
        yield from [1] * idle
        bits = [byte >> place & 1 for place in range(8 if parity == "N" else 7)]
        even = sum(bits) % 2
        yield from (0, *bits, *({"N": [], "E": [even], "O": [1 - even]}[parity]), 1)
    yield from [1] * 40


def received(bits: list[int], ratio: float) -> bytes:
    """What an 8N1 receiver reads whose bits last `ratio` of the sender's; a stop bit that is low is a lost byte."""
    found, at = bytearray(), 0.0
    while at < len(bits):
        if bits[int(at)]:
            at = int(at) + 1
            continue
        places = [at + (number + 0.5) * ratio for number in range(10)]
        if int(places[9]) >= len(bits):
            break
        levels = [bits[int(place)] for place in places]
        if not levels[0]:
            if levels[9]:
                found.append(sum(level << number for number, level in enumerate(levels[1:9])))
            at = places[9]
        else:
            at += 1
    return bytes(found)


def with_parity(data: bytes, parity: str) -> bytes:
    """Seven bits with parity as eight bits without."""
    return received(list(sent_bits(data, parity=parity)), 1.0)
