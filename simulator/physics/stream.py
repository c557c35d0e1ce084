"""The generator of everything random in the physics: the same numbers on every runtime."""


class Stream:
    """Marsaglia's xorshift32."""

    def __init__(self, seed: int):
        self.state = (seed * 2654435761 + 0x9E3779B9) & 0xFFFFFFFF or 1
        for _ in range(8):
            self.next()

    def next(self) -> int:
        """32 bits, never 0."""
        x = self.state
        x ^= x << 13 & 0xFFFFFFFF
        x ^= x >> 17
        x ^= x << 5 & 0xFFFFFFFF
        self.state = x
        return x

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + self.next() % (high - low + 1)

    def normal(self, sigma: int) -> int:
        """A number of mean 0 and deviation `sigma`: the sum of twelve bytes, whose deviation is 256."""
        total = 0
        for _ in (0, 1, 2):
            x = self.next()
            pairs = (x & 0xFF00FF) + (x >> 8 & 0xFF00FF)
            total += (pairs & 0xFFFF) + (pairs >> 16)
        return ((total - 1530) * sigma + 128) // 256
