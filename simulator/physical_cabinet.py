"""What is true of a cabinet whether its controller has power or not: doors, loads, tags, and what is broken.

Nothing here knows a controller or a clock.
"""

from dataclasses import dataclass
from typing import Any

from simulator import physics

# A converter whose code stands still, does not answer or is at its rail; an open wire, at the other rail or adrift; its
# multiplexer stuck on this channel; its cell and the next bin's exchanged; its signal wires exchanged; far too noisy; a
# tray that does not come back up.
SENSOR_FAULTS = (
    "well", "stuck", "nack", "saturated", "open_rail", "open_wander", "mux_stuck", "swapped",
    "reversed", "noisy", "loose",
)  # fmt: skip


# A shelf node that says nothing; one byte of whose answer is wrong; that answers under another's number; whose answer
# comes too late; that answers and no longer looks at its converters.
NODE_FAULTS = ("well", "silent", "corrupt", "wrong_address", "late", "hung")


@dataclass
class DoorState:
    """One door as it is: `energised` is its coil, `latches` whether the bolt catches when the door is shut.

    `fail_safe`: its bolt is held out by the coil, and falls back without power.
    """

    open: bool = False
    latched: bool = True
    energised: bool = False
    latches: bool = True
    fail_safe: bool = False

    def lose_power(self) -> None:
        """The coil lets go, and the spring pushes the bolt out if the door is there to be held; or in, if fail-safe."""
        self.energised = False
        if not self.open and self.latches:
            self.latched = not self.fail_safe


class PhysicalCabinet:
    """A cabinet of a board, on cells of one class that `seed` makes."""

    def __init__(self, board: dict[str, Any], cell_class: str, seed: int, locks: str = "fail_secure"):
        self.bins: int = board["bins"]
        self.doors: dict[int, DoorState] = {
            door["door"]: DoorState(fail_safe=locks == "fail_safe") for door in board["doors"]
        }
        self.faults: dict[int, str] = {}
        self.node_faults: dict[int, str] = {}  # by the node's address
        self.tags: dict[str, bool] = {}  # EPC: whether it is inside; otherwise near enough to be heard
        self.tag_reader = "well"
        self._lying = physics.Lying(cell_class, self.bins, seed)
        self._mass_mg: dict[int, int] = dict.fromkeys(range(1, self.bins + 1), 0)
        self._lies_mg: dict[int, int] = dict.fromkeys(range(1, self.bins + 1), 0)

    def is_unlocked(self, door: int) -> bool:
        """Whether the door would open now, or is open already."""
        return self.doors[door].open or not self.doors[door].latched

    def mass_mg(self, bin_: int) -> int:
        """What truly lies in a bin."""
        return self._mass_mg[bin_]

    def _set_open(self, door: int) -> None:
        self.doors[door].open = True
        self.doors[door].latched = False

    def _lay(self, bin_: int, mass_mg: int) -> int:
        """Have a mass in a bin; how many milligrams too many it weighs as it lies there."""
        if mass_mg != self._mass_mg[bin_]:
            self._lies_mg[bin_] = self._lying.moved(bin_ - 1, self._mass_mg[bin_], mass_mg)
        self._mass_mg[bin_] = mass_mg
        return self._lies_mg[bin_]

    def _world(self) -> dict[str, Any]:
        """What a controller's chips find when they get power."""
        return {
            "loads_mg": [self._mass_mg[bin_] for bin_ in sorted(self._mass_mg)],
            "lies_mg": [self._lies_mg[bin_] for bin_ in sorted(self._lies_mg)],
            "doors": [[self.doors[door].open, self.doors[door].latched] for door in sorted(self.doors)],
            "tags": [epc for epc, inside in self.tags.items() if inside],
            "tags_near": [epc for epc, inside in self.tags.items() if not inside],
            "tag_reader": self.tag_reader,
            **({"fail_safe": 1} if any(door.fail_safe for door in self.doors.values()) else {}),
            "faults": [[bin_, kind] for bin_, kind in self.faults.items() if kind != "well"],
            "nodes": [[node, kind] for node, kind in self.node_faults.items() if kind != "well"],
        }
