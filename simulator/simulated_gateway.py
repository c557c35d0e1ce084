"""The gateway's own code in virtual time: its writer's turns, its talk to the cloud, its database on a real file.

What it has otherwise from a thread, a clock, an MQTT client or a network comes from the loop, the conductor and the
modelled broker; nothing of what it decides or writes is here. It can be killed at any of its steps, and is started
again on what it left on disk.
"""

import asyncio
import contextlib
import logging
import queue
from collections import deque
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import httpx
from cabinet import wire

from edge_gateway import catch_up, restore
from edge_gateway.gateway import LISTS_S, Gateway
from edge_gateway.kiosk_seam import Action
from edge_gateway.mqtt_client import QOS
from edge_gateway.received import Outgoing, Received
from edge_gateway.settings import Settings
from simulator.modelled_broker import Broker, Message
from simulator.mortal_database import Fuse, Killed, connect

log = logging.getLogger(__name__)

_TURN_S = (0.001, 0.02)  # from the first message that waits to the turn that takes it
_WAY_S = (0.0003, 0.004)  # between broker and gateway
_IDLE_S = (0.3, 31.0)  # after the last turn, when it looks what else is due
_TROUBLE_S = 5.0  # the same, while it cannot write
_AGAIN_S = (1.0, 5.0)  # before it tries the broker again
DOWN_S = (0.5, 30.0)  # from death to the next start


class Queue:
    """What waits for the writer; `on_put` hears of it."""

    def __init__(self, on_put: Callable[[], None]):
        self._items: deque[Any] = deque()
        self._on_put = on_put

    def put(self, item: Any) -> None:
        """Let it wait at the end."""
        self._items.append(item)
        self._on_put()

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        """The first one; nobody waits here for one to come."""
        return self.get_nowait()

    def get_nowait(self) -> Any:
        """The first one (`queue.Empty`)."""
        if not self._items:
            raise queue.Empty
        return self._items.popleft()

    def __len__(self) -> int:
        return len(self._items)


