"""The gateway: the composition root of the program in a shop.

Everything with an edge is made here and handed in: broker, MQTT client, database, writer, cloud link, kiosk. What the
parts decide is in their own files; README.md says in which order to read them.
"""

import contextlib
import logging
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from edge_gateway import catch_up, kiosk, ledger_check, people_actions, schema, status_report
from edge_gateway.access_key import fingerprint
from edge_gateway.access_list import AccessLists
from edge_gateway.admission import Admission
from edge_gateway.broker import BrokerAddress, EmbeddedBroker
from edge_gateway.cabinet_updates.bundle_folder import BundleFolder
from edge_gateway.cabinet_updates.handing_over import HandingOver
from edge_gateway.cabinet_updates.wanted import Wanted, wanted
from edge_gateway.cloud_link import CloudLink, CloudTalk
from edge_gateway.command import command_message
from edge_gateway.disk import CannotWriteError, DiskWatch
from edge_gateway.feed_format import FeedEntry
from edge_gateway.feed_orders import FeedDesk
from edge_gateway.identity.service import Identity
from edge_gateway.identity.trust import Trust
from edge_gateway.intake import Intake
from edge_gateway.kiosk_seam import (
    Action,
    ActionError,
    ChoosePin,
    EnterPin,
    Guidance,
    Live,
    PinAsked,
    PointTo,
    SendCommand,
)
from edge_gateway.lifecycle import trial
from edge_gateway.lifecycle.health import Health, health_of
from edge_gateway.lifecycle.notify import notify, watchdog_s
from edge_gateway.mqtt_client import MqttClient
from edge_gateway.opening import put_into_force
from edge_gateway.pins import BadgeRefused, PinDesk
from edge_gateway.refusals import Refusals, TurnedAway
from edge_gateway.serial_devices.devices import Devices
from edge_gateway.settings import Settings
from edge_gateway.shop_document import ShopDocument
from edge_gateway.store import Connect, Store, connect
from edge_gateway.upload_format import GatewayStatus
from edge_gateway.writer import Waiting, Writer

log = logging.getLogger(__name__)

ACTION_S = 15.0
LISTS_S = 3600.0  # how often the access lists are looked at; each changes once a day


def wall_clock_ms() -> int:
    """The gateway's clock: milliseconds since 1970-01-01 UTC."""
    return time.time_ns() // 1_000_000


