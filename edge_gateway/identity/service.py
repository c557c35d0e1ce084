"""Certificates in the running gateway: the shop's authority, where cabinets enrol, what is sent to them, its own.

`see_to` is called again and again by the program's loop; everything is made when it is first needed.
"""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import httpx

from edge_gateway.cloud_link import Beside
from edge_gateway.enrolment_format import CabinetSecrets
from edge_gateway.feed_format import RevokeCabinet
from edge_gateway.identity.est_listener import EstListener, Ports, Refuse
from edge_gateway.identity.keeping import Keeping
from edge_gateway.identity.own import CertificateAuth, auth_of
from edge_gateway.identity.shop import Shop
from edge_gateway.identity.trust import Changed, Trust
from edge_gateway.settings import Settings

log = logging.getLogger(__name__)

LOOK_S = 2.0
AGAIN_MS = 3_600_000  # a cabinet that does not take a certificate is not sent it with every word it says


class Identity:
    """One gateway's. `admit` is told whom the broker may let in, whenever that changes."""

    def __init__(self, settings: Settings, now_ms: Callable[[], int], admit: Changed, refuse: Refuse) -> None:
        self._settings, self._now_ms = settings, now_ms
        self._admit, self._refuse = admit, refuse
        self._lock = threading.Lock()
        self._due_s = 0.0
        self._lost = False
        self._sent: dict[str, tuple[str, int]] = {}
        self._listener: EstListener | None = None

    @cached_property
    def shop(self) -> Shop:
        """The shop's authority, made when there is none."""
        shop = Shop(self._settings.data_dir, self._settings.gateway, self._now_ms)
        shop.on_change.append(self._admit)
        return shop

    def trust(self) -> Trust:
        """Whom the broker may let in now."""
        return self.shop.trust()

    @property
    def secrets(self) -> Mapping[str, CabinetSecrets]:
        """What each cabinet shares with this gateway."""
        return {name: CabinetSecrets(each.password, each.access_key) for name, each in self._settings.cabinets.items()}

    @property
    def listener(self) -> EstListener:
        """Where cabinets enrol."""
        with self._lock:
            if self._listener is None:
                broker, enrolment = self._settings.broker, self._settings.enrolment
                ports = Ports(broker.port, broker.tls_port, broker.time_port)
                address = (enrolment.host or broker.host, enrolment.port)
                self._listener = EstListener(self.shop, address, self.secrets, ports, self._refuse)
            return self._listener

    def see_to(self) -> None:
        """What is due: a listener opened or shut, a change by a command told, a server's certificate renewed."""
        if time.monotonic() < self._due_s:
            return
        self._due_s = time.monotonic() + LOOK_S
        try:
            self.shop.see_to()
            self.listener.see_to()
        except (OSError, sqlite3.Error) as error:  # a full disk: parts are sold meanwhile
            if not self._lost:
                log.error("certificates cannot be seen to: %s; trying again", error)  # noqa: TRY400 - the text says it
            self._lost = True
        else:
            self._lost = False

    def look_now(self) -> None:
        """As `see_to`, at once: a code was just made."""
        self._due_s = 0.0
        self.see_to()

    def close(self) -> None:
        """Let no cabinet in any more."""
        with self._lock:
            if self._listener is not None:
                self._listener.close()

    # ---- cabinets ----

    def device(self, cabinet: str, word: Mapping[str, Any]) -> bytes:
        """What a cabinet is to be sent that says what it is: a renewed certificate, or b""."""
        if not word["tls"]:
            return b""
        shown = word["certificate"]
        self.shop.shown(cabinet, shown)
        made = self.shop.renewed(cabinet, shown)
        sent, now_ms = self._sent.get(cabinet), self._now_ms()
        newest = self.shop.in_force(cabinet)
        if not made or newest is None or (sent and sent[0] == newest.serial and now_ms - sent[1] < AGAIN_MS):
            return b""
        self._sent[cabinet] = newest.serial, now_ms
        return made

    def revoke(self, told: RevokeCabinet) -> None:
        """The cloud wants a cabinet's certificates ended."""
        self.shop.revoke(told.cabinet, told.serial, f"{told.note} ({told.by})".strip())

    # ---- the cloud ----

    def cloud_auth(self) -> httpx.Auth | None:
        """How this gateway shows who it is (`SettingsError` when it cannot)."""
        return auth_of(self._settings, self._now_ms)

    def beside(self, auth: httpx.Auth | None) -> list[Beside]:
        """What goes on beside the talk to the cloud."""
        if not isinstance(auth, CertificateAuth):
            return []
        return [Keeping(auth, self.shop, self.secrets, self._now_ms).run]
