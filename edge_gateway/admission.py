"""Who is let in, put into force at the broker: at the start, and whenever a cabinet is enrolled, replaced or revoked.

Knows both brokers: the embedded one is told its new list; a Mosquitto of ours gets a new revocation list, and the
connections of certificates that are in force no longer are ended, those too that have not said anything by then. It
decides about nobody.
"""

import logging
import threading
from collections.abc import Callable, Collection

from edge_gateway import mosquitto
from edge_gateway.broker import EmbeddedBroker
from edge_gateway.broker_log import BrokerLog, MosquittoLines
from edge_gateway.identity.trust import Trust
from edge_gateway.refusals import Refuse
from edge_gateway.settings import Settings
from edge_gateway.time_service import TimeService

log = logging.getLogger(__name__)


class Admission:
    """Certificates, the date, and the record of whom the broker refused; from `start` to `close`.

    `embedded`: the broker, when it is ours to run.
    """

    def __init__(
        self,
        settings: Settings,
        trust: Trust,
        refuse: Refuse,
        now_ms: Callable[[], int],
        embedded: EmbeddedBroker | None,
    ) -> None:
        self._settings = settings
        self._trust = trust
        self._embedded = embedded
        self._lock = threading.Lock()
        keys = {name: bytes.fromhex(cabinet.access_key) for name, cabinet in settings.cabinets.items()}
        broker = settings.broker
        host = broker.host if broker.kind == "embedded" else ""
        self.time_service = TimeService(host, broker.time_port, keys, now_ms, refuse)
        self._log: BrokerLog | None = None
        self._later: list[threading.Timer] = []
        if embedded is None:
            path = mosquitto.folder_of(settings) / "mosquitto.log"
            self._log = BrokerLog(path, MosquittoLines(frozenset(keys)), refuse, keeps_small=True)

    def start(self) -> None:
        """Tell the time, and follow the log; `OSError` when the port is taken.

        A Mosquitto that ran on while this program did not is told what was changed meanwhile.
        """
        self.time_service.start()
        if self._log is None:
            return
        self._log.start()
        try:
            self._tell_mosquitto(self._trust.barred, self._trust)
        except OSError as error:  # a full disk: parts are sold all the same
            log.error("Mosquitto cannot be told whom to let in: %s", error)  # noqa: TRY400 - the text says it

    def close(self) -> None:
        """End both."""
        self.time_service.close()
        for later in self._later:
            later.cancel()
        if self._log is not None:
            self._log.close()

    def changed(self, trust: Trust) -> None:
        """Put another list into force; returns when the broker has it."""
        with self._lock:
            before, self._trust = self._trust, trust
            if self._embedded is not None:
                self._embedded.admit(trust)
                return
            self._tell_mosquitto({one.cabinet for one in before.admitted if one not in trust.admitted}, trust)

    def _tell_mosquitto(self, ended: Collection[str], trust: Trust) -> None:
        if not mosquitto.folder_of(self._settings).exists():
            return  # it has not been set up yet
        mosquitto.write_trust(self._settings, trust)
        if not mosquitto.reload(self._settings):
            log.warning(
                "expected a Mosquitto that can be reloaded, found none: whom it lets in changes when it is started"
            )
            return
        if ended:
            self._cut_off(ended)
            self._later = [each for each in self._later if each.is_alive()]
            self._later.append(threading.Timer(mosquitto.HELD_S, self._cut_off, [ended]))
            self._later[-1].daemon = True
            self._later[-1].start()

    def _cut_off(self, cabinets: Collection[str]) -> None:
        for cabinet in sorted(cabinets):
            if not mosquitto.cut_off(self._settings, cabinet):
                log.warning("the connection of %s could not be ended", cabinet)
