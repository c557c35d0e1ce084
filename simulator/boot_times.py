"""When the virtual time of each boot of a controller met the wall clock."""

Anchor = tuple[int, int]  # virtual us since the power came on, wall ms since 1970


class BootTimes:
    """Of a controller whose virtual time runs `speed` times as fast as the wall clock."""

    def __init__(self, speed: float):
        self._speed = speed
        self._anchors: list[list[Anchor]] = []  # of each boot, in order
        self._starting = False

    def __len__(self) -> int:
        return len(self._anchors)

    def begin(self) -> None:
        """The power comes on; a boot that never gets as far as its first wait is none."""
        self._starting = True

    def tie(self, virtual_us: int, wall_ms: int) -> None:
        """Virtual time is tied to the wall clock, for the first time in a boot or anew."""
        if self._starting:
            self._anchors.append([])
            self._starting = False
        self._anchors[-1].append((virtual_us, wall_ms))

    def wall_ms_of(self, boot: int, up_ms: int) -> int:
        """When it was, in wall-clock ms since 1970, that the firmware of a boot (from 1) had been up for `up_ms`."""
        anchors = self._anchors[boot - 1]
        virtual_us, wall_ms = max((anchor for anchor in anchors if anchor[0] <= up_ms * 1000), default=anchors[0])
        return wall_ms + round((up_ms * 1000 - virtual_us) / 1000 / self._speed)
