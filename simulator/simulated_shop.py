"""A whole shop in virtual time: cabinets with the real firmware in lockstep, the gateway's and the cloud's own code.

It makes every part, hands them to each other, tells the oracle what it must hear, and writes the trace. It draws no
fault and does no work: `faults.py` and `people.py` do.
"""

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import httpx

from edge_gateway.received import Outgoing
from edge_gateway.settings import BrokerSettings, CabinetSettings, CloudSettings, Settings
from hardware import boards
from simulator import restock_list, scenario
from simulator.commissioning import Firmware
from simulator.conductor import Conductor
from simulator.flash_reading import FlashError, journal_end
from simulator.lockstep_process import LockstepProcess, write_image
from simulator.modelled_broker import Broker
from simulator.modelled_network import ModelledNetwork
from simulator.oracle import Oracle
from simulator.people import People, Spot
from simulator.simulated_cloud import SimulatedCloud
from simulator.simulated_gateway import SimulatedGateway
from simulator.verdict import Truth, Violation
from simulator.virtual_cabinet import VirtualCabinet

BOARD = Path(__file__).resolve().parent.parent / "hardware" / "boards" / "esp32s3-w5500-12.json"
START_MS = int(datetime(2026, 3, 6, 5, tzinfo=UTC).timestamp() * 1000)  # a Friday, before anybody comes
HEAP = "2M"  # garbage is collected rarely (`fakes_in_step/lockstep.py`); a tight heap is proven elsewhere
SLOTS_HEAP = "16M"  # an update is fetched and checked between two collections
POLL_S = 600
FLEET_POLL_S = 120  # how often gateways of a fleet report
BULK_TOLERANCE_G = 20
_BOOT_LOOK_S = 61.0  # after a start: by then the firmware is up, or the oracle says so
_LOOK_S = 0.05  # after a change in the ledger, when the oracle looks
_TICKS_PERIOD_MS = 1 << 30


class FleetShop(NamedTuple):
    """A shop of several on one cloud."""

    name: str
    gateway: str
    cloud: SimulatedCloud


