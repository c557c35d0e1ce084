"""A cabinet that exists only here: its controller's process, and the physical truth around it.

What lies in the bins, which door stands open and which sensor is broken belongs to the world (`physical_cabinet.py`),
not to the controller: it survives power cuts, and goes on while the power is off. Hands act in virtual time.
"""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hardware import boards
from simulator import commissioning
from simulator.boot_times import BootTimes
from simulator.controller_process import ControllerProcess
from simulator.network import Network
from simulator.physical_cabinet import NODE_FAULTS, SENSOR_FAULTS, PhysicalCabinet
from simulator.power_and_cable import Cable, Power
from simulator.questions import PowerCutError

Observer = Callable[[str, tuple[Any, ...]], None]
# Measured at 24 bins: 69 KB for interpreter and fakes, up to 145 KB for the firmware, and over 32 KB to spare.
HEAP = "256K"
BADGE_MS = 800
REACH_MS = 300  # from the click of a lock until the hand pulls
_REACH_MS = 600  # a hand goes in, then takes or puts, then leaves
_LEAVE_MS = 600


class CrashError(Exception):
    """The interpreter ended by itself: no firmware may do that to it."""


class DoorLockedError(Exception):
    """Somebody pulled at a door whose bolt was latched."""


class VirtualCabinet(PhysicalCabinet):
    """A cabinet of a board file, connected to a broker through a network of its own."""

    def __init__(  # noqa: PLR0917 - the order is that of a cabinet's papers
        self,
        cabinet_id: str,
        board_path: Path,
        work_dir: Path,
        broker_host: str,
        broker_port: int,
        username: str,
        password: str,
        access_key: str,
        cell_class: str = "c3-10kg",
        air: tuple[int, int] = (0, 0),
        gain_steps: bool = False,
        speed: float = 1.0,
        seed: int = 1,
        heap: str = HEAP,
        ticks_start_ms: int = 0,
        network: Cable | None = None,
        make_power: Callable[[Callable[[list[Any]], None]], Power] | None = None,
        firmware: commissioning.Firmware | None = None,
        locks: str = "fail_secure",
        certificates: commissioning.Certificates | None = None,
        battery: bool = False,
    ):
        self.cabinet_id = cabinet_id
        self.board = boards.load(Path(board_path))
        super().__init__(self.board, cell_class, seed, locks)
        self._locks = locks
        self.speed = speed
        self.network: Any = network if network is not None else Network(broker_host, broker_port)
        self.observers: list[Observer] = []
        self.lights: dict[int, tuple[int, int, int]] = dict.fromkeys(range(1, self.bins + 1), (0, 0, 0))
        self._board_path = Path(board_path)
        self._work_dir = Path(work_dir)
        self._broker_login = (username, password, access_key)
        self._certificates = certificates
        self._battery = battery  # whether its calendar goes on without power
        self.time_network = Network(broker_host, certificates.time_port if certificates is not None else 0)
        self._cell_class = cell_class
        self._air_mk = air  # how far the air's temperature goes in a day, in a year
        self._gain_steps = gain_steps  # whether a converter's gain may be off after a start
        self._began_s: float | None = None  # by the loop's clock, when the power came on for the first time
        self._seed = seed
        self.ticks_start_ms = ticks_start_ms  # of the next boot
        self.traces: Path | None = None  # recorded codes of some bins, in place of their cells', from the next boot on
        self._boots = BootTimes(speed)
        self._runs = 0
        self._crashed = 0  # the signal that ended the interpreter, which nobody had sent
        self._changed = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()
        self._work_dir.mkdir(parents=True, exist_ok=True)
        self.log_path = self._work_dir / "controller.log"
        self.flash_path = self._work_dir / "flash.img"
        self._firmware = firmware  # where its flash has slots: what is in the first of them
        self.slots_path = self._work_dir / "slots.img" if firmware is not None else None
        self._process: Power = (
            make_power(self._heard)
            if make_power is not None
            else ControllerProcess(heap, self.log_path, self._heard, slots=self.slots_path)
        )

    # ---- power ----

    @property
    def powered(self) -> bool:
        """Whether the controller has power."""
        return self._process.powered

    @property
    def pid(self) -> int | None:
        """The controller's process id while it has power."""
        return self._process.pid

    @property
    def boots(self) -> int:
        """How often the firmware has started on this flash since this object was made."""
        return len(self._boots)

    async def power_on(self, reset_cause: str = "power_on") -> None:
        """Give the controller power; its firmware starts from its flash."""
        if not self.network.port:
            await self.network.start()
        if self._certificates is not None and self._certificates.time_port and not self.time_network.port:
            await self.time_network.start()
        self._prepare_flash()
        self._runs += 1
        self._boots.begin()
        await self._process.power_on(lambda: self._boot(reset_cause))  # hands do not wait for it

    def power_cut(self) -> None:
        """Take the controller's power away, at whatever it is doing."""
        self._process.power_cut()
        self._without_power()

    async def stop(self) -> None:
        """End process and network; `CrashError` when the interpreter had crashed meanwhile."""
        await self._process.stop()
        self._without_power()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.network.stop()
        await self.time_network.stop()
        if self._crashed:
            raise CrashError(
                f"expected the interpreter of {self.cabinet_id} to run on, found that signal {self._crashed} ended it"
            )

    # ---- people ----

    async def present_badge(
        self, uid_hex: str, iso14443_4: bool = False, for_ms: int = BADGE_MS, more_ms: int | None = None
    ) -> bool:
        """Hold a badge to the reader and take it away; whether it was read. A cabinet without power reads none.

        With `more_ms` it is taken away so long after it was read, at the latest after `for_ms`.
        """
        return bool(await self._act("badge", uid_hex, iso14443_4, for_ms, more_ms))

    async def wait_unlocked(self, door: int, timeout_ms: int) -> bool:
        """Wait until the door's coil has freed its bolt; False when `timeout_ms` of virtual time went by."""
        try:
            async with asyncio.timeout(None) as deadline:
                patience = asyncio.create_task(self._run_out(timeout_ms, deadline))
                try:
                    async with self._changed:
                        await self._changed.wait_for(lambda: self.is_unlocked(door))
                finally:
                    patience.cancel()
        except TimeoutError:
            return False
        return True

    async def open_door(self, door: int) -> None:
        """Pull the door open; `DoorLockedError` when its bolt is latched."""
        opened = await self._act("pull", door)
        if not (self.is_unlocked(door) if opened is None else opened):
            raise DoorLockedError(f"expected door {door} of {self.cabinet_id} to be unlocked, found it latched")
        self._set_open(door)

    async def open_when_unlocked(self, door: int, timeout_ms: int, reach_ms: int = REACH_MS) -> bool:
        """Stand at the door and pull it open `reach_ms` after its bolt lets go; False when it did not open.

        The hand moves in the controller's own time, so that a busy host does not make it late.
        """
        opened = await self._act("pull_within", door, timeout_ms, reach_ms)
        if opened is None and not self.is_unlocked(door):
            await self.sleep_ms(timeout_ms)
            opened = False
        if opened is False:
            return False
        self._set_open(door)
        return True

    async def enter(self, door: int, uid_hex: str, timeout_ms: int = 5000, reach_ms: int = REACH_MS) -> bool:
        """Hold a badge to the reader with a hand at the door, as in `open_when_unlocked`; whether it opened."""
        hand = asyncio.create_task(self.open_when_unlocked(door, timeout_ms, reach_ms))
        await self.present_badge(uid_hex)
        return await hand

    async def force_door(self, door: int) -> None:
        """Break the door open."""
        await self._act("force", door)
        self._set_open(door)

    async def shut_door(self, door: int, latches: bool = True) -> None:
        """Let the door fall shut; without `latches` the bolt does not catch."""
        state = self.doors[door]
        state.open = False
        state.latches = latches
        if not self.powered:
            state.latched = latches and not state.fail_safe
        await self._act("shut", door, latches)

    async def take(self, bin_: int, mass_mg: int) -> None:
        """A hand takes a mass out; returns when the hand has left."""
        if mass_mg > self._mass_mg[bin_]:
            raise ValueError(f"expected at most {self._mass_mg[bin_]} mg to take from bin {bin_}, found {mass_mg}")
        await self._move(bin_, self._mass_mg[bin_] - mass_mg)

    async def put(self, bin_: int, mass_mg: int) -> None:
        """A hand puts a mass in; returns when the hand has left."""
        await self._move(bin_, self._mass_mg[bin_] + mass_mg)

    async def put_tag(self, epc: str) -> None:
        """A tagged piece comes into the cabinet; its mass is for `put`."""
        self.tags[epc] = True
        await self._act("tag_put", epc)

    async def take_tag(self, epc: str, near: bool = False) -> None:
        """A tagged piece leaves; `near`: whoever has it stays beside the cabinet."""
        self.tags.pop(epc, None)
        if near:
            self.tags[epc] = False
        await self._act("tag_take", epc, near)

    async def lean(self, bin_: int, mass_mg: int, for_ms: int) -> None:
        """Somebody leans on a bin's tray; returns when it is over."""
        await self._act("lean", bin_, mass_mg, for_ms)

    # ---- the world ----

    async def set_load(self, bin_: int, mass_mg: int) -> None:
        """Change what lies in a bin without a hand or a knock."""
        await self._act("load", bin_, mass_mg, self._lay(bin_, mass_mg))

    async def set_fault(self, bin_: int, kind: str) -> None:
        """Break a bin's sensor, one of `SENSOR_FAULTS`; `well` mends it."""
        if kind not in SENSOR_FAULTS:
            raise ValueError(f"expected a fault of {', '.join(SENSOR_FAULTS)}, found {kind}")
        self.faults[bin_] = kind
        await self._act("fault", bin_, kind)

    async def set_node_fault(self, node: int, kind: str) -> None:
        """Break a shelf node, one of `NODE_FAULTS`; `well` mends it. `node` is its address."""
        if kind not in NODE_FAULTS:
            raise ValueError(f"expected a fault of {', '.join(NODE_FAULTS)}, found {kind}")
        self.node_faults[node] = kind
        await self._act("node", node, kind)

    async def set_tag_reader(self, kind: str) -> None:
        """Pull the tag reader's plug (`dead`), or put it back (`well`)."""
        self.tag_reader = kind
        await self._act("tag_reader", kind)

    async def network_cut(self, cut: bool) -> None:
        """Pull the network cable, or put it back."""
        for network in (self.network, self.time_network):
            if cut:
                network.cut()
            else:
                network.restore()
        await self._act("cable", not cut)

    async def sleep_ms(self, virtual_ms: int) -> None:
        """Let virtual time pass; by the wall clock when the controller has no power."""
        try:
            await self._process.ask("sleep", virtual_ms)
        except PowerCutError:
            await asyncio.sleep(virtual_ms / 1000 / self.speed)

    async def heap_free_bytes(self) -> int:
        """What the interpreter's heap has free after a collection."""
        free, _ = await self._process.ask("heap")
        self._tell("heap", free)
        return int(free)

    async def heap_of_fakes_bytes(self) -> int:
        """What the fakes alone held of the interpreter's heap when the firmware was imported."""
        _, fakes = await self._process.ask("heap")
        return int(fakes)

    async def bus_bytes(self) -> tuple[int, int]:
        """(virtual microseconds, bytes that went over the I2C wire by then)."""
        at_us, count = await self._process.ask("bus_bytes")
        return at_us, count

    def wall_ms_of(self, boot: int, up_ms: int) -> int:
        """When it was, in wall-clock ms since 1970, that the firmware of a boot (from 1) had been up for `up_ms`."""
        return self._boots.wall_ms_of(boot, up_ms)

    # ---- inside ----

    async def _move(self, bin_: int, mass_mg: int) -> None:
        await self._act("move", bin_, mass_mg, self._lay(bin_, mass_mg), _REACH_MS, _LEAVE_MS)

    async def _act(self, name: str, *arguments: Any) -> Any:
        """Let the chips feel it; None when there is no power, or none any more: the world goes on without."""
        try:
            return await self._process.ask(name, *arguments)
        except PowerCutError:
            return None

    async def _run_out(self, timeout_ms: int, deadline: asyncio.Timeout) -> None:
        await self.sleep_ms(timeout_ms)
        deadline.reschedule(asyncio.get_running_loop().time())

    def _prepare_flash(self) -> None:
        commissioning.blank_flash(self.flash_path)
        if self._firmware is not None and self.slots_path is not None:
            commissioning.install(self._firmware, self.slots_path, self._work_dir / "factory")
        username, password, access_key = self._broker_login
        settings: dict[str, Any] = {
            "cabinet": self.cabinet_id,
            "broker_host": "127.0.0.1",
            "broker_port": self.network.port,
            "username": username,
            "password": password,
            "access_key": access_key,
        }
        if self._locks != "fail_secure":
            settings["locks"] = self._locks
        if self._certificates is not None:
            settings["tls"] = self._certificates.settings()
            self._certificates.write(self._work_dir / "factory")
            if self.time_network.port:
                settings["time_port"] = self.time_network.port
        calibration = commissioning.calibration(self._cell_class, self.bins, self._seed)
        commissioning.write_factory_files(self._work_dir / "factory", self._board_path, settings, calibration)

    def _boot(self, reset_cause: str) -> dict[str, Any]:
        return {
            "flash": str(self.flash_path),
            **self._slots(),
            "factory": str(self._work_dir / "factory"),
            "speed_permille": round(self.speed * 1000),
            "ticks_start_ms": self.ticks_start_ms,
            "cell_class": self._cell_class,
            "seed": self._seed,
            "run": self._runs,
            "air": [*self._air_mk, self._world_us()],
            "steps": self._gain_steps,
            "traces": str(self.traces) if self.traces else "",
            "chance": self._seed * 1000 + self._runs,
            **self._world(),
            "reset_cause": reset_cause,
            "unique_id": self.cabinet_id.encode().hex(),
            "utc_s": int(time.time()) if self._battery else 0,
        }

    def _slots(self) -> dict[str, Any]:
        """Where firmware lies in slots: what is read at the start takes heap, so that only such a board is told."""
        if self.slots_path is None:
            return {}
        return {"slots": str(self.slots_path), "apps": commissioning.app_partitions(self.slots_path)}

    def _world_us(self) -> int:
        """How long ago, in virtual time, the power came on for the first time."""
        now_s = asyncio.get_running_loop().time()
        if self._began_s is None:
            self._began_s = now_s
        return round((now_s - self._began_s) * self.speed * 1_000_000)

    def _without_power(self) -> None:
        for door in self.doors.values():
            door.lose_power()
        self.lights = dict.fromkeys(self.lights, (0, 0, 0))
        self._tell("power", False)

    def _heard(self, message: list[Any]) -> None:
        name, *values = message
        if name == "time":
            self._boots.tie(*values)
        elif name == "lock":
            self.doors[values[0]].energised = bool(values[1])
        elif name == "latched":
            self.doors[values[0]].latched = bool(values[1])
        elif name == "open":
            self.doors[values[0]].open = bool(values[1])
        elif name == "light":
            self.lights[values[0]] = (values[1], values[2], values[3])
        elif name == "reset":
            self._in_background(self._restart(values[0]))
        elif name == "ended":
            self._crashed = max(0, -(values[0] or 0))
            self._without_power()
        self._tell(name, *values)
        if name in ("lock", "latched", "open"):
            self._in_background(self._announce())

    def _tell(self, name: str, *values: Any) -> None:
        for observer in self.observers:
            observer(name, values)

    async def _announce(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def _restart(self, cause: str) -> None:
        self.power_cut()
        await self.power_on(cause)

    def _in_background(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
