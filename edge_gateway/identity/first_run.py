"""The first start of a gateway: no settings yet, so a page asks a person in the shop for what is missing.

`ask` serves it at the kiosk's address until the settings are written, and gives way to the gateway, which goes on at
the same address. Reached from other machines it asks for a setup code first, which only who sees this console or its
label has. It books nothing and opens no door.
"""

import asyncio
import logging
import secrets
import shutil
import socket
import sys
import threading
import time
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import httpx
import uvicorn

from edge_gateway import restore, settings
from edge_gateway.broker import BrokerError, find_server
from edge_gateway.enrolment_format import Joined, new_code
from edge_gateway.identity.folder import Folder, replace_file
from edge_gateway.identity.joining import Asked, JoinError, data_dir_of, join
from edge_gateway.identity.own import auth_of, read_own
from edge_gateway.identity.settings_file import settings_text
from edge_gateway.identity.setup_tries import SetupTries
from edge_gateway.settings import Settings, SettingsError

log = logging.getLogger(__name__)

SETUP = "0.0.0.0:8080"
FREE_BYTES_MIN = 2_000_000_000
YEAR_MIN = 2026  # a clock before that was never set
State = Literal["asking", "working", "done"]


@dataclass(frozen=True)
class Check:
    """Something that must be well before a shop can work: `name` for the page's words, and what was found."""

    name: str
    is_well: bool
    found: str = ""


