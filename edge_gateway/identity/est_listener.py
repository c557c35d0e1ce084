"""Where cabinets enrol: a small HTTPS server of the shop's own, open only while a code is good.

EST (RFC 7030) as far as it goes here: `cacerts` and `simpleenroll`, a code as the password of HTTP Basic. Behind it a
technician's program asks once more with the same code for what the cabinet shares with its gateway. Who calls from
outside the local network is refused before anything is looked at, and every refusal is kept.
"""

import contextlib
import ipaddress
import logging
import secrets as chance
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import uvicorn
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
    EnrolmentError,
    basic_password,
    read_body,
)
from edge_gateway.identity.shop import CodeRefusedError, Shop

log = logging.getLogger(__name__)

CABINET_PATH = "/.well-known/partsbay/cabinet"
START_S = 10.0
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
    ) -> None:
        self._shop, self._address, self._secrets, self._ports = shop, address, secrets, ports
        self._refuse = refuse
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._lost = False
        self.port = 0

    def see_to(self) -> None:
        """Be open while a code is good, and shut otherwise; a port that is taken is said once."""
        wanted = self._shop.register.has_code(self._shop.now_ms())
        with self._lock:
            if wanted and self._server is None:
                self._try_to_open()
            elif not wanted and self._server is not None:
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
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        of = self._shop.folder.of
        config = uvicorn.Config(
            self._app(),
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=2,
            timeout_keep_alive=5,
            limit_concurrency=20,
            lifespan="off",
            ssl_certfile=str(of("server.pem")),
            ssl_keyfile=str(of("server-key.pem")),
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],), name="enrolment", daemon=True)
        thread.start()
        self._server, self._thread, self.port = server, thread, listener.getsockname()[1]
        log.info("cabinets may enrol at port %d while a code is good", self.port)

    def _shut(self) -> None:
        server, thread = self._server, self._thread
        if server is None or thread is None:
            return
        server.should_exit = True
        thread.join()
        self._server, self._thread, self.port = None, None, 0

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
        body = await _body(request)
        if body is None:
            return _refusal(413, f"expected a request of at most {_BODY_MAX} bytes, found more")
        return await run_in_threadpool(self._try_to_enrol, _code(request), body, _address(request))

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


async def _body(request: Request) -> bytes | None:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _BODY_MAX:
            return None
    return bytes(body)