class SimulatedShop:
    """One dealer, one shop. `journal_bytes` is the room each cabinet's journal has.

    `of_fleet`: one of several shops of the dealer, on a cloud that whoever made them starts and fills. `firmware`:
    what its controllers' flash begins with, where it has slots.
    """

    def __init__(
        self,
        conductor: Conductor,
        folder: Path,
        seed: int,
        cabinets: int,
        journal_bytes: int,
        *,
        of_fleet: "FleetShop | None" = None,
        firmware: Firmware | None = None,
    ):
        self._firmware = firmware
        self._of_fleet = of_fleet
        self.conductor = conductor
        self.folder = folder
        self.random = Random(f"shop {seed}")
        self.violations: list[tuple[int, Violation]] = []
        self.stopped: list[str] = []  # cabinets whose firmware came to an end
        self.failures: list[BaseException] = []  # of starts that nobody waits for
        self.flash_cuts = 0
        self.refused_full: set[tuple[str, str, int]] = set()  # `badge_refused` because the journal is full
        self._tasks: set[asyncio.Task[None]] = set()
        self.steps = 0
        self.tick_wraps = 0  # of controllers that have lost their power since
        self._ticks_begin_ms: dict[str, int] = {}
        self.replaced: list[tuple[str, tuple[str, int]]] = []  # journals of controllers that were taken out
        self._trace = hashlib.sha256()
        self._trace_file = (folder / "trace.log").open("w")
        self._look_planned = False
        loop = conductor.loop
        layout = scenario.layout_of(cabinets)
        self.document = scenario.document(layout)
        gateway = "gw-1"
        if of_fleet is not None:
            self.document |= {"shop": of_fleet.name, "shop_name": of_fleet.name}
            gateway = of_fleet.gateway
        self.broker = Broker(self.random, loop)
        self.broker.on_message = self._on_message
        self.cloud = (
            of_fleet.cloud
            if of_fleet is not None
            else SimulatedCloud(folder / "cloud.db", loop, Random(f"cloud {seed}"), self.now_ms)
        )
        self.gateway = SimulatedGateway(
            _settings(folder / "gateway", layout, gateway, POLL_S if of_fleet is None else FLEET_POLL_S),
            loop,
            Random(f"gateway {seed}"),
            self.now_ms,
            self.broker,
            _Listening(self.cloud.wire, self._on_receipt),
        )
        self.gateway.on_sent = self._on_sent
        self._board = _write_board(folder / "board.json", journal_bytes)
        self._image = write_image(folder / "image", has_slots=firmware is not None)
        self._power: dict[str, LockstepProcess] = {}
        self.cabinets = {name: self._make_cabinet(name, seed * 100 + at) for at, name in enumerate(layout)}
        self.people = {
            name: People(cabinet, scenario.parts_of(layout, scenario.NOT_SHARED, name), Random(f"{seed} {name}"))
            for name, cabinet in self.cabinets.items()
        }
        for name, people in self.people.items():
            people.restock_list = partial(self._restock_list, name)
        doors = json.loads(self._board.read_text())["doors"]
        limits = {(name, door["door"]): door["lock_ms_max"] for name in layout for door in doors}
        self.oracle = Oracle(self.gateway.database, self.cloud.database, limits)
        self.gateway.before_files_change = self.cloud.before_files_change = self.oracle.release
        self.gateway.on_rebuilt = self._on_rebuilt

    # ---- life ----

    def now_ms(self) -> int:
        """True time, in ms since 1970 UTC."""
        return START_MS + self.conductor.now_us // 1000

    async def start(self) -> None:
        """The dealer's cloud knows the shop, the bins are full, the gateway runs, the cabinets have power."""
        if self._of_fleet is None:
            self.cloud.start()
            self.cloud.seed(
                {
                    "dealers": [{"id": self.document["dealer"], "name": self.document["dealer_name"]}],
                    "shops": [{"gateway": {"id": "gw-1", "key": gateway_key("gw-1")}, "document": self.document}],
                }
            )
        for people in self.people.values():
            await people.fill()
        await self.gateway.start()
        for name in self.cabinets:
            await self.power_on(name)

    def close(self) -> None:
        """End every process and program."""
        for name in self.cabinets:
            self.power_cut(name)
        self.gateway.stop()
        if self._of_fleet is None:
            self.cloud.stop()
        self.oracle.release()
        self._trace_file.close()

    async def power_on(self, name: str, cause: str = "power_on") -> None:
        """Give a cabinet power, if it has none; its ticks begin anywhere, often just before they wrap."""
        cabinet = self.cabinets[name]
        if cabinet.powered:
            return
        before_wrap = self.random.random() < 0.5
        cabinet.ticks_start_ms = (
            _TICKS_PERIOD_MS - self.random.randrange(1, 7_200_000)
            if before_wrap
            else self.random.randrange(_TICKS_PERIOD_MS)
        )
        self._ticks_begin_ms[name] = cabinet.ticks_start_ms - self.now_ms()
        self.oracle.power(name, True, self.now_ms())
        await cabinet.power_on(cause)
        if self.line(name).is_cut:  # else it is up when it looks for the broker
            self._booted(name)
        self.conductor.loop.call_later(_BOOT_LOOK_S, self._plan_look)

    def _booted(self, name: str) -> None:
        self.oracle.booted(name, self.now_ms())

    def power_cut(self, name: str) -> None:
        """Take a cabinet's power away."""
        if self.cabinets[name].powered:
            self.cabinets[name].power_cut()

    def process(self, name: str) -> LockstepProcess:
        """A cabinet's controller."""
        return self._power[name]

    def line(self, name: str) -> ModelledNetwork:
        """A cabinet's way to the broker."""
        network: ModelledNetwork = self.cabinets[name].network
        return network

    def put_new_flash(self, name: str) -> None:
        """Take a controller out, with what is on its flash, and put a new one in. It has no power."""
        journal = self.journal(name)
        if journal is not None:
            self.replaced.append((name, journal))
        self.cabinets[name].flash_path.unlink(missing_ok=True)

    def _restock_list(self, name: str) -> dict[Spot, int]:
        """What the restocker reads at the kiosk before a cabinet is opened."""
        if self.gateway.life is None:
            return {}
        return restock_list.left_at(self.gateway.database, name, self.gateway.now_ms())

    # ---- what is found ----

    def journal(self, name: str) -> tuple[str, int] | None:
        """Epoch and last seq of the journal on a cabinet's flash, or None when there is none yet."""
        try:
            return journal_end(self.cabinets[name].flash_path)
        except (FlashError, FileNotFoundError):
            return None

    def truth(self) -> dict[tuple[str, int], Truth]:
        """What really lies in the bins, each of one part."""
        return {
            (name, at): Truth(
                pile.part.number, pile.part.unit, pile.quantity, BULK_TOLERANCE_G if pile.part.unit == "gram" else 0
            )
            for name, people in self.people.items()
            for (at, _), pile in people.piles.items()
        }

    def has_arrived(self) -> bool:
        """Whether the gateway has every journal to its end, and the cloud everything the gateway has."""
        if self.gateway.life is None or self.cloud.app is None:
            return False
        books = self.gateway.life.gateway.writer.intake.books
        journals = {name: self.process(name).powered and self.journal(name) for name in self.cabinets}
        held = all(
            journal and (cursor := books.cursors.get((name, journal[0]))) is not None and cursor.through == journal[1]
            for name, journal in journals.items()
        )
        return held and books.upload_through == books.outbox_last

    def controllers_cpu_s(self) -> float:
        """What the controllers' processes have cost so far, without those that still run."""
        return sum(power.cpu_s for power in self._power.values())

    def trace(self, kind: str, *facts: object) -> None:
        """One line of the trace: when, and what."""
        line = f"{self.conductor.now_us} {kind} {' '.join(map(str, facts))}\n"
        self.steps += 1
        self._trace.update(line.encode())
        self._trace_file.write(line)

    @property
    def trace_sha256(self) -> str:
        """The digest of the trace so far."""
        return self._trace.hexdigest()

    def look(self) -> None:
        """Have the oracle look at what is new."""
        self._look_planned = False
        if self.gateway.files_are_dead:  # they show a moment that its death undoes
            self._plan_look()
            return
        for violation in self.oracle.after_step(self.now_ms()):
            self.violations.append((self.steps, violation))
            self.trace("violation", violation)

    def _plan_look(self) -> None:
        if not self._look_planned:
            self._look_planned = True
            self.conductor.loop.call_later(_LOOK_S, self.look)

    # ---- what the oracle hears ----

    def _on_message(self, topic: str, payload: bytes) -> None:
        self.trace("mqtt", topic, hashlib.sha256(payload).hexdigest()[:16])
        if topic.endswith("/event"):
            for line in payload.split(b"\n"):
                self._sent(line)

    def _sent(self, line: bytes) -> None:
        try:
            envelope = json.loads(line)
            identity = envelope["cabinet"], envelope["epoch"], envelope["seq"]
        except (ValueError, KeyError, TypeError):
            return  # nobody can say which event that is
        self.oracle.sent(*identity, line)
        if envelope["body"].get("reason") == "journal_full":
            self.refused_full.add(identity)

    def _on_sent(self, message: Outgoing) -> None:
        if message.leaf == "journal_ack":
            said = json.loads(message.payload)
            self.oracle.journal_acknowledged(message.cabinet, said["epoch"], said["through"])
            self._plan_look()

    def _on_receipt(self, epoch: str, through: int) -> None:
        self.trace("receipt", epoch, through)
        self.oracle.receipt(epoch, through)
        self._plan_look()

    def _on_rebuilt(self, why: str) -> None:
        self.trace("rebuilt", why)
        self.oracle.release()
        self.oracle.gateway_replaced(why)

    def _observe(self, cabinet: str, name: str, values: tuple[Any, ...]) -> None:
        if name in {"time", "log", "light"}:
            return
        self.trace(name, cabinet, *values)
        if name == "lock":
            self.oracle.lock(cabinet, values[0], bool(values[1]), self.now_ms())
        elif name == "power":
            if cabinet in self._ticks_begin_ms:
                self.tick_wraps += (self._ticks_begin_ms.pop(cabinet) + self.now_ms()) // _TICKS_PERIOD_MS
            self.oracle.power(cabinet, False, self.now_ms())
        elif name == "power_lost":
            self.flash_cuts += 1
            self.conductor.loop.call_soon(self._lost_power, cabinet)
        elif name == "stopped":
            self.stopped.append(cabinet)

    def _lost_power(self, cabinet: str) -> None:
        self.power_cut(cabinet)
        self.conductor.loop.call_later(self.random.uniform(1, 60), self._give_power, cabinet)

    def _give_power(self, cabinet: str) -> None:
        self._tasks.add(task := self.conductor.loop.create_task(self.power_on(cabinet)))
        task.add_done_callback(self._powered)

    def _powered(self, done: asyncio.Task[None]) -> None:
        self._tasks.discard(done)
        if not done.cancelled() and (error := done.exception()) is not None:
            self.failures.append(error)

    # ---- making ----

    def _make_cabinet(self, name: str, seed: int) -> VirtualCabinet:
        network = ModelledNetwork(self.broker, self.random, self.conductor.loop)
        log = self.folder / f"{name}.log"

        slots = self.folder / name / "slots.img" if self._firmware is not None else None

        def make_power(heard: Callable[[list[Any]], None]) -> LockstepProcess:
            ppm = self.random.randrange(-50, 51)
            heap = HEAP if slots is None else SLOTS_HEAP
            process = LockstepProcess(self.conductor, self._image, heap, log, heard, network, ppm=ppm, slots=slots)
            network.tell = process.tell
            network.on_try = partial(self._booted, name)
            self._power[name] = process
            return process

        cabinet = VirtualCabinet(
            name,
            self._board,
            self.folder / name,
            broker_host="127.0.0.1",
            broker_port=network.port,
            username=name,
            password="password-1",  # noqa: S106 - nobody checks it here
            access_key=_access_key(name),
            seed=seed,
            network=network,
            make_power=make_power,
            firmware=self._firmware,
        )
        cabinet.observers.append(partial(self._observe, name))
        return cabinet


class _Listening(httpx.AsyncBaseTransport):
    """A transport that hears the cloud's receipts on their way back."""

    def __init__(self, inner: httpx.AsyncBaseTransport, on_receipt: Callable[[str, int], None]):
        self._inner = inner
        self._on_receipt = on_receipt

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass it on."""
        response = await self._inner.handle_async_request(request)
        if request.url.path.endswith("/upload") and response.status_code in {200, 409}:
            said = json.loads(response.content)
            self._on_receipt(said["epoch"], said["through"])
        return response


def _access_key(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def gateway_key(gateway: str) -> str:
    """The key of a simulated gateway."""
    return hashlib.sha256(gateway.encode()).hexdigest()


def _settings(folder: Path, cabinets: Mapping[str, Any], gateway: str, poll_s: int) -> Settings:
    return Settings(
        gateway=gateway,
        data_dir=folder,
        cloud=CloudSettings("http://cloud", gateway_key(gateway), poll_s=poll_s),
        broker=BrokerSettings(kind="external"),
        cabinets={name: CabinetSettings("password-1", _access_key(name)) for name in cabinets},
    )


def _write_board(path: Path, journal_bytes: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(boards.load(BOARD) | {"journal_bytes": journal_bytes}))
    return path