@dataclass
class FirstRun:
    """What the page and the work behind it share."""

    config: Path
    host: str
    port: int
    now_ms: Callable[[], int]
    transport: httpx.BaseTransport | None = None
    state: State = "asking"
    refused: JoinError | None = None  # why the last try did not go well
    cloud: str = ""  # the address that was typed last
    joined: Joined | None = None
    restored: list[str] = field(default_factory=list)
    tries: SetupTries = field(default_factory=SetupTries, repr=False)
    cookie: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    code: str = field(default_factory=lambda: new_code().text, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def is_open(self) -> bool:
        """Whether other machines may reach it: then the setup code is asked for."""
        return self.host not in ("127.0.0.1", "::1", "localhost")

    @property
    def data_dir(self) -> Path:
        """Where the books will be."""
        return self.config.resolve().parent / "data"

    def let_in(self, typed: str, address: str) -> str:
        """The cookie for who typed the setup code; "" for who did not, or has to wait (`tries.left_s`)."""
        with self._lock:
            if self.tries.left_s(address):
                return ""
            letters = "".join(typed.upper().split()).replace("-", "")
            if secrets.compare_digest(letters.encode(), self.code.replace("-", "").encode()):
                self.tries.was_right(address)
                return self.cookie
            self.tries.was_wrong(address)
            return ""

    def checks(self) -> list[Check]:
        """What must be well, whatever is asked for."""
        free = shutil.disk_usage(self.config.resolve().parent).free
        now = datetime.fromtimestamp(self.now_ms() / 1000).astimezone()
        # With the offset: people at the kiosk read this machine's time, and many arrive set to UTC.
        told = f"{now:%Y-%m-%d %H:%M} (UTC{now.isoformat()[-6:]})"
        return [
            Check("disk", free >= FREE_BYTES_MIN, f"{free // 10**8 / 10:.1f} GB"),
            Check("clock", now.year >= YEAR_MIN, told),
            Check("broker", _has_broker()),
        ]

    def start(self, cloud: str, code: str) -> None:
        """Join a cloud, or (both empty) work alone; the page follows `state`."""
        with self._lock:
            if self.state != "asking":
                return
            self.state, self.refused, self.cloud = "working", None, cloud
        threading.Thread(target=self._work, args=(cloud, code), name="first run", daemon=True).start()

    def _work(self, cloud: str, code: str) -> None:
        try:
            self._join(cloud, code)
        except JoinError as error:
            self.refused, self.state = error, "asking"
        except Exception as error:  # whatever it is, the person is told and may try again
            log.exception("the first run did not go well")
            self.refused, self.state = JoinError(f"{type(error).__name__}: {error}", "other"), "asking"
        else:
            self.state = "done"

    def _join(self, cloud: str, code: str) -> None:
        addresses = {"kiosk": {"host": self.host, "port": self.port}, "broker": {"host": self.host, "tls": "both"}}
        if not cloud and not code:
            self._work_alone(addresses)
            return
        asked = Asked(cloud, code, self.config, data_dir_of(self.config), addresses)
        self.joined = join(asked, self.now_ms, self.transport)
        told = settings.load(self.config)
        if self.joined.has_books and not told.database.exists() and self.transport is None:
            self.restored = asyncio.run(self._restored(told))

    def _work_alone(self, addresses: dict[str, Any]) -> None:
        """Settings of a gateway without a cloud; what somebody wrote before stands, but for the cloud."""
        own = {"gateway": f"gw-{secrets.token_hex(4)}", "data_dir": str(self.data_dir)}
        before = tomllib.loads(self.config.read_text(encoding="utf-8")) if self.config.exists() else {}
        before.pop("cloud", None)
        replace_file(self.config, settings_text(own | addresses | before).encode())

    async def _restored(self, told: Settings) -> list[str]:
        async with restore.cloud_client(told.cloud, auth=auth_of(told, self.now_ms)) as client:
            return (await restore.restore(client, told, self.now_ms)).lines()


def wall_clock_ms() -> int:
    """Milliseconds since 1970-01-01 UTC."""
    return time.time_ns() // 1_000_000


def _has_broker() -> bool:
    try:
        find_server()
    except BrokerError:
        return False
    return True


def is_needed(config: Path) -> bool:
    """Whether a gateway cannot start for want of settings, or of anything to show its cloud."""
    if not config.exists():
        return True
    try:
        told = settings.load(config)
    except SettingsError:
        return False  # somebody wrote them: they are told what is wrong
    return bool(told.cloud.url) and not told.cloud.key and read_own(Folder(told.data_dir)) is None


def ask(config: Path, setup: str, now_ms: Callable[[], int]) -> None:
    """Serve the page until the settings are there (`KeyboardInterrupt` by a signal, `OSError` for a taken port).

    `setup`: where, as host:port; "": where the settings have the kiosk, else at `SETUP`.
    """
    from edge_gateway.identity.first_run_page import first_run_app  # noqa: PLC0415 - needs what no running gateway does

    if not config.resolve().parent.is_dir():
        raise SettingsError(f"expected a folder for {config}, found none: make it first")
    host, port = _address(config, setup)
    run = FirstRun(config, host, port, now_ms)
    listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    run.port = listener.getsockname()[1]
    served = uvicorn.Config(first_run_app(run), log_level="warning", access_log=False, timeout_graceful_shutdown=2)
    server = uvicorn.Server(served)
    ending = threading.Thread(target=_end_when_done, args=(run, server), daemon=True)
    sys.stdout.write(console_lines(run))
    sys.stdout.flush()
    ending.start()
    server.run(sockets=[listener])
    listener.close()
    if run.state != "done":
        raise KeyboardInterrupt


def _address(config: Path, setup: str) -> tuple[str, int]:
    if not setup and config.exists():
        kiosk = settings.load(config).kiosk
        return kiosk.host, kiosk.port
    host, _, port = (setup or SETUP).rpartition(":")
    if not host or not port.isdecimal():
        raise SettingsError(f"expected --setup as host:port, found {setup!r}")
    return host.strip("[]"), int(port)


def console_lines(run: FirstRun) -> str:
    """What is printed, and may be put on a label."""
    host = "127.0.0.1" if not run.is_open else "<this machine>" if run.host in ("0.0.0.0", "::") else run.host  # noqa: S104
    lines = f"gateway without settings: open http://{host}:{run.port}/\n"
    return lines + (f"setup code: {run.code}\n" if run.is_open else "")


def _end_when_done(run: FirstRun, server: uvicorn.Server) -> None:
    """Give way to the gateway once the page that says so has been seen, or nobody asked for it."""
    while run.state != "done":
        time.sleep(0.2)
    time.sleep(3.0)
    server.should_exit = True