class Gateway:
    """All parts of a running gateway; also the seam that the kiosk's pages see."""

    def __init__(
        self,
        settings: Settings,
        now_ms: Callable[[], int] = wall_clock_ms,
        connect: Connect = connect,
        waiting: Waiting | None = None,
        trust: Callable[[], Trust] | None = None,
    ) -> None:
        self.settings = settings
        self.now_ms = now_ms
        self.gateway = settings.gateway
        self.database: Path = settings.database
        self.catalogue: Path = settings.catalogue
        self.bundles = BundleFolder(settings.data_dir / "bundles")
        self.broker: EmbeddedBroker | None = None
        self.admission: Admission | None = None
        self.mqtt: MqttClient | None = None
        self.cloud: CloudLink | None = None
        self.devices = Devices(settings.devices, now_ms)
        self._document_refused = ""
        self._kiosk: Any = None
        self._disk = DiskWatch(settings.database)
        self._closing: list[Callable[[], None]] = []
        store = Store(settings.database, settings.gateway, now_ms(), connect)
        self._closing.append(store.close)
        self.refusals = Refusals(settings.data_dir / "refusals.db", now_ms)
        self.identity = Identity(settings, now_ms, self.admit, self.refusals.note)
        self.trust = trust or self.identity.trust  # whom the broker is to let in by certificate
        self._closing.append(self.refusals.close)
        keys = {cabinet: secret.access_key for cabinet, secret in settings.cabinets.items()}
        updates = HandingOver(self.bundles, self.wanted_firmware)
        intake = Intake(store.load(now_ms()), frozenset(keys), store, AccessLists(keys), updates)
        intake.on_device = self.identity.device
        store.note_access_keys({cabinet: fingerprint(key) for cabinet, key in keys.items()}, now_ms())
        self.writer = Writer(store, intake, now_ms, waiting)
        self.pins = PinDesk(lambda run: self.writer.submit(run).result(ACTION_S), now_ms)
        intake.on_refused_badge = self._note_refused_badge
        self._closing.append(self.identity.close)

    # ---- life ----

    def start(self) -> None:
        """Start every part, in the order in which they need each other; ends what it started when one fails."""
        try:
            self._start()
        except BaseException:
            self.close()
            raise

    def _start(self) -> None:
        trust = self.trust() if self.settings.broker.tls != "off" else None
        address = self._start_broker(trust)
        if trust is not None:
            self._start_admission(trust)
        self.mqtt = MqttClient(address, self.gateway, self.writer.put, self.send_lists)
        self.writer.start(self.mqtt)
        self._closing.append(self.writer.close)
        self.mqtt.start()
        self._closing.append(self.mqtt.close)
        self.talk_to_cloud()
        self.devices.start()
        self._closing.append(self.devices.close)
        self._kiosk = kiosk.serve(self, self.settings.kiosk.host, self.settings.kiosk.port)
        self._closing.append(self._kiosk.close)

    def talk_to_cloud(self) -> None:
        """Begin to, unless there is no cloud, this version is on trial, or it has begun."""
        if not self.settings.cloud.url or self.cloud is not None or self.on_trial():
            return
        self.cloud = CloudLink(self.cloud_talk())
        self.cloud.start()
        self._closing.append(self.cloud.close)
        self.writer.on_commit = self.cloud.wake

    def on_trial(self) -> bool:
        """Whether an update is still finding out if this version works."""
        return trial.lasts(self.settings.data_dir, self.now_ms())

    def health(self) -> Health:
        """Whether all is well, for whoever supervises this program."""
        trouble = "expected a writer that works, found that it has ended" if self.writer.ended.is_set() else ""
        if self.writer.trouble.since_ms:
            trouble = "expected a disk that can be written to, found one that cannot"
        return health_of(self.gateway, self.database, trial=self.on_trial(), trouble=trouble)

    def close(self) -> None:
        """End every part that was started, the last one first."""
        while self._closing:
            self._closing.pop()()

    def ready_line(self) -> str:
        """The one line printed when everything answers."""
        host = self.settings.kiosk.host
        return f"gateway ready kiosk=http://{host}:{self._kiosk.port} mqtt={self.mqtt_address()}"

    def mqtt_address(self) -> str:
        """Where the cabinets connect."""
        broker = self.broker.address if self.broker is not None else self.settings.broker
        return f"{broker.host}:{broker.port}"

    def _start_broker(self, trust: Trust | None) -> BrokerAddress:
        broker = self.settings.broker
        if broker.kind == "external":
            return BrokerAddress(broker.host, broker.port, broker.username, broker.password)
        self.broker = EmbeddedBroker(self.settings, trust, self.refusals.note)
        self.writer.trouble.on_lost = self._disk.on_full = self.broker.disk_was_full
        self._closing.append(self.broker.close)
        self.broker.start()
        return self.broker.address

    def _start_admission(self, trust: Trust) -> None:
        self.admission = Admission(self.settings, trust, self.refusals.note, self.now_ms, self.broker)
        self.admission.start()
        self._closing.append(self.admission.close)

    def admit(self, trust: Trust) -> None:
        """Certificates have come into force or gone out of it: returns when the broker knows."""
        if self.admission is not None:
            self.admission.changed(trust)

    # ---- what the kiosk sees (kiosk_seam.GatewaySeam) ----

    def document(self) -> ShopDocument | None:
        """The shop's document in force; None before the first came."""
        return self.writer.intake.books.document

    def live(self, cabinet: str) -> Live | None:
        """The newest live message of a cabinet; None when none came since the start."""
        return self.writer.intake.lives.get(cabinet)

    def guidance(self, cabinet: str) -> Guidance | None:
        """How far the restocker at an open cabinet is with its visit; None when there is none."""
        return self.writer.intake.guide.guidance(cabinet)

    def changes(self) -> int:
        """A number that grows whenever something has changed."""
        return self.writer.changes + self.devices.changes

    def act(self, action: Action) -> str:
        """Carry an action out; blocks until it is durable. The id of what was made; `ActionError` when refused."""
        try:
            made: str = self.submit(action).result(ACTION_S)
        except CannotWriteError as error:
            raise ActionError(str(error), "cannot_write") from error
        return made

    def cannot_write_since_ms(self) -> int:
        """Since when nothing can be written (a full disk); 0 when all is well.

        Whether or not there was anything to write: a broker on the same disk may have kept everything from us.
        """
        return self.writer.trouble.since_ms or self._disk.full_since_ms(self.now_ms())

    def turned_away(self) -> list[TurnedAway]:
        """Who was refused at the broker and beside it, the newest first."""
        return self.refusals.newest()

    def document_refused(self) -> str:
        """Why the cloud's newest document could not be put into force; "" when it is."""
        return self._document_refused

    def _note_refusal(self, why: str) -> None:
        self._document_refused = why

    def submit(self, action: Action) -> "Future[str]":
        """Have an action carried out by the writer."""
        if isinstance(action, PointTo):
            return self.writer.submit(lambda: self._point(action))
        if isinstance(action, SendCommand):
            return self.writer.submit(lambda: self._command(action))
        if isinstance(action, EnterPin | ChoosePin):
            return self._answer_pin(action)
        if self.on_trial():
            raise ActionError("expected a gateway that is not being updated, found one: try again soon", "updating")
        return self.writer.submit(lambda: self._book(action))

    def _note_refused_badge(self, cabinet: str, body: dict[str, Any], occurred_ms: int) -> None:
        """On the writer: perhaps somebody stands in front of a door that asks for a PIN."""
        intake, store = self.writer.intake, self.writer.store
        knows = intake.knows_pins(cabinet)
        refused = BadgeRefused(cabinet, body["badge"], body["reason"], occurred_ms)
        self.pins.note(refused, store, intake.books, knows_pins=knows)

    def _book(self, action: Action) -> str:
        intake = self.writer.intake
        decision, made = people_actions.decide(action, intake.books, self.writer.store, self.now_ms())
        intake.batch.add(decision)
        return made

    def _command(self, action: Any) -> str:
        identity, message = command_message(action, self.writer.intake.knows, self.now_ms())
        if not self.writer.send(message):
            raise ActionError("expected a connection to the broker, found none: try again in a moment", "no_broker")
        return identity

    def _answer_pin(self, action: EnterPin | ChoosePin) -> "Future[str]":
        """On the caller's thread, for a slow digest must not hold the writer up; done when it returns."""
        store, books = self.writer.store, lambda: self.writer.intake.books
        done: Future[str] = Future()
        if isinstance(action, ChoosePin):
            self.pins.choose(action, store, books)
        else:
            for door in self.pins.enter(action, store, books):
                fields = {"door": door, "person": action.person}
                self.act(SendCommand(action.cabinet, "unlock", fields))
        done.set_result(action.person)
        return done

    def pins_asked(self) -> tuple[PinAsked, ...]:
        """Who is asked for a PIN now, and until when."""
        return self.pins.asked()

    def _point(self, action: PointTo) -> str:
        intake = self.writer.intake
        for message in intake.guide.point(action.cabinet, action.bin, intake.books, self.now_ms()):
            self.writer.send(message)
        return action.cabinet

    # ---- the document and the access lists ----

    def put_document(self, document: ShopDocument, data: bytes) -> None:
        """Put a document into force; blocks until it is durable."""
        self.writer.submit(lambda: self._take_document(document, data)).result(ACTION_S)

    def _take_document(self, document: ShopDocument, data: bytes) -> None:
        """On the writer: the document, what it opens in the ledger, and the access lists made from it."""
        intake, now = self.writer.intake, self.now_ms()
        put_into_force(document, data, intake.batch, now)
        self.writer.store.forget_pins_but(person.id for person in document.people if person.badges)
        for message in intake.document_came(now):
            self.writer.send(message)
        self._send_lists()

    def cloud_talk(self) -> CloudTalk:
        """What this gateway says to the cloud."""
        auth = self.identity.cloud_auth()
        return CloudTalk(
            self.settings.cloud,
            self.writer,
            self.status,
            self._take_document,
            take_feed=self._take_feed,
            refused=self._note_refusal,
            catalogue=self.catalogue,
            bundles=self.bundles,
            wanted=self.wanted_firmware,
            auth=auth,
            beside=self.identity.beside(auth),
        )

    def wanted_firmware(self) -> dict[str, Wanted]:
        """By cabinet, what the cloud wants it to run."""
        with contextlib.closing(schema.open_for_reading(str(self.database))) as db:
            return wanted(db)

    def _take_feed(self, entries: list[FeedEntry], aside: str) -> int:
        """On the writer: what the cloud told, in order; the last number held then. `aside`: why they are set aside."""
        intake = self.writer.intake
        desk = FeedDesk(intake.books, self.writer.store, intake.knows, self.now_ms(), self.identity.revoke)
        for entry in entries:
            for message in desk.take_into(intake.batch, entry, aside):
                self.writer.send(message)
        return intake.books.feed_through

    def send_lists(self) -> None:
        """Send every cabinet its access list again, by the writer: the day may be another, or the broker empty."""
        self.writer.submit(self._send_lists)

    def _send_lists(self) -> None:
        for message in self.writer.intake.access_lists(self.now_ms()):
            self.writer.send(message)

    def status(self) -> GatewayStatus:
        """How this gateway is, for the dealer's page."""
        told = status_report.gateway_status(self.database, self._disk, self.now_ms(), self.cannot_write_since_ms())
        return replace(told, document_refused=self._document_refused)


