"""Whether what lies on a scale may be taken as its weight: the scale says so, more than once, and always the same.

Pure. A single frame may have come wrong where a protocol has no checksum: three that agree have not.
"""

from typing import Final, NamedTuple

from edge_gateway.serial_devices.weight import Weight

READINGS: Final = 3
LASTS_MS: Final = 500
FRESH_MS: Final = 2000
_KEPT_MAX: Final = 64


class Steadied(NamedTuple):
    """A weight that stood still: the middle one of its readings, and how finely the scale shows it."""

    mass_mg: int
    step_mg: int


class Steady:
    """Follows a scale's readings; times are of any clock that goes forward."""

    def __init__(self) -> None:
        self._run: list[tuple[int, int, int]] = []  # when, mass, step: stable and agreeing

    def take(self, weight: Weight, at_ms: int) -> None:
        """One reading more."""
        if not weight.stable or weight.mass_mg is None:
            self._run.clear()
            return
        now = (at_ms, weight.mass_mg, weight.step_mg)
        if self._run and (at_ms - self._run[-1][0] > FRESH_MS or not _agrees(self._run, now)):
            self._run.clear()
        self._run.append(now)
        if len(self._run) > _KEPT_MAX:
            del self._run[1]

    def at(self, now_ms: int) -> Steadied | None:
        """What stands still now; None while nothing does."""
        run = self._run
        if len(run) < READINGS or now_ms - run[-1][0] > FRESH_MS or run[-1][0] - run[0][0] < LASTS_MS:
            return None
        return Steadied(sorted(mass for _, mass, _ in run)[len(run) // 2], max(step for *_, step in run))


def _agrees(run: list[tuple[int, int, int]], now: tuple[int, int, int]) -> bool:
    masses = [mass for _, mass, _ in run]
    return max(*masses, now[1]) - min(*masses, now[1]) <= 2 * now[2] and run[-1][2] == now[2]
