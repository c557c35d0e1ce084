"""Where cabinets enrol: a small HTTPS server of the shop's own, open only while a code is good.

EST (RFC 7030) as far as it goes here: `cacerts` and `simpleenroll`, a code as the password of HTTP Basic. Behind it a
technician's program asks once more with the same code for what the cabinet shares with its gateway. Who calls from
outside the local network is refused before anything is looked at, and every refusal is kept. Who holds connections and
asks nothing keeps no technician out (`https_door.py`).
"""

import contextlib
import ipaddress
import logging
import secrets as chance
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from edge_gateway import certificates
from edge_gateway.certificates import REQUEST_BYTES_MAX, SERVER_NAME, CertificateError
from edge_gateway.enrolment_format import (
    ANSWER_TYPE,
    PATH,
    CabinetSecrets,
    CodeRefusedError,
    EnrolmentError,
    basic_password,
    read_body,
)
from edge_gateway.identity.https_door import ASK_S, HttpsDoor
from edge_gateway.identity.shop import Shop

log = logging.getLogger(__name__)

CABINET_PATH = "/.well-known/partsbay/cabinet"
_BODY_MAX = 2 * REQUEST_BYTES_MAX
Refuse = Callable[[str, str, str], None]  # kind, who, detail


@dataclass(frozen=True)
class Ports:
    """Where a cabinet will find its gateway, at the address at which it was enrolled."""

    broker: int
    broker_tls: int
    time: int


class EstListener:
    """Serves one shop's cabinets. `see_to` opens and shuts it; `port` is 0 while it is shut."""

    def __init__(
        self,
        shop: Shop,
        address: tuple[str, int],
        secrets: Mapping[str, CabinetSecrets],
        ports: Ports,
        refuse: Refuse = lambda *_: None,
        *,
        ask_s: float = ASK_S,
    ) -> None:
        self._shop, self._address, self._secrets, self._ports = shop, address, secrets, ports
        self._refuse, self._ask_s = refuse, ask_s
        self._door: HttpsDoor | None = None
        self._lock = threading.Lock()
        self._lost = False
        self.port = 0

    def see_to(self) -> None:
        """Be open while a code is good, and shut otherwise; a port that is taken is said once."""
        wanted = self._shop.register.has_code(self._shop.now_ms())
        with self._lock:
            if wanted and self._door is None:
                self._try_to_open()
            elif not wanted:
                self._shut()

    def close(self) -> None:
        """Shut it for good."""
        with self._lock:
            self._shut()

    def _try_to_open(self) -> None:
        try:
            self._open()
        except OSError as error:
            if not self._lost:
                log.error("cabinets cannot enrol: expected to listen at %s:%d, found %s", *self._address, error)  # noqa: TRY400
            self._lost = True
            return
        self._lost = False

    def _open(self) -> None:
        host, port = self._address
        trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trust.load_cert_chain(self._shop.folder.of("server.pem"), self._shop.folder.of("server-key.pem"))
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        self._door = HttpsDoor(listener, trust, self._app(), _BODY_MAX, self._refuse_silent, ask_s=self._ask_s)
        self._door.start()
        self.port = listener.getsockname()[1]
        log.info("cabinets may enrol at port %d while a code is good", self.port)

    def _shut(self) -> None:
        if self._door is not None:
            self._door.close()
        self._door, self.port = None, 0

    def _refuse_silent(self, address: str, why: str) -> None:
        self._refuse("silent", address, why)

    # ---- what is asked ----

    def _app(self) -> Starlette:
        return Starlette(
            routes=[
                Route(f"{PATH}/cacerts", self._authority, methods=["GET"]),
                Route(f"{PATH}/simpleenroll", self._enrol, methods=["POST"]),
                Route(CABINET_PATH, self._cabinet, methods=["GET"]),
            ]
        )

    async def _authority(self, request: Request) -> Response:
        if far := self._refused_from_afar(request):
            return far
        return _packed(self._shop.authority.certificate)

    async def _enrol(self, request: Request) -> Response:
        if far := self._refused_from_afar(request):
            return far
        return await run_in_threadpool(self._try_to_enrol, _code(request), await request.body(), _address(request))

    def _try_to_enrol(self, code: str, body: bytes, address: str) -> Response:
        try:
            return _packed(self._shop.enrol(code, read_body(body), address))
        except CodeRefusedError as error:
            self._refuse("code", address, str(error))
            return _code_refusal(error)
        except (CertificateError, EnrolmentError) as error:
            return _refusal(422, str(error))

    async def _cabinet(self, request: Request) -> Response:
        if far := self._refused_from_afar(request):
            return far
        return await run_in_threadpool(self._told, _code(request), _address(request))

    def _told(self, code: str, address: str) -> Response:
        """What the cabinet of a code that was used shares with this gateway."""
        try:
            cabinet = self._shop.enrolled_by(code, address)
        except CodeRefusedError as error:
            self._refuse("code", address, str(error))
            return _code_refusal(error)
        shared = self._secrets.get(cabinet)
        if shared is None:
            return _refusal(404, f"expected [cabinets.{cabinet}] in the gateway's settings, found none")
        told: dict[str, Any] = {
            "cabinet": cabinet,
            "password": shared.password,
            "access_key": shared.access_key,
            "broker_port": self._ports.broker,
            "broker_tls_port": self._ports.broker_tls,
            "time_port": self._ports.time,
            "server_name": SERVER_NAME,
        }
        return JSONResponse(told, headers={"Cache-Control": "no-store"})

    def _refused_from_afar(self, request: Request) -> Response | None:
        address = _address(request)
        with contextlib.suppress(ValueError):
            if not ipaddress.ip_address(address.split("%")[0]).is_global:
                return None
        self._refuse("code", address, "asked from outside the local network")
        return _refusal(403, "expected a device of the local network, found one from outside")


def new_secrets() -> CabinetSecrets:
    """What a new cabinet and its gateway will share."""
    return CabinetSecrets(chance.token_urlsafe(24), chance.token_hex(32))


def _packed(certificate: certificates.Certificate) -> Response:
    headers = {"Content-Transfer-Encoding": "base64"}
    return Response(certificates.packed([certificate]), media_type=ANSWER_TYPE, headers=headers)


def _code(request: Request) -> str:
    return basic_password(request.headers.get("authorization", ""))


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _refusal(status: int, sentence: str) -> Response:
    return JSONResponse({"detail": sentence}, status)


def _code_refusal(error: CodeRefusedError) -> Response:
    status = 429 if error.reason == "slow" else 401
    headers = {"Retry-After": "900"} if status == 429 else {"WWW-Authenticate": 'Basic realm="Partsbay enrolment"'}
    return JSONResponse({"detail": str(error), "reason": error.reason}, status, headers)