class Life:
    """One run of the gateway's program, from start to death."""

    def __init__(self, owner: "SimulatedGateway"):
        self.fuse = Fuse(owner.settings.database, owner.random)
        self.failure: BaseException | None = None
        self._owner = owner
        self._loop = owner.loop
        self._queue = Queue(self._work_waits)
        self._turning = False
        self._idle: list[asyncio.TimerHandle] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._connection = 0
        self._arrives_at = self._leaves_at = 0.0
        self.connected = False
        self.ended = False
        self.gateway = Gateway(owner.settings, owner.now_ms, partial(connect, fuse=self.fuse), self._queue)

    def begin(self) -> None:
        """Start what runs beside the writer."""
        self.gateway.writer.answer_by(self)
        talk = self.gateway.cloud_talk()
        self.gateway.writer.on_commit = talk.wake
        for work in (talk.run_for_ever(self._owner.transport), self._listen(), self._send_lists()):
            self._beside(work)

    def _beside(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        task.add_done_callback(self._owner.watch)
        self._tasks.append(task)

    def end(self) -> None:
        """Stop at once, as the dead do; whatever runs gets no say."""
        self.ended = True
        self.connected = False
        self._owner.broker.leave_gateway()
        for task in self._tasks:
            task.cancel()
        for handle in self._idle:
            handle.cancel()
        self.gateway.writer.store.close()

    # ---- the writer's turns ----

    def _work_waits(self) -> None:
        if not self._turning and not self.ended:
            self._turning = True
            self._loop.call_later(self._owner.random.uniform(*_TURN_S), self._turn)

    def _turn(self) -> None:
        self._turning = False
        if self.ended:
            return
        for handle in self._idle:
            handle.cancel()
        self._guard(lambda: self.gateway.writer.turn(0))
        if len(self._queue):
            self._work_waits()
        self._idle = [self._loop.call_later(after_s, self._idle_turn) for after_s in _IDLE_S]
        if self.gateway.writer.trouble.since_ms:
            self._idle.append(self._loop.call_later(_TROUBLE_S, self._turn))

    def _idle_turn(self) -> None:
        if not self.ended and not len(self._queue):
            self._guard(lambda: self.gateway.writer.turn(0))

    def _guard(self, step: Callable[[], Any]) -> None:
        """Have one step made; the program's end by it is this life's end."""
        try:
            step()
        except Killed:
            self._owner.died()
        except Exception as error:  # the program would have ended with it
            log.exception("the gateway's program ended")
            self.failure = error
            self._owner.died()

    # ---- the broker: Link, and what the MQTT client does besides ----

    def acknowledge(self, message: Received) -> None:
        """The message is durable here."""
        self.fuse.step()

    def send(self, message: Outgoing) -> bool:
        """Publish to a controller; False when there is no connection."""
        self.fuse.step()
        if not self.connected:
            return False
        topic = wire.topic(message.cabinet, message.leaf)
        publish = partial(
            self._owner.broker.publish_from_gateway,
            topic,
            message.payload,
            QOS[message.leaf],
            retain=message.leaf in wire.RETAINED,
        )
        self._leaves_at = self._after(self._leaves_at, publish)
        self._owner.on_sent(message)
        self.fuse.step()
        return True

    async def _listen(self) -> None:
        while not self.ended:
            if not self.connected and self._owner.broker.connect_gateway(self._came, self._lost):
                self.connected = True
                self._connection += 1
                self._guard(self.gateway.send_lists)
            await asyncio.sleep(self._owner.random.uniform(*_AGAIN_S) if not self.connected else 3600)

    def _lost(self) -> None:
        self.connected = False
        self._connection += 1
        if not self.ended:
            self._beside(self._listen())

    def _came(self, message: Message) -> None:
        connection = self._connection

        def take() -> None:
            if not self.ended and connection == self._connection:
                now_ms = self._owner.now_ms()
                received = Received(message.topic, message.payload, now_ms, message.mid, message.qos, connection)
                self.gateway.writer.put(received)

        self._arrives_at = self._after(self._arrives_at, take)

    def _after(self, not_before: float, call: Callable[[], None]) -> float:
        at = max(not_before + 0.000_001, self._loop.time() + self._owner.random.uniform(*_WAY_S))
        self._loop.call_at(at, call)
        return at

    # ---- beside it ----

    async def _send_lists(self) -> None:
        while True:
            await asyncio.sleep(LISTS_S)
            self._guard(self.gateway.send_lists)


class SimulatedGateway:
    """The gateway of a shop, life after life. `clock_ms` is what its machine's clock says."""

    def __init__(  # noqa: PLR0917 - the order is that of the picture: shop, broker, cloud
        self,
        settings: Settings,
        loop: asyncio.AbstractEventLoop,
        random: Random,
        clock_ms: Callable[[], int],
        broker: Broker,
        transport: httpx.AsyncBaseTransport,
    ):
        self.settings = settings
        self.loop = loop
        self.random = random
        self.broker = broker
        self.transport = transport
        self.clock_offset_ms = 0
        self.disk_is_full = False
        self.is_away = False  # somebody is putting its database back
        self.is_unplugged = False
        self.deaths = 0
        self.struck = dict.fromkeys(("gateway_kill", "gateway_power", "gateway_torn_commit", "gateway_disk_full"), 0)
        self.failures: list[BaseException] = []
        self.before_files_change: Callable[[], None] = lambda: None
        self.on_rebuilt: Callable[[str], None] = lambda why: None
        self._starting: asyncio.Task[None] | None = None
        self.on_sent: Callable[[Outgoing], None] = lambda message: None
        self.life: Life | None = None
        self._clock_ms = clock_ms
        self._last: Life | None = None

    def now_ms(self) -> int:
        """The clock of the gateway's machine."""
        return self._clock_ms() + self.clock_offset_ms

    def keep_running(self) -> None:
        """Start the program if it does not run."""
        if self.life is None and self._starting is None and not self.is_away and not self.is_unplugged:
            self._starting = self.loop.create_task(self.start())
            self._starting.add_done_callback(self.watch)

    def watch(self, done: asyncio.Task[None]) -> None:
        """Remember what a task that nobody waits for failed with."""
        if not done.cancelled() and (error := done.exception()) is not None:
            log.error("the gateway failed", exc_info=error)
            self.failures.append(error)

    @property
    def files_are_dead(self) -> bool:
        """Whether the files still show what the dead program had open, not what its death left; `start` sees to it."""
        return self._last is not None and self._last.fuse.burnt

    def fill_disk(self, spare_commits: int) -> None:
        """The disk has room for so many commits more; for the next life of the program it has none."""
        self.disk_is_full = True
        if self.life is not None:
            self.life.fuse.fill_disk(spare_commits)

    def make_room(self) -> None:
        """Somebody has made room on the disk."""
        self.disk_is_full = False
        if self.life is not None:
            self.life.fuse.make_room()

    async def start(self) -> None:
        """Start the program on what lies on disk, and as it starts: the cloud is asked whether that is the newest."""
        if self._last is not None:
            if self._last.fuse.burnt:
                self.before_files_change()
                self._last.fuse.put_back()
            self._last = None
        try:
            async with restore.cloud_client(self.settings.cloud, self.transport) as client:
                if await catch_up.catch_up(client, self.settings, self.now_ms):
                    self.on_rebuilt("from the cloud, for it was an old backup")
            self._begin_life()
        finally:
            self._starting = None

    async def restore(self) -> None:
        """Rebuild the database that is gone, then start the program on it."""
        self._last = None
        async with restore.cloud_client(self.settings.cloud, self.transport) as client:
            await restore.restore(client, self.settings, self.now_ms)
        self.on_rebuilt("from the cloud, for it was lost")
        await self.start()

    def _begin_life(self) -> None:
        life = self.life = Life(self)
        if self.disk_is_full:
            life.fuse.fill_disk(0)
        life.begin()

    def kill_after(self, steps: int, *, power: bool = False, in_commit: bool = False) -> None:
        """Let the program die after so many of its steps, or in a commit; with `power` its machine loses it."""
        if self.life is not None:
            self.life.fuse.light(steps, power=power, in_commit=in_commit)

    def stop(self) -> None:
        """End the program where it is; it is not started again."""
        life, self.life = self.life, None
        if life is not None:
            life.end()
            self.struck["gateway_disk_full"] += life.fuse.refused
            self._last = life
        if self._starting is not None:
            self._starting.cancel()

    def died(self) -> None:
        """The program is dead; something on the machine starts it again."""
        life = self.life
        if life is None:
            return
        self.deaths += 1
        if life.failure is not None:
            self.failures.append(life.failure)
        elif life.fuse.burnt:
            self.struck["gateway_power" if life.fuse.power else "gateway_kill"] += 1
            self.struck["gateway_torn_commit"] += life.fuse.torn_bytes > 0
        self.stop()
        self.loop.call_later(self.random.uniform(*DOWN_S), self.keep_running)

    async def act(self, action: Action) -> str | None:
        """Have somebody at the kiosk ask for something; None when the gateway is down or dies over it."""
        life = self.life
        if life is None:
            return None
        waiting = asyncio.wrap_future(life.gateway.submit(action))
        with contextlib.suppress(TimeoutError):
            return await asyncio.wait_for(waiting, 15)
        return None

    @property
    def database(self) -> Path:
        """Its one database."""
        return self.settings.database
