"""What controllers say beside their events: state, health, live. And what that tells about time.

Part of the intake: gathers into the same batch, on the same thread. Nothing here is booked; the newest word counts.
"""

from typing import Any, NamedTuple

from cabinet import wire

from edge_gateway import dating
from edge_gateway.batch import Batch
from edge_gateway.books import Status, ToldDevice
from edge_gateway.kiosk_seam import Live
from edge_gateway.per_hour import PerHour
from edge_gateway.quarantine import quarantine
from edge_gateway.received import Outgoing, Received

HEARD_PAUSE_MS = 5_000  # how stale the stored time of last contact may be
BOOTS_PER_HOUR_MAX = 60  # of a cabinet are remembered; events of more are dated by their receipt


class Heard(NamedTuple):
    """What to answer at once, and what a cabinet says of itself. `epoch` "": its cursor need not be told."""

    answers: list[Outgoing]
    epoch: str = ""
    health: dict[str, Any] | None = None


class Hearing:
    """`batch` is set anew by the intake after every commit."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.lives: dict[str, Live] = {}
        self._new_boots = PerHour(BOOTS_PER_HOUR_MAX)

    def take(self, cabinet: str, leaf: str, message: Received) -> Heard:
        """A message other than an event."""
        try:
            word = wire.decode(leaf, message.payload)
            if "epoch" in word:
                wire.check_epoch(word["epoch"])
        except wire.WireError as error:
            quarantine(self.batch, message, str(error), cabinet=cabinet)
            return Heard([])
        if leaf == "live":
            self.lives[cabinet] = Live(word, message.received_ms)
            return Heard([])
        if leaf == "state":
            self._take_state(cabinet, word, message.received_ms)
            return Heard([], word["epoch"] if word["online"] else "")
        return Heard(self._take_health(cabinet, word, message), word["epoch"], word)

    def note_device(self, cabinet: str, told: str, now_ms: int) -> None:
        """Keep what a controller says it is; what says the same again is not written again."""
        known = self.batch.books.devices.get(cabinet)
        if known is None or known.told != told:
            self.batch.books.devices[cabinet] = ToldDevice(told, now_ms)
            self.batch.touched_devices.add(cabinet)

    def heard(self, cabinet: str, now_ms: int, force: bool = False) -> Status:
        """Note the contact; stored at once when forced, else when the stored one is stale."""
        status = self.batch.books.statuses.setdefault(cabinet, Status())
        if force or now_ms - status.heard_ms >= HEARD_PAUSE_MS:
            status.heard_ms = now_ms
            self.batch.touched_statuses.add(cabinet)
        return status

    def date(self, cabinet: str, epoch: str, body: dict[str, Any], received_ms: int) -> int:
        """When an event happened."""
        utc_ms = body.get("utc_ms")
        key = (cabinet, epoch, body["boot"])
        if utc_ms is None:
            self._learn_boot(key, body["up_ms"], received_ms)
        return dating.occurred_ms(utc_ms, body["up_ms"], received_ms, self.batch.books.boots.get(key))

    def _take_state(self, cabinet: str, word: dict[str, Any], now_ms: int) -> None:
        status = self.heard(cabinet, now_ms, force=True)
        status.online = bool(word["online"])
        status.epoch, status.boot = word["epoch"], word["boot"]
        # The last will was written when the connection began: what came since is known better here.
        status.journal_last = word["journal_last"] if status.online else max(word["journal_last"], status.journal_last)

    def _take_health(self, cabinet: str, word: dict[str, Any], message: Received) -> list[Outgoing]:
        status = self.heard(cabinet, message.received_ms, force=True)
        status.online = True
        status.epoch, status.boot, status.journal_last = word["epoch"], word["boot"], word["journal_last"]
        status.health = message.payload.decode()
        self._learn_boot((cabinet, word["epoch"], word["boot"]), word["up_ms"], message.received_ms)
        echo = {"boot": word["boot"], "up_ms": word["up_ms"], "utc_ms": message.received_ms}
        return [Outgoing(cabinet, "time", wire.encode("time", echo))]

    def _learn_boot(self, key: tuple[str, str, int], up_ms: int, received_ms: int) -> None:
        boots = self.batch.books.boots
        if key not in boots and not self._new_boots.allows(key[0], received_ms):
            return
        began_ms = dating.boot_began_ms(boots.get(key), up_ms, received_ms)
        if began_ms != boots.get(key):
            boots[key] = began_ms
            self.batch.touched_boots.add(key)