def run(settings: Settings) -> int:
    """Run until SIGINT or SIGTERM; 0 when it ended cleanly, 1 when it could not go on."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    log.info("settings: %s", settings)
    asked = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: asked.set())
    catch_up.before_start(settings)
    gateway = Gateway(settings)
    gateway.start()
    print(gateway.ready_line(), flush=True)  # noqa: T201 - the one line a caller waits for
    notify("READY=1")
    _until_ended(gateway, asked)
    notify("STOPPING=1")
    gateway.close()
    return 1 if gateway.writer.failure is not None else 0


def _until_ended(gateway: Gateway, asked: threading.Event) -> None:
    """What has to be done from time to time, until somebody asks for the end or nothing can go on."""
    lists_due = alive_due = time.monotonic()
    lists_due += LISTS_S
    every_s = watchdog_s()
    while not asked.wait(0.2) and not gateway.writer.ended.is_set():
        gateway.talk_to_cloud()
        gateway.identity.see_to()
        if time.monotonic() >= lists_due:
            gateway.send_lists()
            lists_due += LISTS_S
        if every_s and time.monotonic() >= alive_due:
            notify("WATCHDOG=1")
            alive_due = time.monotonic() + every_s


def verify_ledger(settings: Settings) -> int:
    """Recompute everything and compare; prints a report; 1 when anything differs."""
    return ledger_check.verify(settings.database, sys.stdout)


def status(settings: Settings) -> int:
    """Print what the gateway holds, and how old it is; 1 when there is no database."""
    return status_report.print_status(settings.database, wall_clock_ms(), sys.stdout)
