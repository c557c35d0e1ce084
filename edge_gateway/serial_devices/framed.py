"""Frames that are found again by their bytes: what has come is kept until a parser can say what it is."""

from abc import ABC, abstractmethod

from edge_gateway.serial_devices.weight import Said


class Framed(ABC):
    """A parser that says, again and again, how many of the bytes kept are settled and what they say."""

    def __init__(self) -> None:
        self._kept = bytearray()

    def forget(self) -> None:
        """What has come so far ends in nothing."""
        self._kept.clear()

    def feed(self, data: bytes) -> list[Said]:
        """What is complete with these bytes."""
        found: list[Said] = []
        self._kept += data
        while True:
            used, said = self._next()
            del self._kept[:used]
            if said is not None:
                found.append(said)
            if not used:
                return found

    @abstractmethod
    def _next(self) -> tuple[int, Said | None]:
        """(bytes used, what they say); nothing used: more are needed."""
